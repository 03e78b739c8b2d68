/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The meter against a sum over everything that ever flowed. */
#include "fake/test.h"

#include "base/random.h"
#include "line/meter.h"

#define EVENTS 4000
#define BIN (100 * MS)

static struct {
    int64_t at_us, amount;
} flowed[EVENTS];

/* What flowed in the bins that end with the one of at_us. */
static int64_t naive(int events, int64_t at_us, int bins)
{
    int64_t sum = 0, newest = at_us / BIN;
    for (int i = 0; i < events; i++)
        if (flowed[i].at_us / BIN <= newest && flowed[i].at_us / BIN > newest - bins)
            sum += flowed[i].amount;
    return sum;
}

static void it_agrees_with_a_naive_sum(void **state)
{
    (void)state;
    struct ear_random random = ear_random_seeded(SEED);
    struct ear_meter meter = {0};
    int64_t now = 123456789, total = 0, peak = 0;
    for (int i = 0; i < EVENTS; i++) {
        /* Mostly close together, sometimes after more than the meter remembers. */
        now += ear_random_below(&random, 50) == 0 ? ear_random_below(&random, 25000000)
                                                  : ear_random_below(&random, 150000);
        flowed[i].at_us = now;
        flowed[i].amount = ear_random_below(&random, 600);
        total += flowed[i].amount;
        ear_meter_add(&meter, now, flowed[i].amount);
        peak = ear_max64(peak, naive(i + 1, now, EAR_METER_BINS));
        int64_t look = now + ear_random_below(&random, 120000);
        int seconds = 1 + (int)ear_random_below(&random, 10);
        struct ear_meter copy = meter;
        double rate = ear_meter_rate(&copy, look, seconds);
        double expected = (double)naive(i + 1, look, 10 * seconds) / seconds;
        if (rate < expected - 1e-6 || rate > expected + 1e-6)
            fail_msg("%d s: %g, expected %g (event %d, seed %d)", seconds, rate, expected, i, SEED);
    }
    assert_int_equal(meter.total, total);
    assert_int_equal(meter.peak_10s, peak);
}

static void an_hour_of_nothing_is_nothing(void **state)
{
    (void)state;
    struct ear_meter meter = {0};
    ear_meter_add(&meter, 10 * S, 1000);
    assert_true(ear_meter_rate(&meter, 10 * S, 1) == 1000);
    assert_true(ear_meter_rate(&meter, 3610 * S, 10) == 0);
    assert_int_equal(meter.sum_10s, 0);
    assert_int_equal(meter.total, 1000);
    assert_int_equal(meter.peak_10s, 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_agrees_with_a_naive_sum),
        cmocka_unit_test(an_hour_of_nothing_is_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
