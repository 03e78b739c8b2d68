/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two ends of a link: chance, addresses, counters, and what each named link is. */
#include "link_bench.h"

#include <errno.h>

static const char everything[] = "delay = 100 ms\njitter = 30 ms\nrate = 64 kbit/s\n"
                                 "cross = 20 kbit/s\nloss = 3 %\nburst = 2 % of 3 datagrams\n"
                                 "fade = 100 ms every 3 s\nspike = 200 ms every 5 s\n"
                                 "stall = 300-600 ms every 9 s\noutage = 1-2 s every 15 s\n"
                                 "duplicate = 1 %\nreorder = 1 %";

static bool same_fate(const struct bench *a, const struct bench *b)
{
    return memcmp(a->arrived_us, b->arrived_us, sizeof a->arrived_us) == 0 &&
           memcmp(a->second_us, b->second_us, sizeof a->second_us) == 0;
}

static void same_seed_same_fate(void **state)
{
    (void)state;
    struct bench *a = bench_of(everything, SEED), *b = bench_of(everything, SEED),
                 *c = bench_of(everything, SEED + 1), *d = bench_of(everything, SEED);
    run(a, 0, 60 * MS, 80, 20000);
    run(b, 0, 60 * MS, 80, 20000);
    run(c, 0, 60 * MS, 80, 20000);
    run(d, 1, 60 * MS, 80, 20000);
    assert_true(same_fate(a, b));
    assert_false(same_fate(a, c));
    assert_false(same_fate(a, d));
    close_bench(a);
    close_bench(b);
    close_bench(c);
    close_bench(d);
}

static void directions_do_not_touch_each_other(void **state)
{
    (void)state;
    struct bench *a = bench_of(everything, SEED), *b = bench_of(everything, SEED);
    run(a, 0, 60 * MS, 80, 5000);
    int64_t send_us = b->time.now_us;
    for (int i = 0; i < 5000; i++, send_us += 60 * MS) {
        for (int64_t next_us; (next_us = ear_link_next_us(b->link)) <= send_us;) {
            b->time.now_us = next_us;
            receive_all(b, 1);
            uint8_t bytes[EAR_DATAGRAM_MAX];
            struct ear_address from;
            struct ear_datagrams d = ear_link_end(b->link, 0);
            while (d.receive(d.ctx, &from, bytes, sizeof bytes) >= 0)
                ;
        }
        b->time.now_us = send_us;
        b->arrived_us[i] = b->second_us[i] = NEVER;
        send_number(b, 1, 0, 200);
        send_number(b, 0, i, 80);
        send_number(b, 1, 0, 30);
    }
    int compared = 0;
    for (int i = 0; i < 4900; i++) {
        assert_int_equal(a->arrived_us[i], b->arrived_us[i]);
        compared += !is_lost(a, i);
    }
    assert_true(compared > 4000);
    close_bench(a);
    close_bench(b);
}

static void directions_have_chance_of_their_own(void **state)
{
    (void)state;
    struct bench *up = bench_of("fade = 500 ms every 1 s", SEED),
                 *down = bench_of("fade = 500 ms every 1 s", SEED);
    run(up, 0, 20 * MS, 60, ROOM);
    run(down, 1, 20 * MS, 60, ROOM);
    int both = 0;
    for (int i = 0; i < ROOM; i++)
        both += is_lost(up, i) && is_lost(down, i);
    near_to("lost in both", (double)both / ROOM, 0.25, 0.02);
    close_bench(up);
    close_bench(down);
}

static void weather_does_not_depend_on_what_is_sent(void **state)
{
    (void)state;
    struct bench *dense = bench_of("fade = 500 ms every 3 s", SEED),
                 *sparse = bench_of("fade = 500 ms every 3 s", SEED);
    run(dense, 0, 20 * MS, 60, 60000);
    run(sparse, 0, 60 * MS, 400, 20000);
    for (int i = 0; i < 20000; i++)
        assert_int_equal(is_lost(sparse, i), is_lost(dense, 3 * i));
    close_bench(dense);
    close_bench(sparse);
}

static void long_silence_costs_nothing(void **state)
{
    (void)state;
    struct bench *b = bench_of(everything, SEED);
    for (int i = 0; i < 100; i++) {
        b->time.now_us += 1000 * 86400 * S;
        run(b, 0, 60 * MS, 80, 100);
    }
    near_to("loss", loss(b), 0.2, 0.15);
    close_bench(b);
}

