/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Noise, step by step as in sections 5 and 7 to 9 of its specification. */
#include "wire/noise_state.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/bytes.h"

enum token { END, E, S, EE, ES, SE, SS, PSK };

#define MESSAGES 3
#define TOKENS_MAX 6

struct pattern {
    const char *name;
    bool psk;             /* then e is also mixed into the key (9.2) */
    bool responder_known; /* the pre-message "<- s" */
    enum token messages[MESSAGES][TOKENS_MAX];
};

static const struct pattern patterns[] = {
    [EAR_NOISE_STATE_IK] = {.name = "Noise_IK_25519_ChaChaPoly_BLAKE2b",
                            .responder_known = true,
                            .messages = {{E, ES, S, SS}, {E, EE, SE}}},
    [EAR_NOISE_STATE_IKPSK1] = {.name = "Noise_IKpsk1_25519_ChaChaPoly_BLAKE2b",
                                .psk = true,
                                .responder_known = true,
                                .messages = {{E, ES, S, SS, PSK}, {E, EE, SE}}},
    [EAR_NOISE_STATE_IKPSK2] = {.name = "Noise_IKpsk2_25519_ChaChaPoly_BLAKE2b",
                                .psk = true,
                                .responder_known = true,
                                .messages = {{E, ES, S, SS}, {E, EE, SE, PSK}}},
    [EAR_NOISE_STATE_XX] = {.name = "Noise_XX_25519_ChaChaPoly_BLAKE2b",
                            .messages = {{E}, {E, EE, S, ES}, {S, SE}}},
    [EAR_NOISE_STATE_XXPSK3] = {.name = "Noise_XXpsk3_25519_ChaChaPoly_BLAKE2b",
                                .psk = true,
                                .messages = {{E}, {E, EE, S, ES}, {S, SE, PSK}}},
};

static void mix_hash(struct ear_noise_state *noise, const void *data, size_t len)
{
    const struct ear_bytes pieces[] = {{noise->h, sizeof noise->h}, {data, len}};
    ear_sodium_hash(noise->h, sizeof noise->h, NULL, 0, pieces, EAR_COUNT(pieces));
}

/* HKDF (4.3) with ck as chaining key; the last of the outputs may be NULL. */
static void hkdf(const uint8_t ck[static EAR_HASH_BYTES], const void *material, size_t len,
                 uint8_t *out1, uint8_t *out2, uint8_t *out3)
{
    uint8_t temp[EAR_HASH_BYTES], second[EAR_HASH_BYTES];
    const struct ear_bytes first = {material, len}, one = {"\x01", 1};
    const struct ear_bytes two[] = {{out1, EAR_HASH_BYTES}, {"\x02", 1}};
    const struct ear_bytes three[] = {{second, EAR_HASH_BYTES}, {"\x03", 1}};
    ear_sodium_hmac(temp, ck, EAR_HASH_BYTES, &first, 1);
    ear_sodium_hmac(out1, temp, sizeof temp, &one, 1);
    ear_sodium_hmac(second, temp, sizeof temp, two, EAR_COUNT(two));
    memcpy(out2, second, sizeof second);
    if (out3)
        ear_sodium_hmac(out3, temp, sizeof temp, three, EAR_COUNT(three));
    ear_sodium_wipe(temp, sizeof temp);
    ear_sodium_wipe(second, sizeof second);
}

static void set_key(struct ear_noise_state *noise, const uint8_t hash[static EAR_HASH_BYTES])
{
    memcpy(noise->cipher.key, hash, EAR_KEY_BYTES);
    noise->cipher.n = 0;
    noise->cipher.keyed = true;
}

static void mix_key(struct ear_noise_state *noise, const uint8_t material[static EAR_KEY_BYTES])
{
    uint8_t ck[EAR_HASH_BYTES], key[EAR_HASH_BYTES];
    hkdf(noise->ck, material, EAR_KEY_BYTES, ck, key, NULL);
    memcpy(noise->ck, ck, sizeof ck);
    set_key(noise, key);
    ear_sodium_wipe(ck, sizeof ck);
    ear_sodium_wipe(key, sizeof key);
}

