/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The relay in virtual time: who is bound, who is forwarded, who is not answered. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "relay/reflect.h"

#define MS ((int64_t)EAR_US_PER_MS)
#define S ((int64_t)EAR_US_PER_S)
#define PROVED_MAX 4096

/* One relay and all who talk to it. Every datagram goes through pass(), which holds the relay to
 * its promises: nothing longer than what asked for it, nothing to those who have not proved
 * themselves. */
struct world {
    struct ear_reflect *reflect;
    int64_t now_us;
    struct ear_reflect_out out[EAR_REFLECT_OUT_MAX];
    struct ear_relay_address proved[PROVED_MAX];
    int proved_count;
};

/* An end with its address. */
struct end {
    struct ear_rendezvous r;
    struct ear_relay_address address;
};

static struct ear_relay_address v4(uint32_t host, uint16_t port)
{
    struct ear_relay_address a = {.port = port};
    a.ip[10] = a.ip[11] = 0xff;
    for (int i = 0; i < 4; i++)
        a.ip[12 + i] = (uint8_t)(host >> (24 - 8 * i));
    return a;
}

static struct ear_relay_address v6(uint64_t network, uint64_t host, uint16_t port)
{
    struct ear_relay_address a = {.port = port};
    for (int i = 0; i < 8; i++) {
        a.ip[i] = (uint8_t)(network >> (56 - 8 * i));
        a.ip[8 + i] = (uint8_t)(host >> (56 - 8 * i));
    }
    return a;
}

static struct world world_with(struct ear_reflect_config config)
{
    struct world w = {.now_us = 1000 * S};
    memset(config.seed, 7, sizeof config.seed);
    assert_int_equal(ear_reflect_new(&w.reflect, &config), 0);
    return w;
}

static bool is_proved(const struct world *w, const struct ear_relay_address *address)
{
    for (int i = 0; i < w->proved_count; i++)
        if (ear_relay_address_equal(&w->proved[i], address))
            return true;
    return false;
}

/* IP and UDP. */
static size_t headers(const struct ear_relay_address *a)
{
    return a->ip[10] == 0xff ? 28 : 48;
}

static int pass(struct world *w, const struct ear_relay_address *from, const uint8_t *data,
                size_t len)
{
    int64_t dropped = 0, dropped_before = 0;
    const struct ear_reflect_counts *c = ear_reflect_counts(w->reflect);
    for (int i = 0; i < EAR_DROP_COUNT; i++)
        dropped_before += c->dropped[i];
    int count = ear_reflect_take(w->reflect, w->now_us, from, data, len, w->out);
    for (int i = 0; i < EAR_DROP_COUNT; i++)
        dropped += c->dropped[i];
    size_t sum = 0, own = 0;
    for (int i = 0; i < count; i++) {
        const struct ear_reflect_out *o = &w->out[i];
        sum += o->len;
        own += o->data == o->own ? o->len + headers(&o->to) : 0;
        if (o->data[0] == EAR_RENDEZVOUS_BOUND && data[0] == EAR_RENDEZVOUS_PROOF && i == 0) {
            assert_true(ear_relay_address_equal(&o->to, from));
            assert_true(w->proved_count < PROVED_MAX);
            if (!is_proved(w, from))
                w->proved[w->proved_count++] = *from;
        }
        bool back = ear_relay_address_equal(&o->to, from);
        bool told = o->data[0] == EAR_RENDEZVOUS_CHALLENGE || o->data[0] == EAR_RENDEZVOUS_FULL;
        assert_true(is_proved(w, &o->to) || (back && told));
    }
    assert_true(sum <= len && own <= len + headers(from));
    /* Whatever is not answered is counted. */
    assert_true(count > 0 || dropped == dropped_before + 1);
    return count;
}

static int64_t dropped(const struct world *w, enum ear_drop why)
{
    return ear_reflect_counts(w->reflect)->dropped[why];
}

static struct end end_at(struct world *w, uint8_t meeting, uint8_t role,
                         struct ear_relay_address address)
{
    struct end e = {.address = address};
    uint8_t secret[EAR_KEY_BYTES] = {0, meeting}; /* X25519 leaves out the lowest bits */
    ear_rendezvous_start(&e.r, secret, role, w->now_us);
    return e;
}

/* Sends what the end wants to send until it wants no more, answers at once. */
static void talk(struct world *w, struct end *e)
{
    uint8_t data[EAR_RENDEZVOUS_BYTES_MAX];
    for (int len; (len = ear_rendezvous_next(&e->r, w->now_us, data)) > 0;) {
        int count = pass(w, &e->address, data, (size_t)len);
        for (int i = 0; i < count; i++)
            if (ear_relay_address_equal(&w->out[i].to, &e->address))
                (void)ear_rendezvous_take(&e->r, w->now_us, w->out[i].data, w->out[i].len);
    }
}

