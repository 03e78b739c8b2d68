/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The store of packets, and what the arrivals say about the delay. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "rx/arrivals.h"
#include "rx/jitter.h"

static int set_up(void **state)
{
    struct ear_jitter *jitter;
    if (ear_jitter_new(&jitter) < 0)
        return -1;
    *state = jitter;
    return 0;
}

static int tear_down(void **state)
{
    ear_jitter_free(*state);
    return 0;
}

static int put(struct ear_jitter *jitter, int64_t index, int units)
{
    struct ear_jitter_packet packet = {.index = index, .units = units, .len = 1};
    packet.bytes[0] = (uint8_t)index;
    return ear_jitter_put(jitter, &packet);
}

static void order_of_speech_is_restored(void **state)
{
    struct ear_jitter *jitter = *state;
    const int64_t came[] = {6, 0, 12, 3, 9};
    for (size_t i = 0; i < EAR_COUNT(came); i++)
        assert_int_equal(put(jitter, came[i], 3), 0);
    assert_int_equal(ear_jitter_span(jitter), 15);
    for (int64_t index = 0; index < 15; index += 3) {
        assert_int_equal(ear_jitter_due(jitter), EAR_JITTER_PACKET);
        assert_int_equal(ear_jitter_first(jitter)->index, index);
        assert_int_equal(ear_jitter_first(jitter)->bytes[0], index);
        ear_jitter_play(jitter);
        assert_int_equal(ear_jitter_next(jitter), index + 3);
    }
    assert_int_equal(ear_jitter_due(jitter), EAR_JITTER_NOTHING);
    assert_null(ear_jitter_first(jitter));
}

static void pauses_of_what_is_held_are_known(void **state)
{
    struct ear_jitter *jitter = *state;
    assert_int_equal(ear_jitter_pauses(jitter), 0);
    assert_int_equal(put(jitter, 0, 3), 0);
    assert_int_equal(put(jitter, 3, 0), 0);  /* falls silent, */
    assert_int_equal(put(jitter, 28, 0), 0); /* still is, */
    assert_int_equal(ear_jitter_pauses(jitter), 0);
    struct ear_jitter_packet spurt = {.index = 40, .units = 3, .spurt_start = true, .len = 1};
    assert_int_equal(ear_jitter_put(jitter, &spurt), 0);
    assert_int_equal(ear_jitter_pauses(jitter), 37);
    assert_int_equal(put(jitter, 49, 3), 0); /* two packets before that are missing */
    assert_int_equal(ear_jitter_pauses(jitter), 37);
    spurt.index = 60;
    assert_int_equal(ear_jitter_put(jitter, &spurt), 0);
    assert_int_equal(ear_jitter_pauses(jitter), 45);
}

static void doubles_and_overlaps_are_refused(void **state)
{
    struct ear_jitter *jitter = *state;
    assert_int_equal(put(jitter, 10, 3), 0);
    assert_int_equal(put(jitter, 10, 3), -EEXIST);
    assert_int_equal(put(jitter, 12, 3), -EEXIST);
    assert_int_equal(put(jitter, 8, 3), -EEXIST);
    assert_int_equal(put(jitter, 13, 3), 0);
    ear_jitter_play(jitter);
    assert_int_equal(put(jitter, 10, 3), -EEXIST);
    assert_int_equal(put(jitter, 11, 1), -EEXIST);
}

static void a_passed_turn_is_not_a_double(void **state)
{
    struct ear_jitter *jitter = *state;
    assert_int_equal(put(jitter, 0, 3), 0);
    assert_int_equal(put(jitter, 6, 3), 0);
    ear_jitter_play(jitter);
    assert_int_equal(ear_jitter_due(jitter), EAR_JITTER_LOST);
    ear_jitter_play(jitter);
    assert_int_equal(put(jitter, 3, 3), -ESTALE);
    assert_int_equal(put(jitter, 6, 3), -EEXIST);
}

static void pauses_are_told_from_loss(void **state)
{
    struct ear_jitter *jitter = *state;
    struct ear_jitter_packet silence = {.index = 3, .noise_db = -50};
    struct ear_jitter_packet spurt = {.index = 100, .units = 3, .spurt_start = true};
    assert_int_equal(put(jitter, 0, 3), 0);
    assert_int_equal(ear_jitter_put(jitter, &silence), 0);
    assert_int_equal(ear_jitter_put(jitter, &silence), -EEXIST);
    assert_int_equal(ear_jitter_put(jitter, &spurt), 0);
    ear_jitter_play(jitter);
    assert_int_equal(ear_jitter_due(jitter), EAR_JITTER_SILENCE);
    assert_int_equal(ear_jitter_first(jitter)->noise_db, -50);
    ear_jitter_play(jitter);
    assert_int_equal(ear_jitter_next(jitter), 3);
    assert_int_equal(ear_jitter_due(jitter), EAR_JITTER_PAUSE);
    ear_jitter_play(jitter);
    assert_int_equal(ear_jitter_next(jitter), 103);
}

