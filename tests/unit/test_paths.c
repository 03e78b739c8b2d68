/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Measuring direct ways against the relay, in virtual time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "call/paths.h"

#define MS ((int64_t)EAR_US_PER_MS)
#define S ((int64_t)EAR_US_PER_S)
#define WAITING 64

static const struct ear_address relay = {{'r'}, 1}, other_relay = {{'o'}, 1}, direct = {{'d'}, 1},
                                second = {{'s'}, 1};

/* How a way answers: every nth question not (0: all are answered), after a time. */
struct way {
    const struct ear_address *at;
    int64_t rtt_us; /* 0: never */
    int lost_nth;
};

struct answer {
    int64_t due_us;
    uint16_t number;
    const struct ear_address *from;
};

static struct ear_paths paths;
static struct answer waiting[WAITING];
static int waiting_count, asked;
static int64_t now;

static void ask(const struct way *ways, size_t count, uint16_t number)
{
    for (uint32_t i = 0; i < paths.count; i++) {
        if (!ear_paths_asks(&paths, &paths.at[i], &relay))
            continue;
        asked++;
        for (size_t k = 0; k < count; k++) {
            bool lost = ways[k].lost_nth > 0 && number % ways[k].lost_nth == 0;
            if (!ear_address_equal(ways[k].at, &paths.at[i].address) || ways[k].rtt_us == 0 || lost)
                continue;
            assert_true(waiting_count < WAITING);
            waiting[waiting_count++] = (struct answer){now + ways[k].rtt_us, number, ways[k].at};
        }
    }
}

static void take_answers(void)
{
    for (int i = 0; i < waiting_count;) {
        if (waiting[i].due_us > now) {
            i++;
            continue;
        }
        ear_paths_answered(&paths, waiting[i].from, waiting[i].number, now);
        waiting[i] = waiting[--waiting_count];
    }
}

/* Until a better way is found, or the time is over; returns it. */
static const struct ear_path *run(const struct way *ways, size_t count, int64_t duration_us)
{
    uint16_t number;
    for (int64_t until = now + duration_us; now < until; now += 10 * MS) {
        take_answers();
        const struct ear_path *better = ear_paths_better(&paths, &relay, now);
        if (better)
            return better;
        if (ear_paths_round(&paths, now, &number))
            ask(ways, count, number);
    }
    return NULL;
}

static int begin(void **state)
{
    (void)state;
    now = 1000 * S;
    waiting_count = asked = 0;
    ear_paths_clear(&paths);
    ear_paths_add(&paths, &direct, false);
    ear_paths_add(&paths, &relay, true);
    ear_paths_add(&paths, &other_relay, true);
    return 0;
}

static void a_better_way_takes_five_seconds(void **state)
{
    (void)state;
    const struct way ways[] = {{&relay, 200 * MS, 0}, {&direct, 100 * MS, 0}};
    assert_null(run(ways, 2, 60 * S));
    assert_int_equal(asked, 0); /* not before the call is relayed */
    int64_t begun = now;
    ear_paths_relayed(&paths, now);
    const struct ear_path *better = run(ways, 2, 10 * S);
    assert_non_null(better);
    assert_true(ear_address_equal(&better->address, &direct));
    assert_in_range(now - begun, 4500 * MS, 5500 * MS);
    assert_in_range(asked, 20, 24);
    ear_paths_direct(&paths);
    assert_null(run(ways, 2, 60 * S));
}

static void a_worse_way_is_left_alone(void **state)
{
    const struct way worse[][2] = {
        {{&relay, 200 * MS, 0}, {&direct, 230 * MS, 0}}, /* slower */
        {{&relay, 200 * MS, 0}, {&direct, 100 * MS, 3}}, /* loses more */
        {{&relay, 200 * MS, 0}, {&direct, 0, 0}},        /* not there */
        {{&relay, 0, 0}, {&direct, 0, 0}},               /* nothing is */
    };
    for (size_t i = 0; i < EAR_COUNT(worse); i++) {
        begin(state);
        ear_paths_relayed(&paths, now);
        assert_null(run(worse[i], 2, 600 * S));
    }
    const struct way good[][2] = {
        {{&relay, 200 * MS, 0}, {&direct, 219 * MS, 0}},
        {{&relay, 200 * MS, 3}, {&direct, 200 * MS, 3}},
        {{&relay, 0, 0}, {&direct, 2000 * MS, 2}},
    };
    for (size_t i = 0; i < EAR_COUNT(good); i++) {
        begin(state);
        ear_paths_relayed(&paths, now);
        assert_non_null(run(good[i], 2, 12 * S));
    }
}

