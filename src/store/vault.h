/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The key of a profile's store, how it is kept, and the sealing of one row. */
#ifndef EAR_VAULT_H
#define EAR_VAULT_H

#include "port/sodium.h"
#include "store/home.h"

/* What a seal adds: nonce (24) and tag (16). */
#define EAR_VAULT_OVERHEAD (24 + EAR_TAG_BYTES)
/* Without its final 0. */
#define EAR_PASSPHRASE_BYTES_MAX 1000

/* 32 random bytes that never change; only their wrap does. thread: the owner's; wiped by it. */
struct ear_vault {
    bool has_passphrase;
    bool is_open;
    uint8_t key[EAR_KEY_BYTES];
    struct ear_chance chance;
};

/* From the folder's key file: open without a passphrase, locked with one. On failure error holds
 * one sentence. Returns 0, -ENOENT where there is none (no sentence), -errno as ear_home_load. */
EAR_CHECK int ear_vault_load(struct ear_home *home, struct ear_vault *ret, char *error,
                             size_t error_bytes);
/* A new key, without a passphrase. vault->chance is set. Returns 0 or -errno as ear_home_save. */
EAR_CHECK int ear_vault_make(struct ear_home *home, struct ear_vault *vault, char *error,
                             size_t error_bytes);
/* thread: worker (Argon2id). Returns 0, -EACCES for a wrong passphrase, -errno. */
EAR_CHECK int ear_vault_unlock(struct ear_home *home, struct ear_vault *vault,
                               const char *passphrase, char *error, size_t error_bytes);
/* Puts an open vault under another passphrase, or none with NULL; the old file (EAR_HOME_VAULT, or
 * _RESTORED) is overwritten. thread: worker. Returns 0, -EINVAL, -errno. */
EAR_CHECK int ear_vault_wrap(struct ear_home *home, enum ear_home_file file,
                             struct ear_vault *vault, const char *passphrase, char *error,
                             size_t error_bytes);
/* Where there is a passphrase: the key is wiped. */
void ear_vault_lock(struct ear_vault *vault);

/* What a sealed row is bound to: it opens nowhere else. */
struct ear_seat {
    uint8_t table;
    int64_t row;
    int64_t version; /* of this row: +1 whenever it is written */
};
/* XChaCha20-Poly1305 with a random nonce. out holds len + EAR_VAULT_OVERHEAD bytes. The vault is
 * open. */
void ear_vault_seal(const struct ear_vault *vault, const struct ear_seat *seat, const void *data,
                    size_t len, uint8_t *out);
/* len counts the overhead; out holds the rest. Returns its length, -EBADMSG. */
EAR_CHECK int64_t ear_vault_open(const struct ear_vault *vault, const struct ear_seat *seat,
                                 const uint8_t *sealed, size_t len, void *out);

#endif
