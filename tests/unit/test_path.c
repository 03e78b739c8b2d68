/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each effect of a path, measured against what its profile says. */
#include "link_bench.h"

#include "base/random.h"

static void delay_is_exact(void **state)
{
    (void)state;
    struct bench *b = bench_of("up.delay = 280 ms\ndown.delay = 90 ms", SEED);
    run(b, 0, 20 * MS, 60, 100);
    run(b, 1, 20 * MS, 60, 100);
    for (int i = 0; i < 200; i++)
        assert_int_equal(delay_us(b, i), i < 100 ? 280 * MS : 90 * MS);
    close_bench(b);
}

static void loss_is_independent(void **state)
{
    (void)state;
    struct bench *b = bench_of("loss = 10 %", SEED);
    run(b, 0, 20 * MS, 60, 100000);
    near_to("loss", loss(b), 0.1, 0.004);
    int pairs = 0;
    for (int i = 1; i < b->sent; i++)
        pairs += is_lost(b, i) && is_lost(b, i - 1);
    near_to("pairs lost", pairs / 1e5, 0.01, 0.0015);
    close_bench(b);
}

/* Mean length of runs of lost datagrams, in datagrams. */
static double mean_run(const struct bench *b)
{
    int runs = 0;
    for (int i = 1; i < b->sent; i++)
        runs += is_lost(b, i) && !is_lost(b, i - 1);
    return (double)(b->sent - b->arrived) / runs;
}

static void bursts_have_share_and_length(void **state)
{
    (void)state;
    struct bench *b = bench_of("burst = 4 % of 4 datagrams", SEED);
    run(b, 1, 60 * MS, 60, ROOM);
    near_to("loss", loss(b), 0.04, 0.004);
    near_to("run", mean_run(b), 4, 0.3);
    close_bench(b);
}

static void fades_are_long_in_time_whatever_is_sent(void **state)
{
    (void)state;
    struct bench *b = bench_of("fade = 100 ms every 5 s", SEED);
    run(b, 0, 5 * MS, 60, ROOM); /* 1000 s: about 200 fades */
    near_to("loss", loss(b), 0.02, 0.006);
    near_to("fade, ms", mean_run(b) * 5, 100, 25);
    close_bench(b);
    b = bench_of("fade = 250 ms every 1 s, losing 80 %", SEED);
    run(b, 0, 20 * MS, 60, ROOM); /* 4000 fades */
    near_to("loss", loss(b), 0.2, 0.012);
    close_bench(b);
}

static void bottleneck_keeps_its_rate_and_its_queue(void **state)
{
    (void)state;
    struct bench *b = bench_of("delay = 10 ms\nrate = 64 kbit/s\nqueue = 1.5 s", SEED);
    struct ear_link_counts c;
    run(b, 0, 10 * MS, 92, 10000); /* 120 bytes on the wire each: 96 kbit/s */
    ear_link_get_counts(b->link, 0, &c);
    near_to("kbit/s", (double)c.delivered_bytes * 8 / 1e3 / 101.5, 64, 0.2);
    assert_int_equal(c.lost, 0);
    assert_int_equal(c.sent_bytes, 10000 * 120);
    near_to("overflowed", (double)c.overflowed, 10000 - 101.5 * 64000 / 960, 5);
    int64_t most_us = 0;
    for (int i = 0; i < b->sent; i++)
        most_us = is_lost(b, i) ? most_us : ear_max64(most_us, delay_us(b, i));
    assert_in_range(most_us, 1490 * MS, 1510 * MS);
    assert_int_equal(delay_us(b, 0), 25 * MS);
    assert_int_equal(b->overtaken, 0);
    close_bench(b);
}

/* Probes see a busy bottleneck as often as the others' share of it. */
static void cross_traffic_has_its_mean(void **state)
{
    (void)state;
    struct bench *b = bench_of("rate = 128 kbit/s\nqueue = 60 s\ncross = 30 kbit/s", SEED);
    int waited = 0;
    run(b, 0, 500 * MS, 4, 40000);
    for (int i = 0; i < b->sent; i++)
        waited += delay_us(b, i) > 2 * MS;
    near_to("busy", waited / 40000.0, 30.0 / 128, 0.015);
    close_bench(b);
}

