/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each effect of the simulated link, measured in virtual time against what its profile says. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "sim/link.h"

#define MS ((int64_t)EAR_US_PER_MS)
#define S ((int64_t)EAR_US_PER_S)
#define ROOM 200000
#define NEVER (-1)
#define SEED 20240611

/* A link under test, and what became of each datagram that ran through it. */
struct bench {
    struct ear_clock_virtual time;
    struct ear_clock clock;
    struct ear_profile *profile;
    struct ear_link *link;
    int sent, arrived, overtaken; /* overtaken: came after a later one */
    int64_t sent_us[ROOM], arrived_us[ROOM], second_us[ROOM];
};

static struct bench *open_bench(struct ear_profile *profile, uint64_t seed)
{
    struct bench *b = calloc(1, sizeof *b);
    assert_non_null(b);
    b->time.now_us = 1000 * S;
    b->clock = ear_clock_from_virtual(&b->time);
    b->profile = profile;
    assert_int_equal(ear_link_new(&b->link, profile, &b->clock, seed), 0);
    return b;
}

static struct bench *bench_of(const char *text, uint64_t seed)
{
    char error[256] = "";
    struct ear_profile *profile = NULL;
    if (ear_profile_parse(&profile, "test", text, strlen(text), error, sizeof error) != 0)
        fail_msg("%s", error);
    return open_bench(profile, seed);
}

static void close_bench(struct bench *b)
{
    struct ear_link_counts c;
    for (int end = 0; end < 2; end++) {
        ear_link_get_counts(b->link, end, &c);
        if (ear_link_next_us(b->link) == INT64_MAX)
            assert_int_equal(c.sent + c.duplicated, c.lost + c.overflowed + c.delivered);
    }
    ear_link_free(b->link);
    ear_profile_free(b->profile);
    free(b);
}

static void send_number(struct bench *b, int end, int number, size_t len)
{
    uint8_t bytes[EAR_DATAGRAM_MAX] = {0};
    struct ear_datagrams d = ear_link_end(b->link, end);
    struct ear_address to = ear_link_address(!end);
    memcpy(bytes, &number, sizeof number);
    assert_int_equal(d.send(d.ctx, &to, bytes, len), 0);
}

static void receive_all(struct bench *b, int end)
{
    uint8_t bytes[EAR_DATAGRAM_MAX];
    struct ear_address from, other = ear_link_address(!end);
    struct ear_datagrams d = ear_link_end(b->link, end);
    static int last;
    for (int len; (len = d.receive(d.ctx, &from, bytes, sizeof bytes)) >= 0;) {
        int number;
        assert_true(len >= (int)sizeof number);
        memcpy(&number, bytes, sizeof number);
        assert_true(ear_address_equal(&from, &other));
        if (b->arrived_us[number] != NEVER) {
            b->second_us[number] = b->time.now_us;
            continue;
        }
        b->arrived_us[number] = b->time.now_us;
        b->overtaken += b->arrived++ > 0 && number < last;
        last = number;
    }
}

/* Sends count datagrams of len bytes from end, one every interval_us, and waits for the last. */
static void run(struct bench *b, int end, int64_t interval_us, size_t len, int count)
{
    int64_t send_us = b->time.now_us;
    assert_true(b->sent + count <= ROOM);
    for (int left = count; left > 0 || ear_link_next_us(b->link) != INT64_MAX;) {
        int64_t next_us = ear_link_next_us(b->link);
        if (left > 0 && send_us < next_us) {
            b->time.now_us = send_us;
            b->sent_us[b->sent] = send_us;
            b->arrived_us[b->sent] = b->second_us[b->sent] = NEVER;
            send_number(b, end, b->sent++, len);
            send_us += interval_us;
            left--;
        } else {
            b->time.now_us = next_us;
        }
        receive_all(b, !end);
    }
}

static bool is_lost(const struct bench *b, int i)
{
    return b->arrived_us[i] == NEVER;
}

static int64_t delay_us(const struct bench *b, int i)
{
    return b->arrived_us[i] - b->sent_us[i];
}

static double loss(const struct bench *b)
{
    return 1 - (double)b->arrived / b->sent;
}

static void near_to(const char *what, double value, double expected, double within)
{
    if (!(fabs(value - expected) <= within))
        fail_msg("%s is %g, expected %g +- %g (seed %d)", what, value, expected, within, SEED);
}

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

static void jitter_is_a_folded_normal_in_order(void **state)
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
    near_to("mean, ms", sum, 40 * 0.798, 0.5);
    near_to("sd, ms", sqrt(square - sum * sum), 40 * 0.603, 0.5);
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

/* Losses up and down fall at different times. */
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

/* What each named link does to 60 ms packets of 100 bytes on the wire, sent for an hour. */
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
        cmocka_unit_test(delay_is_exact),
        cmocka_unit_test(loss_is_independent),
        cmocka_unit_test(bursts_have_share_and_length),
        cmocka_unit_test(fades_are_long_in_time_whatever_is_sent),
        cmocka_unit_test(bottleneck_keeps_its_rate_and_its_queue),
        cmocka_unit_test(cross_traffic_has_its_mean),
        cmocka_unit_test(outages_keep_their_times),
        cmocka_unit_test(first_outage_waits_and_lengths_vary),
        cmocka_unit_test(ramp_has_its_shape),
        cmocka_unit_test(jitter_is_a_folded_normal_in_order),
        cmocka_unit_test(spikes_begin_at_once_and_decay),
        cmocka_unit_test(stalls_deliver_nothing_then_all),
        cmocka_unit_test(copies_and_overtaking_have_their_share),
        cmocka_unit_test(traces_replay_exactly),
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