static void an_hour_in_vain_costs_little(void **state)
{
    (void)state;
    const struct way ways[] = {{&relay, 200 * MS, 0}};
    ear_paths_relayed(&paths, now);
    assert_null(run(ways, 1, 3600 * S));
    print_message("questions in an hour: %d\n", asked);
    assert_in_range(asked, 90, 120);
    /* And yet a way that opens is found within three minutes. */
    const struct way open[] = {{&relay, 200 * MS, 0}, {&direct, 100 * MS, 0}};
    assert_non_null(run(open, 2, 180 * S));
}

static void the_best_of_two_is_taken(void **state)
{
    (void)state;
    const struct way ways[] = {
        {&relay, 200 * MS, 0}, {&direct, 150 * MS, 0}, {&second, 90 * MS, 0}};
    ear_paths_add(&paths, &second, false);
    ear_paths_relayed(&paths, now);
    const struct ear_path *better = run(ways, 3, 10 * S);
    assert_non_null(better);
    assert_true(ear_address_equal(&better->address, &second));
}

/* A way that breaks again and again is tried ever later. */
static void who_falls_back_often_waits(void **state)
{
    (void)state;
    const struct way ways[] = {{&relay, 200 * MS, 0}, {&direct, 100 * MS, 0}};
    int64_t took[6];
    for (int i = 0; i < 6; i++) {
        int64_t begun = now;
        ear_paths_relayed(&paths, now);
        assert_non_null(run(ways, 2, 300 * S));
        took[i] = now - begun;
        ear_paths_direct(&paths);
        now += 10 * S;
    }
    assert_true(took[1] < 6 * S && took[2] > 15 * S && took[3] > 30 * S && took[5] > 100 * S);
    assert_true(took[5] < 130 * S);
}

static void strange_answers_change_nothing(void **state)
{
    (void)state;
    uint16_t number;
    ear_paths_relayed(&paths, now);
    for (int i = 0; i < 12; i++, now += 500 * MS) {
        assert_true(ear_paths_round(&paths, now, &number));
        for (int k = 0; k < 30; k++) {
            ear_paths_answered(&paths, &direct, (uint16_t)(number + 1 + k), now);
            ear_paths_answered(&paths, &direct, (uint16_t)(number - 20 - k), now);
            ear_paths_answered(&paths, &second, number, now);
        }
        assert_null(ear_paths_better(&paths, &relay, now));
    }
}

static void there_is_room_for_those_seen(void **state)
{
    (void)state;
    for (int i = 0; i < 40; i++)
        ear_paths_add(&paths, &(struct ear_address){{'x', (uint8_t)i}, 2}, false);
    assert_int_equal(paths.count, EAR_PATHS_MAX - EAR_PATHS_SEEN);
    ear_paths_add(&paths, &(struct ear_address){.len = 0}, false);
    for (int i = 0; i < 40; i++)
        ear_paths_see(&paths, &(struct ear_address){{'y', (uint8_t)i}, 2}, false);
    assert_int_equal(paths.count, EAR_PATHS_MAX);
    for (int i = 0; i < 40; i++) {
        bool kept = ear_paths_find(&paths, &(struct ear_address){{'y', (uint8_t)i}, 2});
        assert_int_equal(kept, i >= 38);
    }
    assert_non_null(ear_paths_find(&paths, &direct));
    assert_non_null(ear_paths_find(&paths, &relay));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_better_way_takes_five_seconds, begin),
        cmocka_unit_test_setup(a_worse_way_is_left_alone, begin),
        cmocka_unit_test_setup(an_hour_in_vain_costs_little, begin),
        cmocka_unit_test_setup(the_best_of_two_is_taken, begin),
        cmocka_unit_test_setup(who_falls_back_often_waits, begin),
        cmocka_unit_test_setup(strange_answers_change_nothing, begin),
        cmocka_unit_test_setup(there_is_room_for_those_seen, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
