/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Measuring packets, the rate of a train, and what a line is good for. */
#include <errno.h>
#include <inttypes.h>

#include "fake/test.h"

#include "base/random.h"
#include "call/check_packet.h"
#include "line/line_verdict.h"

static void packets_come_back_as_they_went(void **state)
{
    (void)state;
    static const struct ear_check_packet packets[] = {
        {.kind = EAR_CHECK_PING, .at_100us = 0xfffffffe, .number = 95},
        {.kind = EAR_CHECK_PONG, .at_100us = 7, .number = 3, .first = 2, .received = 40},
        {.kind = EAR_CHECK_OUT, .at_100us = 9, .train = 1, .place = 22, .back = 23, .bytes = 400},
        {.kind = EAR_CHECK_BACK, .train = 0, .place = 3, .back = 4, .bytes = 215},
        {.kind = EAR_CHECK_ASK, .train = 1, .back = 8, .bytes = 21},
        {.kind = EAR_CHECK_TOLD, .train = 1, .received = 23, .rate_bps = 64000},
        {.kind = EAR_CHECK_BUSY},
    };
    for (size_t i = 0; i < EAR_COUNT(packets); i++) {
        uint8_t bytes[EAR_CHECK_BYTES_MAX], again[EAR_CHECK_BYTES_MAX];
        struct ear_check_packet parsed;
        for (size_t len = EAR_CHECK_PING_BYTES; len <= sizeof bytes; len += 379) {
            ear_check_packet_build(&packets[i], bytes, len);
            assert_int_equal(ear_check_packet_parse(bytes, len, &parsed), 0);
            ear_check_packet_build(&parsed, again, len);
            assert_memory_equal(bytes, again, len);
            assert_int_equal(parsed.rate_bps, packets[i].rate_bps);
            assert_int_equal(parsed.bytes, packets[i].bytes);
            bytes[len - 1] = 1; /* what is measured with holds nothing */
            assert_int_equal(ear_check_packet_parse(bytes, len, &parsed), -EBADMSG);
        }
        assert_int_equal(ear_check_packet_parse(again, EAR_CHECK_PING_BYTES - 1, &parsed),
                         -EBADMSG);
    }
}

static void nonsense_is_refused(void **state)
{
    (void)state;
    static const struct ear_check_packet packets[] = {
        {.kind = EAR_CHECK_PING, .number = EAR_CHECK_PINGS_MAX},
        {.kind = EAR_CHECK_OUT, .train = EAR_CHECK_TRAINS, .bytes = 100},
        {.kind = EAR_CHECK_OUT, .place = EAR_CHECK_TRAIN_MAX, .bytes = 100},
        {.kind = EAR_CHECK_OUT, .back = EAR_CHECK_TRAIN_MAX + 1, .bytes = 100},
        {.kind = EAR_CHECK_OUT, .bytes = EAR_CHECK_PING_BYTES - 1},
        {.kind = EAR_CHECK_OUT, .bytes = EAR_CHECK_BYTES_MAX + 1},
        {.kind = EAR_CHECK_ASK, .place = 1, .bytes = 100},
        {.kind = EAR_CHECK_TOLD, .train = EAR_CHECK_TRAINS},
        {.kind = (enum ear_check_kind)0},
        {.kind = (enum ear_check_kind)(EAR_CHECK_BUSY + 1)},
    };
    for (size_t i = 0; i < EAR_COUNT(packets); i++) {
        uint8_t bytes[EAR_CHECK_PING_BYTES];
        struct ear_check_packet parsed = {.number = 77};
        ear_check_packet_build(&packets[i], bytes, sizeof bytes);
        assert_int_equal(ear_check_packet_parse(bytes, sizeof bytes, &parsed), -EBADMSG);
        assert_int_equal(parsed.number, 77);
    }
}

