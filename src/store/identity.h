/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who I am: the keys and the name of this profile. */
#ifndef EAR_IDENTITY_H
#define EAR_IDENTITY_H

#include "port/sodium.h"
#include "store/name.h"
#include "store/safety_number.h"
#include "store/store.h"

/* X25519 for the handshake, Ed25519 for signatures. Holds secrets: never printed, always wiped. */
struct ear_identity {
    uint8_t static_secret[EAR_KEY_BYTES];
    uint8_t static_public[EAR_KEY_BYTES];
    uint8_t sign_secret[EAR_SIGN_SECRET_BYTES];
    uint8_t sign_public[EAR_SIGN_PUBLIC_BYTES];
    char name[EAR_NAME_BYTES]; /* empty until given */
};

/* Reads the keys and the name, or makes keys at first use (*ret_made). A profile that has people
 * but no keys is refused: something is lost, and new keys would make a stranger of its owner.
 * On failure error holds one sentence. thread: main or worker. Returns 0 or -errno. */
EAR_CHECK int ear_identity_open(struct ear_store *store, struct ear_identity *ret, bool *ret_made,
                                char *error, size_t error_bytes);
/* New keys in place of the old ones, which are wiped; the name stays. Whoever calls it has the
 * people forget their secrets first (ear_people_forget_secrets). Also mends a profile whose keys
 * are damaged. As above; the old ones are gone from the database and its log. */
EAR_CHECK int ear_identity_renew(struct ear_store *store, struct ear_identity *identity,
                                 char *error, size_t error_bytes);
EAR_CHECK int ear_identity_set_name(struct ear_store *store, struct ear_identity *identity,
                                    const char *name, char *error, size_t error_bytes);
void ear_identity_wipe(struct ear_identity *identity);
void ear_identity_keys(const struct ear_identity *identity, struct ear_public_keys *ret);

/* What somebody who came by an invite sends inside the session, because the handshake shows no more
 * than the X25519 key: the Ed25519 key and its signature over the X25519 key. */
#define EAR_BINDING_BYTES (EAR_SIGN_PUBLIC_BYTES + EAR_SIGNATURE_BYTES)
/* thread: any; nothing allocates. */
void ear_identity_bind(const struct ear_identity *identity, uint8_t out[static EAR_BINDING_BYTES]);
/* static_key is the one that the handshake authenticated. False: not from its owner. */
EAR_CHECK bool ear_identity_check_binding(const uint8_t static_key[static EAR_KEY_BYTES],
                                          const uint8_t data[static EAR_BINDING_BYTES],
                                          uint8_t ret_sign_key[static EAR_SIGN_PUBLIC_BYTES]);

#endif