static struct end bound_end(struct world *w, uint8_t meeting, uint8_t role,
                            struct ear_relay_address address)
{
    struct end e = end_at(w, meeting, role, address);
    talk(w, &e);
    assert_int_equal(e.r.state, EAR_RENDEZVOUS_HELD);
    return e;
}

/* Sealed data from one end; true if just that comes to the other. */
static bool reaches(struct world *w, const struct end *from, const struct end *to)
{
    static const uint8_t data[100] = {0x80, 1, 2, 3};
    if (pass(w, &from->address, data, sizeof data) != 1)
        return false;
    assert_ptr_equal(w->out[0].data, data); /* as it came, unread */
    assert_int_equal(w->out[0].len, sizeof data);
    return ear_relay_address_equal(&w->out[0].to, &to->address);
}

static void siphash_agrees_with_its_paper(void **state)
{
    (void)state;
    uint8_t key[EAR_SIPHASH_KEY_BYTES], data[15];
    for (uint8_t i = 0; i < sizeof key; i++)
        key[i] = i;
    for (uint8_t i = 0; i < sizeof data; i++)
        data[i] = i;
    assert_true(ear_siphash(key, data, sizeof data) == 0xa129ca6149be45e5);
    assert_true(ear_siphash(key, data, 0) == 0x726fdb47dd0e0e31);
}

static void bucket_fills_and_flows_back(void **state)
{
    (void)state;
    const struct ear_quota quota = {.per_minute = 60, .burst = 5};
    struct ear_bucket bucket = {0};
    int64_t now = 5 * S;
    for (int i = 0; i < 5; i++)
        assert_true(ear_bucket_take(&bucket, &quota, now, 1));
    assert_false(ear_bucket_take(&bucket, &quota, now, 1));
    assert_false(ear_bucket_take(&bucket, &quota, now + S - 1, 1));
    assert_true(ear_bucket_take(&bucket, &quota, now + S, 1));
    assert_false(ear_bucket_take(&bucket, &quota, now + S, 1));
    assert_false(ear_bucket_take(&bucket, &quota, now, 1)); /* time that goes back gives nothing */
    assert_true(ear_bucket_take(&bucket, &quota, now + 400 * 86400 * S, 5));
    assert_false(ear_bucket_take(&bucket, &quota, now + 400 * 86400 * S, 6));
    int taken = 0;
    for (int64_t t = 0; t < 60 * S; t += S / 20)
        taken += ear_bucket_take(&bucket, &quota, now + 500 * 86400 * S + t, 1);
    assert_in_range(taken, 64, 65);
}

static void networks_are_counted_as_one_address(void **state)
{
    (void)state;
    struct ear_limits_config config = {.networks = 256};
    for (int i = 0; i < EAR_LIMIT_COUNT; i++)
        config.address[i] = config.total[i] = (struct ear_quota){60, 10};
    struct ear_limits *limits;
    assert_int_equal(ear_limits_new(&limits, &config), 0);
    struct ear_relay_address a = v6(0x20010db8, 1, 5), b = v6(0x20010db8, 2, 9),
                             c = v6(0x20010db9, 1, 5), d = v4(0x0a000001, 1), e = v4(0x0a000001, 2),
                             f = v4(0x0a000002, 1);
    assert_int_equal(ear_limits_find(limits, &a, 1), ear_limits_find(limits, &b, 1));
    assert_int_not_equal(ear_limits_find(limits, &a, 1), ear_limits_find(limits, &c, 1));
    assert_int_equal(ear_limits_find(limits, &d, 1), ear_limits_find(limits, &e, 1));
    assert_int_not_equal(ear_limits_find(limits, &d, 1), ear_limits_find(limits, &f, 1));
    /* Who holds something is never forgotten, whoever else comes; the others make room. */
    uint32_t held = ear_limits_find(limits, &a, 1);
    ear_limits_hold(limits, held);
    for (uint32_t i = 0; i < 100000; i++) {
        struct ear_relay_address passing = v4(i, 1);
        assert_int_not_equal(ear_limits_find(limits, &passing, 2 + i), held);
    }
    assert_int_equal(ear_limits_find(limits, &a, 200000), held);
    assert_int_equal(ear_limits_held(limits, held), 1);
    /* When all within reach hold something there is no place. */
    int nowhere = 0;
    for (uint32_t i = 0; i < 1000; i++) {
        struct ear_relay_address keeper = v4(i, 1);
        uint32_t where = ear_limits_find(limits, &keeper, 300000);
        if (where == EAR_LIMITS_NOWHERE)
            nowhere++;
        else
            ear_limits_hold(limits, where);
    }
    assert_int_equal(nowhere, 1000 - 255);
    ear_limits_free(limits);
}