/* A train over a bottleneck, between clocks that are a day apart: some lost, some held up. */
static void the_rate_of_a_train_is_found(void **state)
{
    (void)state;
    const int64_t base_us = 300 * MS, ahead_us = 86400 * S;
    for (uint64_t seed = 1; seed <= 50; seed++) {
        struct ear_random chance = ear_random_seeded(seed);
        for (int bps = 6000; bps <= 96000; bps *= 2) {
            struct ear_check_arrivals arrivals = {0};
            int64_t sent_us = 1000 * S, each_us = (int64_t)439 * 8 * S / bps;
            for (int i = 0; i < 12; i++) {
                const struct ear_check_packet packet = {
                    .place = (uint8_t)i, .at_100us = (uint32_t)((sent_us + ahead_us) / 100)};
                int64_t held_us = (int64_t)(ear_random_unit(&chance) * 0.2 * (double)each_us);
                if (ear_random_unit(&chance) >= 0.2 || i == 11)
                    ear_check_arrivals_add(&arrivals, &packet, 400,
                                           sent_us + base_us + (i + 1) * each_us + held_us);
            }
            double found = ear_check_arrivals_rate_bps(&arrivals, base_us - ahead_us);
            if (found < 0.9 * bps || found > 1.05 * bps)
                fail_msg("%.0f for %d (seed %" PRIu64 ")", found, bps, seed);
        }
    }
    const struct ear_check_arrivals none = {0};
    assert_int_equal(ear_check_arrivals_rate_bps(&none, 0), 0);
}

static struct ear_line_check judge(double loss, int rtt_ms, int bps)
{
    struct ear_line_check check = {
        .line = {.answered = true,
                 .rtt_ms = rtt_ms,
                 .rtt_least_ms = rtt_ms,
                 .up = {.loss = loss, .jitter_ms = 20, .capacity_bps = bps},
                 .down = {.jitter_ms = 20, .capacity_bps = EAR_LINE_CAPACITY_MOST}}};
    ear_line_judge(&check, 16000);
    return check;
}

static void lines_are_judged(void **state)
{
    (void)state;
    static const struct {
        double loss;
        int rtt_ms, bps;
        enum ear_line_rung rung;
    } lines[] = {
        {0, 60, 100000, EAR_LINE_FULL_DUPLEX},       {0, 60, 24000, EAR_LINE_FULL_DUPLEX},
        {0.02, 300, 12000, EAR_LINE_LONGER_PACKETS}, {0.08, 300, 12000, EAR_LINE_LONGER_PACKETS},
        {0.2, 100, 100000, EAR_LINE_LONGER_PACKETS}, {0.2, 300, 12000, EAR_LINE_TAKE_TURNS},
        {0, 300, 8000, EAR_LINE_TAKE_TURNS},         {0, 2400, 64000, EAR_LINE_TAKE_TURNS},
        {0.5, 100, 64000, EAR_LINE_TAKE_TURNS},      {0, 300, 4000, EAR_LINE_MESSAGE_ONLY},
        {0.8, 100, 64000, EAR_LINE_MESSAGE_ONLY},
    };
    for (size_t i = 0; i < EAR_COUNT(lines); i++) {
        struct ear_line_check c = judge(lines[i].loss, lines[i].rtt_ms, lines[i].bps);
        if (c.rung != lines[i].rung)
            fail_msg("line %d: %s", (int)i, ear_line_rung_name(c.rung));
        assert_true((c.bytes_per_hour > 0) == (c.rung != EAR_LINE_MESSAGE_ONLY));
    }
}

static void what_it_costs_is_said(void **state)
{
    (void)state;
    /* 15.6 kbit/s by whoever speaks, 0.7 by whoever listens, for 20 minutes */
    assert_float_equal(ear_line_mb(&(struct ear_line_check){.bytes_per_hour = 7330000}, 20), 2.44,
                       0.01);
    struct ear_line_check rich = judge(0, 60, 100000), thin = judge(0, 60, 12000);
    assert_in_range(rich.bytes_per_hour, 7000000, 7600000);
    assert_in_range(thin.bytes_per_hour, 4000000, 4500000);
    assert_true(thin.mouth_to_ear_ms > rich.mouth_to_ear_ms);
    struct ear_line_check silent = {.line.answered = false};
    ear_line_judge(&silent, 16000);
    assert_int_equal(silent.advice, EAR_LINE_LEAVE_MESSAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packets_come_back_as_they_went), cmocka_unit_test(nonsense_is_refused),
        cmocka_unit_test(the_rate_of_a_train_is_found),   cmocka_unit_test(lines_are_judged),
        cmocka_unit_test(what_it_costs_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
