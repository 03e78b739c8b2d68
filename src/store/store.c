/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opening, locking and closing of a profile's store. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/backup.h"
#include "store/inside.h"

static const char check_text[] = "Earshot store";

void ear_store_path(const struct ear_home *home, const char *name, char *out)
{
    snprintf(out, EAR_STORE_PATH_BYTES, "%s/%s", ear_home_path(home), name);
}

static int complain(const struct ear_home *home, int err, char *error, size_t error_bytes)
{
    const char *path = ear_home_path(home);
    if (err == -EBADMSG)
        snprintf(error, error_bytes,
                 "%s/" EAR_STORE_FILE " is damaged and stays as it is: put a backup back with "
                 "\"earshot-cli restore\".",
                 path);
    else if (err == -ENOTSUP)
        snprintf(error, error_bytes,
                 "%s/" EAR_STORE_FILE " was written by a newer Earshot: update this one.", path);
    else if (err == -ENOSPC)
        snprintf(error, error_bytes, "The disk is full, nothing more fits into %s: make room.",
                 path);
    else if (err == -ENOKEY)
        snprintf(error, error_bytes, "%s is locked: give its passphrase first.", path);
    else if (err == -ENOMEM)
        snprintf(error, error_bytes, "There is not enough memory.");
    else if (err)
        snprintf(error, error_bytes, "%s/" EAR_STORE_FILE " cannot be used: %s.", path,
                 strerror(-err));
    return err;
}

int ear_store_complain(const struct ear_store *store, int err, char *error, size_t error_bytes)
{
    return complain(store->home, err, error, error_bytes);
}

/* Whether the key opens this database. Returns 0, -ENOENT in a new one, -EBADMSG. */
static int check_key(struct ear_store *store)
{
    uint8_t *body = NULL;
    size_t len = 0;
    int err = ear_rows_get(store, EAR_TABLE_THINGS, EAR_THING_CHECK, &body, &len);
    if (!err && (len != sizeof check_text || memcmp(body, check_text, len) != 0))
        err = -EBADMSG;
    ear_home_forget(body, len);
    return err;
}

/* Once it is open: the first time it is filled. */
static int settle(struct ear_store *store, char *error, size_t error_bytes)
{
    int err = check_key(store);
    if (err == -EBADMSG) {
        snprintf(error, error_bytes,
                 "%s/vault and %s/" EAR_STORE_FILE " do not belong together: put a backup back "
                 "with \"earshot-cli restore\".",
                 ear_home_path(store->home), ear_home_path(store->home));
        return err;
    }
    error[0] = '\0';
    if (err == -ENOENT || (!err && ear_store_has_old(store->home))) {
        err = ear_store_begin(store);
        if (!err)
            err = ear_rows_put(store, EAR_TABLE_THINGS, EAR_THING_CHECK, check_text,
                               sizeof check_text);
        if (!err)
            err = ear_store_move_in(store, error, error_bytes);
        err = ear_store_end(store, err);
        if (!err)
            err = ear_store_move_out(store);
    }
    if (err && !error[0])
        ear_store_complain(store, err, error, error_bytes);
    return err;
}

/* The key of a database that is there, or a new one for a database that holds nothing yet. */
static int open_vault(struct ear_store *store, char *error, size_t error_bytes)
{
    static const char anything[] = "SELECT count(*) FROM (SELECT 1 FROM things LIMIT 1)";
    int64_t things = 0;
    int err = ear_vault_load(store->home, &store->vault, error, error_bytes);
    if (err != -ENOENT)
        return err;
    int asked = ear_db_ask_int(ear_db_query(store->db, anything), &things);
    if (asked < 0)
        return ear_store_complain(store, asked, error, error_bytes);
    if (things == 0)
        return ear_vault_make(store->home, &store->vault, error, error_bytes);
    snprintf(error, error_bytes,
             "%s/vault is gone, and without it nobody can read %s/" EAR_STORE_FILE
             ": put a backup back with \"earshot-cli restore\".",
             ear_home_path(store->home), ear_home_path(store->home));
    return -ENOKEY;
}

/* Before it is opened: nobody else may read or own it. */
static int check_file(const char *path, char *error, size_t error_bytes)
{
    struct stat s;
    if (lstat(path, &s) < 0)
        return 0;
    if (S_ISREG(s.st_mode) && s.st_uid == geteuid() && !(s.st_mode & (S_IRWXG | S_IRWXO)))
        return 0;
    snprintf(error, error_bytes,
             "Others on this computer may read %s: make it yours alone with \"chmod 600 %s\".",
             path, path);
    return -EPERM;
}