static void two_ends_are_bound_and_forwarded(void **state)
{
    (void)state;
    struct world w = world_with(ear_reflect_usual);
    struct end a = bound_end(&w, 1, 0, v4(0x0a000001, 5000));
    assert_false(a.r.other_there);
    struct end b = bound_end(&w, 1, 1, v6(0x20010db8, 7, 6000));
    assert_true(b.r.other_there);
    /* The one who waited was told too. */
    assert_true(ear_relay_address_equal(&w.out[1].to, &a.address));
    assert_int_equal(ear_rendezvous_take(&a.r, w.now_us, w.out[1].data, w.out[1].len), 0);
    assert_true(a.r.other_there);
    assert_true(reaches(&w, &a, &b));
    assert_true(reaches(&w, &b, &a));
    /* All that is not the relay's own goes through, of any length. */
    uint8_t data[548];
    for (int first = 0; first < 256; first++) {
        memset(data, first, sizeof data);
        size_t len = 1 + (size_t)first * 2;
        w.now_us += S;
        int count = pass(&w, &a.address, data, len);
        assert_int_equal(count, first >= 0x20 && first <= 0x2f ? 0 : 1);
        if (count == 1) {
            assert_ptr_equal(w.out[0].data, data);
            assert_int_equal(w.out[0].len, len);
            assert_true(ear_relay_address_equal(&w.out[0].to, &b.address));
        }
    }
    assert_int_equal(pass(&w, &a.address, data, 0), 0);
    assert_int_equal(ear_reflect_bindings(w.reflect), 1);
    ear_reflect_free(w.reflect);
}

static void a_waiting_end_is_forwarded_nowhere(void **state)
{
    (void)state;
    struct world w = world_with(ear_reflect_usual);
    struct end a = bound_end(&w, 1, 0, v4(0x0a000001, 5000));
    struct end other = bound_end(&w, 2, 0, v4(0x0a000002, 5000));
    assert_false(reaches(&w, &a, &other));
    assert_int_equal(dropped(&w, EAR_DROP_ALONE), 1);
    ear_reflect_free(w.reflect);
}

static void strangers_get_silence_but_for_the_challenge(void **state)
{
    (void)state;
    struct world w = world_with(ear_reflect_usual);
    struct end a = bound_end(&w, 1, 0, v4(0x0a000001, 5000));
    struct end b = bound_end(&w, 1, 1, v4(0x0a000002, 5000));
    const uint64_t seed = 11;
    struct ear_random random = ear_random_seeded(seed);
    print_message("seed %llu\n", (unsigned long long)seed);
    int challenges = 0;
    for (int i = 0; i < 100000; i++) {
        uint8_t data[80];
        struct ear_relay_address from = v4((uint32_t)ear_random_u64(&random), 1);
        for (size_t j = 0; j < sizeof data; j++)
            data[j] = (uint8_t)ear_random_u64(&random);
        size_t len = ear_random_below(&random, sizeof data);
        if (i % 2 && len > 1) {
            data[0] = (uint8_t)(0x20 + ear_random_below(&random, 6));
            data[1] = EAR_RENDEZVOUS_VERSION;
        }
        if (i % 10 == 1) {
            data[0] = EAR_RENDEZVOUS_BIND;
            memset(data + 34, 0, 24);
            len = 58;
        }
        w.now_us += MS;
        int count = pass(&w, &from, data, len);
        assert_true(count == 0 || (count == 1 && w.out[0].data[0] == EAR_RENDEZVOUS_CHALLENGE &&
                                   data[0] == EAR_RENDEZVOUS_BIND && len == 58));
        challenges += count;
    }
    assert_in_range(challenges, 9000, 11000);
    assert_int_equal(ear_reflect_bindings(w.reflect), 1);
    assert_true(reaches(&w, &a, &b));
    ear_reflect_free(w.reflect);
}