static void outages_keep_their_times(void **state)
{
    (void)state;
    for (int end = 0; end < 2; end++) {
        struct bench *b = bench_of("delay = 50 ms\noutage = 3 s every 20 s", SEED);
        run(b, end, 100 * MS, 60, 2000);
        for (int i = 0; i < b->sent; i++) {
            bool dead = (b->sent_us[i] - 1000 * S) % (20 * S) >= 17 * S;
            assert_int_equal(is_lost(b, i), dead);
            assert_true(dead || delay_us(b, i) == 50 * MS); /* in flight: arrives */
        }
        close_bench(b);
    }
}

static void first_outage_waits_and_lengths_vary(void **state)
{
    (void)state;
    struct bench *b = bench_of("outage = 1 s every 3 s", SEED);
    run(b, 0, 100 * MS, 60, 80);
    for (int i = 0; i < 80; i++)
        assert_int_equal(is_lost(b, i), i >= 50 && i < 60);
    close_bench(b);
    b = bench_of("outage = 1-3 s every 10 s", SEED);
    run(b, 0, 10 * MS, 60, 100000);
    near_to("dead", loss(b), 0.2, 0.03);
    int least = 1000, most = 0;
    for (int period = 0; period < 100; period++) {
        int lost = 0;
        for (int i = 0; i < 1000; i++)
            lost += is_lost(b, period * 1000 + i);
        least = lost < least ? lost : least;
        most = lost > most ? lost : most;
    }
    assert_in_range(least, 100, 130);
    assert_in_range(most, 270, 301);
    close_bench(b);
}

static void ramp_has_its_shape(void **state)
{
    (void)state;
    struct bench *b =
        bench_of("delay = 40 ms\nramp = 1.5 s in 4 s, hold 2 s, back 3 s, every 20 s", SEED);
    run(b, 1, 50 * MS, 60, 2000);
    for (int i = 0; i < b->sent; i++) {
        double at = (double)((b->sent_us[i] - 1000 * S) % (20 * S)) / 1e6 - 11;
        double extra = at < 0 ? 0 : at < 4 ? at / 4 : at < 6 ? 1 : 1 - (at - 6) / 3;
        near_to("delay, ms", (double)delay_us(b, i) / 1e3, 40 + 1500 * extra, 0.01);
    }
    assert_int_equal(b->overtaken, 0);
    close_bench(b);
}

static void jitter_is_half_a_normal_in_order(void **state)
{
    (void)state;
    struct bench *b = bench_of("delay = 100 ms\njitter = 40 ms", SEED);
    double sum = 0, square = 0;
    run(b, 0, S, 60, 50000);
    for (int i = 0; i < b->sent; i++) {
        double extra = (double)(delay_us(b, i) - 100 * MS) / 1e3;
        assert_true(extra >= 0);
        sum += extra / 50000;
        square += extra * extra / 50000;
    }
    near_to("mean, ms", sum, 40 * 1.3236, 0.8);
    near_to("sd, ms", sqrt(square - sum * sum), 40, 0.8);
    b->sent = b->arrived = 0;
    run(b, 0, 5 * MS, 60, 50000);
    assert_int_equal(b->overtaken, 0);
    assert_int_equal(b->arrived, 50000);
    close_bench(b);
}

static void spikes_begin_at_once_and_decay(void **state)
{
    (void)state;
    struct bench *b = bench_of("delay = 100 ms\nspike = 300 ms every 7 s", SEED);
    int spikes = 0;
    run(b, 0, 10 * MS, 60, ROOM); /* 2000 s */
    for (int i = 1; i < b->sent; i++) {
        int64_t extra_us = delay_us(b, i) - 100 * MS, before_us = delay_us(b, i - 1) - 100 * MS;
        assert_in_range(extra_us, 0, 300 * MS);
        if (before_us == 0 && extra_us > 0) {
            spikes++;
            assert_in_range(extra_us, 290 * MS, 300 * MS);
        } else if (before_us > 10 * MS && extra_us < 290 * MS) {
            assert_int_equal(before_us - extra_us, 10 * MS);
        }
    }
    near_to("spikes", spikes, 2000.0 / 7, 50);
    assert_int_equal(b->overtaken, 0);
    close_bench(b);
}

