/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The steps that tests of tunnels take: call, hand over, talk, renew. After cmocka.h. */
#ifndef EAR_TUNNEL_STEPS_H
#define EAR_TUNNEL_STEPS_H

#include <string.h>

#include "../fake/ends.h"

#define S ((int64_t)EAR_US_PER_S)
#define CAP 600

static struct ends e;

struct sent {
    uint8_t data[CAP];
    size_t len;
};

static inline struct sent handshake_of(int end, int64_t now_us)
{
    struct sent s = {.len = 0};
    s.len = ear_tunnel_next_handshake(&e.tunnels[end], now_us, s.data);
    return s;
}

/* Hands a handshake's message to an end; *reply is what it answers. */
static inline int hand(int end, const struct sent *s, int64_t now_us, struct sent *reply)
{
    const struct ear_bytes datagram = {s->data, s->len};
    int r = ear_tunnel_take_handshake(&e.tunnels[end], &datagram, now_us, reply->data);
    reply->len = r > 0 ? (size_t)r : 0;
    return r;
}

static inline struct sent sealed_by(int end, enum ear_class class)
{
    struct sent s;
    int len = ear_tunnel_seal(&e.tunnels[end], class, (const uint8_t *)"words", 5, s.data, CAP);
    assert_true(len > 0);
    s.len = (size_t)len;
    return s;
}

static struct ear_opened opened;

static inline int open_by(int end, const struct sent *s, int64_t now_us)
{
    uint8_t body[CAP];
    const struct ear_bytes datagram = {s->data, s->len};
    int r = ear_tunnel_open(&e.tunnels[end], &datagram, now_us, body, sizeof body, &opened);
    if (r >= 0)
        assert_memory_equal(body, "words", 5);
    return r;
}

static inline void talk(int from, int64_t now_us)
{
    for (int class = 0; class <= 1; class ++) {
        struct sent s = sealed_by(from, (enum ear_class) class);
        assert_int_equal(open_by(1 - from, &s, now_us), 5);
        assert_true(opened.newest && (int)opened.class == class);
    }
}

/* A call at time 0, answered at once. */
static inline void connect_ends(uint64_t seed, int lower)
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
static inline bool renew(int end, int64_t now_us)
{
    struct sent call = handshake_of(end, now_us), answer, none;
    if (call.len == 0)
        return false;
    assert_int_equal(call.len, EAR_CALL_BYTES);
    assert_int_equal(hand(1 - end, &call, now_us, &answer), EAR_ANSWER_BYTES);
    assert_int_equal(hand(end, &answer, now_us, &none), 0);
    return true;
}

static inline bool all_zero(const void *data, size_t len)
{
    const uint8_t *bytes = data;
    for (size_t i = 0; i < len; i++)
        if (bytes[i])
            return false;
    return true;
}

#endif
