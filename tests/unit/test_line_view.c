/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What reports tell of a line, against what the line did. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../fake/line_scene.h"

#define SEED 5

static void near_to(const char *what, double value, double want, double by)
{
    if (fabs(value - want) <= by)
        return;
    print_message("%s: %g, expected %g +- %g (seed %d)\n", what, value, want, by, SEED);
    fail();
}

static void reports_are_brief_where_nothing_happens(void **state)
{
    (void)state;
    struct ear_line_ear ear;
    struct ear_link_report report;
    ear_line_ear_init(&ear);
    assert_false(ear_line_ear_due(&ear, 0));
    int full = 0, brief = 0;
    for (int i = 0; i < 500; i++) {
        int64_t now_us = (3 * i + 3) * EAR_UNIT_US + 100 * LINE_MS;
        ear_line_ear_take(&ear, 3 * i, 3, i == 0, now_us);
        if (!ear_line_ear_due(&ear, now_us))
            continue;
        ear_line_ear_report(&ear, 320 * LINE_MS, now_us, &report);
        full += !report.brief;
        brief += report.brief;
        assert_int_equal(report.highest, 3 * i % EAR_LINK_INDEX_MODULO);
        if (!report.brief)
            assert_int_equal(report.playout_32ms, 10);
    }
    assert_in_range(full, 3, 4);    /* each 10 s */
    assert_in_range(brief, 51, 61); /* each 500 ms, the first 12 each 250 ms */
}

static void a_queue_that_shoots_up_is_told_at_once(void **state)
{
    (void)state;
    struct ear_line_ear ear;
    struct ear_link_report report;
    ear_line_ear_init(&ear);
    int64_t now_us = 0;
    for (int i = 0; i < 100; i++) {
        now_us = (3 * i + 3) * EAR_UNIT_US + 100 * LINE_MS;
        ear_line_ear_take(&ear, 3 * i, 3, i == 0, now_us);
        if (ear_line_ear_due(&ear, now_us))
            ear_line_ear_report(&ear, 0, now_us, &report);
    }
    ear_line_ear_report(&ear, 0, now_us, &report);
    now_us += 200 * LINE_MS;
    ear_line_ear_take(&ear, 300, 3, false, now_us);
    assert_false(ear_line_ear_urges(&ear, now_us)); /* one is chance */
    ear_line_ear_take(&ear, 303, 3, false, now_us + 120 * LINE_MS);
    assert_true(ear_line_ear_urges(&ear, now_us + 120 * LINE_MS));
    assert_true(ear_line_ear_due(&ear, now_us + 120 * LINE_MS));
    ear_line_ear_report(&ear, 0, now_us + 120 * LINE_MS, &report);
    assert_false(report.brief);
    assert_false(ear_line_ear_urges(&ear, now_us + 220 * LINE_MS));
}

static void a_gap_is_told_at_once_and_where(void **state)
{
    (void)state;
    struct ear_line_ear ear;
    struct ear_link_report report;
    ear_line_ear_init(&ear);
    ear_line_ear_take(&ear, 0, 2, true, 0);
    ear_line_ear_report(&ear, 0, 0, &report);
    ear_line_ear_take(&ear, 2, 2, false, 40 * LINE_MS);
    ear_line_ear_take(&ear, 8, 2, false, 160 * LINE_MS);
    assert_false(ear_line_ear_due(&ear, 160 * LINE_MS));
    assert_true(ear_line_ear_due(&ear, 250 * LINE_MS));
    ear_line_ear_report(&ear, 0, 250 * LINE_MS, &report);
    assert_false(report.brief);
    assert_int_equal(report.came, 0x19); /* slots 4, 1 and 0 */
    assert_int_equal(report.age_20ms, 4);
    /* Late, and out of order. */
    ear_line_ear_take(&ear, 6, 2, false, 260 * LINE_MS);
    ear_line_ear_report(&ear, 0, 600 * LINE_MS, &report);
    assert_int_equal(report.came, 0x1b);
    assert_int_equal(report.highest, 8);
}

static void loss_and_round_trip_are_the_links(void **state)
{
    (void)state;
    struct line_scene *s = line_scene_new("delay = 150 ms\nup.loss = 20 %", 16000, SEED);
    double sum = 0, rtt = 0;
    for (int i = 1; i <= 300; i++) {
        line_run(s, 20 + i);
        sum += s->line.loss_slow;
        rtt += s->line.rtt_ms;
    }
    near_to("loss", sum / 300, 0.2, 0.02);
    near_to("round trip", rtt / 300, 300, 25);
    near_to("random", s->line.loss_random, 0.2, 0.05);
    assert_true(s->line.loss_queued == s->line.loss_random);
    line_scene_free(s);
}

