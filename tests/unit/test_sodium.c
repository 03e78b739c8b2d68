/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The primitives against values computed by other libraries (Python's hashlib and hmac, OpenSSL);
 * BLAKE2b of "abc" is RFC 7693's own. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "port/sodium.h"

#define NONCE 0x0102030405060708
#define BYTES_MAX 128

static const struct ear_bytes head = {"head", 4};

/* The bytes first, first + 1, and so on. */
static void count_up(uint8_t *out, size_t len, uint8_t first)
{
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)(first + i);
}

static void assert_hex(const uint8_t *data, const char *hex)
{
    char text[2 * BYTES_MAX + 1] = "";
    for (size_t i = 0; i < strlen(hex) / 2; i++)
        snprintf(text + 2 * i, 3, "%02x", data[i]);
    assert_string_equal(text, hex);
}

static void x25519_agrees(void **state)
{
    (void)state;
    struct ear_keypair a, b;
    uint8_t ab[EAR_KEY_BYTES], ba[EAR_KEY_BYTES];
    static const uint8_t small_order[EAR_KEY_BYTES] = {1};
    count_up(a.secret, EAR_KEY_BYTES, 0);
    count_up(b.secret, EAR_KEY_BYTES, 32);
    ear_sodium_public(a.secret, a.public);
    ear_sodium_public(b.secret, b.public);
    assert_hex(a.public, "8f40c5adb68f25624ae5b214ea767a6ec94d829d3d7b5e1ad1ba6f3e2138285f");
    assert_hex(b.public, "358072d6365880d1aeea329adf9121383851ed21a28e3b75e965d0d2cd166254");
    assert_true(ear_sodium_dh(a.secret, b.public, ab) && ear_sodium_dh(b.secret, a.public, ba));
    assert_hex(ab, "9663aa1da97e848a914a436d04163dfbb89178f107f1b5b77ed3854203382854");
    assert_memory_equal(ab, ba, sizeof ab);
    assert_false(ear_sodium_dh(a.secret, small_order, ab));
    ear_sodium_keypair(a.secret, a.public);
    ear_sodium_keypair(b.secret, b.public);
    assert_true(ear_sodium_dh(a.secret, b.public, ab) && ear_sodium_dh(b.secret, a.public, ba));
    assert_memory_equal(ab, ba, sizeof ab);
}

static void hashes_agree(void **state)
{
    (void)state;
    static const struct ear_bytes pieces[] = {{"a", 1}, {"", 0}, {"bc", 2}};
    uint8_t key[EAR_HASH_BYTES], out[EAR_HASH_BYTES], cut[EAR_SHORT_TAG_BYTES];
    count_up(key, sizeof key, 0);
    ear_sodium_hash(out, sizeof out, NULL, 0, pieces, EAR_COUNT(pieces));
    assert_hex(out, "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
                    "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923");
    ear_sodium_hash(out, 16, key, EAR_KEY_BYTES, pieces, EAR_COUNT(pieces));
    assert_hex(out, "1a64be47e4729d951c302ee543f97cf3");
    ear_sodium_hash(cut, sizeof cut, key, EAR_KEY_BYTES, pieces, EAR_COUNT(pieces));
    assert_memory_equal(cut, out, sizeof cut);
    ear_sodium_hmac(out, key, sizeof key, pieces, EAR_COUNT(pieces));
    assert_hex(out, "cfb7fadba5986a2320ddff615fe9386cf3927144d40c77320914b152bb06ab8e"
                    "04e835035bab5ff0f4518528fe5ce4a190d75b7b4cc03337b78f8c9d8a0761e5");
}

static void ciphers_agree(void **state)
{
    (void)state;
    uint8_t key[EAR_KEY_BYTES], out[5 + EAR_TAG_BYTES], back[5];
    count_up(key, sizeof key, 0);
    ear_sodium_aead_seal(out, key, NONCE, &head, (const uint8_t *)"words", 5);
    assert_hex(out, "8726df80d89c4d4512cf32091709c3f9b14f1648bc");
    assert_true(ear_sodium_aead_open(back, key, NONCE, &head, out, sizeof out));
    assert_memory_equal(back, "words", 5);
    assert_false(ear_sodium_aead_open(back, key, NONCE + 1, &head, out, sizeof out));
    assert_false(ear_sodium_aead_open(back, key, NONCE, &head, out, EAR_TAG_BYTES - 1));
    ear_sodium_stream(out, key, NONCE, (const uint8_t *)"words", 5);
    assert_hex(out, "6229d30205");
    ear_sodium_stream(back, key, NONCE, out, 5);
    assert_memory_equal(back, "words", 5);
}

static void long_nonces_round_trip(void **state)
{
    (void)state;
    uint8_t key[EAR_KEY_BYTES], nonce[24], out[5 + EAR_TAG_BYTES], back[5];
    count_up(key, sizeof key, 0);
    count_up(nonce, sizeof nonce, 64);
    ear_sodium_xaead_seal(out, key, nonce, &head, (const uint8_t *)"words", 5);
    assert_true(ear_sodium_xaead_open(back, key, nonce, &head, out, sizeof out));
    assert_memory_equal(back, "words", 5);
    nonce[23] ^= 1;
    assert_false(ear_sodium_xaead_open(back, key, nonce, &head, out, sizeof out));
    nonce[23] ^= 1;
    assert_false(ear_sodium_xaead_open(back, key, nonce, &head, out, EAR_TAG_BYTES - 1));
}

