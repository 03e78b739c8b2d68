/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When a line is doubted, lost, back and given up, to the microsecond. */
#include "fake/test.h"

#include "line/liveness.h"

#define START (7000 * S)

static struct ear_liveness started(void)
{
    struct ear_liveness l;
    ear_liveness_start(&l, START);
    return l;
}

static void promises_are_kept(void **state)
{
    (void)state;
    /* The user is to know within 2 s; the engine looks at least each 20 ms. */
    assert_true(EAR_LIVENESS_LOST_US + 40 * MS < 2 * S);
    assert_true(EAR_LIVENESS_MUTE_US == 10 * S);
    assert_true(EAR_LIVENESS_HOLD_US >= 120 * S);
}

static void lost_and_gone_come_once_each_and_in_time(void **state)
{
    (void)state;
    struct ear_liveness l = started();
    int lost = 0;
    for (int64_t t = START; t < START + EAR_LIVENESS_HOLD_US; t += MS) {
        enum ear_liveness_verdict verdict = ear_liveness_tick(&l, t);
        if (verdict == EAR_LIVENESS_LOST) {
            assert_int_equal(t - START, EAR_LIVENESS_LOST_US);
            lost++;
        } else {
            assert_int_equal(verdict, EAR_LIVENESS_SAME);
        }
    }
    assert_int_equal(lost, 1);
    assert_int_equal(ear_liveness_tick(&l, START + EAR_LIVENESS_HOLD_US), EAR_LIVENESS_GONE);
}

static void a_line_in_use_is_never_lost(void **state)
{
    (void)state;
    struct ear_liveness l = started();
    for (int64_t t = START; t < START + 3600 * S; t += EAR_LIVENESS_LOST_US - 1) {
        assert_int_equal(ear_liveness_tick(&l, t), EAR_LIVENESS_SAME);
        assert_int_equal(ear_liveness_heard(&l, t), EAR_LIVENESS_SAME);
    }
}

static void back_comes_once(void **state)
{
    (void)state;
    struct ear_liveness l = started();
    int64_t t = START + 50 * S;
    assert_int_equal(ear_liveness_tick(&l, t), EAR_LIVENESS_LOST);
    assert_int_equal(ear_liveness_heard(&l, t), EAR_LIVENESS_BACK);
    assert_int_equal(ear_liveness_heard(&l, t), EAR_LIVENESS_SAME);
    assert_int_equal(ear_liveness_tick(&l, t + EAR_LIVENESS_LOST_US - 1), EAR_LIVENESS_SAME);
    assert_int_equal(ear_liveness_tick(&l, t + EAR_LIVENESS_LOST_US), EAR_LIVENESS_LOST);
}

/* Probes sent in the span after the last thing heard. */
static int probes(int64_t from_us, int64_t until_us)
{
    struct ear_liveness l = started();
    int count = 0;
    for (int64_t t = START; t < START + until_us; t += MS) {
        ear_liveness_tick(&l, t);
        bool probe = ear_liveness_probe(&l, t);
        count += probe && t >= START + from_us;
    }
    return count;
}

static void it_knocks_when_in_doubt_and_seldom_when_lost(void **state)
{
    (void)state;
    assert_int_equal(probes(0, 1000 * MS), 0);
    assert_int_equal(probes(1000 * MS, EAR_LIVENESS_LOST_US), 18); /* 2, and 16 in deep doubt */
    /* One a second keeps the bytes of a long outage small. */
    assert_int_equal(probes(10 * S, 110 * S), 100);
}

static void speech_stops_after_ten_seconds(void **state)
{
    (void)state;
    struct ear_liveness l = started();
    assert_true(ear_liveness_speech_worth(&l, START));
    assert_true(ear_liveness_speech_worth(&l, START + EAR_LIVENESS_MUTE_US - 1));
    assert_false(ear_liveness_speech_worth(&l, START + EAR_LIVENESS_MUTE_US));
    ear_liveness_heard(&l, START + 60 * S);
    assert_true(ear_liveness_speech_worth(&l, START + 60 * S));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(promises_are_kept),
        cmocka_unit_test(lost_and_gone_come_once_each_and_in_time),
        cmocka_unit_test(a_line_in_use_is_never_lost),
        cmocka_unit_test(back_comes_once),
        cmocka_unit_test(it_knocks_when_in_doubt_and_seldom_when_lost),
        cmocka_unit_test(speech_stops_after_ten_seconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