static void an_end_that_moves_takes_its_call_along(void **state)
{
    (void)state;
    struct world w = world_with(ear_reflect_usual);
    struct end a = bound_end(&w, 1, 0, v4(0x0a000001, 5000));
    struct end b = bound_end(&w, 1, 1, v4(0x0a000002, 5000));
    for (uint16_t port = 5001; port < 5010; port++) {
        struct end before = a;
        w.now_us += 3 * S;
        a.address.port = port;
        assert_false(reaches(&w, &a, &b));
        ear_rendezvous_doubt(&a.r, w.now_us);
        for (int i = 0; i < 20 && a.r.state != EAR_RENDEZVOUS_ASKING; i++) {
            talk(&w, &a);
            w.now_us += 500 * MS;
        }
        talk(&w, &a);
        assert_int_equal(a.r.state, EAR_RENDEZVOUS_HELD);
        assert_true(a.r.other_there);
        assert_true(reaches(&w, &a, &b));
        assert_true(reaches(&w, &b, &a));
        assert_false(reaches(&w, &before, &b));
    }
    assert_int_equal(ear_reflect_counts(w.reflect)->moves, 9);
    assert_int_equal(ear_reflect_bindings(w.reflect), 1);
    ear_reflect_free(w.reflect);
}

/* Does all but know the secret; keeps the last PROOF for those who replay it. */
static size_t spy_on_proof(struct world *w, struct end *e, uint8_t data[EAR_RENDEZVOUS_BYTES_MAX])
{
    int len = ear_rendezvous_next(&e->r, w->now_us, data);
    assert_int_equal(pass(w, &e->address, data, (size_t)len), 1);
    assert_int_equal(ear_rendezvous_take(&e->r, w->now_us, w->out[0].data, w->out[0].len), 0);
    len = ear_rendezvous_next(&e->r, w->now_us, data);
    assert_int_equal(data[0], EAR_RENDEZVOUS_PROOF);
    assert_true(pass(w, &e->address, data, (size_t)len) > 0);
    assert_int_equal(ear_rendezvous_take(&e->r, w->now_us, w->out[0].data, w->out[0].len), 0);
    return (size_t)len;
}

static void a_listener_cannot_take_a_place(void **state)
{
    (void)state;
    struct world w = world_with(ear_reflect_usual);
    struct end b = bound_end(&w, 1, 1, v4(0x0a000002, 5000));
    struct end a = end_at(&w, 1, 0, v4(0x0a000001, 5000)), thief = a;
    uint8_t proof[EAR_RENDEZVOUS_BYTES_MAX], data[EAR_RENDEZVOUS_BYTES_MAX];
    size_t len = spy_on_proof(&w, &a, proof);
    thief.address = v4(0x0a000666, 5000);

    /* What was seen, from another address. */
    w.now_us += S;
    assert_int_equal(pass(&w, &thief.address, proof, len), 0);
    assert_int_equal(dropped(&w, EAR_DROP_COOKIE), 1);
    /* With a cookie of his own and the token, but without the secret; for either place. */
    int bind = ear_rendezvous_next(&thief.r, w.now_us, data);
    assert_int_equal(pass(&w, &thief.address, data, (size_t)bind), 1);
    struct ear_rendezvous_message challenge, forged;
    assert_int_equal(ear_rendezvous_parse(w.out[0].data, w.out[0].len, &challenge), 0);
    assert_int_equal(ear_rendezvous_parse(proof, len, &forged), 0);
    memcpy(forged.cookie, challenge.cookie, sizeof forged.cookie);
    for (forged.role = 0; forged.role < 2; forged.role++) {
        assert_int_equal(ear_rendezvous_build(&forged, data, sizeof data), (int)len);
        assert_int_equal(pass(&w, &thief.address, data, len), 0);
    }
    assert_int_equal(dropped(&w, EAR_DROP_PROOF), 2);
    assert_true(reaches(&w, &b, &a));

    /* The owner moves on; what he sent before, replayed from where he was, moves nothing back. */
    struct end moved = end_at(&w, 1, 0, v4(0x0a000003, 5000));
    talk(&w, &moved);
    assert_int_equal(moved.r.state, EAR_RENDEZVOUS_HELD);
    w.now_us += S;
    assert_int_equal(pass(&w, &a.address, proof, len), 0);
    assert_int_equal(dropped(&w, EAR_DROP_STALE), 1);
    assert_true(reaches(&w, &b, &moved));
    /* And soon the cookie is too old altogether. */
    w.now_us += 20 * S;
    assert_int_equal(pass(&w, &a.address, proof, len), 0);
    assert_int_equal(dropped(&w, EAR_DROP_COOKIE), 2);
    ear_reflect_free(w.reflect);
}

static void a_repeated_proof_is_answered_again(void **state)
{
    (void)state;
    struct world w = world_with(ear_reflect_usual);
    struct end a = end_at(&w, 1, 0, v4(0x0a000001, 5000));
    uint8_t proof[EAR_RENDEZVOUS_BYTES_MAX];
    size_t len = spy_on_proof(&w, &a, proof);
    w.now_us += 2 * S;
    assert_int_equal(pass(&w, &a.address, proof, len), 1);
    assert_int_equal(w.out[0].data[0], EAR_RENDEZVOUS_BOUND);
    assert_int_equal(ear_reflect_counts(w.reflect)->bindings_made, 1);
    assert_int_equal(ear_reflect_counts(w.reflect)->moves, 0);
    ear_reflect_free(w.reflect);
}