static void a_spurt_may_start_where_silence_was_told(void **state)
{
    struct ear_jitter *jitter = *state;
    struct ear_jitter_packet silence = {.index = 50};
    assert_int_equal(put(jitter, 50, 1), 0);
    assert_int_equal(ear_jitter_put(jitter, &silence), 0);
    assert_int_equal(ear_jitter_due(jitter), EAR_JITTER_SILENCE);
    ear_jitter_play(jitter);
    assert_int_equal(ear_jitter_due(jitter), EAR_JITTER_PACKET);
}

/* Be its own copy that was played. */
static void an_early_start_is_played_once(void **state)
{
    struct ear_jitter *jitter = *state;
    struct ear_jitter_packet silence = {.index = 50};
    assert_int_equal(ear_jitter_put(jitter, &silence), 0);
    ear_jitter_play(jitter);
    assert_int_equal(ear_jitter_next(jitter), 50);
    assert_int_equal(put(jitter, 48, 3), 0);
    ear_jitter_play(jitter);
    assert_int_equal(ear_jitter_next(jitter), 51);
    assert_int_equal(put(jitter, 48, 3), -EEXIST);
    assert_int_equal(put(jitter, 46, 2), -ESTALE);
}

/* Thrown away one by one: the silence does not take what begins at its unit along. */
static void what_is_dropped_goes_alone(void **state)
{
    struct ear_jitter *jitter = *state;
    put(jitter, 0, 3);
    ear_jitter_play(jitter);
    put(jitter, 3, 0);
    put(jitter, 3, 3);
    assert_int_equal(ear_jitter_first(jitter)->units, 0);
    assert_int_equal(ear_jitter_drop(jitter), 0);
    assert_int_equal(ear_jitter_first(jitter)->units, 3);
    assert_int_equal(ear_jitter_drop(jitter), 1);
    assert_int_equal(ear_jitter_drop(jitter), 0);
    assert_null(ear_jitter_first(jitter));
}

static void a_full_store_refuses_and_recovers(void **state)
{
    struct ear_jitter *jitter = *state;
    for (int i = 0; i < EAR_JITTER_SLOTS; i++)
        assert_int_equal(put(jitter, i, 1), 0);
    assert_int_equal(put(jitter, EAR_JITTER_SLOTS, 1), -ENOBUFS);
    ear_jitter_play(jitter);
    assert_int_equal(put(jitter, EAR_JITTER_SLOTS, 1), 0);
    assert_int_equal(ear_jitter_skip(jitter, 1000), 999);
    assert_int_equal(ear_jitter_first(jitter)->index, 1000);
    ear_jitter_clear(jitter);
    assert_int_equal(put(jitter, 5, 1), 0);
    assert_int_equal(ear_jitter_span(jitter), 1);
}

static void leaps_of_hours_are_survived(void **state)
{
    struct ear_jitter *jitter = *state;
    int64_t index = 0;
    for (int i = 0; i < 20; i++, index += (int64_t)1 << (i + 20)) {
        assert_int_equal(put(jitter, index, 6), 0);
        ear_jitter_play(jitter);
        assert_int_equal(put(jitter, index, 6), -EEXIST);
        assert_int_equal(put(jitter, index - 1, 1), -ESTALE);
        assert_int_equal(put(jitter, index - 3000, 1), -ERANGE);
    }
}

/* Random arrival order with doubles against a plain table. */
static void random_puts_match_a_table(void **state)
{
    struct ear_jitter *jitter = *state;
    enum { UNITS = 4000, REACH = 300 };
    static bool held[UNITS], taken[UNITS];
    const uint64_t seed = 20;
    print_message("seed %llu\n", (unsigned long long)seed);
    struct ear_random random = ear_random_seeded(seed);
    int64_t next = 0;
    bool started = false;
    for (int round = 0; round < 100000; round++) {
        int64_t index = next + ear_random_below(&random, REACH) - REACH / 4;
        if (index < 0 || index >= UNITS)
            continue;
        int result = put(jitter, index, 1);
        bool passed = started && index < next;
        assert_int_equal(result, taken[index] || held[index] ? -EEXIST : passed ? -ESTALE : 0);
        held[index] |= result == 0;
        if (ear_random_below(&random, 3) || !ear_jitter_first(jitter))
            continue;
        int64_t first = started ? next : 0;
        while (!held[first])
            first++;
        assert_int_equal(ear_jitter_first(jitter)->index, first);
        ear_jitter_play(jitter);
        held[first] = false;
        taken[first] = true;
        next = first + 1;
        started = true;
    }
    assert_true(next > UNITS / 2);
}