static void addresses_sizes_and_cuts(void **state)
{
    (void)state;
    struct bench *b = bench_of("delay = 50 ms", SEED);
    struct ear_datagrams clinic = ear_link_end(b->link, 0), doctor = ear_link_end(b->link, 1);
    struct ear_address to = ear_link_address(1), self = ear_link_address(0), from, nobody = {0};
    uint8_t bytes[EAR_DATAGRAM_MAX + 1] = {7};
    struct ear_link_counts c;
    assert_false(ear_address_equal(&to, &self));
    assert_int_equal(clinic.send(clinic.ctx, &to, bytes, sizeof bytes), -EMSGSIZE);
    assert_int_equal(clinic.send(clinic.ctx, &self, bytes, 3), -EHOSTUNREACH);
    assert_int_equal(clinic.send(clinic.ctx, &nobody, bytes, 3), -EHOSTUNREACH);
    assert_int_equal(clinic.send(clinic.ctx, &to, bytes, EAR_DATAGRAM_MAX), 0);
    assert_int_equal(clinic.send(clinic.ctx, &to, bytes, 0), 0);
    ear_link_cut(b->link, true);
    assert_int_equal(clinic.send(clinic.ctx, &to, bytes, 3), 0);
    assert_int_equal(doctor.receive(doctor.ctx, &from, bytes, sizeof bytes), -EAGAIN);
    b->time.now_us = ear_link_next_us(b->link);
    assert_int_equal(clinic.receive(clinic.ctx, &from, bytes, sizeof bytes), -EAGAIN);
    assert_int_equal(doctor.receive(doctor.ctx, &from, bytes, 100), 0); /* the long one drops */
    assert_true(ear_address_equal(&from, &self));
    assert_true(ear_link_next_us(b->link) == INT64_MAX);
    ear_link_get_counts(b->link, 0, &c);
    assert_int_equal(c.sent, 3);
    assert_int_equal(c.lost, 2);
    assert_int_equal(c.delivered, 1);
    ear_link_get_counts(b->link, 1, &c);
    assert_int_equal(c.sent, 0);
    close_bench(b);
}

static void an_end_that_moves_is_found_again(void **state)
{
    (void)state;
    struct bench *b = bench_of("delay = 50 ms", SEED);
    struct ear_datagrams clinic = ear_link_end(b->link, 0), doctor = ear_link_end(b->link, 1);
    struct ear_address to = ear_link_address(1), old = ear_link_address(0), from;
    uint8_t bytes[16] = {0};
    assert_int_equal(doctor.send(doctor.ctx, &old, bytes, 1), 0);
    struct ear_address new = ear_link_move(b->link, 0);
    assert_false(ear_address_equal(&new, &old));
    assert_int_equal(doctor.send(doctor.ctx, &old, bytes, 2), 0);
    assert_int_equal(clinic.send(clinic.ctx, &to, bytes, 3), 0);
    b->time.now_us += 50 * MS;
    assert_int_equal(clinic.receive(clinic.ctx, &from, bytes, sizeof bytes), -EAGAIN);
    assert_int_equal(doctor.receive(doctor.ctx, &from, bytes, sizeof bytes), 3);
    assert_true(ear_address_equal(&from, &new));
    assert_int_equal(doctor.send(doctor.ctx, &from, bytes, 4), 0);
    b->time.now_us += 50 * MS;
    assert_int_equal(clinic.receive(clinic.ctx, &from, bytes, sizeof bytes), 4);
    close_bench(b);
}

static void a_full_pool_overflows(void **state)
{
    (void)state;
    struct bench *b = bench_of("delay = 1 min", SEED);
    struct ear_link_counts c;
    for (int i = 0; i < 5000; i++) {
        b->arrived_us[i] = NEVER;
        send_number(b, 0, i, 60);
    }
    ear_link_get_counts(b->link, 0, &c);
    assert_int_equal(c.overflowed, 5000 - 4096);
    b->time.now_us += 60 * S;
    receive_all(b, 1);
    assert_int_equal(b->arrived, 4096);
    assert_int_equal(b->overtaken, 0);
    close_bench(b);
}

