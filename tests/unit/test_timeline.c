/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is said keeps its place in time, whatever the microphone does. */
#include "fake/test.h"
#include <errno.h>
#include <setjmp.h>

#include "tx/timeline.h"

#define START_US (1000 * S)

/* A card that has a frame each 10 ms and hands them over late_us later; in each sample stands the
 * frame's number, 1 the first. */
static struct {
    struct ear_timeline timeline;
    int64_t now_us, late_us;
    int64_t frames; /* handed over */
    bool gone;
} w;

static int card_read(void *ctx, int64_t now_us, int16_t frame[static EAR_FRAME],
                     int64_t *ret_end_us)
{
    (void)ctx;
    if (w.gone)
        return -ENODEV;
    int64_t end_us = START_US + (w.frames + 1) * EAR_FRAME_US;
    if (end_us + w.late_us > now_us)
        return 0;
    w.frames++;
    for (size_t i = 0; i < EAR_FRAME; i++)
        frame[i] = (int16_t)w.frames;
    *ret_end_us = end_us;
    return 1;
}

static struct ear_mic card = {.read = card_read};

static int setup(void **state)
{
    (void)state;
    memset(&w, 0, sizeof w);
    w.now_us = START_US;
    ear_timeline_start(&w.timeline, &card, START_US);
    return 0;
}

/* What the frames told until then hold, in order; returns how many. */
static int run(int64_t us, int16_t *told, int room)
{
    int count = 0;
    int16_t frame[EAR_FRAME];
    for (int64_t until = w.now_us + us; w.now_us < until;) {
        w.now_us += 5 * MS;
        while (ear_timeline_next(&w.timeline, w.now_us, frame)) {
            assert_true(count < room);
            assert_int_equal(frame[0], frame[EAR_FRAME - 1]);
            told[count++] = frame[0];
        }
    }
    return count;
}

static void a_steady_card_is_passed_on(void **state)
{
    (void)state;
    int16_t told[100];
    assert_int_equal(run(1 * S, told, 100), 100);
    for (int i = 0; i < 100; i++)
        assert_int_equal(told[i], i + 1);
    assert_int_equal(w.timeline.t0_us, START_US);
}

static void what_was_gathered_before_is_passed_over(void **state)
{
    (void)state;
    ear_timeline_start(&w.timeline, &card, START_US + 40 * MS);
    w.now_us = START_US + 40 * MS;
    int16_t told[10];
    assert_int_equal(run(100 * MS, told, 10), 10);
    assert_int_equal(told[0], 5);
    assert_int_equal(w.timeline.t0_us, START_US + 40 * MS);
}

/* Less than the slack late: nothing stands in, and nothing is missing. */
static void a_stutter_loses_nothing(void **state)
{
    (void)state;
    int16_t told[100];
    assert_int_equal(run(500 * MS, told, 100), 50);
    w.late_us = 70 * MS;
    assert_int_equal(run(70 * MS, told, 100), 0);
    w.late_us = 0;
    assert_int_equal(run(430 * MS, told, 100), 50);
    for (int i = 0; i < 50; i++)
        assert_int_equal(told[i], 51 + i);
}

/* Where silence stood in, what comes later stands where it was spoken, or later by the slack at
 * most: so much of the gap is heard yet, all that follows without another. */
static void a_gap_is_silence(void **state)
{
    (void)state;
    int16_t told[300];
    assert_int_equal(run(500 * MS, told, 300), 50);
    w.late_us = 300 * MS;
    int silent = run(300 * MS, told, 300);
    assert_in_range(silent, 22, 30);
    for (int i = 0; i < silent; i++)
        assert_int_equal(told[i], 0);
    w.late_us = 0;
    int count = silent + run(1 * S, told + silent, 300 - silent);
    int at = silent;
    while (told[at] == 0)
        at++;
    assert_at_most(at - silent, 1);
    for (; at < count; at++) {
        assert_int_equal(told[at], told[at - 1] == 0 ? told[at] : told[at - 1] + 1);
        assert_in_range(50 + at + 1 - told[at], 0, 8); /* the slack, in frames */
    }
    assert_int_equal(told[count - 1], 180);
}

static void a_card_that_is_gone_leaves_the_clock(void **state)
{
    (void)state;
    int16_t told[300];
    assert_int_equal(run(100 * MS, told, 300), 10);
    w.gone = true;
    assert_int_equal(run(1 * S, told, 300), 100);
    assert_true(w.timeline.capture.gone);
    w.gone = false;
    w.frames = 110;
    assert_int_equal(run(1 * S, told, 300), 100);
    assert_int_equal(told[99], 210);
}

/* One that never gives anything: time runs from the start, be it 80 ms later. */
static void without_a_card_there_is_silence(void **state)
{
    (void)state;
    int16_t told[200];
    w.gone = true;
    assert_int_equal(run(75 * MS, told, 200), 0);
    assert_int_equal(run(925 * MS, told, 200), 100);
    assert_int_equal(w.timeline.t0_us, START_US);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_steady_card_is_passed_on, setup),
        cmocka_unit_test_setup(what_was_gathered_before_is_passed_over, setup),
        cmocka_unit_test_setup(a_stutter_loses_nothing, setup),
        cmocka_unit_test_setup(a_gap_is_silence, setup),
        cmocka_unit_test_setup(a_card_that_is_gone_leaves_the_clock, setup),
        cmocka_unit_test_setup(without_a_card_there_is_silence, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