static void another_version_is_told_ours(void **state)
{
    (void)state;
    struct world w = world_with(ear_reflect_usual);
    struct end a = end_at(&w, 1, 0, v4(0x0a000001, 5000));
    uint8_t data[EAR_RENDEZVOUS_BYTES_MAX];
    int len = ear_rendezvous_next(&a.r, w.now_us, data);
    data[1] = 99;
    assert_int_equal(pass(&w, &a.address, data, (size_t)len), 1);
    assert_int_equal(w.out[0].data[0], EAR_RENDEZVOUS_CHALLENGE);
    assert_int_equal(w.out[0].data[1], EAR_RENDEZVOUS_VERSION);
    ear_reflect_free(w.reflect);
}

static void silence_of_five_minutes_is_forgotten(void **state)
{
    (void)state;
    struct world w = world_with(ear_reflect_usual);
    struct end a = bound_end(&w, 1, 0, v4(0x0a000001, 5000));
    struct end b = bound_end(&w, 1, 1, v4(0x0a000002, 5000));
    w.now_us += 299 * S;
    ear_reflect_expire(w.reflect, w.now_us);
    assert_true(reaches(&w, &a, &b));
    /* Exactly, even if nobody looks: b was last heard 300 s ago, a just now. */
    w.now_us += S;
    assert_false(reaches(&w, &a, &b));
    assert_int_equal(dropped(&w, EAR_DROP_ALONE), 1);
    assert_false(reaches(&w, &b, &a));
    assert_int_equal(dropped(&w, EAR_DROP_STRANGER), 1);
    assert_int_equal(ear_reflect_bindings(w.reflect), 1);
    w.now_us += 299 * S;
    ear_reflect_expire(w.reflect, w.now_us);
    assert_int_equal(ear_reflect_bindings(w.reflect), 1);
    w.now_us += S;
    ear_reflect_expire(w.reflect, w.now_us);
    assert_int_equal(ear_reflect_bindings(w.reflect), 0);
    assert_int_equal(ear_reflect_counts(w.reflect)->bindings_forgotten, 1);
    assert_false(reaches(&w, &a, &b));
    ear_reflect_free(w.reflect);
}

static void keeping_holds_a_place_for_hours(void **state)
{
    (void)state;
    struct world w = world_with(ear_reflect_usual);
    struct end a = bound_end(&w, 1, 0, v4(0x0a000001, 5000));
    struct end b = bound_end(&w, 1, 1, v4(0x0a000002, 5000));
    int64_t in = ear_reflect_counts(w.reflect)->in_datagrams;
    for (int second = 0; second < 6 * 3600; second++) {
        w.now_us += S;
        talk(&w, &a);
        if (second < 1800)
            talk(&w, &b);
        ear_reflect_expire(w.reflect, w.now_us);
        if (second == 1800 + 30)
            assert_true(a.r.other_there);
    }
    assert_int_equal(a.r.state, EAR_RENDEZVOUS_HELD);
    assert_false(a.r.other_there);
    assert_int_equal(ear_reflect_counts(w.reflect)->in_datagrams - in, 6 * 240 + 120);
    assert_false(reaches(&w, &a, &b));
    talk(&w, &b); /* its place is gone: asks, and takes it again */
    for (int i = 0; i < 3 && b.r.state != EAR_RENDEZVOUS_ASKING; i++) {
        w.now_us += S;
        talk(&w, &b);
    }
    assert_true(b.r.other_there);
    assert_true(reaches(&w, &a, &b));
    ear_reflect_free(w.reflect);
}

/* Sends for some seconds, 20 datagrams a second; returns the kbit/s that came through. */
static double rate_through(struct world *w, const struct end *from, size_t len, int seconds)
{
    uint8_t data[548] = {0x80};
    int through = 0;
    for (int i = 0; i < seconds * 20; i++) {
        through += pass(w, &from->address, data, len);
        w->now_us += S / 20;
    }
    return (double)through * (double)(len + 28) * 8 / 1000 / seconds;
}

