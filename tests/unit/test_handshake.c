/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Noise against its published vectors; message 1, message 2 and cookies byte by byte. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../data/noise_vectors.h"
#include "base/random.h"
#include "wire/cookie.h"
#include "wire/handshake.h"

#define BYTES_MAX 256

static size_t from_hex(const char *hex, uint8_t out[static BYTES_MAX])
{
    size_t len = strlen(hex) / 2;
    assert_true(len <= BYTES_MAX);
    for (size_t i = 0; i < len; i++) {
        unsigned byte;
        assert_int_equal(sscanf(hex + 2 * i, "%2x", &byte), 1);
        out[i] = (uint8_t)byte;
    }
    return len;
}

static void key_from_hex(const char *hex, uint8_t key[static EAR_KEY_BYTES])
{
    uint8_t bytes[BYTES_MAX];
    assert_int_equal(from_hex(hex, bytes), EAR_KEY_BYTES);
    memcpy(key, bytes, EAR_KEY_BYTES);
}

static struct ear_keypair pair_from_hex(const char *hex)
{
    struct ear_keypair pair;
    key_from_hex(hex, pair.secret);
    ear_sodium_public(pair.secret, pair.public);
    return pair;
}

static bool all_zero(const void *data, size_t len)
{
    const uint8_t *bytes = data;
    for (size_t i = 0; i < len; i++)
        if (bytes[i])
            return false;
    return true;
}

/* The vectors are in the order of the enum but for their own. */
static enum ear_noise_state_pattern pattern_of(const struct noise_vector *v)
{
    static const char *const names[] = {
        [EAR_NOISE_STATE_IK] = "Noise_IK_25519_ChaChaPoly_BLAKE2b",
        [EAR_NOISE_STATE_IKPSK1] = "Noise_IKpsk1_25519_ChaChaPoly_BLAKE2b",
        [EAR_NOISE_STATE_IKPSK2] = "Noise_IKpsk2_25519_ChaChaPoly_BLAKE2b",
        [EAR_NOISE_STATE_XX] = "Noise_XX_25519_ChaChaPoly_BLAKE2b",
        [EAR_NOISE_STATE_XXPSK3] = "Noise_XXpsk3_25519_ChaChaPoly_BLAKE2b",
    };
    for (size_t i = 0; i < EAR_COUNT(names); i++)
        if (strcmp(names[i], v->name) == 0)
            return (enum ear_noise_state_pattern)i;
    fail_msg("unknown vector %s", v->name);
    return EAR_NOISE_STATE_IK;
}

struct both {
    struct ear_noise_state ends[2];
    uint8_t ephemerals[2][EAR_KEY_BYTES];
};

static void begin_vector(struct both *both, const struct noise_vector *v)
{
    uint8_t prologue[BYTES_MAX], psk[EAR_KEY_BYTES], remote[EAR_KEY_BYTES];
    const struct ear_bytes said = {prologue, from_hex(NOISE_VECTOR_PROLOGUE, prologue)};
    struct ear_keypair first = pair_from_hex(NOISE_VECTOR_INITIATOR_STATIC),
                       second = pair_from_hex(NOISE_VECTOR_RESPONDER_STATIC);
    key_from_hex(NOISE_VECTOR_INITIATOR_EPHEMERAL, both->ephemerals[0]);
    key_from_hex(NOISE_VECTOR_RESPONDER_EPHEMERAL, both->ephemerals[1]);
    if (v->remote_static)
        key_from_hex(v->remote_static, remote);
    ear_noise_state_init(&both->ends[0], pattern_of(v), true, &said, &first,
                         v->remote_static ? remote : NULL);
    ear_noise_state_init(&both->ends[1], pattern_of(v), false, &said, &second, NULL);
    if (v->psk) {
        key_from_hex(v->psk, psk);
        ear_noise_state_set_psk(&both->ends[0], psk);
        ear_noise_state_set_psk(&both->ends[1], psk);
    }
}