static void mix_key_and_hash(struct ear_noise_state *noise, const uint8_t psk[static EAR_KEY_BYTES])
{
    uint8_t ck[EAR_HASH_BYTES], hash[EAR_HASH_BYTES], key[EAR_HASH_BYTES];
    hkdf(noise->ck, psk, EAR_KEY_BYTES, ck, hash, key);
    memcpy(noise->ck, ck, sizeof ck);
    mix_hash(noise, hash, sizeof hash);
    set_key(noise, key);
    ear_sodium_wipe(ck, sizeof ck);
    ear_sodium_wipe(hash, sizeof hash);
    ear_sodium_wipe(key, sizeof key);
}

static void encrypt_and_hash(struct ear_noise_state *noise, struct ear_writer *w, const void *data,
                             size_t len)
{
    size_t sealed = len + (noise->cipher.keyed ? EAR_TAG_BYTES : 0);
    const struct ear_bytes ad = {noise->h, sizeof noise->h};
    if (w->bad || sealed > w->cap - w->at) {
        w->bad = true;
        return;
    }
    uint8_t *at = w->data + w->at;
    if (noise->cipher.keyed)
        ear_sodium_aead_seal(at, noise->cipher.key, noise->cipher.n++, &ad, data, len);
    else if (len > 0)
        memcpy(at, data, len);
    w->at += sealed;
    mix_hash(noise, at, sealed);
}

/* Reads len bytes, and their tag if there is a key already. */
static bool decrypt_and_hash(struct ear_noise_state *noise, struct ear_reader *r, uint8_t *out,
                             size_t len)
{
    size_t sealed = len + (noise->cipher.keyed ? EAR_TAG_BYTES : 0);
    const struct ear_bytes ad = {noise->h, sizeof noise->h};
    const uint8_t *at = ear_reader_bytes(r, sealed);
    if (!at)
        return false;
    if (!noise->cipher.keyed && len > 0)
        memcpy(out, at, len);
    if (noise->cipher.keyed &&
        !ear_sodium_aead_open(out, noise->cipher.key, noise->cipher.n++, &ad, at, sealed))
        return false;
    mix_hash(noise, at, sealed);
    return true;
}

static bool mix_dh(struct ear_noise_state *noise, const uint8_t *secret, const uint8_t *public)
{
    uint8_t shared[EAR_KEY_BYTES];
    bool fine = ear_sodium_dh(secret, public, shared);
    if (fine)
        mix_key(noise, shared);
    ear_sodium_wipe(shared, sizeof shared);
    return fine;
}

/* The tokens that both sides do alike. */
static bool mix_token(struct ear_noise_state *noise, enum token token)
{
    bool first = noise->initiator;
    switch (token) {
    case EE:
        return mix_dh(noise, noise->e.secret, noise->re);
    case ES:
        return first ? mix_dh(noise, noise->e.secret, noise->rs)
                     : mix_dh(noise, noise->s.secret, noise->re);
    case SE:
        return first ? mix_dh(noise, noise->s.secret, noise->re)
                     : mix_dh(noise, noise->e.secret, noise->rs);
    case SS:
        return mix_dh(noise, noise->s.secret, noise->rs);
    case PSK:
        mix_key_and_hash(noise, noise->psk);
        return true;
    case END:
    case E:
    case S:
        break;
    }
    return false;
}

static void mix_ephemeral(struct ear_noise_state *noise, const uint8_t public[static EAR_KEY_BYTES])
{
    mix_hash(noise, public, EAR_KEY_BYTES);
    if (patterns[noise->pattern].psk)
        mix_key(noise, public);
}

static bool write_token(struct ear_noise_state *noise, enum token token, struct ear_writer *w)
{
    switch (token) {
    case E:
        ear_writer_bytes(w, noise->e.public, EAR_KEY_BYTES);
        mix_ephemeral(noise, noise->e.public);
        return true;
    case S:
        encrypt_and_hash(noise, w, noise->s.public, EAR_KEY_BYTES);
        return true;
    case EE:
    case ES:
    case SE:
    case SS:
    case PSK:
    case END:
        break;
    }
    return mix_token(noise, token);
}

static bool read_token(struct ear_noise_state *noise, enum token token, struct ear_reader *r)
{
    const uint8_t *re;
    switch (token) {
    case E:
        re = ear_reader_bytes(r, EAR_KEY_BYTES);
        if (!re)
            return false;
        memcpy(noise->re, re, EAR_KEY_BYTES);
        mix_ephemeral(noise, noise->re);
        return true;
    case S:
        return decrypt_and_hash(noise, r, noise->rs, EAR_KEY_BYTES);
    case EE:
    case ES:
    case SE:
    case SS:
    case PSK:
    case END:
        break;
    }
    return mix_token(noise, token);
}

