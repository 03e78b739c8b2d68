/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calls, renewals, crossings and outages, step by step. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tunnel_steps.h"

static void call_is_up_in_one_round_trip(void **state)
{
    (void)state;
    uint8_t out[CAP];
    ends_init(&e, 1, 0);
    assert_int_equal(ends_call(&e, 5000, 0), 0);
    assert_int_equal(ear_tunnel_seal(&e.tunnels[0], EAR_CLASS_CONTROL, out, 1, out + 100, 400),
                     -ENOTCONN);
    connect_ends(1, 0);
    /* The callee need not wait for a word of the caller. */
    talk(1, 0);
    talk(0, 0);
    talk(1, 0);
    assert_int_equal(handshake_of(0, 1).len, 0);
    assert_int_equal(handshake_of(1, 1).len, 0);
    assert_true(e.tunnels[1].keys.current.held && !e.tunnels[1].keys.next.held);
}

static void message_1_is_repeated_every_second(void **state)
{
    (void)state;
    ends_init(&e, 2, 0);
    assert_int_equal(ends_call(&e, 5000, 0), 0);
    struct sent first = handshake_of(0, 0), again;
    assert_true(first.len > 0);
    for (int64_t s = 1; s < 20; s++) {
        assert_int_equal(ear_tunnel_due_us(&e.tunnels[0]), s * S);
        assert_int_equal(handshake_of(0, s * S - 1).len, 0);
        again = handshake_of(0, s * S);
        assert_int_equal(again.len, first.len);
        assert_memory_equal(again.data, first.data, first.len);
    }
    /* A fresh one after 20 s: the other end may have restarted and know the clock already. */
    again = handshake_of(0, 20 * S);
    assert_int_equal(again.len, first.len);
    assert_memory_not_equal(again.data, first.data, first.len);
    assert_true(e.tunnels[0].clock_ms == 25000);
}

/* Round trip of 2.5 s and a lost answer: each repetition gets the same answer, one of them counts.
 */
static void repeated_calls_get_the_same_answer(void **state)
{
    (void)state;
    struct sent answer = {.len = EAR_ANSWER_BYTES}, again, none;
    ends_init(&e, 3, 0);
    assert_int_equal(ends_call(&e, 5000, 0), 0);
    struct sent call = handshake_of(0, 0);
    assert_int_equal(ends_knock(&e, call.data, call.len, 0), 0);
    assert_int_equal(ends_accept(&e, 0, answer.data), EAR_ANSWER_BYTES);
    call = handshake_of(0, S);
    assert_int_equal(ends_knock(&e, call.data, call.len, S), -EALREADY);
    assert_int_equal(hand(1, &call, S, &again), EAR_ANSWER_BYTES);
    assert_memory_equal(again.data, answer.data, EAR_ANSWER_BYTES);
    const struct ear_bytes datagram = {call.data, call.len};
    assert_int_equal(ear_tunnel_repeats(&e.tunnels[1], &datagram, again.data), EAR_ANSWER_BYTES);
    assert_int_equal(hand(0, &answer, 3 * S, &none), 0);
    assert_int_equal(hand(0, &again, 3 * S, &none), -EBADMSG);
    talk(0, 3 * S);
    talk(1, 3 * S);
    /* Confirmed: who repeats it now is somebody else. */
    assert_int_equal(ear_tunnel_repeats(&e.tunnels[1], &datagram, again.data), 0);
    assert_int_equal(hand(1, &call, 4 * S, &again), -EALREADY);
}

static void a_fresh_call_replaces_one_without_answer(void **state)
{
    (void)state;
    struct sent lost = {.len = EAR_ANSWER_BYTES}, answer, none;
    ends_init(&e, 4, 0);
    assert_int_equal(ends_call(&e, 5000, 0), 0);
    struct sent call = handshake_of(0, 0);
    assert_int_equal(ends_knock(&e, call.data, call.len, 0), 0);
    assert_int_equal(ends_accept(&e, 0, lost.data), EAR_ANSWER_BYTES);
    struct sent early = sealed_by(1, EAR_CLASS_CONTROL);
    call = handshake_of(0, 20 * S);
    assert_int_equal(hand(1, &call, 20 * S, &answer), EAR_ANSWER_BYTES);
    assert_int_equal(hand(0, &lost, 21 * S, &none), -EBADMSG);
    assert_int_equal(hand(0, &answer, 21 * S, &none), 0);
    assert_int_equal(open_by(0, &early, 21 * S), -EBADMSG);
    talk(1, 21 * S);
    talk(0, 21 * S);
}