static void handshake_step(struct both *both, const struct noise_vector *v, size_t i)
{
    uint8_t payload[BYTES_MAX], expected[BYTES_MAX], sent[BYTES_MAX], got[BYTES_MAX];
    size_t len = from_hex(v->messages[i].ciphertext, expected);
    const struct ear_bytes said = {payload, from_hex(v->messages[i].payload, payload)};
    struct ear_noise_state *from = &both->ends[i % 2], *to = &both->ends[1 - i % 2];
    /* A third message of XX reuses the initiator's ephemeral key, which is no token there. */
    assert_int_equal(ear_noise_state_write(from, both->ephemerals[i % 2], &said, sent, sizeof sent),
                     len);
    assert_memory_equal(sent, expected, len);
    assert_int_equal(ear_noise_state_read(to, sent, len, got, sizeof got), said.len);
    assert_memory_equal(got, payload, said.len);
}

static void transport_step(const uint8_t *key, uint64_t n, const struct noise_vector *v, size_t i)
{
    uint8_t payload[BYTES_MAX], expected[BYTES_MAX], sent[BYTES_MAX];
    size_t len = from_hex(v->messages[i].payload, payload);
    const struct ear_bytes none = {"", 0};
    assert_int_equal(from_hex(v->messages[i].ciphertext, expected), len + EAR_TAG_BYTES);
    ear_sodium_aead_seal(sent, key, n, &none, payload, len);
    assert_memory_equal(sent, expected, len + EAR_TAG_BYTES);
}

static void published_vectors_are_met(void **state)
{
    (void)state;
    for (size_t t = 0; t < EAR_COUNT(noise_vectors); t++) {
        const struct noise_vector *v = &noise_vectors[t];
        struct both both;
        uint8_t keys[2][EAR_KEY_BYTES], others[2][EAR_KEY_BYTES], hash[BYTES_MAX];
        uint64_t n[2] = {0, 0};
        size_t i = 0;
        begin_vector(&both, v);
        for (; !ear_noise_state_done(&both.ends[0]); i++)
            handshake_step(&both, v, i);
        assert_true(ear_noise_state_done(&both.ends[1]));
        assert_int_equal(from_hex(v->hash, hash), EAR_HASH_BYTES);
        assert_memory_equal(both.ends[0].h, hash, EAR_HASH_BYTES);
        assert_memory_equal(both.ends[1].h, hash, EAR_HASH_BYTES);
        ear_noise_state_split(&both.ends[0], keys[0], keys[1]);
        ear_noise_state_split(&both.ends[1], others[0], others[1]);
        assert_memory_equal(keys, others, sizeof keys);
        assert_true(all_zero(&both, 2 * sizeof both.ends[0]));
        for (; i < NOISE_VECTOR_MESSAGES; i++)
            transport_step(keys[i % 2], n[i % 2]++, v, i);
    }
}

/* A caller and an answerer with fixed keys, so that what they say is the same each time. */
struct pair {
    struct ear_keypair caller, callee;
    uint8_t psk[EAR_KEY_BYTES], ephemeral1[EAR_KEY_BYTES], ephemeral2[EAR_KEY_BYTES];
    uint8_t mac1_key[EAR_KEY_BYTES];
    struct ear_noise_state noise;
    struct ear_call call;
    uint8_t message1[EAR_CALL_BYTES_MAX];
    size_t sealed_len, len;
};

static const uint8_t connect_bytes[] = "a CONNECT of ENet's, which has fifty-two bytes in it";

static struct pair pair_calling(size_t connect_len)
{
    struct pair p = {
        .caller = pair_from_hex(NOISE_VECTOR_INITIATOR_STATIC),
        .callee = pair_from_hex(NOISE_VECTOR_RESPONDER_STATIC),
        .call = {.clock_ms = 0x010203040506,
                 .number = 0x0708,
                 .under = 0x090a0b0c,
                 .connect_len = connect_len},
    };
    memset(p.psk, 0x50, sizeof p.psk);
    key_from_hex(NOISE_VECTOR_INITIATOR_EPHEMERAL, p.ephemeral1);
    key_from_hex(NOISE_VECTOR_RESPONDER_EPHEMERAL, p.ephemeral2);
    memcpy(p.call.connect, connect_bytes,
           connect_len < sizeof connect_bytes ? connect_len : sizeof connect_bytes);
    ear_handshake_mac1_key(p.callee.public, p.mac1_key);
    int sealed = ear_handshake_create_call(&p.noise, &p.caller, p.callee.public, p.ephemeral1,
                                           &p.call, p.message1);
    assert_true(sealed > 0);
    p.sealed_len = (size_t)sealed;
    p.len = ear_handshake_stamp_call(p.message1, p.sealed_len, p.mac1_key, NULL);
    return p;
}