void ear_noise_state_init(struct ear_noise_state *noise, enum ear_noise_state_pattern pattern,
                          bool initiator, const struct ear_bytes *prologue,
                          const struct ear_keypair *s, const uint8_t *rs)
{
    const char *name = patterns[pattern].name;
    assert(strlen(name) <= EAR_HASH_BYTES);
    assert((rs != NULL) == (initiator && patterns[pattern].responder_known));
    *noise = (struct ear_noise_state){.pattern = pattern, .initiator = initiator};
    memcpy(noise->h, name, strlen(name));
    memcpy(noise->ck, noise->h, sizeof noise->h);
    noise->s = *s;
    if (rs)
        memcpy(noise->rs, rs, EAR_KEY_BYTES);
    mix_hash(noise, prologue->data, prologue->len);
    if (patterns[pattern].responder_known)
        mix_hash(noise, initiator ? noise->rs : noise->s.public, EAR_KEY_BYTES);
}

void ear_noise_state_set_psk(struct ear_noise_state *noise, const uint8_t psk[static EAR_KEY_BYTES])
{
    memcpy(noise->psk, psk, EAR_KEY_BYTES);
}

void ear_noise_state_wipe(struct ear_noise_state *noise)
{
    ear_sodium_wipe(noise, sizeof *noise);
}

int ear_noise_state_write(struct ear_noise_state *noise,
                          const uint8_t ephemeral[static EAR_KEY_BYTES],
                          const struct ear_bytes *payload, uint8_t *out, size_t cap)
{
    int r = -EBADMSG;
    struct ear_noise_state next = *noise;
    struct ear_writer w = ear_writer_on(out, cap);
    const enum token *tokens = patterns[noise->pattern].messages[noise->message];
    assert(!ear_noise_state_done(noise) && noise->initiator == (noise->message % 2 == 0));
    memcpy(next.e.secret, ephemeral, EAR_KEY_BYTES);
    ear_sodium_public(ephemeral, next.e.public);
    for (size_t i = 0; i < TOKENS_MAX && tokens[i] != END; i++)
        if (!write_token(&next, tokens[i], &w))
            goto out;
    encrypt_and_hash(&next, &w, payload->data, payload->len);
    r = -ENOBUFS;
    if (w.bad)
        goto out;
    next.message++;
    *noise = next;
    r = (int)w.at;
out:
    ear_noise_state_wipe(&next);
    return r;
}

int ear_noise_state_read(struct ear_noise_state *noise, const uint8_t *message, size_t len,
                         uint8_t *out, size_t cap)
{
    int r = -EBADMSG;
    struct ear_noise_state next = *noise;
    struct ear_reader reader = ear_reader_on(message, len);
    const enum token *tokens = patterns[noise->pattern].messages[noise->message];
    assert(!ear_noise_state_done(noise) && noise->initiator == (noise->message % 2 == 1));
    for (size_t i = 0; i < TOKENS_MAX && tokens[i] != END; i++)
        if (!read_token(&next, tokens[i], &reader))
            goto out;
    size_t tag = next.cipher.keyed ? EAR_TAG_BYTES : 0;
    if (ear_reader_left(&reader) < tag)
        goto out;
    size_t payload = ear_reader_left(&reader) - tag;
    r = -ENOBUFS;
    if (payload > cap)
        goto out;
    r = -EBADMSG;
    if (!decrypt_and_hash(&next, &reader, out, payload))
        goto out;
    next.message++;
    *noise = next;
    r = (int)payload;
out:
    ear_noise_state_wipe(&next);
    return r;
}

bool ear_noise_state_done(const struct ear_noise_state *noise)
{
    return noise->message == MESSAGES ||
           patterns[noise->pattern].messages[noise->message][0] == END;
}

void ear_noise_state_split(struct ear_noise_state *noise,
                           uint8_t ret_initiator[static EAR_KEY_BYTES],
                           uint8_t ret_responder[static EAR_KEY_BYTES])
{
    uint8_t first[EAR_HASH_BYTES], second[EAR_HASH_BYTES];
    assert(ear_noise_state_done(noise));
    hkdf(noise->ck, "", 0, first, second, NULL);
    memcpy(ret_initiator, first, EAR_KEY_BYTES);
    memcpy(ret_responder, second, EAR_KEY_BYTES);
    ear_sodium_wipe(first, sizeof first);
    ear_sodium_wipe(second, sizeof second);
    ear_noise_state_wipe(noise);
}
