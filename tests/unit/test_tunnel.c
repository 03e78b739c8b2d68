/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calls, renewals, crossings, outages and forgeries, step by step. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../fake/ends.h"

#define S ((int64_t)EAR_US_PER_S)
#define CAP 600

static struct ends e;

struct sent {
    uint8_t data[CAP];
    size_t len;
};

static struct sent handshake_of(int end, int64_t now_us)
{
    struct sent s = {.len = 0};
    s.len = ear_tunnel_next_handshake(&e.tunnels[end], now_us, s.data);
    return s;
}

/* Hands a handshake's message to an end; *reply is what it answers. */
static int hand(int end, const struct sent *s, int64_t now_us, struct sent *reply)
{
    const struct ear_bytes datagram = {s->data, s->len};
    int r = ear_tunnel_take_handshake(&e.tunnels[end], &datagram, now_us, reply->data);
    reply->len = r > 0 ? (size_t)r : 0;
    return r;
}

static struct sent sealed_by(int end, enum ear_class class)
{
    struct sent s;
    int len = ear_tunnel_seal(&e.tunnels[end], class, (const uint8_t *)"words", 5, s.data, CAP);
    assert_true(len > 0);
    s.len = (size_t)len;
    return s;
}

static struct ear_opened opened;

static int open_by(int end, const struct sent *s, int64_t now_us)
{
    uint8_t body[CAP];
    const struct ear_bytes datagram = {s->data, s->len};
    int r = ear_tunnel_open(&e.tunnels[end], &datagram, now_us, body, sizeof body, &opened);
    if (r >= 0)
        assert_memory_equal(body, "words", 5);
    return r;
}

static void talk(int from, int64_t now_us)
{
    for (int class = 0; class <= 1; class ++) {
        struct sent s = sealed_by(from, (enum ear_class) class);
        assert_int_equal(open_by(1 - from, &s, now_us), 5);
        assert_true(opened.newest && (int)opened.class == class);
    }
}

/* A call at time 0, answered at once. */
static void connect_ends(uint64_t seed, int lower)
{
    struct sent answer = {.len = EAR_ANSWER_BYTES}, none;
    ends_init(&e, seed, lower);
    assert_int_equal(ends_call(&e, 5000, 0), 0);
    struct sent call = handshake_of(0, 0);
    assert_int_equal(call.len, EAR_CALL_BYTES + strlen(ENDS_CONNECT));
    assert_int_equal(ends_knock(&e, call.data, call.len, 0), 0);
    assert_int_equal(e.call.call.connect_len, strlen(ENDS_CONNECT));
    assert_memory_equal(e.call.call.connect, ENDS_CONNECT, strlen(ENDS_CONNECT));
    assert_memory_equal(e.call.peer, e.keys[0].public, EAR_KEY_BYTES);
    assert_int_equal(ends_accept(&e, 0, answer.data), EAR_ANSWER_BYTES);
    assert_int_equal(hand(0, &answer, 0, &none), 0);
}

/* An end renews all of it in no time; says whether it had to. */
static bool renew(int end, int64_t now_us)
{
    struct sent call = handshake_of(end, now_us), answer, none;
    if (call.len == 0)
        return false;
    assert_int_equal(call.len, EAR_CALL_BYTES);
    assert_int_equal(hand(1 - end, &call, now_us, &answer), EAR_ANSWER_BYTES);
    assert_int_equal(hand(end, &answer, now_us, &none), 0);
    return true;
}

static bool all_zero(const void *data, size_t len)
{
    const uint8_t *bytes = data;
    for (size_t i = 0; i < len; i++)
        if (bytes[i])
            return false;
    return true;
}

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
