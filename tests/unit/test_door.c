/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is let in, who hears nothing, and what a flood may cost. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../fake/ends.h"

#define S ((int64_t)EAR_US_PER_S)

static struct ends e;

struct knock {
    uint8_t data[EAR_CALL_BYTES_MAX];
    size_t len;
};

static struct knock call_of(uint64_t seed, uint64_t clock_ms)
{
    struct knock k;
    ends_init(&e, seed, 0);
    assert_int_equal(ends_call(&e, clock_ms, 0), 0);
    k.len = ear_tunnel_next_handshake(&e.tunnels[0], 0, k.data);
    assert_true(k.len > 0);
    return k;
}

/* Knocks with a copy of just that size, so that sanitizers see a read past the end. */
static int knock(const uint8_t *data, size_t len, int64_t now_us)
{
    uint8_t *copy = malloc(len ? len : 1);
    assert_non_null(copy);
    memcpy(copy, data, len);
    int r = ends_knock(&e, copy, len, now_us);
    free(copy);
    return r;
}

/* Not let in and not answered; nothing is kept of it but that it came. */
static void expect_silence(const uint8_t *data, size_t len, int64_t now_us, int err)
{
    struct ear_door before = e.door;
    struct ear_door_call call;
    uint8_t reply[EAR_COOKIE_REPLY_BYTES];
    memset(&e.call, 0x5a, sizeof e.call);
    memset(e.reply, 0x5a, sizeof e.reply);
    call = e.call;
    memcpy(reply, e.reply, sizeof reply);
    assert_int_equal(knock(data, len, now_us), err);
    before.calls = e.door.calls;
    before.cookies = e.door.cookies;
    assert_memory_equal(&e.door, &before, sizeof before);
    assert_memory_equal(&e.call, &call, sizeof call);
    assert_memory_equal(e.reply, reply, sizeof reply);
}

static void known_callers_are_let_in(void **state)
{
    (void)state;
    struct knock k = call_of(1, 77);
    assert_int_equal(knock(k.data, k.len, 0), 0);
    assert_memory_equal(e.call.peer, e.keys[0].public, EAR_KEY_BYTES);
    assert_memory_equal(e.call.psk, e.psk, EAR_KEY_BYTES);
    assert_true(e.call.call.clock_ms == 77 && e.call.call.under == 0);
    ear_door_call_wipe(&e.call);
    static const struct ear_door_call zero;
    assert_memory_equal(&e.call, &zero, sizeof zero);
}

static void strangers_hear_nothing(void **state)
{
    (void)state;
    struct knock k = call_of(2, 77);
    struct ear_keypair known = e.keys[0];
    ear_sodium_keypair(e.keys[0].secret, e.keys[0].public);
    expect_silence(k.data, k.len, 0, -EPERM);
    e.keys[0] = known;
    assert_int_equal(knock(k.data, k.len, 0), 0);
}

static void old_clocks_are_refused(void **state)
{
    (void)state;
    struct knock k = call_of(3, 77);
    e.known_clock_ms = 78;
    expect_silence(k.data, k.len, 0, -EALREADY);
    e.known_clock_ms = 77;
    expect_silence(k.data, k.len, 0, -EALREADY);
    e.known_clock_ms = 76;
    assert_int_equal(knock(k.data, k.len, 0), 0);
}

static void noise_on_the_line_is_refused(void **state)
{
    (void)state;
    struct knock k = call_of(4, 77);
    for (size_t bit = 0; bit < 8 * k.len; bit++) {
        k.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        expect_silence(k.data, k.len, 0, -EBADMSG);
        k.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t len = 0; len < k.len; len++)
        expect_silence(k.data, len, 0, -EBADMSG);
    struct ear_random random = ear_random_seeded(4);
    for (int i = 0; i < 20000; i++) {
        uint8_t junk[2 * EAR_CALL_BYTES_MAX];
        ends_chance(&random, junk, sizeof junk);
        junk[0] = (uint8_t)(1 + i % 4);
        expect_silence(junk, ear_random_below(&random, sizeof junk), 0, -EBADMSG);
    }
    assert_int_equal(e.door.calls.count, 0); /* none of it counts as load */
    assert_int_equal(knock(k.data, k.len, 0), 0);
}