static void whoever_reaches_a_limit_renews(void **state)
{
    (void)state;
    for (int lower = 0; lower <= 1; lower++) {
        connect_ends(5, lower);
        talk(0, 0);
        /* By age: the lower key 10 s before the other. */
        uint32_t name = e.tunnels[0].keys.current.name;
        for (int64_t t = 5; t < 590; t += 5)
            talk((int)(t / 5 % 2), t * S);
        assert_int_equal(ear_tunnel_due_us(&e.tunnels[lower]), 590 * S);
        assert_int_equal(ear_tunnel_due_us(&e.tunnels[1 - lower]), 600 * S);
        assert_int_equal(handshake_of(lower, 590 * S - 1).len, 0);
        assert_true(renew(lower, 590 * S));
        talk(lower, 590 * S);
        talk(1 - lower, 590 * S);
        assert_int_equal(handshake_of(1 - lower, 600 * S).len, 0);
        assert_true(e.tunnels[0].keys.current.name == e.tunnels[1].keys.current.name);
        assert_true(e.tunnels[0].keys.current.name != name);
        /* By packets, of whichever direction; two were said. */
        for (int i = 2; i < (1 << 14) - (1 << 14) / 64; i++) {
            assert_int_equal(handshake_of(lower, 600 * S).len, 0);
            struct sent s = sealed_by(1 - lower, EAR_CLASS_SPEECH);
            assert_int_equal(open_by(lower, &s, 600 * S), 5);
        }
        assert_true(ear_tunnel_due_us(&e.tunnels[lower]) <= 600 * S);
        assert_true(renew(lower, 600 * S));
        talk(lower, 600 * S);
        talk(1 - lower, 600 * S);
        /* The other one, when the first does not. */
        for (int i = 2; i < 1 << 14; i++) {
            assert_int_equal(handshake_of(1 - lower, 601 * S).len, 0);
            (void)sealed_by(1 - lower, EAR_CLASS_SPEECH);
        }
        assert_true(renew(1 - lower, 601 * S));
    }
}

static void failed_opens_ask_for_a_renewal(void **state)
{
    (void)state;
    ends_init(&e, 6, 0);
    connect_ends(6, 0);
    e.tunnels[1].config.limits.failures_max = 1000;
    talk(0, 0);
    talk(1, 0);
    struct sent forged = sealed_by(0, EAR_CLASS_SPEECH);
    forged.data[4] ^= 1;
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(handshake_of(1, 1).len, 0);
        assert_int_equal(open_by(1, &forged, 1), -EBADMSG);
    }
    assert_true(renew(1, 1));
    talk(1, 1);
    talk(0, 1);
    assert_int_equal(e.tunnels[1].keys.current.seal.failed, 0);
    talk(0, 1);
}

static void limits_of_calls_are_those_promised(void **state)
{
    (void)state;
    const struct ear_tunnel_limits *l = &ear_tunnel_limits_usual;
    assert_int_equal(l->packets_max, 1 << 20);
    assert_int_equal(l->failures_max, 1 << 20);
    assert_int_equal(l->renew_packets, 1 << 14);
    assert_int_equal(l->renew_us, 600 * S);
    assert_int_equal(l->erase_us, 180 * S);
    assert_int_equal(l->repeat_us, S);
}

