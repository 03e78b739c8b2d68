/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Backup and restore. In the file: form (1), whether there is a passphrase (1), the store's key
 * (32), the end of the stamps (8), then the database as it is, sealed row by row. */
#include "store/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "store/backup_file.h"
#include "store/inside.h"
#include "store/stamps.h"

#define FORM 1
#define HEAD_BYTES (1 + 1 + EAR_KEY_BYTES + 8)
#define COPY "backup.db"
#define RESTORED "restored.db"
#define ASIDE_MAX 1000

/* The file's name where it is about the file, else what the store says. Returns err. */
static int complain(const struct ear_home *home, const char *path, int err, char *error,
                    size_t error_bytes)
{
    if (err == -EEXIST)
        snprintf(error, error_bytes, "%s is there already: choose another name.", path);
    else if (err == -EACCES)
        snprintf(error, error_bytes,
                 "This is not the passphrase of the backup %s, or the file was altered.", path);
    else if (err == -EBADMSG)
        snprintf(error, error_bytes, "%s is no backup, or not whole: take another one.", path);
    else if (err == -ENOTSUP)
        snprintf(error, error_bytes, "%s was written by a newer Earshot: update this one.", path);
    else if (err == -ENOKEY)
        snprintf(error, error_bytes, "%s is locked: give its passphrase first.",
                 ear_home_path(home));
    else if (err)
        snprintf(error, error_bytes, "The backup %s cannot be used: %s.", path, strerror(-err));
    return err;
}

static void unlink_at(const struct ear_home *home, const char *name)
{
    char path[EAR_STORE_PATH_BYTES];
    static const char *const ends[] = {"", "-journal", "-wal", "-shm"};
    for (size_t i = 0; i < EAR_COUNT(ends); i++) {
        char whole[64];
        snprintf(whole, sizeof whole, "%s%s", name, ends[i]);
        ear_store_path(home, whole, path);
        unlink(path);
    }
}

static bool is_there(const struct ear_home *home, const char *name)
{
    char path[EAR_STORE_PATH_BYTES];
    struct stat s;
    ear_store_path(home, name, path);
    return lstat(path, &s) == 0;
}

/* ---- making ---- */

static int write_copy(struct ear_backup_file *file, const char *path)
{
    uint8_t part[4096];
    int err = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    ssize_t n;
    do {
        n = read(fd, part, sizeof part);
        if (n > 0)
            err = ear_backup_file_write(file, part, (size_t)n);
    } while (!err && (n > 0 || (n < 0 && errno == EINTR)));
    if (!err && n < 0)
        err = -errno;
    close(fd);
    return err;
}

static int write_head(struct ear_backup_file *file, const struct ear_store *store, char *error,
                      size_t error_bytes)
{
    uint8_t head[HEAD_BYTES];
    uint64_t end = 0;
    int err = ear_stamps_end(store->home, &end, error, error_bytes);
    if (err)
        return err;
    struct ear_writer w = ear_writer_on(head, sizeof head);
    ear_writer_u8(&w, FORM);
    ear_writer_u8(&w, store->vault.has_passphrase);
    ear_writer_bytes(&w, store->vault.key, EAR_KEY_BYTES);
    ear_writer_u64(&w, end);
    err = ear_backup_file_write(file, head, sizeof head);
    ear_sodium_wipe(head, sizeof head);
    return err;
}

static int check_passphrase(const char *passphrase, char *error, size_t error_bytes)
{
    if (*passphrase && strlen(passphrase) <= EAR_PASSPHRASE_BYTES_MAX)
        return 0;
    snprintf(error, error_bytes,
             "A backup needs a passphrase of 1 to 1,000 letters, better several words.");
    return -EINVAL;
}

int ear_backup_make(struct ear_store *store, const char *path, const char *passphrase, bool replace,
                    char *error, size_t error_bytes)
{
    char copy[EAR_STORE_PATH_BYTES];
    struct ear_backup_file *file = NULL;
    int err = check_passphrase(passphrase, error, error_bytes);
    if (err)
        return err;
    error[0] = '\0';
    ear_store_path(store->home, COPY, copy);
    err = ear_store_is_locked(store) ? -ENOKEY : 0;
    if (!err)
        err = ear_backup_file_make(&file, path, passphrase, replace, &store->vault.chance);
    if (!err)
        err = write_head(file, store, error, error_bytes);
    if (!err)
        err = ear_db_copy(store->db, copy);
    if (!err)
        err = write_copy(file, copy);
    if (!err)
        err = ear_backup_file_finish(file);
    ear_backup_file_free(file);
    unlink_at(store->home, COPY);
    return err && !error[0] ? complain(store->home, path, err, error, error_bytes) : err;
}

/* ---- putting back ---- */

struct head {
    bool has_passphrase;
    uint8_t key[EAR_KEY_BYTES];
    uint64_t stamps_end;
};

static int read_head(struct ear_backup_file *file, struct head *ret)
{
    uint8_t head[HEAD_BYTES];
    int64_t n = ear_backup_file_read(file, head, sizeof head);
    int err = n < 0 ? (int)n : n < HEAD_BYTES ? -EBADMSG : 0;
    if (!err && head[0] != FORM)
        err = head[0] > FORM ? -ENOTSUP : -EBADMSG;
    if (!err) {
        struct ear_reader r = ear_reader_on(head + 1, HEAD_BYTES - 1);
        ret->has_passphrase = ear_reader_u8(&r);
        memcpy(ret->key, ear_reader_bytes(&r, EAR_KEY_BYTES), EAR_KEY_BYTES);
        ret->stamps_end = ear_reader_u64(&r);
    }
    ear_sodium_wipe(head, sizeof head);
    return err;
}

