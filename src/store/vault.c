/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The key file: how it is kept (1), then the key itself, or salt, cost, nonce and the sealed key.
 */
#include "store/vault.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"

/* 0.22 s on a core of 2023, some 0.6 s on a laptop of 2015, and 128 MB for each guess. */
static const struct ear_cost cost_now = {.passes = 3, .memory_kb = 128 << 10};

#define NONCE_BYTES 24
#define WRAPPED_BYTES (EAR_KEY_BYTES + EAR_TAG_BYTES)
#define LABEL "Earshot vault 1"
#define SEAT_BYTES (1 + 8 + 8)
#define BODY_MAX (1 + EAR_SALT_BYTES + 8 + NONCE_BYTES + WRAPPED_BYTES)

enum kept {
    KEPT_PLAIN,
    KEPT_WRAPPED,
};

struct wrap {
    uint8_t salt[EAR_SALT_BYTES];
    struct ear_cost cost;
    uint8_t nonce[NONCE_BYTES];
    uint8_t sealed[WRAPPED_BYTES];
};

static void read_bytes(struct ear_reader *r, uint8_t *out, size_t len)
{
    const uint8_t *bytes = ear_reader_bytes(r, len);
    if (bytes)
        memcpy(out, bytes, len);
}

/* *ret_kept tells which of key and wrap is filled. */
static int load(struct ear_home *home, enum kept *ret_kept, uint8_t key[static EAR_KEY_BYTES],
                struct wrap *wrap, char *error, size_t error_bytes)
{
    uint8_t *body = NULL;
    size_t len = 0;
    int err = ear_home_load(home, EAR_HOME_VAULT, &body, &len, error, error_bytes);
    if (err)
        return err;
    struct ear_reader r = ear_reader_on(body, len);
    uint8_t kept = ear_reader_u8(&r);
    if (kept == KEPT_PLAIN) {
        read_bytes(&r, key, EAR_KEY_BYTES);
    } else if (kept == KEPT_WRAPPED) {
        read_bytes(&r, wrap->salt, sizeof wrap->salt);
        wrap->cost.passes = ear_reader_u32(&r);
        wrap->cost.memory_kb = ear_reader_u32(&r);
        read_bytes(&r, wrap->nonce, sizeof wrap->nonce);
        read_bytes(&r, wrap->sealed, sizeof wrap->sealed);
    }
    if (r.bad || ear_reader_left(&r) > 0 || kept > KEPT_WRAPPED)
        err = ear_home_complain(home, EAR_HOME_VAULT, error, error_bytes);
    else
        *ret_kept = kept;
    ear_home_forget(body, len);
    return err;
}

int ear_vault_load(struct ear_home *home, struct ear_vault *ret, char *error, size_t error_bytes)
{
    uint8_t key[EAR_KEY_BYTES] = {0};
    struct wrap wrap;
    enum kept kept = KEPT_PLAIN;
    int err = load(home, &kept, key, &wrap, error, error_bytes);
    if (!err) {
        ret->has_passphrase = kept == KEPT_WRAPPED;
        ret->is_open = !ret->has_passphrase;
        memcpy(ret->key, key, sizeof key);
    }
    ear_sodium_wipe(key, sizeof key);
    return err;
}

static int save_plain(struct ear_home *home, enum ear_home_file file, const struct ear_vault *vault,
                      char *error, size_t error_bytes)
{
    uint8_t body[1 + EAR_KEY_BYTES] = {KEPT_PLAIN};
    memcpy(body + 1, vault->key, EAR_KEY_BYTES);
    int err = ear_home_save(home, file, body, sizeof body, error, error_bytes);
    ear_sodium_wipe(body, sizeof body);
    return err;
}

int ear_vault_make(struct ear_home *home, struct ear_vault *vault, char *error, size_t error_bytes)
{
    ear_chance_fill(&vault->chance, vault->key, sizeof vault->key);
    vault->has_passphrase = false;
    int err = save_plain(home, EAR_HOME_VAULT, vault, error, error_bytes);
    vault->is_open = err == 0;
    return err;
}

static int derive(uint8_t ret[static EAR_KEY_BYTES], const char *passphrase,
                  const struct wrap *wrap, char *error, size_t error_bytes)
{
    int err = ear_sodium_derive(ret, passphrase, wrap->salt, &wrap->cost);
    if (err == -ENOMEM)
        snprintf(error, error_bytes,
                 "There is not enough memory for the passphrase: close other programs first.");
    return err;
}

