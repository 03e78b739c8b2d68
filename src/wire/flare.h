/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One frame of mail in message 1 of a handshake, and what became of it in message 2: for an urgent
 * message on a line that hardly carries anything. */
#ifndef EAR_FLARE_H
#define EAR_FLARE_H

#include "wire/handshake.h"

/* A session takes both messages of a handshake before it says a word: at 95 % loss each way 71 of
 * 100 say it within a minute. Here the word rides in message 1, and each copy of it is enough.
 *
 * It is Noise_IKpsk2 as in wire/handshake.h, with a prologue of its own, so that neither can be
 * taken for the other, and its keys are used for nothing else. Message 1 is sealed to the
 * receiver's static key and proves the sender's: strangers are refused before anything is looked
 * at, as at the door. What it does not have, other than all else that is said:
 *   - forward secrecy: whoever gets the receiver's static key later, and kept the datagram, can
 *     read the place and the number to call back;
 *   - the pre-shared secret, which comes in with message 2 only;
 *   - freshness: whoever keeps it can send it once more. Its clock tells most of these, and its
 *     mark in the store all: it is shown once, and what was deleted stays so.
 * Whoever watches the line sees that there is one, and how long, as he sees that there is a call.
 * That is the price of being heard, and urgent messages alone are sent so. */
struct ear_flare {
    uint64_t clock_ms; /* rises with each new one of a sender, below 2^48 */
    uint8_t psk_id[EAR_FLARE_PSK_ID_BYTES];
    uint8_t said[EAR_FLARE_SAID_MAX];
    size_t len; /* at least 1 */
};

/* Whether a datagram has the kind and the length of a FLARE or FLARE_COOKIE. Pure. */
bool ear_flare_is_one(const uint8_t *datagram, size_t len);
/* Whether one of these, or a FLARE_ANSWER, has the mac1 of this key. Pure. */
bool ear_flare_mac1_fits(const uint8_t key[static EAR_KEY_BYTES], const uint8_t *datagram,
                         size_t len);

/* Message 1. out receives what mac1 will cover. Returns its length, -EINVAL for one that has no
 * such bytes, -EBADMSG for a peer's key of small order. */
EAR_CHECK int ear_flare_create(struct ear_noise_state *noise, const struct ear_keypair *self,
                               const uint8_t peer[static EAR_KEY_BYTES],
                               const uint8_t ephemeral[static EAR_KEY_BYTES],
                               const struct ear_flare *flare,
                               uint8_t out[static EAR_FLARE_BYTES_MAX]);
/* Puts kind and macs on it, as often as it is sent; cookie may be NULL. Returns its length. */
size_t ear_flare_stamp(uint8_t datagram[static EAR_FLARE_BYTES_MAX], size_t sealed_len,
                       const uint8_t mac1_key[static EAR_KEY_BYTES], const uint8_t *cookie);
/* Takes one whose mac1 fits; noise->rs is the sender's key. Returns 0, -EBADMSG; on failure nothing
 * is touched. */
EAR_CHECK int ear_flare_consume(struct ear_noise_state *noise, const struct ear_keypair *self,
                                const uint8_t *datagram, size_t len, struct ear_flare *ret);

/* Message 2, after consume. Returns 0, -EBADMSG. */
EAR_CHECK int ear_flare_create_answer(struct ear_noise_state *noise,
                                      const uint8_t psk[static EAR_KEY_BYTES],
                                      const uint8_t ephemeral[static EAR_KEY_BYTES],
                                      const uint8_t said[static EAR_FLARE_ANSWER_SAID],
                                      uint8_t out[static EAR_FLARE_ANSWER_BYTES]);
/* Takes one whose mac1 fits, after create; noise is used up when it is authentic. Returns 0,
 * -EBADMSG; on failure nothing is touched. */
EAR_CHECK int ear_flare_consume_answer(struct ear_noise_state *noise,
                                       const uint8_t psk[static EAR_KEY_BYTES],
                                       const uint8_t *datagram, size_t len,
                                       uint8_t ret[static EAR_FLARE_ANSWER_SAID]);

#endif