static int unpack(struct ear_backup_file *file, const char *path)
{
    uint8_t part[4096];
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (fd < 0)
        return -errno;
    int64_t n;
    int err = 0;
    while (!err && (n = ear_backup_file_read(file, part, sizeof part)) != 0)
        err = n < 0 ? (int)n : ear_backup_write_all(fd, part, (size_t)n);
    if (!err && fsync(fd) < 0)
        err = -errno;
    close(fd);
    return err;
}

/* It is whole, of a version that we know, and its key opens it. */
static int check_restored(struct ear_home *home, const struct head *head, const char *path)
{
    struct ear_store *store = calloc(1, sizeof *store);
    uint8_t *body = NULL;
    size_t len = 0;
    int version = 0;
    if (!store)
        return -ENOMEM;
    store->home = home;
    store->vault.is_open = true;
    memcpy(store->vault.key, head->key, EAR_KEY_BYTES);
    int err = ear_db_open(&store->db, path, false);
    if (!err)
        err = ear_db_version(store->db, &version);
    if (!err && version > EAR_STORE_VERSION)
        err = -ENOTSUP;
    if (!err)
        err = ear_db_check(store->db);
    if (!err)
        err = ear_rows_get(store, EAR_TABLE_THINGS, EAR_THING_CHECK, &body, &len);
    ear_home_forget(body, len);
    ear_store_close(store);
    return err == -ENOENT ? -EBADMSG : err;
}

/* From here on it is done: what is left to do, the next opening does as well. */
static int commit(struct ear_home *home, const struct head *head, const char *passphrase,
                  char *error, size_t error_bytes)
{
    struct ear_vault vault = {.is_open = true};
    memcpy(vault.key, head->key, EAR_KEY_BYTES);
    int err = ear_stamps_raise(home, head->stamps_end, error, error_bytes);
    if (!err)
        err = ear_vault_wrap(home, EAR_HOME_VAULT_RESTORED, &vault,
                             head->has_passphrase ? passphrase : NULL, error, error_bytes);
    ear_sodium_wipe(&vault, sizeof vault);
    return err;
}

int ear_backup_restore(struct ear_home *home, const char *path, const char *passphrase,
                       bool replace, char *error, size_t error_bytes)
{
    char restored[EAR_STORE_PATH_BYTES];
    struct ear_backup_file *file = NULL;
    struct head head = {0};
    bool occupied = is_there(home, EAR_STORE_FILE) || ear_home_has(home, EAR_HOME_VAULT) ||
                    ear_home_has(home, EAR_HOME_IDENTITY);
    if (occupied && !replace) {
        snprintf(error, error_bytes,
                 "%s holds a profile already: restore into another folder, or say that it is to "
                 "be replaced.",
                 ear_home_path(home));
        return -EEXIST;
    }
    error[0] = '\0';
    ear_store_path(home, RESTORED, restored);
    int err = ear_backup_complete(home);
    if (!err)
        err = ear_backup_file_open(&file, path, passphrase);
    if (!err)
        err = read_head(file, &head);
    if (!err)
        err = unpack(file, restored);
    if (!err)
        err = check_restored(home, &head, restored);
    if (!err)
        err = commit(home, &head, passphrase, error, error_bytes);
    ear_backup_file_free(file);
    ear_sodium_wipe(&head, sizeof head);
    if (!err)
        err = ear_backup_complete(home);
    else
        unlink_at(home, RESTORED);
    return err && !error[0] ? complain(home, path, err, error, error_bytes) : err;
}

/* Another name for what is there; nothing where nothing is. */
static int set_aside(struct ear_home *home, const char *name, const char *form, int number)
{
    char aside[64];
    if (!is_there(home, name))
        return 0;
    snprintf(aside, sizeof aside, form, number);
    return ear_home_rename(home, name, aside);
}

/* The key goes first and the database last: interrupted, it goes on under the same number. */
static int make_room(struct ear_home *home)
{
    static const char *const things[][2] = {
        {"vault", "vault-%d"},
        {EAR_STORE_FILE "-wal", "store-%d.db-wal"},
        {EAR_STORE_FILE "-shm", "store-%d.db-shm"},
        {"identity", "identity-%d"},
        {"name", "name-%d"},
        {"people", "people-%d"},
        {"calls", "calls-%d"},
        {EAR_STORE_FILE, "store-%d.db"},
    };
    char aside[64];
    int number = 0, err = 0;
    do
        snprintf(aside, sizeof aside, "store-%d.db", ++number);
    while (number < ASIDE_MAX && is_there(home, aside));
    for (size_t i = 0; !err && i < EAR_COUNT(things); i++)
        err = set_aside(home, things[i][0], things[i][1], number);
    return err;
}

int ear_backup_lay_aside(struct ear_home *home, char *error, size_t error_bytes)
{
    int err = ear_backup_complete(home);
    if (!err)
        err = make_room(home);
    if (err)
        snprintf(error, error_bytes, "What is in %s cannot be laid aside: %s.", ear_home_path(home),
                 strerror(-err));
    return err;
}

int ear_backup_complete(struct ear_home *home)
{
    unlink_at(home, COPY);
    if (!ear_home_has(home, EAR_HOME_VAULT_RESTORED)) {
        unlink_at(home, RESTORED);
        return 0;
    }
    int err = 0;
    if (is_there(home, RESTORED)) {
        err = make_room(home);
        if (!err)
            err = ear_home_rename(home, RESTORED, EAR_STORE_FILE);
    }
    return err ? err : ear_home_rename(home, "vault.restored", "vault");
}
