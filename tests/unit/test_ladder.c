/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The wire budget and the rung, over lines that do what lines do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "line/budget_steps.h"

#include "../fake/line_scene.h"

#define SEEDS 3

#define at_most(s, what, value, most) check(s, what, value, -INFINITY, most)
#define at_least(s, what, value, least) check(s, what, value, least, INFINITY)

static void check(const struct line_scene *s, const char *what, double value, double least,
                  double most)
{
    if (value >= least && value <= most)
        return;
    print_message("%s: %g, expected %g to %g (at %.1f s, seed %d)\n", what, value, least, most,
                  (double)s->now_us / LINE_S, (int)s->seed);
    fail();
}

#define for_seeds(s, text, user_bps)                                                               \
    for (uint64_t seed = 1; seed <= SEEDS; seed++)                                                 \
        for (struct line_scene *s = line_scene_new(text, user_bps, seed); s;                       \
             line_scene_free(s), s = NULL)

/* Budgets whose queue rises slowly, and as fast as it may be seen; the drop falls anywhere between
 * two reports. */
static void a_drop_from_64_to_20_is_answered_in_time(void **state)
{
    (void)state;
    static const int budgets_bps[] = {26000, 32000, 48000};
    for (size_t k = 0; k < EAR_COUNT(budgets_bps); k++) {
        for_seeds(s, "delay = 100 ms\nrate = 64 kbit/s\nqueue = 1 s", budgets_bps[k])
        {
            line_run(s, 120 + 0.17 * (double)seed);
            assert_true(s->ladder.budget.steady_bps == budgets_bps[k]);
            s->effects[0].rate_bps = 20000;
            line_run(s, 180);
            at_most(s, "queue after 10 s, ms", line_sum(s, 130, 131).queue_most_ms, 250);
            /* A second's queue is full .7 s after 48 kbit/s met 20: nobody can know sooner. */
            at_most(s, "thrown away", (double)s->overflowed, budgets_bps[k] > 32000 ? 2 : 0);
            at_least(s, "budget after", line_sum(s, 150, 180).budget_bps, 17000);
            assert_int_equal(s->downs, 1);
        }
    }
}

static void a_stable_line_is_used(void **state)
{
    (void)state;
    for_seeds(s, "delay = 100 ms\nrate = 24 kbit/s\nqueue = 1 s", 40000)
    {
        line_run(s, 300);
        at_least(s, "share used", line_sum(s, 60, 300).budget_bps / 24000, 0.85);
        at_most(s, "mean queue, ms", line_sum(s, 60, 300).queue_ms, 60);
        at_most(s, "thrown away", (double)s->overflowed, 0);
    }
}

static void a_thin_line_is_found_within_3_s(void **state)
{
    (void)state;
    for_seeds(s, "thin12", 16000)
    {
        line_run(s, 60);
        double found_s = 0;
        for (size_t i = 0; i < s->note_count; i++)
            found_s = s->notes[i].budget_bps > 13500 ? (double)(i + 1) / 10 : found_s;
        at_most(s, "found after, s", found_s, 3);
        at_most(s, "thrown away", (double)s->overflowed, 0);
        assert_int_equal(s->say.rung, EAR_RUNG_LONGER);
        line_run(s, 600);
        at_least(s, "share used", line_sum(s, 60, 600).budget_bps / 12000, 0.85);
    }
}

static void a_line_a_little_wider_than_the_budget_stays_empty(void **state)
{
    (void)state;
    for_seeds(s, "thin16", 15000)
    {
        line_run(s, 600);
        at_most(s, "share of time over 150 ms", line_sum(s, 0, 600).queue_150_share, 0.01);
        at_least(s, "budget", line_sum(s, 0, 600).budget_bps, 14900);
    }
}

static void other_peoples_queues_are_left_to_them(void **state)
{
    (void)state;
    for_seeds(s, "bufferbloat", 26000)
    {
        line_run(s, 600);
        at_least(s, "bufferbloat budget", line_sum(s, 30, 600).budget_bps, 15500);
        at_least(s, "bufferbloat least", line_sum(s, 30, 600).steady_least_bps, 16000);
    }
    for_seeds(s, "3g-congested", 26000)
    {
        line_run(s, 900);
        at_least(s, "congested budget", line_sum(s, 30, 900).budget_bps, 15000);
        at_least(s, "congested steady", line_sum(s, 30, 900).steady_bps, 16000);
    }
}

