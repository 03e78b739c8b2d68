/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys and name of a profile, and their rows. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "store/identity_file.h"
#include "store/inside.h"

#define BODY_BYTES (EAR_KEY_BYTES + EAR_SIGN_SECRET_BYTES)
/* A signature under this label means nothing elsewhere. */
#define BINDING_LABEL "Earshot binding 1"
#define BINDING_LABEL_BYTES (sizeof BINDING_LABEL - 1)

void ear_identity_wipe(struct ear_identity *identity)
{
    ear_sodium_wipe(identity, sizeof *identity);
}

void ear_identity_keys(const struct ear_identity *identity, struct ear_public_keys *ret)
{
    memcpy(ret->static_key, identity->static_public, EAR_KEY_BYTES);
    memcpy(ret->sign_key, identity->sign_public, EAR_SIGN_PUBLIC_BYTES);
}

static int put_keys(struct ear_store *store, const struct ear_identity *identity)
{
    uint8_t body[BODY_BYTES];
    memcpy(body, identity->static_secret, EAR_KEY_BYTES);
    memcpy(body + EAR_KEY_BYTES, identity->sign_secret, EAR_SIGN_SECRET_BYTES);
    int err = ear_rows_put(store, EAR_TABLE_THINGS, EAR_THING_IDENTITY, body, sizeof body);
    ear_sodium_wipe(body, sizeof body);
    return err;
}

/* libsodium keeps the public key in the second half of the secret one. */
static void derive_public(struct ear_identity *identity)
{
    ear_sodium_public(identity->static_secret, identity->static_public);
    memcpy(identity->sign_public, identity->sign_secret + EAR_KEY_BYTES, EAR_SIGN_PUBLIC_BYTES);
}

/* Keys that do not fit each other would make invites that nobody can use. */
static bool keys_fit(const struct ear_identity *identity)
{
    uint8_t binding[EAR_BINDING_BYTES], sign_key[EAR_SIGN_PUBLIC_BYTES];
    ear_identity_bind(identity, binding);
    return ear_identity_check_binding(identity->static_public, binding, sign_key);
}

static bool read_keys(const uint8_t *body, size_t len, struct ear_identity *ret)
{
    if (len != BODY_BYTES)
        return false;
    memcpy(ret->static_secret, body, EAR_KEY_BYTES);
    memcpy(ret->sign_secret, body + EAR_KEY_BYTES, EAR_SIGN_SECRET_BYTES);
    derive_public(ret);
    return keys_fit(ret);
}

static bool read_name(const uint8_t *body, size_t len, char ret[static EAR_NAME_BYTES])
{
    char why[128];
    return ear_name_parse((const char *)body, len, ret, why, sizeof why) == 0;
}

static int load_keys(struct ear_store *store, struct ear_identity *ret)
{
    uint8_t *body = NULL;
    size_t len = 0;
    int err = ear_rows_get(store, EAR_TABLE_THINGS, EAR_THING_IDENTITY, &body, &len);
    if (!err && !read_keys(body, len, ret))
        err = -EBADMSG;
    ear_home_forget(body, len);
    return err;
}

static int load_name(struct ear_store *store, char ret[static EAR_NAME_BYTES])
{
    uint8_t *body = NULL;
    size_t len = 0;
    int err = ear_rows_get(store, EAR_TABLE_THINGS, EAR_THING_NAME, &body, &len);
    if (!err && !read_name(body, len, ret))
        err = -EBADMSG;
    ear_home_forget(body, len);
    return err == -ENOENT ? 0 : err;
}

static int make_keys(struct ear_store *store, struct ear_identity *ret)
{
    ear_sodium_keypair(ret->static_secret, ret->static_public);
    ear_sodium_sign_keypair(ret->sign_secret, ret->sign_public);
    int err = ear_store_begin(store);
    return err ? err : ear_store_end(store, put_keys(store, ret));
}

int ear_identity_move_keys(struct ear_store *store, char *error, size_t error_bytes)
{
    struct ear_identity identity = {0};
    uint8_t *body = NULL;
    size_t len = 0;
    int err =
        ear_home_load(ear_store_home(store), EAR_HOME_IDENTITY, &body, &len, error, error_bytes);
    if (!err && !read_keys(body, len, &identity))
        err = ear_home_complain(ear_store_home(store), EAR_HOME_IDENTITY, error, error_bytes);
    if (!err)
        err = put_keys(store, &identity);
    ear_home_forget(body, len);
    ear_identity_wipe(&identity);
    return err;
}

int ear_identity_move_name(struct ear_store *store, char *error, size_t error_bytes)
{
    char name[EAR_NAME_BYTES];
    uint8_t *body = NULL;
    size_t len = 0;
    int err = ear_home_load(ear_store_home(store), EAR_HOME_NAME, &body, &len, error, error_bytes);
    if (!err && !read_name(body, len, name))
        err = ear_home_complain(ear_store_home(store), EAR_HOME_NAME, error, error_bytes);
    if (!err)
        err = ear_rows_put(store, EAR_TABLE_THINGS, EAR_THING_NAME, name, strlen(name));
    ear_home_forget(body, len);
    return err;
}

