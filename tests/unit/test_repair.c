/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The queue of what was asked for: in order, each unit once, and what was sent lately. */
#include "fake/test.h"

#include "base/random.h"
#include "call/repair.h"

#define UNITS 400

static struct ear_repair repair;

static void assert_ask(size_t at, int64_t from, int64_t to)
{
    assert_true(at < repair.count);
    assert_int_equal(repair.ask[at].from, from);
    assert_int_equal(repair.ask[at].to, to);
}

/* What the listener has given up makes room, not what is long or goes without being asked for. */
static void what_is_asked_for_no_more_goes(void **state)
{
    (void)state;
    ear_repair_clear(&repair);
    ear_repair_ask(&repair, 10, 13, 100);
    ear_repair_ask(&repair, 20, 23, 200);
    ear_repair_ask(&repair, 30, 90, 100);
    ear_repair_ask(&repair, 95, 98, EAR_REPAIR_UNASKED);
    ear_repair_forget(&repair, 10, 100);
    assert_int_equal(repair.count, 4);
    ear_repair_ask(&repair, 12, 13, 150); /* once more */
    ear_repair_forget(&repair, 10, 150);
    assert_int_equal(repair.count, 4);
    ear_repair_forget(&repair, 10, 151);
    assert_int_equal(repair.count, 3);
    assert_ask(0, 20, 23);
    ear_repair_forget(&repair, 10, 1000);
    assert_int_equal(repair.count, 2);
    assert_ask(0, 30, 90);
    assert_ask(1, 95, 98);
}

static void the_oldest_comes_first(void **state)
{
    (void)state;
    ear_repair_clear(&repair);
    assert_false(ear_repair_waits(&repair));
    assert_int_equal(ear_repair_end(&repair, 77), 77);
    ear_repair_ask(&repair, 50, 53, 0);
    ear_repair_ask(&repair, 10, 13, 0);
    ear_repair_ask(&repair, 30, 33, 0);
    ear_repair_ask(&repair, 40, 40, 0); /* nothing */
    assert_int_equal(repair.count, 3);
    assert_int_equal(ear_repair_first(&repair).from, 10);
    assert_int_equal(ear_repair_end(&repair, 77), 53);
    ear_repair_done(&repair, 11);
    assert_ask(0, 11, 13);
    ear_repair_done(&repair, 13);
    assert_ask(0, 30, 33);
    ear_repair_done(&repair, 99);
    ear_repair_done(&repair, 99);
    assert_false(ear_repair_waits(&repair));
    ear_repair_done(&repair, 99);
}

static void what_meets_is_one(void **state)
{
    (void)state;
    ear_repair_clear(&repair);
    ear_repair_ask(&repair, 10, 20, 0);
    ear_repair_ask(&repair, 30, 40, 0);
    ear_repair_ask(&repair, 12, 15, 0);
    assert_int_equal(repair.count, 2);
    ear_repair_ask(&repair, 20, 30, 0); /* touches both */
    assert_int_equal(repair.count, 1);
    assert_ask(0, 10, 40);
    ear_repair_ask(&repair, 0, 100, 0);
    assert_ask(0, 0, 100);
}

static void an_ask_too_many_is_dropped(void **state)
{
    (void)state;
    ear_repair_clear(&repair);
    for (int64_t i = 0; i < EAR_REPAIR_ASKS + 5; i++)
        ear_repair_ask(&repair, 10 * i, 10 * i + 3, 0);
    assert_int_equal(repair.count, EAR_REPAIR_ASKS);
    assert_int_equal(ear_repair_end(&repair, -1), 10 * (EAR_REPAIR_ASKS - 1) + 3);
    ear_repair_ask(&repair, 3, 10, 0); /* joins two, and there is room again */
    ear_repair_ask(&repair, 1000, 1003, 0);
    assert_int_equal(repair.count, EAR_REPAIR_ASKS);
    assert_int_equal(ear_repair_end(&repair, -1), 1003);
}

/* Against a list of all units: none is lost, none is there that nobody asked for. */
static void any_order_gives_the_same_units(void **state)
{
    (void)state;
    for (uint64_t seed = SEED; seed < SEED + 200; seed++) {
        struct ear_random r = ear_random_seeded(seed);
        bool asked[UNITS] = {false};
        ear_repair_clear(&repair);
        for (int i = 0; i < EAR_REPAIR_ASKS; i++) {
            int64_t from = ear_random_below(&r, UNITS), to = from + ear_random_below(&r, 9);
            to = ear_min64(to, UNITS);
            ear_repair_ask(&repair, from, to, 0);
            for (int64_t unit = from; unit < to; unit++)
                asked[unit] = true;
        }
        int64_t before = -1;
        bool waits[UNITS] = {false};
        while (ear_repair_waits(&repair)) {
            struct ear_repair_ask first = ear_repair_first(&repair);
            if (first.from <= before)
                fail_msg("not in order (seed %d)", (int)seed);
            waits[first.from] = true;
            before = first.from;
            ear_repair_done(&repair, first.from + 1);
        }
        if (memcmp(asked, waits, sizeof asked) != 0)
            fail_msg("other units wait than were asked for (seed %d)", (int)seed);
    }
}

static void what_was_sent_lately_is_known(void **state)
{
    (void)state;
    ear_repair_clear(&repair);
    ear_repair_note(&repair, 7, 100);
    ear_repair_note(&repair, 9, 200);
    assert_true(ear_repair_is_recent(&repair, 7, 99));
    assert_false(ear_repair_is_recent(&repair, 7, 100));
    assert_false(ear_repair_is_recent(&repair, 8, 0));
    for (int i = 0; i < EAR_REPAIR_RECENT - 1; i++)
        ear_repair_note(&repair, 1000 + i, 300);
    assert_false(ear_repair_is_recent(&repair, 7, 0)); /* forgotten */
    assert_true(ear_repair_is_recent(&repair, 9, 0));
}

static void what_did_not_leave_was_not_sent(void **state)
{
    (void)state;
    ear_repair_clear(&repair);
    for (int i = 0; i < EAR_REPAIR_RECENT + 10; i++)
        ear_repair_note(&repair, i, 100);
    ear_repair_unnote(&repair, 2);
    assert_false(ear_repair_is_recent(&repair, EAR_REPAIR_RECENT + 9, 0));
    assert_false(ear_repair_is_recent(&repair, EAR_REPAIR_RECENT + 8, 0));
    assert_true(ear_repair_is_recent(&repair, EAR_REPAIR_RECENT + 7, 0));
    ear_repair_note(&repair, 5000, 200);
    assert_true(ear_repair_is_recent(&repair, 5000, 0));
    ear_repair_clear(&repair);
    ear_repair_unnote(&repair, 3);
    assert_int_equal(repair.recent_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_oldest_comes_first),
        cmocka_unit_test(what_is_asked_for_no_more_goes),
        cmocka_unit_test(what_meets_is_one),
        cmocka_unit_test(an_ask_too_many_is_dropped),
        cmocka_unit_test(any_order_gives_the_same_units),
        cmocka_unit_test(what_was_sent_lately_is_known),
        cmocka_unit_test(what_did_not_leave_was_not_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
