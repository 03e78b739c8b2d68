/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What forged, replayed and repeated messages do to a tunnel: nothing. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tunnel_steps.h"

/* Only the count of handshakes tried may move. */
static void refuse(int end, const struct sent *s, int64_t now_us)
{
    struct sent none;
    struct ear_tunnel before = e.tunnels[end];
    assert_true(hand(end, s, now_us, &none) < 0);
    before.tries = e.tunnels[end].tries;
    assert_memory_equal(&e.tunnels[end], &before, sizeof before);
}

static void remac(struct sent *s, int receiver)
{
    uint8_t key[EAR_KEY_BYTES];
    ear_handshake_mac1_key(e.keys[receiver].public, key);
    const struct ear_bytes covered = {s->data, s->len - EAR_MAC_BYTES};
    ear_sodium_hash(s->data + covered.len, EAR_MAC_BYTES, key, sizeof key, &covered, 1);
}

/* Every bit, with and without a mac1 that fits, and every length; then the true one is taken. */
static void changed_handshakes_change_nothing(void **state)
{
    (void)state;
    struct sent answer, none, s;
    connect_ends(18, 0);
    talk(0, 0);
    talk(1, 0);
    ear_tunnel_renew(&e.tunnels[0]);
    struct sent call = handshake_of(0, S);
    int64_t now_us = S;
    for (int round = 0; round < 2; round++) {
        const struct sent *truth = round ? &answer : &call;
        for (size_t bit = 0; bit < 8 * truth->len; bit++, now_us += S) {
            s = *truth;
            s.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
            refuse(1 - round, &s, now_us);
            remac(&s, 1 - round);
            if (memcmp(s.data, truth->data, s.len) != 0)
                refuse(1 - round, &s, now_us);
        }
        for (s = *truth; s.len-- > 0;)
            refuse(1 - round, &s, now_us);
        if (round == 0)
            assert_int_equal(hand(1, &call, now_us, &answer), EAR_ANSWER_BYTES);
    }
    refuse(0, &call, now_us);
    refuse(1, &answer, now_us);
    assert_int_equal(hand(0, &answer, now_us, &none), 0);
    talk(0, now_us);
    talk(1, now_us);
}

static void replayed_handshakes_are_refused(void **state)
{
    (void)state;
    struct sent calls[5], answers[5], none;
    connect_ends(19, 0);
    talk(0, 0);
    for (int i = 0; i < 5; i++) {
        ear_tunnel_renew(&e.tunnels[0]);
        calls[i] = handshake_of(0, (i + 1) * S);
        assert_int_equal(hand(1, &calls[i], (i + 1) * S, &answers[i]), EAR_ANSWER_BYTES);
        assert_int_equal(hand(0, &answers[i], (i + 1) * S, &none), 0);
        talk(0, (i + 1) * S);
    }
    for (int i = 0; i < 5; i++) {
        refuse(1, &calls[i], 10 * S);
        refuse(0, &answers[i], 10 * S);
    }
    talk(0, 10 * S);
    talk(1, 10 * S);
}

/* A clock that was set back: max(now, last + 1) rises all the same. */
static void clock_rises_whatever_the_clock_says(void **state)
{
    (void)state;
    connect_ends(20, 0);
    talk(0, 0);
    talk(1, 0);
    e.tunnels[0].clock_ms = 1000000;
    e.tunnels[0].config.clock_ms = 3;
    for (int i = 1; i < 5; i++) {
        ear_tunnel_renew(&e.tunnels[0]);
        assert_true(renew(0, i * S));
        talk(0, i * S);
        assert_true(e.tunnels[0].clock_ms == 1000000 + (uint64_t)i);
        assert_true(e.tunnels[1].peer_clock_ms == e.tunnels[0].clock_ms);
    }
}