/* An answer or a cookie with a mac1 that fits is no call, and elicits nothing under load either. */
static void only_calls_are_heard(void **state)
{
    (void)state;
    struct knock k = call_of(5, 77);
    const struct ear_bytes covered = {k.data, EAR_ANSWER_SEALED_BYTES};
    e.door.config.calls_per_s = 0;
    k.data[0] = EAR_MESSAGE_ANSWER;
    ear_sodium_hash(k.data + covered.len, EAR_MAC_BYTES, e.door.mac1_key, EAR_KEY_BYTES, &covered,
                    1);
    expect_silence(k.data, EAR_ANSWER_BYTES, 0, -EBADMSG);
}

static void floods_meet_cookies(void **state)
{
    (void)state;
    struct knock k = call_of(6, 77);
    for (int i = 0; i < EAR_DOOR_CALLS_PER_S; i++)
        assert_int_equal(knock(k.data, k.len, i), 0);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(knock(k.data, k.len, 100 + i), EAR_COOKIE_REPLY_BYTES);
    assert_true(EAR_COOKIE_REPLY_BYTES < k.len);
    assert_int_equal(e.reply[0], EAR_MESSAGE_COOKIE);
    /* A wrong mac1 gets none. */
    k.data[k.len - 1] ^= 1;
    expect_silence(k.data, k.len, 2000, -EBADMSG);
    k.data[k.len - 1] ^= 1;
    /* The next second is another one. */
    assert_int_equal(knock(k.data, k.len, S), 0);
}

static void cookies_are_bound_and_limited(void **state)
{
    (void)state;
    struct knock k = call_of(7, 77);
    const struct ear_bytes elsewhere = {"another", 7};
    e.door.config.calls_per_s = 0;
    e.door.config.cookies_per_s = 3;
    assert_int_equal(knock(k.data, k.len, 0), EAR_COOKIE_REPLY_BYTES);
    const struct ear_bytes reply = {e.reply, sizeof e.reply};
    assert_int_equal(ear_tunnel_take_handshake(&e.tunnels[0], &reply, 0, k.data), 0);
    k.len = ear_tunnel_next_handshake(&e.tunnels[0], S, k.data);
    const struct ear_bytes datagram = {k.data, k.len};
    assert_int_equal(ear_door_take(&e.door, &elsewhere, &datagram, S, &e.call, e.reply),
                     EAR_COOKIE_REPLY_BYTES);
    for (int i = 0; i < 3; i++)
        assert_int_equal(knock(k.data, k.len, S), 0);
    expect_silence(k.data, k.len, S, -EAGAIN);
    assert_int_equal(knock(k.data, k.len, 2 * S), 0);
    /* Good for its life at least, and not for three. */
    assert_int_equal(knock(k.data, k.len, EAR_COOKIE_LIFE_US), 0);
    assert_int_equal(knock(k.data, k.len, 3 * EAR_COOKIE_LIFE_US), EAR_COOKIE_REPLY_BYTES);
}

static void a_refused_call_leaves_no_trace(void **state)
{
    (void)state;
    struct knock k = call_of(8, 77);
    static const struct ear_door zero;
    for (int i = 0; i < 5; i++)
        assert_int_equal(knock(k.data, k.len, i * S), 0); /* known_clock_ms was not moved */
    ear_door_fini(&e.door);
    assert_memory_equal(&e.door, &zero, sizeof zero);
}

static int start(void **state)
{
    (void)state;
    return ear_sodium_start();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_callers_are_let_in),
        cmocka_unit_test(strangers_hear_nothing),
        cmocka_unit_test(old_clocks_are_refused),
        cmocka_unit_test(noise_on_the_line_is_refused),
        cmocka_unit_test(only_calls_are_heard),
        cmocka_unit_test(floods_meet_cookies),
        cmocka_unit_test(cookies_are_bound_and_limited),
        cmocka_unit_test(a_refused_call_leaves_no_trace),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