static void a_call_has_its_rate_and_no_more(void **state)
{
    (void)state;
    struct world w = world_with(ear_reflect_usual);
    struct end a = bound_end(&w, 1, 0, v4(0x0a000001, 5000));
    struct end b = bound_end(&w, 1, 1, v4(0x0a000002, 5000));
    double rate = rate_through(&w, &a, 372, 60); /* exactly 64 kbit/s */
    assert_true(rate > 63.9 && rate < 64.1);
    assert_int_equal(dropped(&w, EAR_DROP_CALL), 0);
    w.now_us += 10 * S;
    rate = rate_through(&w, &a, 548, 60); /* 92 kbit/s, with 2 s at once */
    assert_true(rate > 63.5 && rate < 67);
    assert_true(dropped(&w, EAR_DROP_CALL) > 300);
    /* The way back has a rate of its own, and a move brings no new one. */
    assert_true(reaches(&w, &b, &a));
    uint8_t data[548] = {0x80};
    while (pass(&w, &a.address, data, sizeof data))
        ;
    a = bound_end(&w, 1, 0, v4(0x0a000003, 5000));
    assert_int_equal(pass(&w, &a.address, data, sizeof data), 0);
    ear_reflect_free(w.reflect);
}

static void an_address_and_the_whole_have_their_rates(void **state)
{
    (void)state;
    struct ear_reflect_config config = ear_reflect_usual;
    config.total_bps = 2000000;
    struct world w = world_with(config);
    enum { CALLS = 40 };
    struct end near[CALLS], far[CALLS];
    for (uint8_t i = 0; i < CALLS; i++) {
        near[i] = bound_end(&w, i, 0, v4(0x0a000001, (uint16_t)(5000 + i)));
        far[i] = bound_end(&w, i, 1, v4(0x0b000000 + (uint32_t)i, 5000));
    }
    uint8_t data[372] = {0x80};
    int64_t through = 0, back = 0;
    for (int i = 0; i < 60 * 20; i++) {
        for (int j = 0; j < CALLS; j++)
            through += pass(&w, &near[j].address, data, sizeof data);
        w.now_us += S / 20;
    }
    /* 40 calls of 64 kbit/s from one address: it may have 16 of them, and 2 s at once. */
    double rate = (double)through * 400 * 8 / 1000 / 60;
    assert_true(rate > 1020 && rate < 1070);
    assert_true(dropped(&w, EAR_DROP_ADDRESS) > 0);
    assert_int_equal(dropped(&w, EAR_DROP_TOTAL), 0);
    /* 40 from 40 addresses are 2.56 Mbit/s: the whole may have 2. */
    w.now_us += 10 * S;
    for (int i = 0; i < 60 * 20; i++) {
        for (int j = 0; j < CALLS; j++)
            back += pass(&w, &far[j].address, data, sizeof data);
        w.now_us += S / 20;
    }
    rate = (double)back * 400 * 8 / 1000 / 60;
    assert_true(rate > 1980 && rate < 2030);
    assert_true(dropped(&w, EAR_DROP_TOTAL) > 0);
    ear_reflect_free(w.reflect);
}

static void a_full_table_says_so_and_serves_who_is_in_it(void **state)
{
    (void)state;
    struct ear_reflect_config config = ear_reflect_usual;
    config.max_bindings = 3;
    struct world w = world_with(config);
    struct end a = bound_end(&w, 0, 0, v4(0x0a000001, 5000));
    for (uint8_t i = 1; i < 3; i++)
        (void)bound_end(&w, i, 0, v4(0x0a000001 + (uint32_t)i, 5000));
    struct end late = end_at(&w, 9, 0, v4(0x0a000009, 5000));
    talk(&w, &late);
    assert_int_equal(late.r.state, EAR_RENDEZVOUS_REFUSED);
    assert_int_equal(late.r.refusal, EAR_RENDEZVOUS_NO_ROOM);
    assert_int_equal(dropped(&w, EAR_DROP_FULL), 1);
    struct end b = bound_end(&w, 0, 1, v4(0x0a000010, 5000));
    assert_true(reaches(&w, &a, &b));
    w.now_us += 300 * S;
    talk(&w, &late);
    assert_int_equal(late.r.state, EAR_RENDEZVOUS_HELD);
    assert_int_equal(ear_reflect_bindings(w.reflect), 1);
    ear_reflect_free(w.reflect);
}

static void one_address_cannot_fill_the_table(void **state)
{
    (void)state;
    struct ear_reflect_config config = ear_reflect_usual;
    config.per_address = 4;
    struct world w = world_with(config);
    for (uint8_t i = 0; i < 10; i++) {
        struct end e = end_at(&w, i, 0, v6(0x20010db8, i, 5000));
        w.now_us += 10 * S;
        talk(&w, &e);
        assert_int_equal(e.r.state, i < 4 ? EAR_RENDEZVOUS_HELD : EAR_RENDEZVOUS_REFUSED);
        if (i >= 4)
            assert_int_equal(e.r.refusal, EAR_RENDEZVOUS_CROWDED);
    }
    assert_int_equal(ear_reflect_bindings(w.reflect), 4);
    /* Who has a place may move within the address; another address is not concerned. */
    (void)bound_end(&w, 2, 0, v6(0x20010db8, 77, 5000));
    (void)bound_end(&w, 2, 1, v6(0x20010db9, 1, 5000));
    /* What is forgotten is given back. */
    w.now_us += 300 * S;
    ear_reflect_expire(w.reflect, w.now_us);
    for (uint8_t i = 0; i < 4; i++)
        (void)bound_end(&w, i, 0, v6(0x20010db8, i, 5000));
    ear_reflect_free(w.reflect);
}