static void answerer_waits_for_the_callers_new_key(void **state)
{
    (void)state;
    connect_ends(7, 0);
    talk(0, 0);
    talk(1, 0);
    uint32_t old = e.tunnels[1].keys.current.name;
    struct sent delayed = sealed_by(0, EAR_CLASS_SPEECH);
    ear_tunnel_renew(&e.tunnels[0]);
    assert_true(renew(0, S));
    assert_true(ear_keyring_name(&e.tunnels[0].keys) != old);
    assert_true(ear_keyring_name(&e.tunnels[1].keys) == old);
    /* For however long: one way of the path may be dead for minutes. */
    for (int64_t t = 2; t < 500; t++) {
        (void)handshake_of(0, t * S);
        struct sent s = sealed_by(1, EAR_CLASS_SPEECH);
        assert_int_equal(open_by(0, &s, t * S), 5);
        assert_true(opened.newest);
    }
    assert_int_equal(open_by(1, &delayed, 500 * S), 5);
    talk(0, 500 * S);
    assert_true(ear_keyring_name(&e.tunnels[1].keys) != old);
    talk(1, 500 * S);
}

static void old_keys_are_erased_after_three_minutes(void **state)
{
    (void)state;
    connect_ends(8, 0);
    talk(0, 0);
    talk(1, 0);
    struct sent late[2] = {sealed_by(0, EAR_CLASS_SPEECH), sealed_by(0, EAR_CLASS_CONTROL)};
    ear_tunnel_renew(&e.tunnels[0]);
    assert_true(renew(0, S));
    talk(0, S);
    talk(1, 2 * S);
    assert_int_equal(open_by(1, &late[0], 181 * S - 1), 5);
    assert_false(opened.newest);
    assert_int_equal(open_by(1, &late[1], 181 * S), -EBADMSG);
    assert_true(all_zero(&e.tunnels[1].keys.previous, sizeof e.tunnels[1].keys.previous));
    assert_false(all_zero(&e.tunnels[0].keys.previous, sizeof e.tunnels[0].keys.previous));
    assert_int_equal(ear_tunnel_due_us(&e.tunnels[0]), 62 * S);
    e.tunnels[0].heard_us = 182 * S;
    assert_int_equal(ear_tunnel_due_us(&e.tunnels[0]), 182 * S);
    (void)handshake_of(0, 182 * S);
    assert_true(all_zero(&e.tunnels[0].keys.previous, sizeof e.tunnels[0].keys.previous));
}

static void crossing_renewals_make_one_key(void **state)
{
    (void)state;
    for (int lower = 0; lower <= 1; lower++) {
        struct sent calls[2], answer, none;
        int higher = 1 - lower;
        connect_ends(9, lower);
        talk(0, 0);
        talk(1, 0);
        for (int end = 0; end < 2; end++) {
            ear_tunnel_renew(&e.tunnels[end]);
            calls[end] = handshake_of(end, S);
            assert_true(calls[end].len > 0);
        }
        assert_int_equal(hand(lower, &calls[higher], 2 * S, &none), 0);
        assert_int_equal(none.len, 0);
        assert_int_equal(hand(lower, &calls[higher], 2 * S, &none), -EALREADY);
        assert_int_equal(hand(higher, &calls[lower], 2 * S, &answer), EAR_ANSWER_BYTES);
        assert_int_equal(handshake_of(higher, 20 * S).len, 0);
        assert_int_equal(hand(lower, &answer, 3 * S, &none), 0);
        /* The loser's message, doubled on the way, comes too late to be answered. */
        assert_int_equal(hand(lower, &calls[higher], 4 * S, &none), -EALREADY);
        talk(lower, 4 * S);
        talk(higher, 4 * S);
        assert_true(e.tunnels[0].keys.current.name == e.tunnels[1].keys.current.name);
        assert_int_equal(handshake_of(0, 5 * S).len + handshake_of(1, 5 * S).len, 0);
    }
}

/* The caller's new keys were never heard; more new keys must not lose those in use. */
static void unheard_keys_are_replaced_and_used_ones_kept(void **state)
{
    (void)state;
    connect_ends(10, 0);
    talk(0, 0);
    talk(1, 0);
    for (int64_t t = 1; t < 10; t++) {
        ear_tunnel_renew(&e.tunnels[0]);
        assert_true(renew(0, t * S));
        struct sent s = sealed_by(1, EAR_CLASS_CONTROL);
        assert_int_equal(open_by(0, &s, t * S), 5);
        assert_true(e.tunnels[0].keys.previous.name == ear_keyring_name(&e.tunnels[1].keys));
    }
    talk(0, 10 * S);
    talk(1, 10 * S);
}

