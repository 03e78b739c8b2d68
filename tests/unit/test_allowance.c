/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What of a wire budget is speech's, and what is left of it for repairs. */
#include "fake/test.h"
#include <setjmp.h>

#include "line/allowance.h"

#define USER_BPS 20000
#define PACKET_US (60 * MS)
#define START_US (100 * S)

/* Speech of `bps` for so long; returns the time then. */
static int64_t talk(struct ear_allowance *a, int bps, int64_t from_us, int64_t us)
{
    int64_t bytes = (int64_t)bps * PACKET_US / S / 8, now_us = from_us;
    for (; now_us < from_us + us; now_us += PACKET_US) {
        ear_allowance_sent(a, bytes, now_us);
        ear_allowance_all_sent(a, bytes, now_us);
    }
    return now_us;
}

static void speech_takes_what_nothing_else_needs(void **state)
{
    (void)state;
    struct ear_allowance a = {.user_bps = USER_BPS, .since_us = START_US};
    assert_int_equal(ear_allowance_speech_bps(&a, USER_BPS, true, START_US), 19000);
    int64_t now_us = talk(&a, 19000, START_US, 20 * S);
    assert_int_equal(ear_allowance_speech_bps(&a, USER_BPS, true, now_us), 19200);
    assert_int_equal(ear_allowance_speech_bps(&a, USER_BPS, false, now_us), 19000);
    ear_allowance_all_sent(&a, 125, now_us);
    assert_int_equal(ear_allowance_speech_bps(&a, USER_BPS, true, now_us), 19100);
    now_us = talk(&a, 19000, now_us, 11 * S);
    assert_int_equal(ear_allowance_speech_bps(&a, USER_BPS, true, now_us), 19200);
    /* Others are sent behind speech. */
    ear_allowance_all_sent(&a, 100000, now_us);
    assert_int_equal(ear_allowance_speech_bps(&a, USER_BPS, true, now_us), 19000);
}

static void what_a_line_seems_to_carry_is_not_filled(void **state)
{
    (void)state;
    struct ear_allowance a = {.user_bps = USER_BPS};
    assert_int_equal(ear_allowance_speech_bps(&a, 16000, true, START_US + 20 * S), 15200);
}

static void repairs_keep_the_budget(void **state)
{
    (void)state;
    struct ear_allowance a = {.user_bps = USER_BPS, .since_us = START_US};
    int64_t now_us = talk(&a, 19700, START_US, 20 * S);
    double room = ear_allowance_repair_bytes(&a, USER_BPS, USER_BPS, 19700, now_us);
    assert_at_most(room, 200); /* a packet and a half, as 10 s begin and end */
    /* Where less was said there is room, but no flood. */
    now_us = talk(&a, 10000, now_us, 10 * S);
    room = ear_allowance_repair_bytes(&a, USER_BPS, USER_BPS, 10000, now_us);
    assert_at_least(room, 2000);
    assert_at_most(room, 3750);
    /* What the plan takes of a whole budget is not taken for less in what is yet to come. */
    assert_at_most(ear_allowance_repair_bytes(&a, USER_BPS, USER_BPS, 19700, now_us), 2500);
    ear_allowance_sent(&a, 2750, now_us);
    assert_at_most(ear_allowance_repair_bytes(&a, USER_BPS, USER_BPS, 10000, now_us), 0);
    /* 10 s that begin within a second count as well: 7 500 bytes have gone, 15 000 will. */
    a = (struct ear_allowance){.user_bps = USER_BPS, .since_us = START_US};
    now_us = talk(&a, 24000, START_US, 2500 * MS);
    room = ear_allowance_repair_bytes(&a, USER_BPS, USER_BPS, 16000, now_us);
    assert_at_least(room, 800);
    assert_at_most(room, 1200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(speech_takes_what_nothing_else_needs),
        cmocka_unit_test(what_a_line_seems_to_carry_is_not_filled),
        cmocka_unit_test(repairs_keep_the_budget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
