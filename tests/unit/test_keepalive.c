/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is silent tells the more often that he is there, the more is lost. */
#include "fake/test.h"

#include "line/keepalive.h"
#include "line/liveness.h"

#define TOLD 1000
#define LATER (60 * S)

static int64_t every_us(double loss, bool stalls)
{
    const struct ear_line line = {.known = true, .loss_slow = loss, .stalls = stalls};
    return ear_keepalive_us(&line, TOLD, LATER);
}

static void the_more_is_lost_the_more_often(void **state)
{
    (void)state;
    assert_int_equal(every_us(0, false), 500 * MS);
    assert_int_equal(every_us(1, false), 100 * MS);
    for (int percent = 1; percent <= 100; percent++)
        assert_true(every_us(percent / 100.0, false) <= every_us((percent - 1) / 100.0, false));
}

/* As many are sent within the time after which a line counts as lost that all of them are lost less
 * than twice in ten thousand times; what is asked in doubt comes on top of that. */
static void all_are_seldom_lost(void **state)
{
    (void)state;
    for (double loss = 0.05; loss < 0.55; loss += 0.05) {
        double told = loss * 0.9, none = 1; /* told in silence is less */
        for (int64_t at = 0; at < EAR_LIVENESS_LOST_US; at += every_us(told, false))
            none *= loss;
        assert_at_most(none, 2e-4);
    }
}

static void where_it_stalls_two_come_in_time(void **state)
{
    (void)state;
    assert_int_equal(every_us(0, true), 250 * MS);
    assert_int_equal(every_us(1, true), 100 * MS);
}

/* A line of which little was told is not taken for a good one; one that nobody tells of at all is
 * not fed for ever. */
static void what_is_not_known_is_doubted(void **state)
{
    (void)state;
    const struct ear_line known = {.known = true}, unknown = {0};
    assert_int_equal(ear_keepalive_us(&known, 3, LATER), 120 * MS);
    assert_int_equal(ear_keepalive_us(&known, TOLD, 1 * S), 500 * MS);
    assert_int_equal(ear_keepalive_us(&unknown, 0, 1 * S), 120 * MS);
    assert_int_equal(ear_keepalive_us(&unknown, 0, LATER), 500 * MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_more_is_lost_the_more_often),
        cmocka_unit_test(all_are_seldom_lost),
        cmocka_unit_test(where_it_stalls_two_come_in_time),
        cmocka_unit_test(what_is_not_known_is_doubted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
