/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cookies: a MAC of the source under a secret that changes. */
#include "wire/cookie.h"

#include <errno.h>
#include <string.h>

static const char key_label[] = "Earshot cookie";

static void reply_key(const uint8_t public[static EAR_KEY_BYTES],
                      uint8_t ret_key[static EAR_KEY_BYTES])
{
    const struct ear_bytes pieces[] = {{key_label, sizeof key_label - 1}, {public, EAR_KEY_BYTES}};
    ear_sodium_hash(ret_key, EAR_KEY_BYTES, NULL, 0, pieces, EAR_COUNT(pieces));
}

void ear_cookie_jar_init(struct ear_cookie_jar *jar, const uint8_t public[static EAR_KEY_BYTES])
{
    *jar = (struct ear_cookie_jar){0};
    reply_key(public, jar->key);
}

void ear_cookie_jar_wipe(struct ear_cookie_jar *jar)
{
    ear_sodium_wipe(jar, sizeof *jar);
}

void ear_cookie_jar_turn(struct ear_cookie_jar *jar, const struct ear_chance *chance,
                         int64_t now_us)
{
    int64_t age_us = now_us - jar->made_us;
    if (jar->made && age_us < EAR_COOKIE_LIFE_US)
        return;
    if (jar->made && age_us < 2 * EAR_COOKIE_LIFE_US)
        memcpy(jar->secrets[1], jar->secrets[0], EAR_KEY_BYTES);
    else
        ear_chance_fill(chance, jar->secrets[1], EAR_KEY_BYTES);
    ear_chance_fill(chance, jar->secrets[0], EAR_KEY_BYTES);
    jar->made_us = now_us;
    jar->made = true;
}

static void bake(uint8_t out[static EAR_COOKIE_BYTES], const uint8_t secret[static EAR_KEY_BYTES],
                 const struct ear_bytes *source)
{
    ear_sodium_hash(out, EAR_COOKIE_BYTES, secret, EAR_KEY_BYTES, source, 1);
}

bool ear_cookie_jar_fits(const struct ear_cookie_jar *jar, const struct ear_bytes *source,
                         const uint8_t *datagram, size_t len)
{
    bool fits = false;
    if (len < EAR_CALL_BYTES + EAR_MAC_BYTES ||
        (datagram[0] != EAR_MESSAGE_CALL_COOKIE && datagram[0] != EAR_MESSAGE_FLARE_COOKIE))
        return false;
    const struct ear_bytes covered = {datagram, len - EAR_MAC_BYTES};
    for (size_t i = 0; i < EAR_COUNT(jar->secrets); i++) {
        uint8_t cookie[EAR_COOKIE_BYTES], mac2[EAR_MAC_BYTES];
        bake(cookie, jar->secrets[i], source);
        ear_sodium_hash(mac2, sizeof mac2, cookie, sizeof cookie, &covered, 1);
        fits |= ear_sodium_equal(mac2, datagram + covered.len, sizeof mac2);
    }
    return fits;
}

void ear_cookie_jar_reply(const struct ear_cookie_jar *jar, const struct ear_chance *chance,
                          const struct ear_bytes *source, const uint8_t mac1[static EAR_MAC_BYTES],
                          uint8_t out[static EAR_COOKIE_REPLY_BYTES])
{
    uint8_t cookie[EAR_COOKIE_BYTES], *nonce = out + EAR_MESSAGE_BYTES;
    const struct ear_bytes ad = {mac1, EAR_MAC_BYTES};
    bake(cookie, jar->secrets[0], source);
    out[0] = EAR_MESSAGE_COOKIE;
    ear_chance_fill(chance, nonce, EAR_COOKIE_NONCE_BYTES);
    ear_sodium_xaead_seal(nonce + EAR_COOKIE_NONCE_BYTES, jar->key, nonce, &ad, cookie,
                          sizeof cookie);
}

int ear_cookie_take(struct ear_cookie *cookie, const uint8_t peer[static EAR_KEY_BYTES],
                    const uint8_t mac1[static EAR_MAC_BYTES], const uint8_t *datagram, size_t len,
                    int64_t now_us)
{
    struct ear_cookie got = {.got_us = now_us, .held = true};
    uint8_t key[EAR_KEY_BYTES];
    const struct ear_bytes ad = {mac1, EAR_MAC_BYTES};
    const uint8_t *nonce = datagram + EAR_MESSAGE_BYTES;
    if (len != EAR_COOKIE_REPLY_BYTES || datagram[0] != EAR_MESSAGE_COOKIE)
        return -EBADMSG;
    reply_key(peer, key);
    if (!ear_sodium_xaead_open(got.bytes, key, nonce, &ad, nonce + EAR_COOKIE_NONCE_BYTES,
                               EAR_COOKIE_BYTES + EAR_TAG_BYTES))
        return -EBADMSG;
    *cookie = got;
    return 0;
}

const uint8_t *ear_cookie_at(const struct ear_cookie *cookie, int64_t now_us)
{
    return cookie->held && now_us - cookie->got_us < EAR_COOKIE_LIFE_US ? cookie->bytes : NULL;
}