static void those_who_ask_too_much_are_not_answered(void **state)
{
    (void)state;
    struct world w = world_with(ear_reflect_usual);
    struct end a = end_at(&w, 1, 0, v4(0x0a000001, 5000));
    uint8_t bind[EAR_RENDEZVOUS_BYTES_MAX], proof[EAR_RENDEZVOUS_BYTES_MAX];
    struct end copy = a;
    int bind_len = ear_rendezvous_next(&copy.r, w.now_us, bind);
    size_t proof_len = spy_on_proof(&w, &a, proof);
    int answered = 0;
    for (int i = 0; i < 10 * 1000; i++) {
        answered += pass(&w, &a.address, bind, (size_t)bind_len);
        w.now_us += MS;
    }
    assert_in_range(answered, 298, 301); /* 100 at once, 20 a second */
    answered = 0;
    for (int i = 0; i < 1000; i++)
        answered += pass(&w, &a.address, proof, proof_len);
    assert_in_range(answered, 99, 100);
    /* From everywhere: 5000 a second. */
    w.now_us += 60 * S;
    answered = 0;
    for (uint32_t i = 0; i < 20000; i++) {
        struct ear_relay_address from = v4(i, 1);
        answered += pass(&w, &from, bind, (size_t)bind_len);
    }
    assert_int_equal(answered, 5000);
    assert_int_equal(dropped(&w, EAR_DROP_TOTAL), 15000);
    ear_reflect_free(w.reflect);
}

static void new_bindings_have_a_rate(void **state)
{
    (void)state;
    struct ear_reflect_config config = ear_reflect_usual;
    config.per_address = 5;
    struct world w = world_with(config);
    struct end last = {0};
    int made = 0;
    /* Each binds, moves away to make room at its first address, and another comes. */
    for (uint8_t i = 0; i < 20; i++) {
        last = end_at(&w, i, 0, v4(0x0a000001, 5000));
        talk(&w, &last);
        made += last.r.state == EAR_RENDEZVOUS_HELD;
        if (last.r.state == EAR_RENDEZVOUS_HELD) {
            w.now_us += 2 * MS;
            (void)bound_end(&w, i, 0, v4(0x0b000000 + (uint32_t)i, 5000));
        }
    }
    assert_int_equal(made, 5);
    assert_true(dropped(&w, EAR_DROP_ADDRESS) > 0);
    /* Not told no: it asks again, and one a second is let in. */
    for (int i = 0; i < 40 && last.r.state != EAR_RENDEZVOUS_HELD; i++) {
        w.now_us += 500 * MS;
        talk(&w, &last);
    }
    assert_int_equal(last.r.state, EAR_RENDEZVOUS_HELD);
    ear_reflect_free(w.reflect);
}

static void an_address_speaks_from_the_place_it_took_last(void **state)
{
    (void)state;
    struct world w = world_with(ear_reflect_usual);
    struct ear_relay_address one = v4(0x0a000001, 5000);
    struct end a1 = bound_end(&w, 1, 0, one), a2 = bound_end(&w, 2, 0, one);
    struct end b1 = bound_end(&w, 1, 1, v4(0x0a000002, 5000));
    struct end b2 = bound_end(&w, 2, 1, v4(0x0a000003, 5000));
    assert_true(reaches(&w, &b1, &a1)); /* hears from both */
    assert_true(reaches(&w, &b2, &a2));
    assert_true(reaches(&w, &a2, &b2));
    w.now_us += 15 * S;
    talk(&w, &a1); /* holds its other place too, but does not speak from there */
    assert_int_equal(a1.r.state, EAR_RENDEZVOUS_HELD);
    assert_true(reaches(&w, &a1, &b2));
    w.now_us += S;
    a1 = bound_end(&w, 1, 0, one);
    assert_true(reaches(&w, &a1, &b1));
    assert_int_equal(ear_reflect_bindings(w.reflect), 2);
    ear_reflect_free(w.reflect);
}