static bool has_people(struct ear_store *store)
{
    uint8_t *body = NULL;
    size_t len = 0;
    int64_t row = -1;
    int found = ear_rows_next(store, EAR_TABLE_PEOPLE, &row, &body, &len);
    ear_home_forget(body, len);
    return found != 0;
}

/* Nobody's keys are made anew behind his back. Returns -EBADMSG where they should be there. */
static int check_lost(struct ear_store *store, char *error, size_t error_bytes)
{
    struct ear_home *home = ear_store_home(store);
    uint8_t *body = NULL;
    size_t len = 0;
    if (ear_home_has(home, EAR_HOME_IDENTITY)) {
        int err = ear_home_load(home, EAR_HOME_IDENTITY, &body, &len, error, error_bytes);
        ear_home_forget(body, len);
        return err ? err : ear_home_complain(home, EAR_HOME_IDENTITY, error, error_bytes);
    }
    if (!has_people(store))
        return 0;
    snprintf(error, error_bytes,
             "%s has people but no keys: put a backup back with \"earshot-cli restore\", or make "
             "new keys with \"earshot-cli identity --renew\".",
             ear_home_path(home));
    return -EBADMSG;
}

int ear_identity_open(struct ear_store *store, struct ear_identity *ret, bool *ret_made,
                      char *error, size_t error_bytes)
{
    struct ear_identity identity = {0};
    error[0] = '\0';
    int err = load_keys(store, &identity);
    bool missing = err == -ENOENT;
    if (missing)
        err = check_lost(store, error, error_bytes);
    if (missing && !err)
        err = make_keys(store, &identity);
    if (!err)
        err = load_name(store, identity.name);
    if (!err) {
        *ret = identity;
        *ret_made = missing;
    } else if (!error[0]) {
        ear_store_complain(store, err, error, error_bytes);
    }
    ear_identity_wipe(&identity);
    return err;
}

int ear_identity_renew(struct ear_store *store, struct ear_identity *identity, char *error,
                       size_t error_bytes)
{
    struct ear_identity fresh = {0};
    int err = load_name(store, fresh.name);
    if (!err)
        err = make_keys(store, &fresh);
    if (!err)
        err = ear_home_remove(ear_store_home(store), EAR_HOME_IDENTITY);
    if (!err) {
        ear_db_empty_log(store->db);
        *identity = fresh;
    }
    ear_identity_wipe(&fresh);
    return ear_store_complain(store, err, error, error_bytes);
}

int ear_identity_set_name(struct ear_store *store, struct ear_identity *identity, const char *name,
                          char *error, size_t error_bytes)
{
    char parsed[EAR_NAME_BYTES];
    int err = ear_name_parse(name, strlen(name), parsed, error, error_bytes);
    if (err)
        return err;
    err = ear_store_begin(store);
    if (!err)
        err = ear_store_end(
            store, ear_rows_put(store, EAR_TABLE_THINGS, EAR_THING_NAME, parsed, strlen(parsed)));
    if (!err)
        memcpy(identity->name, parsed, sizeof parsed);
    return ear_store_complain(store, err, error, error_bytes);
}

static void binding_text(const uint8_t static_key[static EAR_KEY_BYTES],
                         uint8_t out[static BINDING_LABEL_BYTES + EAR_KEY_BYTES])
{
    memcpy(out, BINDING_LABEL, BINDING_LABEL_BYTES);
    memcpy(out + BINDING_LABEL_BYTES, static_key, EAR_KEY_BYTES);
}

void ear_identity_bind(const struct ear_identity *identity, uint8_t out[static EAR_BINDING_BYTES])
{
    uint8_t text[BINDING_LABEL_BYTES + EAR_KEY_BYTES];
    binding_text(identity->static_public, text);
    memcpy(out, identity->sign_public, EAR_SIGN_PUBLIC_BYTES);
    ear_sodium_sign(identity->sign_secret, text, sizeof text, out + EAR_SIGN_PUBLIC_BYTES);
}

bool ear_identity_check_binding(const uint8_t static_key[static EAR_KEY_BYTES],
                                const uint8_t data[static EAR_BINDING_BYTES],
                                uint8_t ret_sign_key[static EAR_SIGN_PUBLIC_BYTES])
{
    uint8_t text[BINDING_LABEL_BYTES + EAR_KEY_BYTES];
    binding_text(static_key, text);
    if (!ear_sodium_sign_verify(data, text, sizeof text, data + EAR_SIGN_PUBLIC_BYTES))
        return false;
    memcpy(ret_sign_key, data, EAR_SIGN_PUBLIC_BYTES);
    return true;
}