int ear_vault_unlock(struct ear_home *home, struct ear_vault *vault, const char *passphrase,
                     char *error, size_t error_bytes)
{
    uint8_t outer[EAR_KEY_BYTES], key[EAR_KEY_BYTES] = {0};
    struct wrap wrap = {0};
    enum kept kept = KEPT_PLAIN;
    int err = load(home, &kept, key, &wrap, error, error_bytes);
    if (!err && kept == KEPT_WRAPPED)
        err = derive(outer, passphrase, &wrap, error, error_bytes);
    if (err == -EINVAL)
        err = ear_home_complain(home, EAR_HOME_VAULT, error, error_bytes);
    const struct ear_bytes label = {LABEL, sizeof LABEL - 1};
    if (!err && kept == KEPT_WRAPPED &&
        !ear_sodium_xaead_open(key, outer, wrap.nonce, &label, wrap.sealed, sizeof wrap.sealed)) {
        err = -EACCES;
        snprintf(error, error_bytes, "This is not the passphrase. Try again.");
    }
    if (!err) {
        memcpy(vault->key, key, sizeof key);
        vault->has_passphrase = kept == KEPT_WRAPPED;
        vault->is_open = true;
    }
    ear_sodium_wipe(key, sizeof key);
    ear_sodium_wipe(outer, sizeof outer);
    return err;
}

static int save_wrapped(struct ear_home *home, enum ear_home_file file,
                        const struct ear_vault *vault, const char *passphrase, char *error,
                        size_t error_bytes)
{
    uint8_t outer[EAR_KEY_BYTES], body[BODY_MAX];
    struct wrap wrap = {.cost = cost_now};
    const struct ear_bytes label = {LABEL, sizeof LABEL - 1};
    ear_chance_fill(&vault->chance, wrap.salt, sizeof wrap.salt);
    ear_chance_fill(&vault->chance, wrap.nonce, sizeof wrap.nonce);
    int err = derive(outer, passphrase, &wrap, error, error_bytes);
    if (!err) {
        struct ear_writer w = ear_writer_on(body, sizeof body);
        ear_sodium_xaead_seal(wrap.sealed, outer, wrap.nonce, &label, vault->key, EAR_KEY_BYTES);
        ear_writer_u8(&w, KEPT_WRAPPED);
        ear_writer_bytes(&w, wrap.salt, sizeof wrap.salt);
        ear_writer_u32(&w, wrap.cost.passes);
        ear_writer_u32(&w, wrap.cost.memory_kb);
        ear_writer_bytes(&w, wrap.nonce, sizeof wrap.nonce);
        ear_writer_bytes(&w, wrap.sealed, sizeof wrap.sealed);
        assert(!w.bad);
        err = ear_home_save(home, file, body, w.at, error, error_bytes);
    }
    ear_sodium_wipe(outer, sizeof outer);
    return err;
}

int ear_vault_wrap(struct ear_home *home, enum ear_home_file file, struct ear_vault *vault,
                   const char *passphrase, char *error, size_t error_bytes)
{
    assert(vault->is_open);
    size_t len = passphrase ? strlen(passphrase) : 1;
    if (len == 0 || len > EAR_PASSPHRASE_BYTES_MAX) {
        snprintf(error, error_bytes,
                 "The passphrase is %s: give one of 1 to 1,000 letters, better several words.",
                 len == 0 ? "empty" : "too long");
        return -EINVAL;
    }
    int err = passphrase ? save_wrapped(home, file, vault, passphrase, error, error_bytes)
                         : save_plain(home, file, vault, error, error_bytes);
    if (!err)
        vault->has_passphrase = passphrase != NULL;
    return err;
}

void ear_vault_lock(struct ear_vault *vault)
{
    if (!vault->has_passphrase)
        return;
    vault->is_open = false;
    ear_sodium_wipe(vault->key, sizeof vault->key);
}

static struct ear_bytes name_seat(const struct ear_seat *seat, uint8_t out[static SEAT_BYTES])
{
    struct ear_writer w = ear_writer_on(out, SEAT_BYTES);
    ear_writer_u8(&w, seat->table);
    ear_writer_u64(&w, (uint64_t)seat->row);
    ear_writer_u64(&w, (uint64_t)seat->version);
    return (struct ear_bytes){out, SEAT_BYTES};
}

void ear_vault_seal(const struct ear_vault *vault, const struct ear_seat *seat, const void *data,
                    size_t len, uint8_t *out)
{
    uint8_t place[SEAT_BYTES];
    const struct ear_bytes ad = name_seat(seat, place);
    assert(vault->is_open);
    ear_chance_fill(&vault->chance, out, NONCE_BYTES);
    ear_sodium_xaead_seal(out + NONCE_BYTES, vault->key, out, &ad, data, len);
}

int64_t ear_vault_open(const struct ear_vault *vault, const struct ear_seat *seat,
                       const uint8_t *sealed, size_t len, void *out)
{
    uint8_t place[SEAT_BYTES];
    const struct ear_bytes ad = name_seat(seat, place);
    assert(vault->is_open);
    if (len < EAR_VAULT_OVERHEAD || !ear_sodium_xaead_open(out, vault->key, sealed, &ad,
                                                           sealed + NONCE_BYTES, len - NONCE_BYTES))
        return -EBADMSG;
    return (int64_t)(len - EAR_VAULT_OVERHEAD);
}