static int open_db(struct ear_store *store, bool create, char *error, size_t error_bytes)
{
    char path[EAR_STORE_PATH_BYTES];
    ear_store_path(store->home, EAR_STORE_FILE, path);
    int err = check_file(path, error, error_bytes);
    if (err)
        return err;
    err = ear_db_open(&store->db, path, create);
    if (!err)
        err = ear_store_bring(store->db, EAR_STORE_VERSION);
    if (err == -ENOENT)
        snprintf(error, error_bytes,
                 "%s is gone, only its key is left: put a backup back with \"earshot-cli "
                 "restore\".",
                 path);
    else if (err)
        ear_store_complain(store, err, error, error_bytes);
    return err;
}

int ear_store_open(struct ear_store **ret, struct ear_home *home,
                   const struct ear_store_config *config, char *error, size_t error_bytes)
{
    struct ear_store *store = calloc(1, sizeof *store);
    if (!store)
        return complain(home, -ENOMEM, error, error_bytes);
    store->home = home;
    if (config)
        store->vault.chance = config->chance;
    int err = ear_backup_complete(home);
    if (err)
        complain(home, err, error, error_bytes);
    else
        err = open_db(store, !ear_home_has(home, EAR_HOME_VAULT), error, error_bytes);
    if (!err)
        err = open_vault(store, error, error_bytes);
    if (!err && store->vault.is_open)
        err = settle(store, error, error_bytes);
    if (err)
        ear_store_close(store);
    else
        *ret = store;
    return err;
}

int ear_store_beside(struct ear_store **ret, const struct ear_store *store)
{
    char path[EAR_STORE_PATH_BYTES];
    struct ear_store *beside = calloc(1, sizeof *beside);
    if (!beside)
        return -ENOMEM;
    *beside = *store;
    beside->db = NULL;
    ear_store_path(store->home, EAR_STORE_FILE, path);
    int err = ear_db_open(&beside->db, path, false);
    if (err)
        ear_store_close(beside);
    else
        *ret = beside;
    return err;
}

void ear_store_close(struct ear_store *store)
{
    if (!store)
        return;
    ear_db_close(store->db);
    ear_sodium_wipe(store, sizeof *store);
    free(store);
}

struct ear_home *ear_store_home(const struct ear_store *store)
{
    return store->home;
}

bool ear_store_has_passphrase(const struct ear_store *store)
{
    return store->vault.has_passphrase;
}

bool ear_store_is_locked(const struct ear_store *store)
{
    return !store->vault.is_open;
}

int ear_store_unlock(struct ear_store *store, const char *passphrase, char *error,
                     size_t error_bytes)
{
    int err = ear_vault_unlock(store->home, &store->vault, passphrase, error, error_bytes);
    if (!err)
        err = settle(store, error, error_bytes);
    if (err)
        ear_vault_lock(&store->vault);
    return err;
}

int ear_store_lend_key(const struct ear_store *store, uint8_t ret[static EAR_KEY_BYTES])
{
    if (ear_store_is_locked(store))
        return -ENOKEY;
    memcpy(ret, store->vault.key, EAR_KEY_BYTES);
    return 0;
}

int ear_store_unlock_with(struct ear_store *store, const uint8_t key[static EAR_KEY_BYTES],
                          char *error, size_t error_bytes)
{
    memcpy(store->vault.key, key, EAR_KEY_BYTES);
    store->vault.is_open = true;
    int err = check_key(store);
    if (err == -EBADMSG || err == -ENOENT) {
        err = -EACCES;
        snprintf(error, error_bytes, "This is the key of another profile.");
    } else {
        err = settle(store, error, error_bytes);
    }
    if (err)
        ear_vault_lock(&store->vault);
    return err;
}

int ear_store_lock(struct ear_store *store)
{
    ear_vault_lock(&store->vault);
    return store->vault.is_open ? -ENOENT : 0;
}

int ear_store_set_passphrase(struct ear_store *store, const char *passphrase, char *error,
                             size_t error_bytes)
{
    if (ear_store_is_locked(store))
        return ear_store_complain(store, -ENOKEY, error, error_bytes);
    return ear_vault_wrap(store->home, EAR_HOME_VAULT, &store->vault, passphrase, error,
                          error_bytes);
}

int ear_store_check(const struct ear_home *home, char *error, size_t error_bytes)
{
    char path[EAR_STORE_PATH_BYTES];
    struct ear_db *db = NULL;
    ear_store_path(home, EAR_STORE_FILE, path);
    int err = ear_db_open(&db, path, false);
    if (!err)
        err = ear_db_check(db);
    ear_db_close(db);
    return complain(home, err, error, error_bytes);
}