/* The answers are lost, and what the caller seals meanwhile still opens. */
static void answered_keys_that_nobody_took_up_are_replaced(void **state)
{
    (void)state;
    struct sent call, answer, none;
    connect_ends(26, 0);
    talk(0, 0);
    talk(1, 0);
    ear_tunnel_renew(&e.tunnels[0]);
    for (int64_t t = 20; t <= 200; t += 20) {
        call = handshake_of(0, t * S);
        assert_int_equal(hand(1, &call, t * S, &answer), EAR_ANSWER_BYTES);
        talk(0, t * S);
        talk(1, t * S);
    }
    assert_int_equal(hand(0, &answer, 200 * S, &none), 0);
    talk(1, 200 * S);
    talk(0, 200 * S);
    talk(1, 200 * S);
}

/* The answerer of a renewal is confirmed in silence, and renews itself before it hears of it. */
static void keys_that_the_other_end_took_up_in_silence_are_kept(void **state)
{
    (void)state;
    struct sent call, answer, none;
    connect_ends(11, 1);
    talk(0, 0);
    talk(1, 0);
    ear_tunnel_renew(&e.tunnels[0]);
    assert_true(renew(0, S)); /* end 0 uses the new keys; end 1 has not heard them */
    struct sent unheard = sealed_by(0, EAR_CLASS_CONTROL);
    ear_tunnel_renew(&e.tunnels[1]);
    assert_int_equal(handshake_of(1, 30 * S).len, 0);
    call = handshake_of(1, 31 * S);
    assert_true(call.len > 0);
    assert_int_equal(hand(0, &call, 31 * S, &answer), EAR_ANSWER_BYTES);
    struct sent before = sealed_by(0, EAR_CLASS_CONTROL);
    assert_int_equal(hand(1, &answer, 32 * S, &none), 0);
    assert_int_equal(open_by(1, &unheard, 32 * S), 5);
    assert_int_equal(open_by(1, &before, 32 * S), 5);
    talk(1, 32 * S);
    talk(0, 32 * S);
}

static void a_key_seals_no_more_than_its_limit(void **state)
{
    (void)state;
    uint8_t out[CAP];
    ends_init(&e, 12, 0);
    connect_ends(12, 0);
    e.tunnels[0].keys.current.seal.packets_max = 100;
    e.tunnels[0].keys.packets_max = 100;
    for (int i = 0; i < 100; i++)
        (void)sealed_by(0, EAR_CLASS_SPEECH);
    struct ear_tunnel before = e.tunnels[0];
    assert_int_equal(ear_tunnel_seal(&e.tunnels[0], EAR_CLASS_SPEECH, out, 1, out + 100, 400),
                     -EKEYEXPIRED);
    assert_memory_equal(&e.tunnels[0], &before, sizeof before);
    ear_tunnel_renew(&e.tunnels[0]);
    assert_true(renew(0, S));
    talk(0, S);
}

static void a_hundred_thousand_lost_packets_do_no_harm(void **state)
{
    (void)state;
    connect_ends(13, 0);
    talk(0, 0);
    talk(1, 0);
    struct sent s;
    for (int i = 0; i < 100000; i++)
        s = sealed_by(0, EAR_CLASS_SPEECH);
    s = sealed_by(0, EAR_CLASS_SPEECH);
    assert_int_equal(open_by(1, &s, S), -EBADMSG);
    s = sealed_by(0, EAR_CLASS_CONTROL);
    assert_int_equal(open_by(1, &s, S), 5);
    talk(0, S);
    talk(1, S);
}

/* An outage of an hour: one message 1 in 5 s after the first minute, and all as before at its end.
 */
static void an_outage_costs_little_and_ends_well(void **state)
{
    (void)state;
    int messages = 0;
    connect_ends(14, 0);
    talk(0, 0);
    talk(1, 0);
    for (int64_t t = 1; t <= 3600; t++) {
        (void)sealed_by(0, EAR_CLASS_CONTROL);
        (void)sealed_by(1, EAR_CLASS_CONTROL);
        messages += handshake_of(0, t * S).len > 0;
        messages += handshake_of(1, t * S).len > 0;
    }
    assert_in_range(messages, 2 * 3500 / 5, 2 * 3600 / 5);
    talk(0, 3601 * S);
    talk(1, 3601 * S);
    assert_true(renew(0, 3601 * S)); /* at once, as the link is back */
    talk(0, 3601 * S);
    talk(1, 3601 * S);
}

