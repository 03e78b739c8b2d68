/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Playout delay is moved seldom: smaller holds wait, pauses go first, stalls are gathered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "rx/arrivals.h"
#include "rx/depth.h"

#define MS ((int64_t)EAR_US_PER_MS)
#define S ((int64_t)EAR_US_PER_S)

static struct ear_depth depth;
static int64_t now_us;

/* Frames of speech or of a pause. */
static void pass(int64_t us, bool pause, int64_t excess_us)
{
    for (int64_t until = now_us + us; now_us < until; now_us += EAR_FRAME_US)
        ear_depth_step(&depth, pause, excess_us, 0, now_us);
}

static int set_up(void **state)
{
    (void)state;
    now_us = 1000 * S;
    ear_depth_init(&depth);
    return 0;
}

static void a_smaller_hold_waits(void **state)
{
    (void)state;
    ear_depth_missing(&depth, 1, now_us);
    ear_depth_hold(&depth, 800 * MS);
    assert_int_equal(ear_depth_held_us(&depth), 800 * MS);
    pass(1 * S, false, 0);
    ear_depth_hold(&depth, 100 * MS);
    pass(5 * S, false, 0);
    assert_int_equal(ear_depth_held_us(&depth), 800 * MS);
    ear_depth_missing(&depth, 2, now_us);
    ear_depth_hold(&depth, 800 * MS);
    pass(1 * S, false, 0);
    ear_depth_hold(&depth, 0);
    pass(5 * S, false, 0);
    assert_int_equal(ear_depth_held_us(&depth), 800 * MS);
    pass(6 * S, false, 0);
    assert_int_equal(ear_depth_held_us(&depth), 0);
}

static void a_hold_of_no_use_goes_at_once(void **state)
{
    (void)state;
    ear_depth_hold(&depth, 240 * MS);
    pass(3 * S, false, 0);
    ear_depth_hold(&depth, 0);
    pass(20 * MS, false, 0);
    assert_int_equal(ear_depth_held_us(&depth), 0);
    ear_depth_hold(&depth, 240 * MS);
    ear_depth_missing(&depth, 1, now_us);
    pass(7 * S, false, 0);
    ear_depth_hold(&depth, 0);
    pass(20 * MS, false, 0);
    assert_int_equal(ear_depth_held_us(&depth), 0);
}

static void speech_is_cut_only_where_nobody_pauses(void **state)
{
    (void)state;
    for (int i = 0; i < 10; i++) {
        pass(6 * S, false, 300 * MS);
        assert_int_equal(ear_depth_pace(&depth, now_us), EAR_STRETCH_PAUSES);
        pass(200 * MS, true, 0);
        pass(1 * S, false, 0);
    }
    pass(9 * S, false, 300 * MS);
    assert_int_equal(ear_depth_pace(&depth, now_us), EAR_STRETCH_BOTH);
}

static void short_pauses_are_not_waited_for_for_ever(void **state)
{
    (void)state;
    pass(1 * S, false, 0);
    for (int i = 0; i < 20; i++) {
        pass(1 * S, false, 300 * MS);
        pass(100 * MS, true, 0);
    }
    assert_int_equal(ear_depth_pace(&depth, now_us), EAR_STRETCH_PAUSES);
    pass(4 * S, false, 300 * MS);
    assert_int_equal(ear_depth_pace(&depth, now_us), EAR_STRETCH_BOTH);
}

static void a_little_too_much_stays_until_the_next_spurt(void **state)
{
    (void)state;
    pass(1 * S, false, 100 * MS);
    assert_false(ear_depth_moves(&depth, 100 * MS, now_us));
    assert_true(ear_depth_moves(&depth, 150 * MS, now_us));
    assert_true(ear_depth_moves(&depth, -10 * MS, now_us));
    assert_false(ear_depth_moves(&depth, -2 * MS, now_us));
    pass(8 * S, false, 100 * MS); /* but not where none begins */
    assert_true(ear_depth_moves(&depth, 100 * MS, now_us));
}