static void signatures_hold(void **state)
{
    (void)state;
    uint8_t secret[EAR_SIGN_SECRET_BYTES], public[EAR_SIGN_PUBLIC_BYTES];
    uint8_t signature[EAR_SIGNATURE_BYTES];
    ear_sodium_sign_keypair(secret, public);
    ear_sodium_sign(secret, (const uint8_t *)"words", 5, signature);
    assert_true(ear_sodium_sign_verify(public, (const uint8_t *)"words", 5, signature));
    assert_false(ear_sodium_sign_verify(public, (const uint8_t *)"wordz", 5, signature));
    signature[9] ^= 1;
    assert_false(ear_sodium_sign_verify(public, (const uint8_t *)"words", 5, signature));
}

static void fill_with_sevens(void *ctx, void *out, size_t len)
{
    *(size_t *)ctx += len;
    memset(out, 7, len);
}

static void chance_comes_from_whom_we_say(void **state)
{
    (void)state;
    size_t filled = 0;
    uint8_t sevens[16], a[16], b[16];
    const struct ear_chance fixed = {fill_with_sevens, &filled}, system = {0};
    ear_chance_fill(&fixed, sevens, sizeof sevens);
    assert_int_equal(filled, sizeof sevens);
    assert_hex(sevens, "07070707070707070707070707070707");
    ear_chance_fill(&system, a, sizeof a);
    ear_chance_fill(&system, b, sizeof b);
    assert_memory_not_equal(a, b, sizeof a);
    assert_true(ear_sodium_equal(a, a, sizeof a) && !ear_sodium_equal(a, b, sizeof a));
    ear_sodium_wipe(a, sizeof a);
    assert_hex(a, "00000000000000000000000000000000");
}

static void base64_round_trips(void **state)
{
    (void)state;
    uint8_t data[40], back[40];
    char text[64];
    count_up(data, sizeof data, 240);
    for (size_t len = 0; len <= sizeof data; len++) {
        ear_sodium_base64(text, sizeof text, data, len);
        assert_int_equal(ear_sodium_from_base64(back, sizeof back, text, strlen(text)), len);
        assert_memory_equal(back, data, len);
    }
    assert_int_equal(ear_sodium_from_base64(back, 39, text, strlen(text)), -EBADMSG);
    text[3] = '!';
    assert_int_equal(ear_sodium_from_base64(back, sizeof back, text, strlen(text)), -EBADMSG);
}

static int start(void **state)
{
    (void)state;
    return ear_sodium_start();
}

static void a_digest_takes_it_bit_by_bit(void **state)
{
    (void)state;
    uint8_t data[1000], whole[32], parts[32];
    struct ear_digest digest;
    memset(data, 'd', sizeof data);
    const struct ear_bytes piece = {data, sizeof data};
    ear_sodium_hash(whole, sizeof whole, NULL, 0, &piece, 1);
    ear_digest_start(&digest, sizeof parts);
    for (size_t at = 0; at < sizeof data; at += 125)
        ear_digest_take(&digest, data + at, 125);
    ear_digest_end(&digest, parts, sizeof parts);
    assert_memory_equal(whole, parts, sizeof whole);
}

static void a_passphrase_makes_a_key(void **state)
{
    (void)state;
    static const struct ear_cost cost = {2, 8192}, dearer = {3, 8192},
                                 wrong[] = {{0, 8192}, {65, 8192}, {2, 7}, {2, (1 << 20) + 1}};
    const uint8_t salt[EAR_SALT_BYTES] = "0123456789abcde", other[EAR_SALT_BYTES] = {1};
    uint8_t key[EAR_KEY_BYTES], again[EAR_KEY_BYTES];
    assert_int_equal(ear_sodium_derive(key, "correct horse", salt, &cost), 0);
    assert_int_equal(ear_sodium_derive(again, "correct horse", salt, &cost), 0);
    assert_memory_equal(key, again, sizeof key);
    assert_int_equal(ear_sodium_derive(again, "correct hors", salt, &cost), 0);
    assert_memory_not_equal(key, again, sizeof key);
    assert_int_equal(ear_sodium_derive(again, "correct horse", other, &cost), 0);
    assert_memory_not_equal(key, again, sizeof key);
    assert_int_equal(ear_sodium_derive(again, "correct horse", salt, &dearer), 0);
    assert_memory_not_equal(key, again, sizeof key);
    for (size_t i = 0; i < EAR_COUNT(wrong); i++)
        assert_int_equal(ear_sodium_derive(again, "correct horse", salt, &wrong[i]), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(x25519_agrees),
        cmocka_unit_test(hashes_agree),
        cmocka_unit_test(ciphers_agree),
        cmocka_unit_test(long_nonces_round_trip),
        cmocka_unit_test(signatures_hold),
        cmocka_unit_test(chance_comes_from_whom_we_say),
        cmocka_unit_test(base64_round_trips),
        cmocka_unit_test(a_digest_takes_it_bit_by_bit),
        cmocka_unit_test(a_passphrase_makes_a_key),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
