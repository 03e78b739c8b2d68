/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libsodium under the names that the rest uses. */
#include "port/sodium.h"

#include <assert.h>
#include <errno.h>
#include <sodium.h>
#include <string.h>

#define HMAC_BLOCK_BYTES 128
#define NONCE_BYTES 12

static_assert(crypto_scalarmult_BYTES == EAR_KEY_BYTES, "X25519 keys");
static_assert(crypto_aead_chacha20poly1305_ietf_NPUBBYTES == NONCE_BYTES, "RFC 8439 nonce");
static_assert(crypto_sign_SECRETKEYBYTES == EAR_SIGN_SECRET_BYTES, "Ed25519 secret key");

int ear_sodium_start(void)
{
    return sodium_init() < 0 ? -EIO : 0;
}

void ear_sodium_wipe(void *secret, size_t len)
{
    sodium_memzero(secret, len);
}

bool ear_sodium_equal(const void *a, const void *b, size_t len)
{
    return sodium_memcmp(a, b, len) == 0;
}

void ear_sodium_random(void *out, size_t len)
{
    randombytes_buf(out, len);
}

void ear_chance_fill(const struct ear_chance *chance, void *out, size_t len)
{
    if (chance->fill)
        chance->fill(chance->ctx, out, len);
    else
        randombytes_buf(out, len);
}

void ear_sodium_keypair(uint8_t ret_secret[static EAR_KEY_BYTES],
                        uint8_t ret_public[static EAR_KEY_BYTES])
{
    randombytes_buf(ret_secret, EAR_KEY_BYTES);
    crypto_scalarmult_base(ret_public, ret_secret);
}

void ear_sodium_public(const uint8_t secret[static EAR_KEY_BYTES],
                       uint8_t ret_public[static EAR_KEY_BYTES])
{
    crypto_scalarmult_base(ret_public, secret);
}

bool ear_sodium_dh(const uint8_t secret[static EAR_KEY_BYTES],
                   const uint8_t public[static EAR_KEY_BYTES],
                   uint8_t ret_shared[static EAR_KEY_BYTES])
{
    return crypto_scalarmult(ret_shared, secret, public) == 0;
}

void ear_sodium_sign_keypair(uint8_t ret_secret[static EAR_SIGN_SECRET_BYTES],
                             uint8_t ret_public[static EAR_SIGN_PUBLIC_BYTES])
{
    crypto_sign_keypair(ret_public, ret_secret);
}

void ear_sodium_sign(const uint8_t secret[static EAR_SIGN_SECRET_BYTES], const uint8_t *data,
                     size_t len, uint8_t ret_signature[static EAR_SIGNATURE_BYTES])
{
    crypto_sign_detached(ret_signature, NULL, data, len, secret);
}

bool ear_sodium_sign_verify(const uint8_t public[static EAR_SIGN_PUBLIC_BYTES], const uint8_t *data,
                            size_t len, const uint8_t signature[static EAR_SIGNATURE_BYTES])
{
    return crypto_sign_verify_detached(signature, data, len, public) == 0;
}

void ear_sodium_hash(uint8_t *out, size_t out_len, const uint8_t *key, size_t key_len,
                     const struct ear_bytes *pieces, size_t count)
{
    uint8_t whole[EAR_HASH_BYTES];
    size_t whole_len =
        out_len < crypto_generichash_BYTES_MIN ? crypto_generichash_BYTES_MIN : out_len;
    crypto_generichash_state state;
    assert(out_len <= EAR_HASH_BYTES && key_len <= crypto_generichash_KEYBYTES_MAX);
    crypto_generichash_init(&state, key, key_len, whole_len);
    for (size_t i = 0; i < count; i++)
        crypto_generichash_update(&state, pieces[i].data, pieces[i].len);
    crypto_generichash_final(&state, whole, whole_len);
    memcpy(out, whole, out_len);
    sodium_memzero(whole, sizeof whole);
    sodium_memzero(&state, sizeof state);
}

static_assert(sizeof(crypto_generichash_state) <= sizeof(((struct ear_digest *)0)->state) &&
                  _Alignof(crypto_generichash_state) <= _Alignof(struct ear_digest),
              "BLAKE2b's state");

void ear_digest_start(struct ear_digest *digest, size_t out_len)
{
    crypto_generichash_init((crypto_generichash_state *)(void *)digest->state, NULL, 0, out_len);
}

void ear_digest_take(struct ear_digest *digest, const void *data, size_t len)
{
    crypto_generichash_update((crypto_generichash_state *)(void *)digest->state, data, len);
}

void ear_digest_end(struct ear_digest *digest, uint8_t *out, size_t out_len)
{
    crypto_generichash_final((crypto_generichash_state *)(void *)digest->state, out, out_len);
    sodium_memzero(digest, sizeof *digest);
}