/* Between spurts little is sent, and reports reach back over a few packets only. */
static void loss_is_the_links_in_silence_too(void **state)
{
    (void)state;
    static const double losses[] = {0.2, 0.5};
    for (size_t k = 0; k < EAR_COUNT(losses); k++) {
        double sum = 0;
        for (uint64_t seed = SEED; seed < SEED + 4; seed++) {
            char text[64];
            snprintf(text, sizeof text, "delay = 100 ms\nloss = %.0f %%", 100 * losses[k]);
            struct line_scene *s = line_scene_new(text, 16000, seed);
            s->talk_us = 0;
            s->pause_us = 1000 * LINE_S;
            for (int i = 1; i <= 300; i++) {
                line_run(s, 10 + i);
                sum += s->line.loss_slow / 1200;
            }
            line_scene_free(s);
        }
        near_to("loss in silence", sum, losses[k], 0.1 * losses[k]);
    }
}

static void fades_show_as_long_losses(void **state)
{
    (void)state;
    struct line_scene *s =
        line_scene_new("delay = 50 ms\nfade = 400 ms every 4 s, losing 100 %", 28000, SEED);
    double sum = 0;
    for (int i = 1; i <= 500; i++) {
        line_run(s, 20 + i);
        sum += s->line.burst_ms;
    }
    /* Exponential with mean 400; those between two packets are not seen. */
    near_to("burst", sum / 500, 430, 130);
    line_scene_free(s);
}

static void a_queue_shows_with_slope(void **state)
{
    (void)state;
    struct line_scene *s =
        line_scene_new("delay = 50 ms\nrate = 20 kbit/s\nqueue = 5 s", 24000, SEED);
    s->ladder.budget.steady_bps = 16000;
    line_run(s, 3);
    near_to("no queue", s->line.queueing_ms, 0, 60);
    /* 25 % too much, whatever the ladder says. */
    for (int i = 0; i < 600; i++) {
        s->say.budget_bps = 25000;
        line_run(s, 3 + 0.005 * i);
        s->say.budget_bps = 25000;
        s->ladder.budget.hold_until_us = INT64_MAX;
    }
    near_to("slope", s->line.slope_ms_s, 250, 60);
    near_to("queue", s->line.queueing_ms, 500, 200);
    line_scene_free(s);
}

static void clocks_drift_apart_without_a_queue(void **state)
{
    (void)state;
    struct line_scene *s = line_scene_new("delay = 50 ms\njitter = 5 ms", 16000, SEED);
    s->drift = 400e-6;
    line_run(s, 600);
    near_to("drift", s->line.drift_ppm, 400, 60);
    double most = 0;
    for (int i = 1; i <= 60; i++) {
        line_run(s, 600 + i);
        most = fmax(most, s->line.queueing_ms);
    }
    near_to("queue", most, 15, 25);
    assert_int_equal(s->tests, 0);
    line_scene_free(s);
}

static void who_hears_nothing_says_so(void **state)
{
    (void)state;
    struct line_scene *s = line_scene_new("delay = 100 ms", 16000, SEED);
    line_run(s, 10);
    assert_true(s->line.unheard_us == 0 && s->line.unanswered_us < LINE_S);
    s->cut[0] = true;
    line_run(s, 14);
    assert_true(s->line.unheard_us > 2 * LINE_S);
    assert_true(s->line.silent_us < LINE_S);
    s->cut[1] = true; /* and now both ways */
    line_run(s, 17);
    assert_true(s->line.silent_us > 2 * LINE_S);
    s->cut[0] = s->cut[1] = false;
    line_run(s, 19);
    assert_true(s->line.unheard_us == 0 && s->line.silent_us < LINE_S);
    line_scene_free(s);
}

/* What an outage took is waited for; what one way alone swallows is lost. */
static void an_outage_is_no_loss(void **state)
{
    (void)state;
    for (int both = 0; both < 2; both++) {
        struct line_scene *s = line_scene_new("delay = 50 ms", 16000, SEED);
        line_run(s, 10);
        s->cut[0] = true;
        s->cut[1] = both;
        line_run(s, 13);
        s->cut[0] = s->cut[1] = false;
        line_run(s, 16);
        const struct ear_line *line = &s->line;
        bool lossy = line->loss > 0 && line->loss_slow > 0 && line->bad_ms > 0;
        bool whole = line->loss == 0 && line->loss_slow == 0 && line->bad_ms == 0;
        assert_true(both ? whole : lossy);
        line_scene_free(s);
    }
}

/* The first fades are believed soon: after 10 s bad_ms is near what it stays at. */
static void the_first_losses_tell_how_long_they_are(void **state)
{
    (void)state;
    double early = 0, late = 0;
    for (uint64_t seed = SEED; seed < SEED + 20; seed++) {
        struct line_scene *s =
            line_scene_new("delay = 50 ms\nfade = 250 ms every 1 s, losing 80 %", 24000, seed);
        line_run(s, 10);
        early += s->line.bad_ms / 20;
        line_run(s, 60);
        late += s->line.bad_ms / 20;
        line_scene_free(s);
    }
    near_to("bad", early, late, 0.35 * late);
}

