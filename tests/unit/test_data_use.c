/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The data meter: what is used, left, reserved, and foretold. */
#include "fake/test.h"

#include "line/rate.h"
#include "store/data_use.h"

#define DAY_S ((int64_t)86400)
#define MB ((int64_t)1000000)
#define BEGIN_S ((int64_t)1772323200) /* the first of March 2026 */

static struct ear_data_month on_day(int day)
{
    return (struct ear_data_month){
        .begin_s = BEGIN_S, .end_s = BEGIN_S + 31 * DAY_S, .now_s = BEGIN_S + (day - 1) * DAY_S};
}

static struct ear_data_use use_of(int64_t used, int day, double budget_mb)
{
    const struct ear_data_month month = on_day(day);
    const struct ear_data_plan plan = {.budget_mb = budget_mb};
    return ear_data_use_of(used, &month, &plan);
}

static void the_months_calls_are_counted(void **state)
{
    (void)state;
    static const struct {
        int64_t begin_s, bytes;
    } made[] = {
        {BEGIN_S - 1, 64 * MB},           {BEGIN_S, 1 * MB},
        {BEGIN_S + 12 * DAY_S, 2 * MB},   {BEGIN_S + 31 * DAY_S - 1, 4 * MB},
        {BEGIN_S + 31 * DAY_S, 128 * MB}, {BEGIN_S + DAY_S, -8 * MB},
    };
    const struct ear_data_month month = on_day(20);
    struct ear_calls *calls;
    assert_int_equal(ear_calls_new(&calls), 0);
    assert_int_equal(ear_data_used(calls, &month), 0);
    for (size_t i = 0; i < EAR_COUNT(made); i++)
        ear_calls_add(
            calls, &(struct ear_call_record){.begin_s = made[i].begin_s, .bytes = made[i].bytes});
    assert_int_equal(ear_data_used(calls, &month), 7 * MB);
    ear_calls_free(calls);
}

static void warnings_come_in_time(void **state)
{
    (void)state;
    assert_int_equal(use_of(50 * MB, 10, 0).level, EAR_DATA_FREE); /* no budget */
    assert_int_equal(use_of(79 * MB, 10, 100).level, EAR_DATA_FREE);
    assert_int_equal(use_of(80 * MB, 10, 100).level, EAR_DATA_MOST);
    assert_int_equal(use_of(98 * MB, 10, 100).level, EAR_DATA_MOST);
    assert_int_equal(use_of(100 * MB - EAR_DATA_RESERVE_BYTES, 10, 100).level, EAR_DATA_RESERVE);
    assert_int_equal(use_of(100 * MB - 1, 10, 100).level, EAR_DATA_RESERVE);
    assert_int_equal(use_of(100 * MB, 10, 100).level, EAR_DATA_OVER);
    assert_int_equal(use_of(300 * MB, 10, 100).left_bytes, 0);
    /* a budget that is no more than the reserve */
    assert_int_equal(use_of(0, 10, 1).level, EAR_DATA_RESERVE);
}

static void the_end_is_foretold(void **state)
{
    (void)state;
    /* 50 of 100 MB in ten days: ten more days */
    assert_int_equal(use_of(50 * MB, 11, 100).lasts_until_s, BEGIN_S + 20 * DAY_S);
    assert_int_equal(use_of(10 * MB, 11, 100).lasts_until_s, 0); /* enough for the month */
    assert_int_equal(use_of(50 * MB, 2, 100).lasts_until_s, 0);  /* too early to say */
    assert_int_equal(use_of(0, 11, 100).lasts_until_s, 0);
    assert_int_equal(use_of(100 * MB, 11, 100).lasts_until_s, 0);
    assert_int_equal(use_of(50 * MB, 11, 0).lasts_until_s, 0);
}

static void prices_and_bundles(void **state)
{
    (void)state;
    const struct ear_data_month month = on_day(11);
    const struct ear_data_plan bundle = {.bundle_mb = 50, .bundle_price = 100};
    struct ear_data_use use = ear_data_use_of(45 * MB, &month, &bundle);
    assert_float_equal(use.price_per_mb, 2, 1e-9);
    assert_int_equal(use.budget_bytes, 50 * MB);
    assert_int_equal(use.level, EAR_DATA_MOST);
    const struct ear_data_plan both = {
        .price_per_mb = 3, .bundle_mb = 50, .bundle_price = 100, .budget_mb = 20};
    assert_float_equal(ear_data_price_per_mb(&both), 3, 1e-9);
    assert_int_equal(ear_data_use_of(0, &month, &both).budget_bytes, 20 * MB);
    assert_float_equal(ear_data_price_per_mb(&(struct ear_data_plan){.bundle_mb = 50}), 0, 1e-9);
}

/* 20 minutes in which one speaks at a time, and who listens says so twice a second. */
static void the_reserve_holds_an_urgent_call(void **state)
{
    (void)state;
    const struct ear_codec_format least = ear_rate_format(0);
    double bytes = (ear_rate_wire_bps(&least) + 2 * 43 * 8) / 8.0 * 20 * 60;
    assert_at_most(bytes, EAR_DATA_RESERVE_BYTES);
    assert_at_least(bytes, 0.9 * (double)EAR_DATA_RESERVE_BYTES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_months_calls_are_counted),
        cmocka_unit_test(warnings_come_in_time),
        cmocka_unit_test(the_end_is_foretold),
        cmocka_unit_test(prices_and_bundles),
        cmocka_unit_test(the_reserve_holds_an_urgent_call),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