static void changed_datagrams_change_nothing(void **state)
{
    (void)state;
    connect_ends(21, 0);
    talk(0, 0);
    talk(1, 0);
    ear_tunnel_renew(&e.tunnels[0]);
    assert_true(renew(0, S));
    for (int class = 0; class <= 1; class ++) {
        struct sent s = sealed_by(0, (enum ear_class) class);
        struct ear_tunnel before = e.tunnels[1];
        for (size_t bit = 0; bit < 8 * s.len; bit++) {
            s.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
            assert_true(open_by(1, &s, S) < 0);
            s.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        before.keys.next.seal.failed = e.tunnels[1].keys.next.seal.failed;
        before.keys.current.seal.failed = e.tunnels[1].keys.current.seal.failed;
        assert_memory_equal(&e.tunnels[1], &before, sizeof before);
        assert_int_equal(open_by(1, &s, S), 5);
        assert_int_equal(open_by(1, &s, S), -EALREADY);
    }
}

static void cookies_let_callers_in_under_load(void **state)
{
    (void)state;
    struct sent answer = {.len = EAR_ANSWER_BYTES}, none, cookie = {.len = EAR_COOKIE_REPLY_BYTES};
    ends_init(&e, 22, 0);
    e.door.config.calls_per_s = 0;
    assert_int_equal(ends_call(&e, 5000, 0), 0);
    struct sent call = handshake_of(0, 0);
    assert_int_equal(ends_knock(&e, call.data, call.len, 0), EAR_COOKIE_REPLY_BYTES);
    memcpy(cookie.data, e.reply, sizeof e.reply);
    assert_int_equal(hand(0, &cookie, 0, &none), 0);
    assert_int_equal(hand(0, &cookie, 0, &none), -EBADMSG);
    call = handshake_of(0, S);
    assert_int_equal(call.data[0], EAR_MESSAGE_CALL_COOKIE);
    assert_int_equal(ends_knock(&e, call.data, call.len, S), 0);
    assert_int_equal(ends_accept(&e, S, answer.data), EAR_ANSWER_BYTES);
    /* The same call without its cookie is the same call. */
    struct sent bare = call, again;
    bare.data[0] = EAR_MESSAGE_CALL;
    bare.len -= EAR_MAC_BYTES;
    remac(&bare, 1);
    assert_int_equal(hand(1, &bare, S, &again), EAR_ANSWER_BYTES);
    assert_memory_equal(again.data, answer.data, EAR_ANSWER_BYTES);
    assert_int_equal(hand(0, &answer, S, &none), 0);
    talk(1, S);
    talk(0, S);
}

static void an_end_has_only_so_much_time_for_handshakes(void **state)
{
    (void)state;
    struct sent s, none;
    connect_ends(23, 0);
    ear_tunnel_renew(&e.tunnels[0]);
    talk(0, 0);
    struct sent call = handshake_of(0, S);
    s = call;
    s.data[50] ^= 1;
    remac(&s, 1);
    for (int i = 0; i < 20; i++)
        assert_int_equal(hand(1, &s, S, &none), -EBADMSG);
    assert_int_equal(hand(1, &s, S, &none), -EAGAIN);
    assert_int_equal(hand(1, &call, S, &none), -EAGAIN);
    assert_int_equal(hand(1, &call, 2 * S, &none), EAR_ANSWER_BYTES);
}

static void bad_beginnings_are_refused(void **state)
{
    (void)state;
    const struct ear_bytes connect = {e.reply, EAR_CALL_CONNECT_MAX + 1}, none = {"", 0};
    ends_init(&e, 24, 0);
    struct ear_tunnel_config config = ends_config(&e, 0, 1);
    assert_int_equal(ear_tunnel_init_caller(&e.tunnels[0], &config, &connect, 0), -EINVAL);
    config.clock_ms = (uint64_t)1 << EAR_CALL_CLOCK_BITS;
    assert_int_equal(ear_tunnel_init_caller(&e.tunnels[0], &config, &none, 0), -EINVAL);
    config.clock_ms = 1;
    memset(config.peer, 0, sizeof config.peer);
    assert_int_equal(ear_tunnel_init_caller(&e.tunnels[0], &config, &none, 0), -EBADMSG);
    assert_true(all_zero(&e.tunnels[0], sizeof e.tunnels[0]));
}

static void nothing_is_left_behind(void **state)
{
    (void)state;
    connect_ends(25, 0);
    assert_true(all_zero(&e.tunnels[0].attempt, sizeof e.tunnels[0].attempt));
    assert_true(all_zero(&e.call, sizeof e.call));
    talk(0, 0);
    assert_true(all_zero(&e.tunnels[1].answer, sizeof e.tunnels[1].answer));
    assert_true(all_zero(&e.tunnels[1].keys.next, sizeof e.tunnels[1].keys.next));
    ear_tunnel_fini(&e.tunnels[0]);
    ear_tunnel_fini(&e.tunnels[1]);
    assert_true(all_zero(e.tunnels, sizeof e.tunnels));
    assert_int_equal(handshake_of(0, 1000 * S).len, 0);
    assert_true(ear_tunnel_due_us(&e.tunnels[0]) == INT64_MAX);
}

static int start(void **state)
{
    (void)state;
    return ear_sodium_start();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(changed_handshakes_change_nothing),
        cmocka_unit_test(replayed_handshakes_are_refused),
        cmocka_unit_test(clock_rises_whatever_the_clock_says),
        cmocka_unit_test(changed_datagrams_change_nothing),
        cmocka_unit_test(cookies_let_callers_in_under_load),
        cmocka_unit_test(an_end_has_only_so_much_time_for_handshakes),
        cmocka_unit_test(bad_beginnings_are_refused),
        cmocka_unit_test(nothing_is_left_behind),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
