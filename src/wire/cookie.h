/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cookies: who wants an answer from a busy end first proves that it owns its address
 * (Donenfeld 2017, section 5.4.7). */
#ifndef EAR_COOKIE_H
#define EAR_COOKIE_H

#include "wire/packet.h"

/* The secret changes as often; the one before it still counts, so that a cookie is good for at
 * least as long. */
#define EAR_COOKIE_LIFE_US (120 * (int64_t)EAR_US_PER_S)

/* Of who demands cookies. thread: its owner's. */
struct ear_cookie_jar {
    uint8_t key[EAR_KEY_BYTES]; /* of replies, from the owner's public key */
    uint8_t secrets[2][EAR_KEY_BYTES];
    int64_t made_us; /* when secrets[0] was made */
    bool made;
};

/* Of who obeys. thread: its owner's. */
struct ear_cookie {
    uint8_t bytes[EAR_COOKIE_BYTES];
    int64_t got_us;
    bool held;
};

void ear_cookie_jar_init(struct ear_cookie_jar *jar, const uint8_t public[static EAR_KEY_BYTES]);
void ear_cookie_jar_wipe(struct ear_cookie_jar *jar);
/* New secrets when it is time, from chance; before the two below. */
void ear_cookie_jar_turn(struct ear_cookie_jar *jar, const struct ear_chance *chance,
                         int64_t now_us);
/* Whether a CALL or FLARE whose mac1 fits carries our cookie for its source. */
bool ear_cookie_jar_fits(const struct ear_cookie_jar *jar, const struct ear_bytes *source,
                         const uint8_t *datagram, size_t len);
/* The reply to a CALL or FLARE whose mac1 fits. */
void ear_cookie_jar_reply(const struct ear_cookie_jar *jar, const struct ear_chance *chance,
                          const struct ear_bytes *source, const uint8_t mac1[static EAR_MAC_BYTES],
                          uint8_t out[static EAR_COOKIE_REPLY_BYTES]);

/* Takes a reply to the CALL or FLARE with this mac1 from the owner of this public key. Returns 0,
 * -EBADMSG; on failure nothing has changed. */
EAR_CHECK int ear_cookie_take(struct ear_cookie *cookie, const uint8_t peer[static EAR_KEY_BYTES],
                              const uint8_t mac1[static EAR_MAC_BYTES], const uint8_t *datagram,
                              size_t len, int64_t now_us);
/* The cookie while it is good, or NULL. */
const uint8_t *ear_cookie_at(const struct ear_cookie *cookie, int64_t now_us);

#endif