static void ends_agree_on_keys(void **state)
{
    (void)state;
    for (size_t connect = 0; connect <= EAR_CALL_CONNECT_MAX; connect += 8) {
        struct pair p = pair_calling(connect);
        struct ear_noise_state callee;
        struct ear_call heard;
        uint8_t answer[EAR_ANSWER_BYTES], own[EAR_KEY_BYTES], k[4][EAR_KEY_BYTES];
        uint32_t name;
        assert_int_equal(p.len, EAR_CALL_BYTES + connect);
        assert_true(ear_handshake_mac1_fits(p.mac1_key, p.message1, p.len));
        assert_int_equal(ear_handshake_consume_call(&callee, &p.callee, p.message1, p.len, &heard),
                         0);
        assert_memory_equal(callee.rs, p.caller.public, EAR_KEY_BYTES);
        assert_true(heard.clock_ms == p.call.clock_ms && heard.number == p.call.number);
        assert_true(heard.under == p.call.under);
        assert_int_equal(heard.connect_len, connect);
        assert_memory_equal(heard.connect, p.call.connect, connect);
        assert_int_equal(
            ear_handshake_create_answer(&callee, p.psk, p.ephemeral2, 0xabcdef01, answer), 0);
        ear_handshake_mac1_key(p.caller.public, own);
        assert_true(ear_handshake_mac1_fits(own, answer, sizeof answer));
        assert_int_equal(
            ear_handshake_consume_answer(&p.noise, p.psk, answer, sizeof answer, &name), 0);
        assert_true(name == 0xabcdef01);
        assert_true(ear_handshake_name(&p.noise) != 0);
        assert_true(ear_handshake_name(&p.noise) == ear_handshake_name(&callee));
        ear_handshake_finish(&p.noise, k[0], k[1]);
        ear_handshake_finish(&callee, k[2], k[3]);
        assert_memory_equal(k[0], k[3], EAR_KEY_BYTES);
        assert_memory_equal(k[1], k[2], EAR_KEY_BYTES);
        assert_memory_not_equal(k[0], k[1], EAR_KEY_BYTES);
        assert_true(all_zero(&p.noise, sizeof p.noise) && all_zero(&callee, sizeof callee));
    }
}

/* The bytes on the wire for these keys, computed by another program from the specification (Python,
 * with hashlib and cryptography): a change of layout, label or prologue shows here. */
static void messages_have_golden_bytes(void **state)
{
    (void)state;
    static const char golden1[] =
        "01ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c7944b6fe0240b839afac809de163"
        "0eaf99d8f9b941394f0512c0554633bbb021d1511feaeefa4b51e0c878409e19a722195d3b52d6a66a7d95030c"
        "73db122f6e91fe4fae5b0f94593e805fb7d23e6e9f55fe7149269f3bce29014593a7d8501d3739";
    static const char golden2[] =
        "0295ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f144808843fd386e24b3b6e38c56026950"
        "c95eeee4f400c6e9f067f7e5f289fee25d0e9eca0f5aac43";
    struct pair p = pair_calling(4);
    struct ear_noise_state callee;
    struct ear_call heard;
    uint8_t expected[BYTES_MAX], answer[EAR_ANSWER_BYTES];
    assert_int_equal(from_hex(golden1, expected), p.len);
    assert_memory_equal(p.message1, expected, p.len);
    assert_int_equal(ear_handshake_consume_call(&callee, &p.callee, p.message1, p.len, &heard), 0);
    assert_int_equal(ear_handshake_create_answer(&callee, p.psk, p.ephemeral2, 7, answer), 0);
    assert_int_equal(from_hex(golden2, expected), EAR_ANSWER_BYTES);
    assert_memory_equal(answer, expected, EAR_ANSWER_BYTES);
}

