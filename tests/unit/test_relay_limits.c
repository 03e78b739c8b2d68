/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rates, quotas and full tables of the relay, in virtual time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "relay_world.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bucket_fills_and_flows_back),
        cmocka_unit_test(networks_are_counted_as_one_address),
        cmocka_unit_test(a_call_has_its_rate_and_no_more),
        cmocka_unit_test(an_address_and_the_whole_have_their_rates),
        cmocka_unit_test(a_full_table_says_so_and_serves_who_is_in_it),
        cmocka_unit_test(one_address_cannot_fill_the_table),
        cmocka_unit_test(those_who_ask_too_much_are_not_answered),
        cmocka_unit_test(new_bindings_have_a_rate),
    };
    if (ear_sodium_start() < 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
