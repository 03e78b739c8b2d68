/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Noise protocol framework, revision 34, as far as Earshot and its test vectors use it:
 * 25519, ChaChaPoly, BLAKE2b. Names and steps are those of the specification's section 5. */
#ifndef EAR_NOISE_STATE_H
#define EAR_NOISE_STATE_H

#include "port/sodium.h"

/* IKPSK2 is what calls use; the others are there so that the published vectors prove the steps. */
enum ear_noise_state_pattern {
    EAR_NOISE_STATE_IK,
    EAR_NOISE_STATE_IKPSK1,
    EAR_NOISE_STATE_IKPSK2,
    EAR_NOISE_STATE_XX,
    EAR_NOISE_STATE_XXPSK3,
};

/* CipherState (5.1). */
struct ear_noise_state_cipher {
    uint8_t key[EAR_KEY_BYTES];
    uint64_t n;
    bool keyed;
};

/* SymmetricState and HandshakeState (5.2, 5.3). thread: its owner's. Holds secrets: wipe it. */
struct ear_noise_state {
    struct ear_noise_state_cipher cipher;
    uint8_t ck[EAR_HASH_BYTES];
    uint8_t h[EAR_HASH_BYTES];
    struct ear_keypair s;
    struct ear_keypair e;
    uint8_t rs[EAR_KEY_BYTES];
    uint8_t re[EAR_KEY_BYTES];
    uint8_t psk[EAR_KEY_BYTES];
    enum ear_noise_state_pattern pattern;
    bool initiator;
    unsigned message; /* how many have passed */
};

/* rs: the responder's public key, for the initiator of an IK pattern; NULL otherwise. */
void ear_noise_state_init(struct ear_noise_state *noise, enum ear_noise_state_pattern pattern,
                          bool initiator, const struct ear_bytes *prologue,
                          const struct ear_keypair *s, const uint8_t *rs);
/* Before the message with the psk token; a responder knows the caller by then. */
void ear_noise_state_set_psk(struct ear_noise_state *noise,
                             const uint8_t psk[static EAR_KEY_BYTES]);
void ear_noise_state_wipe(struct ear_noise_state *noise);

/* WriteMessage. ephemeral: the secret key to use, fresh for each handshake. Returns the length,
 * -ENOBUFS, -EBADMSG for a remote key of small order; on failure noise has not changed. */
EAR_CHECK int ear_noise_state_write(struct ear_noise_state *noise,
                                    const uint8_t ephemeral[static EAR_KEY_BYTES],
                                    const struct ear_bytes *payload, uint8_t *out, size_t cap);
/* ReadMessage. out receives the payload, must not overlap the message, and is undefined on
 * failure. Returns the payload's length, -EBADMSG for all that is not authentic, -ENOBUFS; on
 * failure noise has not changed. */
EAR_CHECK int ear_noise_state_read(struct ear_noise_state *noise, const uint8_t *message,
                                   size_t len, uint8_t *out, size_t cap);

/* Whether all messages have passed; h is the handshake hash then. */
bool ear_noise_state_done(const struct ear_noise_state *noise);
/* Split: the key of what the initiator sends, and of what the responder sends. Wipes noise. */
void ear_noise_state_split(struct ear_noise_state *noise,
                           uint8_t ret_initiator[static EAR_KEY_BYTES],
                           uint8_t ret_responder[static EAR_KEY_BYTES]);

#endif