/* Their reports come as late as their queue is long; the lesser load does not wait for all. */
static void a_test_of_their_queue_is_short(void **state)
{
    (void)state;
    for_seeds(s, "bufferbloat", 18000)
    {
        line_run(s, 600);
        int longest = 0, lasts = 0, least = 0;
        for (size_t i = 0; i < s->note_count; i++) {
            lasts = s->notes[i].phase == EAR_BUDGET_TEST ? lasts + 1 : 0;
            longest = lasts > longest ? lasts : longest;
            least += lasts > 0 && s->notes[i].budget_bps < 10000;
        }
        at_least(s, "tests", s->tests, 3);
        at_most(s, "longest test, s", longest / 10.0, 4);
        at_most(s, "of each at the least load, s", least / 10.0 / s->tests, 2);
    }
}

static void chance_takes_nothing_from_the_budget(void **state)
{
    (void)state;
    static const char *const links[] = {"loss10", "loss30", "loss50", "burst20", "edge", "vsat"};
    for (size_t i = 0; i < EAR_COUNT(links); i++) {
        struct line_scene *s = line_scene_new(links[i], 16000, i + 1);
        line_run(s, 900);
        at_least(s, links[i], line_sum(s, 0, 900).steady_bps, 15950);
        assert_int_equal(s->say.rung, EAR_RUNG_FULL);
        assert_int_equal(s->rung_changes, 0);
        line_scene_free(s);
    }
}

static void an_outage_costs_one_step_for_a_while(void **state)
{
    (void)state;
    for_seeds(s, "delay = 100 ms", 20000)
    {
        line_run(s, 60);
        assert_true(s->ladder.budget.steady_bps == 20000);
        s->cut[0] = s->cut[1] = true;
        int probes = s->probes;
        line_run(s, 90);
        assert_int_equal(s->say.rung, EAR_RUNG_FULL);
        s->cut[0] = s->cut[1] = false;
        line_run(s, 92);
        assert_true(s->ladder.budget.steady_bps == 18000);
        assert_int_equal(s->say.budget_why, EAR_LADDER_OUTAGE);
        line_run(s, 98);
        assert_true(s->ladder.budget.steady_bps == 20000);
        assert_int_equal(s->probes, probes); /* it is known to be there */
    }
}

/* When it ends nothing of ours has been confirmed for as long: that is no reason to be silent. */
static void a_long_outage_leaves_the_rung(void **state)
{
    (void)state;
    for_seeds(s, "delay = 400 ms", 20000)
    {
        line_run(s, 60);
        s->cut[0] = s->cut[1] = true;
        line_run(s, 180);
        s->cut[0] = s->cut[1] = false;
        s->deaf = true; /* their first report comes later than their first word */
        for (double at = 180; at < 190; at += 0.1) {
            line_run(s, at);
            assert_int_equal(s->say.rung, EAR_RUNG_FULL);
        }
        s->deaf = false;
        line_run(s, 240);
        assert_int_equal(s->rung_changes, 0);
    }
}

static void unheard_halves_and_then_only_messages_are_left(void **state)
{
    (void)state;
    for_seeds(s, "delay = 100 ms", 20000)
    {
        line_run(s, 60);
        s->deaf = true; /* they talk, they answer, but nothing of ours comes through */
        line_run(s, 64);
        assert_true(s->ladder.budget.steady_bps <= 10000);
        assert_int_equal(s->say.budget_why, EAR_LADDER_UNHEARD);
        line_run(s, 84);
        assert_true(s->say.rung < EAR_RUNG_TURNS);
        line_run(s, 91);
        assert_int_equal(s->say.rung, EAR_RUNG_MESSAGE);
        assert_int_equal(s->say.rung_why, EAR_LADDER_NOTHING);
        s->deaf = false;
        line_run(s, 111);
        assert_int_equal(s->say.rung, EAR_RUNG_MESSAGE);
        line_run(s, 300);
        assert_true(s->say.rung <= EAR_RUNG_LONGER);
    }
}

/* Unheard by one way, heard by another. */
static void another_way_begins_a_step_below_what_was(void **state)
{
    (void)state;
    for_seeds(s, "delay = 100 ms", 20000)
    {
        line_run(s, 60);
        double before_bps = s->ladder.budget.steady_bps;
        s->deaf = true;
        line_run(s, 64);
        assert_true(s->ladder.budget.steady_bps <= before_bps / 2);
        s->deaf = false;
        ear_line_view_move(&s->view, s->now_us);
        ear_ladder_move(&s->ladder, s->now_us);
        line_run(s, 66);
        assert_true(s->ladder.budget.steady_bps >= ear_budget_steps_below(before_bps));
    }
}

static void a_line_too_thin_for_two_means_taking_turns(void **state)
{
    (void)state;
    for_seeds(s, "delay = 200 ms\nrate = 7 kbit/s\nqueue = 3 s", 16000)
    {
        line_run(s, 40);
        assert_int_equal(s->say.rung, EAR_RUNG_TURNS);
        assert_int_equal(s->say.rung_why, EAR_LADDER_TOO_THIN);
        s->effects[0].rate_bps = 64000;
        line_run(s, 55);
        assert_int_equal(s->say.rung, EAR_RUNG_TURNS); /* up only after a while */
        line_run(s, 300);
        assert_int_equal(s->say.rung, EAR_RUNG_FULL);
    }
}

