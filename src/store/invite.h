/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An invite: all that one other person needs to call me, to be handed over in private. */
#ifndef EAR_INVITE_H
#define EAR_INVITE_H

#include "port/sodium.h"
#include "store/name.h"
#include "store/place.h"

/* Holds a secret: wiped by whoever made it. */
struct ear_invite {
    uint8_t static_key[EAR_KEY_BYTES]; /* the inviter's */
    uint8_t sign_key[EAR_SIGN_PUBLIC_BYTES];
    uint8_t psk[EAR_KEY_BYTES]; /* the third secret of Noise IKpsk2, for this pair alone */
    char name[EAR_NAME_BYTES];  /* the inviter's */
    struct ear_places at;       /* 1 to 4 */
    struct ear_places relays;   /* 0 to 4 */
};

/* Names a pre-shared secret without telling anything about it: the first message of a handshake
 * carries it, so that the other side knows which one is meant. */
#define EAR_PSK_ID_BYTES 8
void ear_invite_psk_id(const uint8_t psk[static EAR_KEY_BYTES],
                       uint8_t ret[static EAR_PSK_ID_BYTES]);

/* As bytes, network order:
 *   version (4 bits, 1) and length of all (12 bits)
 *   X25519 key (32), Ed25519 key (32), secret (32)
 *   records: kind (1), length (1), value. 1 name; 2, 3, 4 address as IPv4 (port 2, host 4), IPv6
 *     (2, 16), name (2, 1 to 119); 5, 6, 7 relay likewise. Kinds from 128 are passed over, so that
 *     later ones may be added; the others have this order.
 *   Ed25519 signature (64) over "Earshot invite 1" and all before
 *   checksum (4): BLAKE2b-128 of all before, its first 4 bytes, in every version. The signature
 *     would do, but only a checksum tells damage from a version not known yet, or from forgery.
 * thread: any. */
#define EAR_INVITE_MAX 1400

/* Returns 0, -EINVAL when a field is out of its bounds. out holds EAR_INVITE_MAX. */
EAR_CHECK int ear_invite_build(const struct ear_invite *invite,
                               const uint8_t sign_secret[static EAR_SIGN_SECRET_BYTES],
                               uint8_t *out, size_t *ret_len);
/* On failure error holds one sentence. Returns 0, -EBADMSG when damaged, -ENOTSUP when from a newer
 * Earshot, -EKEYREJECTED when the signature is wrong. */
EAR_CHECK int ear_invite_parse(const uint8_t *data, size_t len, struct ear_invite *ret, char *error,
                               size_t error_bytes);
void ear_invite_wipe(struct ear_invite *invite);

#endif
