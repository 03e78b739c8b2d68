/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two messages of a handshake as datagrams: Noise_IKpsk2_25519_ChaChaPoly_BLAKE2b inside,
 * WireGuard's mac1 and mac2 around (Donenfeld 2017, section 5.4.4). Layouts: wire/packet.h. */
#ifndef EAR_HANDSHAKE_H
#define EAR_HANDSHAKE_H

#include "wire/noise_state.h"
#include "wire/packet.h"

/* What message 1 says to one whose key the caller knows. It has no forward secrecy and may come
 * twice: whoever takes it compares the clock with the newest of that caller. */
struct ear_call {
    uint64_t clock_ms; /* rises with each new message of one caller; below 2^48; no time of day */
    uint16_t number;   /* of the keys to be; its parity is their phase */
    uint32_t under;    /* name of the keys that the caller seals under, 0: none */
    uint8_t connect[EAR_CALL_CONNECT_MAX];
    size_t connect_len; /* 0: a renewal */
};

/* The key of mac1 for messages to the owner of a public key. */
void ear_handshake_mac1_key(const uint8_t public[static EAR_KEY_BYTES],
                            uint8_t ret_key[static EAR_KEY_BYTES]);
/* Whether a datagram has the kind and the length of a CALL or CALL_COOKIE. Pure. */
bool ear_handshake_is_call(const uint8_t *datagram, size_t len);
/* Whether a datagram is a CALL, CALL_COOKIE or ANSWER of right length with the mac1 of this key:
 * 0.4 us, before anything that costs. Pure. */
bool ear_handshake_mac1_fits(const uint8_t key[static EAR_KEY_BYTES], const uint8_t *datagram,
                             size_t len);
/* mac1 and mac2. Pure. */
void ear_handshake_mac(uint8_t out[static EAR_MAC_BYTES], const uint8_t *key, size_t key_len,
                       const uint8_t *data, size_t len);
/* The mac1 in a CALL, FLARE or one with a cookie that fits; what a cookie is bound to. */
const uint8_t *ear_handshake_mac1_of(const uint8_t *datagram, size_t len);
/* The length of what mac1 covers, for one that fits. */
size_t ear_handshake_sealed_len(const uint8_t *datagram, size_t len);

/* Message 1. noise becomes the caller's state. out receives what mac1 will cover. Returns its
 * length, -EINVAL for a call that has no such bytes, -EBADMSG for a peer's key of small order. */
EAR_CHECK int ear_handshake_create_call(struct ear_noise_state *noise,
                                        const struct ear_keypair *self,
                                        const uint8_t peer[static EAR_KEY_BYTES],
                                        const uint8_t ephemeral[static EAR_KEY_BYTES],
                                        const struct ear_call *call,
                                        uint8_t out[static EAR_CALL_BYTES_MAX]);
/* Puts kind and macs on what create_call returned, as often as it is sent; cookie may be NULL.
 * Returns the datagram's length. */
size_t ear_handshake_stamp_call(uint8_t datagram[static EAR_CALL_BYTES_MAX], size_t sealed_len,
                                const uint8_t mac1_key[static EAR_KEY_BYTES],
                                const uint8_t *cookie);
/* Takes one whose mac1 fits. noise becomes the answerer's state, noise->rs the caller's key.
 * Returns 0, -EBADMSG; on failure nothing is touched. */
EAR_CHECK int ear_handshake_consume_call(struct ear_noise_state *noise,
                                         const struct ear_keypair *self, const uint8_t *datagram,
                                         size_t len, struct ear_call *ret);

/* Message 2, after consume_call. under: name of the keys that the answerer seals under until the
 * new ones are confirmed, 0 for none. Returns 0, -EBADMSG for an ephemeral key of small order. */
EAR_CHECK int ear_handshake_create_answer(struct ear_noise_state *noise,
                                          const uint8_t psk[static EAR_KEY_BYTES],
                                          const uint8_t ephemeral[static EAR_KEY_BYTES],
                                          uint32_t under, uint8_t out[static EAR_ANSWER_BYTES]);
/* Takes one whose mac1 fits, after create_call. Returns 0, -EBADMSG; on failure nothing is
 * touched: the true answer may still come. */
EAR_CHECK int ear_handshake_consume_answer(struct ear_noise_state *noise,
                                           const uint8_t psk[static EAR_KEY_BYTES],
                                           const uint8_t *datagram, size_t len,
                                           uint32_t *ret_under);

/* What both ends call the keys that this finished handshake makes; never 0. */
uint32_t ear_handshake_name(const struct ear_noise_state *noise);
/* The keys of what this end sends and receives. Wipes noise. */
void ear_handshake_finish(struct ear_noise_state *noise, uint8_t ret_out[static EAR_KEY_BYTES],
                          uint8_t ret_in[static EAR_KEY_BYTES]);

#endif
