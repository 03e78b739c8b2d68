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

/* When the last of so many pieces leaves; each goes at the first step at or after its time. */
static int64_t backlog(int pieces, int64_t bytes, int64_t step_us)
{
    int64_t due_us = START_US, now_us = START_US;
    for (int i = 0; i < pieces; i++) {
        while (now_us < due_us)
            now_us += step_us;
        due_us = ear_allowance_backlog_us(USER_BPS, due_us, bytes, now_us);
    }
    return due_us;
}

static void a_backlog_keeps_the_budgets_pace(void **state)
{
    (void)state;
    /* 100 pieces of 250 bytes at 20 kbit/s are 10 s; a little is left to what else is sent. */
    for (int64_t step_us = 1 * MS; step_us <= 40 * MS; step_us += 13 * MS) {
        int64_t us = backlog(100, 250, step_us) - START_US;
        assert_at_least(us, 10 * S);
        assert_at_most(us, 10200 * MS);
    }
    /* What was not sent for long is not made up for: 100 ms a piece, 60 ms of them forgiven. */
    int64_t late_us = START_US + 5 * S;
    int64_t next_us = ear_allowance_backlog_us(USER_BPS, START_US, 250, late_us);
    assert_at_least(next_us, late_us + 40 * MS);
    assert_at_most(next_us, late_us + 45 * MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(speech_takes_what_nothing_else_needs),
        cmocka_unit_test(what_a_line_seems_to_carry_is_not_filled),
        cmocka_unit_test(repairs_keep_the_budget),
        cmocka_unit_test(a_backlog_keeps_the_budgets_pace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