static void the_peak_is_over_ten_seconds(void **state)
{
    (void)state;
    struct bench *b = bench_of("delay = 50 ms", SEED);
    struct ear_link_counts c;
    run(b, 0, 100 * MS, 72, 50); /* 100 bytes each */
    ear_link_get_counts(b->link, 0, &c);
    assert_int_equal(c.peak_bytes_10s, 5000);
    b->time.now_us += 30 * S;
    run(b, 0, 100 * MS, 72, 300); /* 100 in any 10 s */
    b->time.now_us += 950 * MS;
    run(b, 0, 100 * MS, 172, 40); /* 40 larger ones: with 9 empty steps, 51 remain of the others */
    ear_link_get_counts(b->link, 0, &c);
    assert_int_equal(c.peak_bytes_10s, 40 * 200 + 51 * 100);
    close_bench(b);
}

static void named_links_are_what_they_say(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        double delay_ms, loss, within; /* least one-way delay; share lost */
        int64_t up_bps, down_bps, queue_us;
    } links[] = {
        {"clean", 30, 0, 0, 0, 0, 0},
        {"wifi-long", 45, 0.04, 0.006, 0, 0, 0},
        {"3g", 140, 0.01, 0.003, 200000, 600000, S},
        {"3g-congested", 150, 0.01, 0.004, 64000, 128000, 1500 * MS},
        {"edge", 280, 0.03, 0.005, 45000, 90000, S},
        {"gprs", 450, 0.02, 0.003, 20000, 30000, 3 * S},
        {"vsat", 300, 0.02, 0.005, 64000, 64000, S},
        {"loss10", 50, 0.1, 0.006, 0, 0, 0},
        {"loss20", 50, 0.2, 0.008, 0, 0, 0},
        {"loss30", 50, 0.3, 0.008, 0, 0, 0},
        {"loss50", 50, 0.5, 0.01, 0, 0, 0},
        {"burst20", 60, 0.2, 0.015, 0, 0, 0},
        {"outage", 50, 0.15, 0.003, 0, 0, 0},
        {"bufferbloat", 40, 0, 0, 48000, 48000, S},
        {"thin16", 100, 0.02, 0.003, 16000, 16000, S},
        {"thin12", 100, 0.02, 0.003, 12000, 12000, S},
    };
    for (size_t i = 0; i < EAR_COUNT(links); i++) {
        for (int end = 0; end < 2; end++) {
            char error[256] = "";
            struct ear_profile *profile = NULL;
            if (ear_profile_load(&profile, links[i].name, error, sizeof error) != 0)
                fail_msg("%s", error);
            const struct ear_effects *e = ear_profile_effects(profile, end);
            assert_int_equal(e->rate_bps, end ? links[i].down_bps : links[i].up_bps);
            assert_true(!e->rate_bps || e->queue_us == links[i].queue_us);
            assert_int_equal(ear_profile_delay_us(profile), (int64_t)links[i].delay_ms * MS);
            struct bench *b = open_bench(profile, SEED);
            struct ear_link_counts c;
            int64_t least_us = INT64_MAX;
            run(b, end, 80 * MS, 72, 60000);
            for (int k = 0; k < b->sent; k++)
                least_us = is_lost(b, k) ? least_us : ear_min64(least_us, delay_us(b, k));
            ear_link_get_counts(b->link, end, &c);
            double own_ms = e->rate_bps ? 800.0 / (double)e->rate_bps * 1e3 : 0;
            near_to(links[i].name, (double)least_us / 1e3, links[i].delay_ms + own_ms, 0.1);
            near_to(links[i].name, (double)c.lost / 60000, links[i].loss, links[i].within);
            assert_true(c.overflowed < 600);
            assert_int_equal(b->overtaken, 0);
            close_bench(b);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_seed_same_fate),
        cmocka_unit_test(directions_do_not_touch_each_other),
        cmocka_unit_test(directions_have_chance_of_their_own),
        cmocka_unit_test(weather_does_not_depend_on_what_is_sent),
        cmocka_unit_test(long_silence_costs_nothing),
        cmocka_unit_test(addresses_sizes_and_cuts),
        cmocka_unit_test(an_end_that_moves_is_found_again),
        cmocka_unit_test(a_full_pool_overflows),
        cmocka_unit_test(the_peak_is_over_ten_seconds),
        cmocka_unit_test(named_links_are_what_they_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