static void a_new_call_of_the_same_person_belongs_to_the_door(void **state)
{
    (void)state;
    struct sent answer = {.len = EAR_ANSWER_BYTES}, none;
    connect_ends(15, 0);
    talk(0, 0);
    talk(1, 0);
    assert_int_equal(ends_call(&e, 60000, 60 * S), 0);
    struct sent call = handshake_of(0, 60 * S);
    assert_int_equal(hand(1, &call, 60 * S, &none), -ECONNRESET);
    assert_true(ear_tunnel_due_us(&e.tunnels[1]) < INT64_MAX);
    assert_int_equal(ends_knock(&e, call.data, call.len, 60 * S), 0);
    assert_int_equal(ends_accept(&e, 60 * S, answer.data), EAR_ANSWER_BYTES);
    assert_int_equal(hand(0, &answer, 60 * S, &none), 0);
    talk(1, 60 * S);
    talk(0, 60 * S);
}

/* The callee renews where the caller has restarted and calls: not to be answered. */
static void renewals_of_what_is_not_there_are_refused(void **state)
{
    (void)state;
    struct sent none;
    connect_ends(16, 0);
    talk(0, 0);
    ear_tunnel_renew(&e.tunnels[1]);
    struct sent call = handshake_of(1, 60 * S);
    assert_true(call.len > 0);
    assert_int_equal(ends_call(&e, 60000, 60 * S), 0);
    assert_int_equal(hand(0, &call, 60 * S, &none), -ENOTCONN);
}

/* A renewal from a new address comes to the door first. */
static void renewals_pass_the_door_from_new_addresses(void **state)
{
    (void)state;
    struct sent answer = {.len = EAR_ANSWER_BYTES}, none;
    connect_ends(17, 0);
    talk(0, 0);
    talk(1, 0);
    ear_tunnel_renew(&e.tunnels[0]);
    struct sent call = handshake_of(0, S);
    e.known_clock_ms = e.tunnels[1].peer_clock_ms;
    assert_int_equal(ends_knock(&e, call.data, call.len, S), 0);
    assert_int_equal(e.call.call.connect_len, 0);
    assert_int_equal(ear_tunnel_renew_callee(&e.tunnels[1], &e.call, S, answer.data),
                     EAR_ANSWER_BYTES);
    assert_true(all_zero(&e.call, sizeof e.call));
    assert_int_equal(hand(0, &answer, S, &none), 0);
    talk(0, S);
    talk(1, S);
}

static int start(void **state)
{
    (void)state;
    return ear_sodium_start();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(call_is_up_in_one_round_trip),
        cmocka_unit_test(message_1_is_repeated_every_second),
        cmocka_unit_test(repeated_calls_get_the_same_answer),
        cmocka_unit_test(a_fresh_call_replaces_one_without_answer),
        cmocka_unit_test(whoever_reaches_a_limit_renews),
        cmocka_unit_test(failed_opens_ask_for_a_renewal),
        cmocka_unit_test(limits_of_calls_are_those_promised),
        cmocka_unit_test(answerer_waits_for_the_callers_new_key),
        cmocka_unit_test(old_keys_are_erased_after_three_minutes),
        cmocka_unit_test(crossing_renewals_make_one_key),
        cmocka_unit_test(unheard_keys_are_replaced_and_used_ones_kept),
        cmocka_unit_test(answered_keys_that_nobody_took_up_are_replaced),
        cmocka_unit_test(keys_that_the_other_end_took_up_in_silence_are_kept),
        cmocka_unit_test(a_key_seals_no_more_than_its_limit),
        cmocka_unit_test(a_hundred_thousand_lost_packets_do_no_harm),
        cmocka_unit_test(an_outage_costs_little_and_ends_well),
        cmocka_unit_test(a_new_call_of_the_same_person_belongs_to_the_door),
        cmocka_unit_test(renewals_of_what_is_not_there_are_refused),
        cmocka_unit_test(renewals_pass_the_door_from_new_addresses),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