static void stalls_deliver_nothing_then_all(void **state)
{
    (void)state;
    struct bench *b = bench_of("delay = 450 ms\nstall = 600-1500 ms every 12 s", SEED);
    int stalls = 0;
    double sum = 0;
    run(b, 0, 10 * MS, 60, ROOM);
    for (int i = 1; i < b->sent; i++) {
        int64_t gap_us = b->arrived_us[i] - b->arrived_us[i - 1];
        if (gap_us <= 10 * MS)
            continue;
        assert_in_range(gap_us, 590 * MS, 3500 * MS); /* two may touch */
        stalls++;
        sum += (double)gap_us / 1e3;
        assert_int_equal(b->arrived_us[i + 10], b->arrived_us[i]); /* all at once */
    }
    near_to("stalls", stalls, 2000.0 / 12, 30);
    near_to("stall, ms", sum / stalls, 1050, 100);
    assert_int_equal(b->overtaken, 0);
    close_bench(b);
}

static void copies_and_overtaking_have_their_share(void **state)
{
    (void)state;
    struct bench *b = bench_of("delay = 50 ms\nduplicate = 2 %\nreorder = 3 %, by 50-60 ms", SEED);
    struct ear_link_counts c;
    int held = 0, doubled = 0;
    run(b, 0, 20 * MS, 60, 100000);
    for (int i = 0; i < b->sent; i++) {
        bool late = delay_us(b, i) > 50 * MS;
        assert_true(!late || (delay_us(b, i) >= 100 * MS && delay_us(b, i) <= 110 * MS));
        held += late;
        doubled += b->second_us[i] != NEVER;
        assert_true(b->second_us[i] == NEVER || b->second_us[i] - b->arrived_us[i] <= 20 * MS);
    }
    near_to("held", held / 1e5, 0.03, 0.003);
    near_to("overtaken", b->overtaken / 1e5, 0.03, 0.003);
    near_to("doubled", doubled / 1e5, 0.02, 0.002);
    ear_link_get_counts(b->link, 0, &c);
    assert_int_equal(c.duplicated, doubled);
    assert_int_equal(c.delivered, 100000 + doubled);
    close_bench(b);
}

static void traces_replay_exactly(void **state)
{
    (void)state;
    const char *path = "test_link_trace.link", *csv = "test_link_trace.csv";
    char error[256] = "";
    struct ear_random r = ear_random_seeded(SEED);
    int delays[500];
    FILE *f = fopen(csv, "w");
    assert_non_null(f);
    fputs("t_ms,delay_ms\n", f);
    for (int i = 0; i < 500; i++) {
        delays[i] = ear_random_below(&r, 5) ? 20 + (int)ear_random_below(&r, 400) : NEVER;
        fprintf(f, delays[i] == NEVER ? "%d,\n" : "%d,%d\n", i * 60, delays[i]);
    }
    assert_int_equal(fclose(f), 0);
    f = fopen(path, "w");
    assert_non_null(f);
    fprintf(f, "trace = %s\n", csv);
    assert_int_equal(fclose(f), 0);
    struct ear_profile *profile = NULL;
    if (ear_profile_load(&profile, path, error, sizeof error) != 0)
        fail_msg("%s", error);
    struct bench *b = open_bench(profile, SEED);
    run(b, 0, 60 * MS, 60, 1500); /* three times round */
    for (int i = 0; i < 1500; i++) {
        assert_int_equal(is_lost(b, i), delays[i % 500] == NEVER);
        assert_true(is_lost(b, i) || delay_us(b, i) == delays[i % 500] * MS);
    }
    assert_true(b->overtaken > 0);
    close_bench(b);
    remove(path);
    remove(csv);
}

/* Losses up and down fall at different times. */
/* What each named link does to 60 ms packets of 100 bytes on the wire, sent for an hour. */

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(delay_is_exact),
        cmocka_unit_test(loss_is_independent),
        cmocka_unit_test(bursts_have_share_and_length),
        cmocka_unit_test(fades_are_long_in_time_whatever_is_sent),
        cmocka_unit_test(bottleneck_keeps_its_rate_and_its_queue),
        cmocka_unit_test(cross_traffic_has_its_mean),
        cmocka_unit_test(outages_keep_their_times),
        cmocka_unit_test(first_outage_waits_and_lengths_vary),
        cmocka_unit_test(ramp_has_its_shape),
        cmocka_unit_test(jitter_is_half_a_normal_in_order),
        cmocka_unit_test(spikes_begin_at_once_and_decay),
        cmocka_unit_test(stalls_deliver_nothing_then_all),
        cmocka_unit_test(copies_and_overtaking_have_their_share),
        cmocka_unit_test(traces_replay_exactly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