static void refuse_call(const struct pair *p, const uint8_t *data, size_t len)
{
    struct ear_noise_state noise, noise_before;
    struct ear_call call, call_before;
    memset(&noise, 0x5a, sizeof noise);
    memset(&call, 0x5a, sizeof call);
    noise_before = noise;
    call_before = call;
    assert_int_equal(ear_handshake_consume_call(&noise, &p->callee, data, len, &call), -EBADMSG);
    assert_memory_equal(&noise, &noise_before, sizeof noise);
    assert_memory_equal(&call, &call_before, sizeof call);
}

/* Every bit of message 1, behind a mac1 that is made to fit. */
static void changed_calls_are_refused(void **state)
{
    (void)state;
    struct pair p = pair_calling(52);
    for (size_t bit = 0; bit < 8 * p.len; bit++) {
        uint8_t changed[EAR_CALL_BYTES_MAX];
        memcpy(changed, p.message1, p.len);
        changed[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_false(ear_handshake_mac1_fits(p.mac1_key, changed, p.len));
        if (bit / 8 < p.sealed_len && bit / 8 > 0)
            refuse_call(&p, changed, p.len);
    }
    for (size_t len = 0; len < p.len; len++) {
        assert_false(ear_handshake_mac1_fits(p.mac1_key, p.message1, len));
        refuse_call(&p, p.message1, len);
    }
}

static void changed_answers_are_refused(void **state)
{
    (void)state;
    struct pair p = pair_calling(0);
    struct ear_noise_state callee, before = p.noise;
    struct ear_call heard;
    uint8_t answer[EAR_ANSWER_BYTES], changed[EAR_ANSWER_BYTES], wrong_psk[EAR_KEY_BYTES] = {1};
    uint32_t name = 77;
    assert_int_equal(ear_handshake_consume_call(&callee, &p.callee, p.message1, p.len, &heard), 0);
    assert_int_equal(ear_handshake_create_answer(&callee, p.psk, p.ephemeral2, 0, answer), 0);
    for (size_t bit = 0; bit < 8 * EAR_ANSWER_SEALED_BYTES; bit++) {
        memcpy(changed, answer, sizeof answer);
        changed[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(
            ear_handshake_consume_answer(&p.noise, p.psk, changed, sizeof changed, &name),
            -EBADMSG);
    }
    for (size_t len = 0; len < sizeof answer; len++)
        assert_int_equal(ear_handshake_consume_answer(&p.noise, p.psk, answer, len, &name),
                         -EBADMSG);
    assert_int_equal(
        ear_handshake_consume_answer(&p.noise, wrong_psk, answer, sizeof answer, &name), -EBADMSG);
    assert_memory_equal(&p.noise, &before, sizeof before);
    assert_int_equal(name, 77);
    assert_int_equal(ear_handshake_consume_answer(&p.noise, p.psk, answer, sizeof answer, &name),
                     0);
}

/* A message for somebody else, one's own message thrown back, and an answer to another call. */
static void wrong_keys_and_roles_are_refused(void **state)
{
    (void)state;
    struct pair p = pair_calling(52), other = pair_calling(52);
    uint8_t own[EAR_KEY_BYTES], answer[EAR_ANSWER_BYTES];
    struct ear_noise_state noise, callee;
    struct ear_call call;
    uint32_t name;
    ear_handshake_mac1_key(p.caller.public, own);
    assert_false(ear_handshake_mac1_fits(own, p.message1, p.len));
    assert_int_equal(ear_handshake_consume_call(&noise, &p.caller, p.message1, p.len, &call),
                     -EBADMSG);
    memset(other.ephemeral1, 0x33, sizeof other.ephemeral1);
    assert_true(ear_handshake_create_call(&other.noise, &other.caller, other.callee.public,
                                          other.ephemeral1, &other.call, other.message1) > 0);
    assert_int_equal(ear_handshake_consume_call(&callee, &p.callee, p.message1, p.len, &call), 0);
    assert_int_equal(ear_handshake_create_answer(&callee, p.psk, p.ephemeral2, 0, answer), 0);
    assert_int_equal(
        ear_handshake_consume_answer(&other.noise, p.psk, answer, sizeof answer, &name), -EBADMSG);
    assert_int_equal(ear_handshake_consume_answer(&p.noise, p.psk, answer, sizeof answer, &name),
                     0);
}

/* Public keys of small order (RFC 7748, section 6.1): the secret would be known to all. */
static void small_order_keys_are_refused(void **state)
{
    (void)state;
    static const char *const points[] = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    };
    for (size_t i = 0; i < EAR_COUNT(points); i++) {
        struct pair p = pair_calling(0);
        struct ear_noise_state noise = p.noise;
        uint8_t point[EAR_KEY_BYTES], out[EAR_CALL_BYTES_MAX];
        key_from_hex(points[i], point);
        assert_int_equal(
            ear_handshake_create_call(&noise, &p.caller, point, p.ephemeral1, &p.call, out),
            -EBADMSG);
        assert_memory_equal(&noise, &p.noise, sizeof noise);
        memcpy(p.message1 + EAR_MESSAGE_BYTES, point, sizeof point);
        refuse_call(&p, p.message1, p.len);
    }
}

static void cookies_prove_an_address(void **state)
{
    (void)state;
    struct pair p = pair_calling(52);
    struct ear_cookie_jar jar;
    struct ear_cookie cookie = {0};
    const struct ear_chance chance = {0};
    const struct ear_bytes here = {"192.0.2.1:7000", 14}, there = {"192.0.2.1:7001", 14};
    uint8_t reply[EAR_COOKIE_REPLY_BYTES], changed[EAR_COOKIE_REPLY_BYTES], other_mac1[16] = {1};
    const uint8_t *mac1 = ear_handshake_mac1_of(p.message1, p.len);
    ear_cookie_jar_init(&jar, p.callee.public);
    ear_cookie_jar_turn(&jar, &chance, 0);
    assert_false(ear_cookie_jar_fits(&jar, &here, p.message1, p.len));
    ear_cookie_jar_reply(&jar, &chance, &here, mac1, reply);
    for (size_t bit = 0; bit < 8 * sizeof reply; bit++) {
        memcpy(changed, reply, sizeof reply);
        changed[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(
            ear_cookie_take(&cookie, p.callee.public, mac1, changed, sizeof changed, 0), -EBADMSG);
    }
    assert_int_equal(ear_cookie_take(&cookie, p.callee.public, other_mac1, reply, sizeof reply, 0),
                     -EBADMSG);
    assert_null(ear_cookie_at(&cookie, 0));
    assert_int_equal(ear_cookie_take(&cookie, p.callee.public, mac1, reply, sizeof reply, 0), 0);
    size_t len = ear_handshake_stamp_call(p.message1, p.sealed_len, p.mac1_key,
                                          ear_cookie_at(&cookie, EAR_COOKIE_LIFE_US - 1));
    assert_int_equal(len, p.len + EAR_MAC_BYTES);
    assert_true(ear_handshake_mac1_fits(p.mac1_key, p.message1, len));
    assert_true(ear_cookie_jar_fits(&jar, &here, p.message1, len));
    assert_false(ear_cookie_jar_fits(&jar, &there, p.message1, len));
    p.message1[len - 1] ^= 1;
    assert_false(ear_cookie_jar_fits(&jar, &here, p.message1, len));
    p.message1[len - 1] ^= 1;
    ear_cookie_jar_turn(&jar, &chance, EAR_COOKIE_LIFE_US + 1);
    assert_true(ear_cookie_jar_fits(&jar, &here, p.message1, len));
    ear_cookie_jar_turn(&jar, &chance, 2 * EAR_COOKIE_LIFE_US + 2);
    assert_false(ear_cookie_jar_fits(&jar, &here, p.message1, len));
    assert_null(ear_cookie_at(&cookie, EAR_COOKIE_LIFE_US));
    ear_cookie_jar_wipe(&jar);
    assert_true(all_zero(&jar, sizeof jar));
}

static int start(void **state)
{
    (void)state;
    return ear_sodium_start();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_vectors_are_met),
        cmocka_unit_test(ends_agree_on_keys),
        cmocka_unit_test(messages_have_golden_bytes),
        cmocka_unit_test(changed_calls_are_refused),
        cmocka_unit_test(changed_answers_are_refused),
        cmocka_unit_test(wrong_keys_and_roles_are_refused),
        cmocka_unit_test(small_order_keys_are_refused),
        cmocka_unit_test(cookies_prove_an_address),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