/* Who is silent loses a sign now and then, and two in a row: that is no fade between them. */
static void signs_lost_in_a_pause_are_no_fade(void **state)
{
    (void)state;
    for (uint64_t seed = SEED; seed < SEED + 10; seed++) {
        struct line_scene *s = line_scene_new("delay = 50 ms\nloss = 20 %", 24000, seed);
        s->pause_us = 10 * LINE_S;
        double most = 0;
        for (int at_s = 10; at_s <= 120; at_s++) {
            line_run(s, at_s);
            most = fmax(most, s->line.bad_ms);
        }
        if (most > 100) /* taken as one, two signs make it 380 */
            fail_msg("losses seem to last %.0f ms (seed %d)", most, (int)seed);
        line_scene_free(s);
    }
}

/* A way dies, and speech goes on by another: that one loses nothing. */
static void what_a_dead_way_took_is_not_the_new_ones_loss(void **state)
{
    (void)state;
    struct line_scene *s = line_scene_new("delay = 100 ms", 16000, SEED);
    line_run(s, 10);
    s->cut[0] = true;
    line_run(s, 13);
    s->cut[0] = false;
    ear_line_view_move(&s->view, s->now_us);
    line_run(s, 13.1);
    assert_false(s->line.known);
    line_run(s, 15);
    assert_true(s->line.known);
    assert_true(s->line.loss == 0 && s->line.loss_random == 0 && s->line.bad_ms == 0);
    assert_true(s->line.unheard_us == 0 && s->line.unanswered_us < LINE_S);
    near_to("round trip", s->line.rtt_ms, 200, 25);
    line_scene_free(s);
}

static void nonsense_is_ignored(void **state)
{
    (void)state;
    struct ear_line_view view;
    struct ear_line line;
    ear_line_view_init(&view, 0);
    struct ear_random chance = ear_random_seeded(SEED);
    for (int i = 0; i < 100000; i++) {
        struct ear_link_report report = {
            .brief = ear_random_below(&chance, 2),
            .highest = (uint16_t)ear_random_below(&chance, EAR_LINK_INDEX_MODULO),
            .age_20ms = (uint8_t)ear_random_below(&chance, 32),
            .delay_8ms = (uint16_t)ear_random_below(&chance, EAR_LINK_DELAY_MODULO),
            .came = (uint16_t)ear_random_below(&chance, 1 << EAR_LINK_SLOTS),
            .playout_32ms = (uint8_t)ear_random_below(&chance, 128),
        };
        if (i > 100)
            ear_line_view_sent(&view, i, 100, i * 20 * LINE_MS);
        ear_line_view_report(&view, &report, i * 20 * LINE_MS);
        ear_line_view_get(&view, i * 20 * LINE_MS, &line);
        assert_true(line.loss >= 0 && line.loss <= 1 && line.loss_slow <= 1);
        assert_true(isfinite(line.queueing_ms) && line.queueing_ms >= 0);
        assert_true(isfinite(line.slope_ms_s));
    }
}

/* Nothing for `silent_us`, and then something: what is told of it `later_us` after. */
static bool stalls(int64_t silent_us, int64_t later_us)
{
    static struct ear_line_view view;
    struct ear_line line;
    ear_line_view_init(&view, 0);
    ear_line_view_heard(&view, silent_us);
    for (int64_t t = 500 * LINE_MS; t <= later_us; t += 500 * LINE_MS)
        ear_line_view_heard(&view, silent_us + t);
    ear_line_view_get(&view, silent_us + later_us, &line);
    return line.stalls;
}

static void a_stall_is_remembered_for_two_minutes(void **state)
{
    (void)state;
    assert_false(stalls(1100 * LINE_MS, 0));
    assert_true(stalls(1500 * LINE_MS, 0));
    assert_true(stalls(1500 * LINE_MS, 100000 * LINE_MS));
    assert_false(stalls(1500 * LINE_MS, 130000 * LINE_MS));
    assert_false(stalls(20000 * LINE_MS, 0)); /* an outage */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reports_are_brief_where_nothing_happens),
        cmocka_unit_test(a_queue_that_shoots_up_is_told_at_once),
        cmocka_unit_test(a_gap_is_told_at_once_and_where),
        cmocka_unit_test(loss_and_round_trip_are_the_links),
        cmocka_unit_test(loss_is_the_links_in_silence_too),
        cmocka_unit_test(fades_show_as_long_losses),
        cmocka_unit_test(a_queue_shows_with_slope),
        cmocka_unit_test(clocks_drift_apart_without_a_queue),
        cmocka_unit_test(who_hears_nothing_says_so),
        cmocka_unit_test(an_outage_is_no_loss),
        cmocka_unit_test(the_first_losses_tell_how_long_they_are),
        cmocka_unit_test(signs_lost_in_a_pause_are_no_fade),
        cmocka_unit_test(what_a_dead_way_took_is_not_the_new_ones_loss),
        cmocka_unit_test(a_stall_is_remembered_for_two_minutes),
        cmocka_unit_test(nonsense_is_ignored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
