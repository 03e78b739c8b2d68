/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys and name of a profile, and their files. */
#include "store/identity.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

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

static int save_keys(struct ear_home *home, const struct ear_identity *identity, char *error,
                     size_t error_bytes)
{
    uint8_t body[BODY_BYTES];
    memcpy(body, identity->static_secret, EAR_KEY_BYTES);
    memcpy(body + EAR_KEY_BYTES, identity->sign_secret, EAR_SIGN_SECRET_BYTES);
    int err = ear_home_save(home, EAR_HOME_IDENTITY, body, sizeof body, error, error_bytes);
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

static int load_keys(struct ear_home *home, struct ear_identity *ret, char *error,
                     size_t error_bytes)
{
    uint8_t *body = NULL;
    size_t len = 0;
    int err = ear_home_load(home, EAR_HOME_IDENTITY, &body, &len, error, error_bytes);
    if (err)
        return err;
    if (len == BODY_BYTES) {
        memcpy(ret->static_secret, body, EAR_KEY_BYTES);
        memcpy(ret->sign_secret, body + EAR_KEY_BYTES, EAR_SIGN_SECRET_BYTES);
        derive_public(ret);
    }
    if (len != BODY_BYTES || !keys_fit(ret))
        err = ear_home_complain(home, EAR_HOME_IDENTITY, error, error_bytes);
    ear_home_forget(body, len);
    return err;
}

static int make_keys(struct ear_home *home, struct ear_identity *ret, char *error,
                     size_t error_bytes)
{
    ear_sodium_keypair(ret->static_secret, ret->static_public);
    ear_sodium_sign_keypair(ret->sign_secret, ret->sign_public);
    return save_keys(home, ret, error, error_bytes);
}

static int load_name(struct ear_home *home, char ret[static EAR_NAME_BYTES], char *error,
                     size_t error_bytes)
{
    char why[128];
    uint8_t *body = NULL;
    size_t len = 0;
    int err = ear_home_load(home, EAR_HOME_NAME, &body, &len, error, error_bytes);
    if (err)
        return err == -ENOENT ? 0 : err;
    if (ear_name_parse((const char *)body, len, ret, why, sizeof why) < 0)
        err = ear_home_complain(home, EAR_HOME_NAME, error, error_bytes);
    ear_home_forget(body, len);
    return err;
}

int ear_identity_open(struct ear_home *home, struct ear_identity *ret, bool *ret_made, char *error,
                      size_t error_bytes)
{
    struct ear_identity identity = {0};
    int err = load_keys(home, &identity, error, error_bytes);
    bool missing = err == -ENOENT;
    if (missing && ear_home_has(home, EAR_HOME_PEOPLE)) {
        err = -EBADMSG;
        snprintf(error, error_bytes,
                 "%s has people but no keys: put %s/identity back from a backup, or make new keys "
                 "with \"earshot-cli identity --renew\".",
                 ear_home_path(home), ear_home_path(home));
    } else if (missing) {
        err = make_keys(home, &identity, error, error_bytes);
    }
    if (!err)
        err = load_name(home, identity.name, error, error_bytes);
    if (!err) {
        *ret = identity;
        *ret_made = missing;
    }
    ear_identity_wipe(&identity);
    return err;
}

int ear_identity_renew(struct ear_home *home, struct ear_identity *identity, char *error,
                       size_t error_bytes)
{
    struct ear_identity fresh = {0};
    int err = load_name(home, fresh.name, error, error_bytes);
    if (!err)
        err = make_keys(home, &fresh, error, error_bytes);
    if (!err)
        *identity = fresh;
    ear_identity_wipe(&fresh);
    return err;
}

int ear_identity_set_name(struct ear_home *home, struct ear_identity *identity, const char *name,
                          char *error, size_t error_bytes)
{
    char parsed[EAR_NAME_BYTES];
    int err = ear_name_parse(name, strlen(name), parsed, error, error_bytes);
    if (!err)
        err = ear_home_save(home, EAR_HOME_NAME, (const uint8_t *)parsed, strlen(parsed), error,
                            error_bytes);
    if (!err)
        memcpy(identity->name, parsed, sizeof parsed);
    return err;
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
