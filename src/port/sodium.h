/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The primitives of the seal and of identities, from libsodium, under the names of their RFCs. */
#ifndef EAR_SODIUM_H
#define EAR_SODIUM_H

#include "base/ear.h"

#define EAR_KEY_BYTES 32      /* X25519 keys, ChaCha20 keys, pre-shared secrets */
#define EAR_HASH_BYTES 64     /* BLAKE2b */
#define EAR_TAG_BYTES 16      /* Poly1305 */
#define EAR_SHORT_TAG_BYTES 8 /* keyed BLAKE2b, cut to 64 bits */
#define EAR_SIGN_PUBLIC_BYTES 32
#define EAR_SIGN_SECRET_BYTES 64
#define EAR_SIGNATURE_BYTES 64

/* Once a program, before all else here. Returns 0, -EIO. thread: main. */
EAR_CHECK int ear_sodium_start(void);

/* Everything below: thread: any; nothing allocates. */

void ear_sodium_wipe(void *secret, size_t len);
/* In time that does not depend on the content. */
bool ear_sodium_equal(const void *a, const void *b, size_t len);
void ear_sodium_random(void *out, size_t len);

/* Where fresh keys come from: fill NULL is the system's source. Tests hand in one that repeats. */
struct ear_chance {
    void (*fill)(void *ctx, void *out, size_t len);
    void *ctx;
};

void ear_chance_fill(const struct ear_chance *chance, void *out, size_t len);

/* X25519 (RFC 7748). */
struct ear_keypair {
    uint8_t secret[EAR_KEY_BYTES];
    uint8_t public[EAR_KEY_BYTES];
};

void ear_sodium_keypair(uint8_t ret_secret[static EAR_KEY_BYTES],
                        uint8_t ret_public[static EAR_KEY_BYTES]);
void ear_sodium_public(const uint8_t secret[static EAR_KEY_BYTES],
                       uint8_t ret_public[static EAR_KEY_BYTES]);
/* False when the result is all zero: a public key of small order. */
EAR_CHECK bool ear_sodium_dh(const uint8_t secret[static EAR_KEY_BYTES],
                             const uint8_t public[static EAR_KEY_BYTES],
                             uint8_t ret_shared[static EAR_KEY_BYTES]);

/* Ed25519 (RFC 8032). */
void ear_sodium_sign_keypair(uint8_t ret_secret[static EAR_SIGN_SECRET_BYTES],
                             uint8_t ret_public[static EAR_SIGN_PUBLIC_BYTES]);
void ear_sodium_sign(const uint8_t secret[static EAR_SIGN_SECRET_BYTES], const uint8_t *data,
                     size_t len, uint8_t ret_signature[static EAR_SIGNATURE_BYTES]);
EAR_CHECK bool ear_sodium_sign_verify(const uint8_t public[static EAR_SIGN_PUBLIC_BYTES],
                                      const uint8_t *data, size_t len,
                                      const uint8_t signature[static EAR_SIGNATURE_BYTES]);

/* One piece of what is hashed; several in a row count as one. */
struct ear_bytes {
    const void *data;
    size_t len;
};

/* BLAKE2b (RFC 7693) of out_len bytes (16 to 64), or 8: the first 8 of 16. key may be NULL. */
void ear_sodium_hash(uint8_t *out, size_t out_len, const uint8_t *key, size_t key_len,
                     const struct ear_bytes *pieces, size_t count);
/* The same without a key, of what comes bit by bit. */
struct ear_digest {
    _Alignas(64) uint8_t state[384];
};
void ear_digest_start(struct ear_digest *digest, size_t out_len);
void ear_digest_take(struct ear_digest *digest, const void *data, size_t len);
/* out_len as at the start. Wipes. */
void ear_digest_end(struct ear_digest *digest, uint8_t *out, size_t out_len);
/* HMAC (RFC 2104) over BLAKE2b-512 with its 128-byte block: what Noise calls HMAC-HASH. */
void ear_sodium_hmac(uint8_t out[static EAR_HASH_BYTES], const uint8_t *key, size_t key_len,
                     const struct ear_bytes *pieces, size_t count);

/* ChaCha20-Poly1305 (RFC 8439) with Noise's nonce: 32 zero bits, then n in little endian. out holds
 * len + EAR_TAG_BYTES; out may be data. */
void ear_sodium_aead_seal(uint8_t *out, const uint8_t key[static EAR_KEY_BYTES], uint64_t n,
                          const struct ear_bytes *ad, const uint8_t *data, size_t len);
/* len counts the tag; out holds len - EAR_TAG_BYTES; out may be data. */
EAR_CHECK bool ear_sodium_aead_open(uint8_t *out, const uint8_t key[static EAR_KEY_BYTES],
                                    uint64_t n, const struct ear_bytes *ad, const uint8_t *data,
                                    size_t len);
/* XChaCha20-Poly1305 with a 24-byte nonce: cookies, what is on disk. Sizes as above. */
void ear_sodium_xaead_seal(uint8_t *out, const uint8_t key[static EAR_KEY_BYTES],
                           const uint8_t nonce[static 24], const struct ear_bytes *ad,
                           const uint8_t *data, size_t len);
EAR_CHECK bool ear_sodium_xaead_open(uint8_t *out, const uint8_t key[static EAR_KEY_BYTES],
                                     const uint8_t nonce[static 24], const struct ear_bytes *ad,
                                     const uint8_t *data, size_t len);
/* ChaCha20 alone (RFC 8439, counter from 0), nonce as above: encrypts and decrypts. */
void ear_sodium_stream(uint8_t *out, const uint8_t key[static EAR_KEY_BYTES], uint64_t n,
                       const uint8_t *data, size_t len);

#define EAR_SALT_BYTES 16
/* How dear a guess at a passphrase is. */
struct ear_cost {
    uint32_t passes;
    uint32_t memory_kb;
};
/* Argon2id 1.3 (RFC 9106): a key from a passphrase. Slow on purpose; allocates memory_kb. Returns
 * 0, -ENOMEM, -EINVAL for a cost out of range (1 to 64 passes, 8 kB to 1 GB). thread: worker. */
EAR_CHECK int ear_sodium_derive(uint8_t ret[static EAR_KEY_BYTES], const char *passphrase,
                                const uint8_t salt[static EAR_SALT_BYTES],
                                const struct ear_cost *cost);

/* Base64 without padding, URL-safe alphabet. out holds 4 * (len + 2) / 3 + 1 bytes. */
void ear_sodium_base64(char *out, size_t out_bytes, const uint8_t *data, size_t len);
/* Returns the number of bytes, or -EBADMSG for anything that is not base64 of at most cap bytes. */
EAR_CHECK int ear_sodium_from_base64(uint8_t *out, size_t cap, const char *text, size_t len);

#endif