#define MS ((int64_t)EAR_US_PER_MS)

static void feed(struct ear_arrivals *arrivals, int from, int packets, int64_t delay_us)
{
    for (int i = from; i < from + packets; i++)
        ear_arrivals_add(arrivals, i * 60 * MS, i * 60 * MS + delay_us, i * 60 * MS + delay_us,
                         false);
}

static void even_arrivals_want_no_delay(void **state)
{
    (void)state;
    struct ear_arrivals arrivals;
    ear_arrivals_init(&arrivals, 0);
    assert_false(ear_arrivals_known(&arrivals));
    feed(&arrivals, 0, 100, 200 * MS);
    assert_true(ear_arrivals_known(&arrivals));
    assert_int_equal(ear_arrivals_least_us(&arrivals), 200 * MS);
    assert_int_equal(ear_arrivals_target_us(&arrivals), 200 * MS);
    assert_int_equal(ear_arrivals_queueing_us(&arrivals), 0);
}

/* A tenth of the packets is 100 ms late: worth waiting for at 25 ms a percent, not at 5. */
static void the_price_decides(void **state)
{
    (void)state;
    const double prices[] = {2500, 500};
    const int64_t wanted[] = {100 * MS, 0};
    for (int k = 0; k < 2; k++) {
        struct ear_arrivals arrivals;
        ear_arrivals_init(&arrivals, prices[k]);
        for (int i = 0; i < 2000; i++)
            feed(&arrivals, i, 1, i % 10 == 9 ? 100 * MS : 0);
        assert_int_equal(ear_arrivals_scatter_us(&arrivals), wanted[k]);
    }
}

static void the_least_is_forgotten(void **state)
{
    (void)state;
    struct ear_arrivals arrivals;
    ear_arrivals_init(&arrivals, 0);
    feed(&arrivals, 0, 100, 50 * MS);
    feed(&arrivals, 100, 80, 350 * MS);
    assert_int_equal(ear_arrivals_least_us(&arrivals), 50 * MS);
    assert_int_equal(ear_arrivals_queueing_us(&arrivals), 300 * MS);
    feed(&arrivals, 180, 100, 350 * MS);
    assert_int_equal(ear_arrivals_least_us(&arrivals), 350 * MS);
    assert_int_equal(ear_arrivals_queueing_us(&arrivals), 0);
    feed(&arrivals, 280, 1, 20 * MS);
    assert_int_equal(ear_arrivals_least_us(&arrivals), 20 * MS);
}

static void a_spike_fades_from_the_target(void **state)
{
    (void)state;
    struct ear_arrivals arrivals;
    ear_arrivals_init(&arrivals, 0);
    feed(&arrivals, 0, 500, 0);
    feed(&arrivals, 500, 1, 3000 * MS);
    feed(&arrivals, 550, 100, 0);
    assert_int_equal(ear_arrivals_scatter_us(&arrivals), 0);
}

/* Radios that sleep in pauses deliver the first packet late: no reason to play the rest late. */
static void spurt_starts_teach_nothing(void **state)
{
    (void)state;
    struct ear_arrivals arrivals;
    ear_arrivals_init(&arrivals, 0);
    for (int i = 0; i < 500; i++) {
        int64_t journal_us = i * 60 * MS, came_us = journal_us + (i % 10 ? 0 : 800 * MS);
        ear_arrivals_add(&arrivals, journal_us, came_us, came_us, i % 10 == 0);
    }
    assert_int_equal(ear_arrivals_scatter_us(&arrivals), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(order_of_speech_is_restored, set_up, tear_down),
        cmocka_unit_test_setup_teardown(pauses_of_what_is_held_are_known, set_up, tear_down),
        cmocka_unit_test_setup_teardown(doubles_and_overlaps_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_passed_turn_is_not_a_double, set_up, tear_down),
        cmocka_unit_test_setup_teardown(pauses_are_told_from_loss, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_early_start_is_played_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_spurt_may_start_where_silence_was_told, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_is_dropped_goes_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_full_store_refuses_and_recovers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(leaps_of_hours_are_survived, set_up, tear_down),
        cmocka_unit_test_setup_teardown(random_puts_match_a_table, set_up, tear_down),
        cmocka_unit_test(even_arrivals_want_no_delay),
        cmocka_unit_test(the_price_decides),
        cmocka_unit_test(the_least_is_forgotten),
        cmocka_unit_test(a_spike_fades_from_the_target),
        cmocka_unit_test(spurt_starts_teach_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