static void nobody_is_bound_to_himself(void **state)
{
    (void)state;
    struct world w = world_with(ear_reflect_usual);
    struct ear_relay_address one = v4(0x0a000001, 5000);
    struct end first = bound_end(&w, 1, 0, one);
    w.now_us += S;
    struct end second = bound_end(&w, 1, 1, one);
    assert_false(second.r.other_there);
    assert_false(reaches(&w, &second, &first));
    assert_int_equal(dropped(&w, EAR_DROP_ALONE), 1);
    ear_reflect_free(w.reflect);
}

static void nonsense_configs_are_refused(void **state)
{
    (void)state;
    struct ear_reflect *reflect = NULL;
    struct ear_reflect_config config = ear_reflect_usual;
    config.max_bindings = 0;
    assert_int_equal(ear_reflect_new(&reflect, &config), -EINVAL);
    config = ear_reflect_usual;
    config.per_address = 0;
    assert_int_equal(ear_reflect_new(&reflect, &config), -EINVAL);
    config = ear_reflect_usual;
    config.total_bps = config.call_bps - 1;
    assert_int_equal(ear_reflect_new(&reflect, &config), -EINVAL);
    assert_null(reflect);
    ear_reflect_free(NULL);
}

/* A small relay and many ends that come, move and fall silent: nothing is lost or left over. */
static void a_crowd_leaves_nothing_behind(void **state)
{
    (void)state;
    enum { ENDS = 120, ROUNDS = 20000 };
    struct ear_reflect_config config = ear_reflect_usual;
    config.max_bindings = 40;
    struct world w = world_with(config);
    const uint64_t seed = 23;
    struct ear_random random = ear_random_seeded(seed);
    print_message("seed %llu\n", (unsigned long long)seed);
    struct end *ends = calloc(ENDS, sizeof *ends);
    assert_non_null(ends);
    for (uint8_t i = 0; i < ENDS; i++)
        ends[i] = end_at(&w, i / 2, i % 2, v4(0x0a000000 + (uint32_t)i, 5000));
    for (int round = 0; round < ROUNDS; round++) {
        struct end *e = &ends[ear_random_below(&random, ENDS)];
        uint32_t what = ear_random_below(&random, 100);
        if (what == 0)
            e->address = v4(0x0a000000 + ear_random_below(&random, ENDS), 5000);
        uint8_t data[40] = {0x80};
        if (what < 50)
            (void)pass(&w, &e->address, data, sizeof data);
        else
            talk(&w, e);
        if (what == 1)
            ear_reflect_expire(w.reflect, w.now_us);
        w.now_us += ear_random_below(&random, 2 * EAR_US_PER_S);
        assert_true(ear_reflect_bindings(w.reflect) <= config.max_bindings);
    }
    const struct ear_reflect_counts *c = ear_reflect_counts(w.reflect);
    assert_true(c->moves > 10 && c->bindings_made > 100);
    w.now_us += 300 * S;
    ear_reflect_expire(w.reflect, w.now_us);
    assert_int_equal(ear_reflect_bindings(w.reflect), 0);
    assert_int_equal(c->bindings_made, c->bindings_forgotten);
    free(ends);
    ear_reflect_free(w.reflect);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(siphash_agrees_with_its_paper),
        cmocka_unit_test(bucket_fills_and_flows_back),
        cmocka_unit_test(networks_are_counted_as_one_address),
        cmocka_unit_test(two_ends_are_bound_and_forwarded),
        cmocka_unit_test(a_waiting_end_is_forwarded_nowhere),
        cmocka_unit_test(strangers_get_silence_but_for_the_challenge),
        cmocka_unit_test(an_end_that_moves_takes_its_call_along),
        cmocka_unit_test(a_listener_cannot_take_a_place),
        cmocka_unit_test(a_repeated_proof_is_answered_again),
        cmocka_unit_test(another_version_is_told_ours),
        cmocka_unit_test(silence_of_five_minutes_is_forgotten),
        cmocka_unit_test(keeping_holds_a_place_for_hours),
        cmocka_unit_test(a_call_has_its_rate_and_no_more),
        cmocka_unit_test(an_address_and_the_whole_have_their_rates),
        cmocka_unit_test(a_full_table_says_so_and_serves_who_is_in_it),
        cmocka_unit_test(one_address_cannot_fill_the_table),
        cmocka_unit_test(those_who_ask_too_much_are_not_answered),
        cmocka_unit_test(new_bindings_have_a_rate),
        cmocka_unit_test(an_address_speaks_from_the_place_it_took_last),
        cmocka_unit_test(nobody_is_bound_to_himself),
        cmocka_unit_test(nonsense_configs_are_refused),
        cmocka_unit_test(a_crowd_leaves_nothing_behind),
    };
    if (ear_sodium_start() < 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