/* What is late goes by the pauses that come, and by speech when there is no more time for that. */
static int64_t caught_up_after_us(int64_t late_us, int64_t pauses_us)
{
    int64_t begin_us = now_us;
    ear_depth_stall(&depth, late_us, now_us);
    while (late_us > 280 * MS) {
        ear_depth_step(&depth, false, late_us, pauses_us, now_us);
        enum ear_stretch_pace pace = ear_depth_pace(&depth, now_us);
        late_us -= pace == EAR_STRETCH_HURRY ? EAR_FRAME_US / 3 : 0;
        now_us += EAR_FRAME_US;
        if (pace != EAR_STRETCH_HURRY)
            assert_int_equal(pace, EAR_STRETCH_ALL_PAUSES);
        if (now_us - begin_us > 60 * S)
            break;
    }
    return now_us - begin_us;
}

static void an_outage_is_caught_up_in_time(void **state)
{
    (void)state;
    assert_in_range(caught_up_after_us(1600 * MS, 0), 12 * S, 15 * S);
    assert_in_range(caught_up_after_us(3000 * MS, 0), 12 * S, 16 * S);
    /* At once, where all of the time is needed, */
    assert_in_range(caught_up_after_us(9000 * MS, 0), 25 * S, 27 * S);
    /* and never while the pauses do that have come. */
    assert_true(caught_up_after_us(2000 * MS, 2100 * MS) > 60 * S);
}

static void stalls_in_a_row_are_gathered(void **state)
{
    (void)state;
    ear_depth_stall(&depth, 45 * MS, now_us);
    assert_int_equal(ear_depth_gather_us(&depth, now_us), 0);
    ear_depth_stall(&depth, 45 * MS, now_us + 165 * MS);
    assert_in_range(ear_depth_gather_us(&depth, now_us + 165 * MS), 300 * MS, 360 * MS);
    assert_int_equal(ear_depth_gather_us(&depth, now_us + 5 * S), 0);
}

/* Packets of 60 ms, each later than 100 ms by what the queue takes. */
static int64_t target_over_least_us(struct ear_arrivals *arrivals, int from, int to,
                                    int64_t (*queue_us)(int i))
{
    for (int i = from; i < to; i++) {
        int64_t said_us = i * 60 * MS, came_us = said_us + 100 * MS + queue_us(i);
        ear_arrivals_add(arrivals, said_us, came_us, came_us, false);
    }
    return ear_arrivals_target_us(arrivals) - 100 * MS;
}

static int64_t none(int i)
{
    (void)i;
    return 0;
}

/* Up by 1.5 s in 4 s, 2 s there, and back in 3 s. */
static int64_t swing(int i)
{
    int64_t ms = i * 60 - 10000;
    ms = ms < 4000 ? ms * 3 / 8 : ms < 6000 ? 1500 : 1500 - (ms - 6000) / 2;
    return (ms > 0 ? ms : 0) * MS;
}

static int64_t spike(int i)
{
    return i >= 167 && i < 184 ? (184 - i) * 60 * MS : 0; /* a second, in ten */
}

static void a_slow_swing_is_waited_for_again(void **state)
{
    (void)state;
    struct ear_arrivals arrivals;
    ear_arrivals_init(&arrivals, 0);
    assert_true(target_over_least_us(&arrivals, 0, 167, none) <= 10 * MS);
    assert_true(target_over_least_us(&arrivals, 167, 325, swing) <= 1600 * MS);
    int64_t after_us = target_over_least_us(&arrivals, 325, 400, none);
    assert_in_range(after_us, 1300 * MS, 1510 * MS);
    /* Ten seconds later as well, for it may be the first of many; */
    after_us = target_over_least_us(&arrivals, 400, 500, none);
    assert_in_range(after_us, 1300 * MS, 1510 * MS);
    /* five minutes later it is no longer. */
    assert_true(target_over_least_us(&arrivals, 500, 5500, none) <= 100 * MS);
}

static void a_spike_is_not(void **state)
{
    (void)state;
    struct ear_arrivals arrivals;
    ear_arrivals_init(&arrivals, 0);
    assert_true(target_over_least_us(&arrivals, 0, 500, spike) < 500 * MS);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_smaller_hold_waits),
        TEST(a_hold_of_no_use_goes_at_once),
        TEST(speech_is_cut_only_where_nobody_pauses),
        TEST(short_pauses_are_not_waited_for_for_ever),
        TEST(a_little_too_much_stays_until_the_next_spurt),
        TEST(an_outage_is_caught_up_in_time),
        TEST(stalls_in_a_row_are_gathered),
        TEST(a_slow_swing_is_waited_for_again),
        TEST(a_spike_is_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