static void gaps_in_turns_mean_a_stream_and_back(void **state)
{
    (void)state;
    struct line_scene *s = line_scene_new("delay = 100 ms", 16000, 1);
    s->ladder.rung = EAR_RUNG_TURNS;
    s->ask.concealed = 0.3;
    line_run(s, 9);
    assert_int_equal(s->say.rung, EAR_RUNG_TURNS);
    line_run(s, 12);
    assert_int_equal(s->say.rung, EAR_RUNG_STREAM);
    assert_int_equal(s->say.rung_why, EAR_LADDER_GAPS);
    s->ask.concealed = 0.01;
    line_run(s, 35);
    assert_int_equal(s->say.rung, EAR_RUNG_STREAM);
    line_run(s, 40);
    assert_int_equal(s->say.rung, EAR_RUNG_TURNS);
    line_run(s, 70);
    assert_int_equal(s->say.rung, EAR_RUNG_FULL);
    line_scene_free(s);
}

static void turns_are_offered_where_both_talk_at_once(void **state)
{
    (void)state;
    struct line_scene *s = line_scene_new("delay = 100 ms", 16000, 1);
    s->ask.mouth_to_ear_rtt_ms = 1600;
    line_run(s, 5);
    assert_false(s->say.turns_offered);
    s->ask.collisions_per_min = 4;
    line_run(s, 6);
    assert_true(s->say.turns_offered);
    assert_int_equal(s->say.offer_why, EAR_LADDER_SLOW_ECHO);
    assert_int_equal(s->say.rung, EAR_RUNG_FULL); /* offered, not forced */
    s->ask.collisions_per_min = 0;
    line_run(s, 7);
    assert_false(s->say.turns_offered);
    line_scene_free(s);
}

static void the_user_holds_a_rung_and_lets_go(void **state)
{
    (void)state;
    struct line_scene *s = line_scene_new("delay = 100 ms", 16000, 1);
    for (int rung = 0; rung < EAR_RUNGS; rung++) {
        s->ask.forced = true;
        s->ask.rung = (enum ear_rung)rung;
        line_run(s, 10 * rung + 9);
        assert_int_equal(s->say.rung, rung);
        assert_int_equal(s->say.rung_why, EAR_LADDER_USER);
        s->ask.forced = false;
        line_run(s, 10 * rung + 10);
        assert_int_equal(s->say.rung, EAR_RUNG_FULL);
    }
    line_scene_free(s);
}

static void the_users_budget_is_never_exceeded(void **state)
{
    (void)state;
    for (int user_bps = 8000; user_bps <= 60000; user_bps += 3700) {
        struct line_scene *s = line_scene_new("3g", user_bps, (uint64_t)user_bps);
        line_run(s, 100);
        for (size_t i = 0; i < s->note_count; i++)
            at_most(s, "budget", (double)s->notes[i].budget_bps, user_bps);
        assert_true(s->say.rung == (user_bps < 13500 ? EAR_RUNG_LONGER : EAR_RUNG_FULL));
        line_scene_free(s);
    }
}

static void all_is_named(void **state)
{
    (void)state;
    for (int i = 0; i < EAR_RUNGS; i++)
        assert_non_null(ear_rung_name((enum ear_rung)i));
    for (int i = 0; i < EAR_LADDER_WHYS; i++)
        assert_non_null(ear_ladder_why_name((enum ear_ladder_why)i));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_drop_from_64_to_20_is_answered_in_time),
        cmocka_unit_test(a_stable_line_is_used),
        cmocka_unit_test(a_thin_line_is_found_within_3_s),
        cmocka_unit_test(a_line_a_little_wider_than_the_budget_stays_empty),
        cmocka_unit_test(other_peoples_queues_are_left_to_them),
        cmocka_unit_test(a_test_of_their_queue_is_short),
        cmocka_unit_test(chance_takes_nothing_from_the_budget),
        cmocka_unit_test(an_outage_costs_one_step_for_a_while),
        cmocka_unit_test(a_long_outage_leaves_the_rung),
        cmocka_unit_test(unheard_halves_and_then_only_messages_are_left),
        cmocka_unit_test(another_way_begins_a_step_below_what_was),
        cmocka_unit_test(a_line_too_thin_for_two_means_taking_turns),
        cmocka_unit_test(gaps_in_turns_mean_a_stream_and_back),
        cmocka_unit_test(turns_are_offered_where_both_talk_at_once),
        cmocka_unit_test(the_user_holds_a_rung_and_lets_go),
        cmocka_unit_test(the_users_budget_is_never_exceeded),
        cmocka_unit_test(all_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