static void hmac_pass(uint8_t out[static EAR_HASH_BYTES], const uint8_t *key, size_t key_len,
                      uint8_t pad, const struct ear_bytes *pieces, size_t count)
{
    uint8_t block[HMAC_BLOCK_BYTES];
    crypto_generichash_state state;
    memset(block, pad, sizeof block);
    for (size_t i = 0; i < key_len; i++)
        block[i] ^= key[i];
    crypto_generichash_init(&state, NULL, 0, EAR_HASH_BYTES);
    crypto_generichash_update(&state, block, sizeof block);
    for (size_t i = 0; i < count; i++)
        crypto_generichash_update(&state, pieces[i].data, pieces[i].len);
    crypto_generichash_final(&state, out, EAR_HASH_BYTES);
    sodium_memzero(block, sizeof block);
    sodium_memzero(&state, sizeof state);
}

void ear_sodium_hmac(uint8_t out[static EAR_HASH_BYTES], const uint8_t *key, size_t key_len,
                     const struct ear_bytes *pieces, size_t count)
{
    uint8_t inner[EAR_HASH_BYTES];
    assert(key_len <= HMAC_BLOCK_BYTES);
    hmac_pass(inner, key, key_len, 0x36, pieces, count);
    const struct ear_bytes piece = {inner, sizeof inner};
    hmac_pass(out, key, key_len, 0x5c, &piece, 1);
    sodium_memzero(inner, sizeof inner);
}

static void noise_nonce(uint8_t nonce[static NONCE_BYTES], uint64_t n)
{
    memset(nonce, 0, 4);
    for (int i = 0; i < 8; i++)
        nonce[4 + i] = (uint8_t)(n >> (8 * i));
}

void ear_sodium_aead_seal(uint8_t *out, const uint8_t key[static EAR_KEY_BYTES], uint64_t n,
                          const struct ear_bytes *ad, const uint8_t *data, size_t len)
{
    uint8_t nonce[NONCE_BYTES];
    noise_nonce(nonce, n);
    crypto_aead_chacha20poly1305_ietf_encrypt(out, NULL, data, len, ad->data, ad->len, NULL, nonce,
                                              key);
}

bool ear_sodium_aead_open(uint8_t *out, const uint8_t key[static EAR_KEY_BYTES], uint64_t n,
                          const struct ear_bytes *ad, const uint8_t *data, size_t len)
{
    uint8_t nonce[NONCE_BYTES];
    if (len < EAR_TAG_BYTES)
        return false;
    noise_nonce(nonce, n);
    return crypto_aead_chacha20poly1305_ietf_decrypt(out, NULL, NULL, data, len, ad->data, ad->len,
                                                     nonce, key) == 0;
}

void ear_sodium_xaead_seal(uint8_t *out, const uint8_t key[static EAR_KEY_BYTES],
                           const uint8_t nonce[static 24], const struct ear_bytes *ad,
                           const uint8_t *data, size_t len)
{
    crypto_aead_xchacha20poly1305_ietf_encrypt(out, NULL, data, len, ad->data, ad->len, NULL, nonce,
                                               key);
}

bool ear_sodium_xaead_open(uint8_t *out, const uint8_t key[static EAR_KEY_BYTES],
                           const uint8_t nonce[static 24], const struct ear_bytes *ad,
                           const uint8_t *data, size_t len)
{
    return len >= EAR_TAG_BYTES &&
           crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL, data, len, ad->data, ad->len,
                                                      nonce, key) == 0;
}

void ear_sodium_stream(uint8_t *out, const uint8_t key[static EAR_KEY_BYTES], uint64_t n,
                       const uint8_t *data, size_t len)
{
    uint8_t nonce[NONCE_BYTES];
    noise_nonce(nonce, n);
    crypto_stream_chacha20_ietf_xor(out, data, len, nonce, key);
}

#define PASSES_MAX 64
#define MEMORY_KB_MAX (1u << 20)

int ear_sodium_derive(uint8_t ret[static EAR_KEY_BYTES], const char *passphrase,
                      const uint8_t salt[static EAR_SALT_BYTES], const struct ear_cost *cost)
{
    static_assert(crypto_pwhash_argon2id_SALTBYTES == EAR_SALT_BYTES, "RFC 9106 salt");
    if (cost->passes < 1 || cost->passes > PASSES_MAX || cost->memory_kb < 8 ||
        cost->memory_kb > MEMORY_KB_MAX)
        return -EINVAL;
    return crypto_pwhash_argon2id(ret, EAR_KEY_BYTES, passphrase, strlen(passphrase), salt,
                                  cost->passes, (size_t)cost->memory_kb * 1024,
                                  crypto_pwhash_argon2id_ALG_ARGON2ID13) == 0
               ? 0
               : -ENOMEM;
}

void ear_sodium_base64(char *out, size_t out_bytes, const uint8_t *data, size_t len)
{
    sodium_bin2base64(out, out_bytes, data, len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

int ear_sodium_from_base64(uint8_t *out, size_t cap, const char *text, size_t len)
{
    size_t bytes;
    const char *end;
    if (sodium_base642bin(out, cap, text, len, NULL, &bytes, &end,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
        end != text + len)
        return -EBADMSG;
    return (int)bytes;
}
