/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The receive window against a plain memory of all counters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "wire/replay.h"

static void begins_empty_and_remembers(void **state)
{
    (void)state;
    struct ear_replay replay = {0};
    assert_true(ear_replay_is_new(&replay, 0));
    ear_replay_mark(&replay, 0);
    assert_false(ear_replay_is_new(&replay, 0));
    assert_true(ear_replay_is_new(&replay, 1));
    ear_replay_mark(&replay, 5);
    for (uint64_t i = 1; i < 5; i++)
        assert_true(ear_replay_is_new(&replay, i));
    assert_false(ear_replay_is_new(&replay, 5));
}

static void window_has_its_exact_length(void **state)
{
    (void)state;
    for (uint64_t newest = EAR_REPLAY_WINDOW; newest < 3 * EAR_REPLAY_WINDOW; newest++) {
        struct ear_replay replay = {0};
        ear_replay_mark(&replay, newest);
        assert_true(ear_replay_is_new(&replay, newest - EAR_REPLAY_WINDOW + 1));
        assert_false(ear_replay_is_new(&replay, newest - EAR_REPLAY_WINDOW));
        ear_replay_mark(&replay, newest - EAR_REPLAY_WINDOW + 1);
        assert_false(ear_replay_is_new(&replay, newest - EAR_REPLAY_WINDOW + 1));
    }
}

static void looking_changes_nothing(void **state)
{
    (void)state;
    struct ear_replay replay = {0}, before;
    ear_replay_mark(&replay, 77);
    before = replay;
    for (uint64_t i = 0; i < 5000; i++)
        (void)ear_replay_is_new(&replay, i);
    assert_memory_equal(&replay, &before, sizeof replay);
}

#define COUNTERS 60000
#define SEEDS 20

/* Counters in any order, with jumps over the whole window, against an array that knows all. */
static void agrees_with_a_plain_memory(void **state)
{
    (void)state;
    static bool seen[COUNTERS];
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct ear_random random = ear_random_seeded(seed);
        struct ear_replay replay = {0};
        int64_t newest = -1;
        memset(seen, 0, sizeof seen);
        while (newest < COUNTERS - 4 * EAR_REPLAY_WINDOW) {
            int64_t jump = ear_random_below(&random, 50) == 0
                               ? (int64_t)ear_random_below(&random, 3 * EAR_REPLAY_WINDOW)
                               : 3 - (int64_t)ear_random_below(&random, 3 * EAR_REPLAY_WINDOW / 2);
            int64_t counter = ear_max64(0, newest + jump);
            bool expected =
                counter > newest || (newest - counter < EAR_REPLAY_WINDOW && !seen[counter]);
            bool got = ear_replay_is_new(&replay, (uint64_t)counter);
            if (got != expected)
                fail_msg("seed %d, counter %d, newest %d", (int)seed, (int)counter, (int)newest);
            if (!got)
                continue;
            ear_replay_mark(&replay, (uint64_t)counter);
            seen[counter] = true;
            newest = ear_max64(newest, counter);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(begins_empty_and_remembers),
        cmocka_unit_test(window_has_its_exact_length),
        cmocka_unit_test(looking_changes_nothing),
        cmocka_unit_test(agrees_with_a_plain_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
