/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The line goes dead and comes back: told in time, the call goes on, and what matters arrives. */
#include <inttypes.h>

#include "call/journal.h"

#include "scene.h"

#include "party.h"

struct outage {
    const char *link;
    int64_t delay_us, length_us;
    int64_t phase_us; /* where in the pace of keep-alives and probes it begins */
};

/* The user knows within 2 s of the last sign of life, which was on its way when the line broke. */
static void assert_told(struct scene *s, const struct outage *o, int64_t cut_us)
{
    for (int end = 0; end < 2; end++) {
        int64_t told = scene_find_phase(s, end, EAR_PHASE_LOST, cut_us);
        assert_int_equal(scene_count_phase(s, end, EAR_PHASE_LOST), 1);
        assert_at_most(told - cut_us - 2 * o->delay_us, 2 * S);
    }
}

static void assert_back(struct scene *s, const struct outage *o, int64_t back_us)
{
    for (int end = 0; end < 2; end++) {
        int64_t heard = scene_first_heard_after(s, end, back_us);
        if (heard < 0)
            fail_msg("end %d hears nothing after %" PRId64 " s of outage", end, o->length_us / S);
        assert_at_most(heard - back_us, 2 * S);
        int64_t told = scene_find(s, end, EAR_EVENT_THEY_MUTED, true, back_us);
        assert_at_least(told, back_us);
        assert_at_most(told - back_us, 4 * o->delay_us + 1 * S);
    }
}

static void assert_noted(struct scene *s, const struct outage *o)
{
    for (int end = 0; end < 2; end++) {
        struct ear_engine_status st = scene_status(s, end);
        assert_int_equal(st.outages, 1);
        assert_at_least(st.outage[0].duration_us, o->length_us - 1 * S);
        assert_at_most(st.outage[0].duration_us, o->length_us + 2 * S);
        if (o->length_us > 12 * S)
            assert_at_least(st.talk.withheld_us, (o->length_us - 12 * S) / 2);
    }
}

/* Playout is as early as it aims to be at both ends. */
static bool is_in_time(struct scene *s)
{
    const struct ear_play_stats a = scene_status(s, 0).talk.play, b = scene_status(s, 1).talk.play;
    return a.delay_ms <= a.target_ms + 80 && b.delay_ms <= b.target_ms + 80;
}

/* Mute is switched during the outage, and back after it, lest nobody speaks when it ends: the
 * first is said too late to be true, but in order. */
static void run_outage(const struct outage *o)
{
    struct scene *s = scene_open(&(struct scene_options){.text = o->link});
    scene_call(s);
    scene_run(s, 20 * S + o->phase_us);
    ear_link_cut(ear_rig_link(s->rig), true);
    int64_t cut_us = scene_now(s);
    scene_run(s, o->length_us - 1 * S);
    for (int end = 0; end < 2; end++) {
        scene_command(s, end, EAR_COMMAND_MUTE, true);
        scene_run(s, 100 * MS);
        scene_command(s, end, EAR_COMMAND_MUTE, false);
    }
    scene_run(s, cut_us + o->length_us - scene_now(s));
    ear_link_cut(ear_rig_link(s->rig), false);
    int64_t back_us = scene_now(s);
    scene_run(s, 10 * S);
    if (o->length_us > 2 * S)
        assert_told(s, o, cut_us);
    assert_back(s, o, back_us);
    assert_noted(s, o);
    scene_run(s, 20 * S);
    for (int i = 0; i < 60 && !is_in_time(s); i++) /* in pauses */
        scene_run(s, 1 * S);
    for (int end = 0; end < 2; end++) {
        struct ear_engine_status st = scene_status(s, end);
        assert_int_equal(st.phase, EAR_PHASE_TALKING);
        assert_false(st.they_muted);
        assert_true(st.talk.hears_me);
        assert_at_most(st.talk.play.delay_ms, st.talk.play.target_ms + 80);
    }
    scene_hang_up(s, o->length_us / S % 2 == 0);
    scene_close(s);
}

static void calls_survive_outages(void **state)
{
    (void)state;
    const int64_t lengths[] = {3 * S, 15 * S, 60 * S, 120 * S, 170 * S};
    for (size_t i = 0; i < EAR_COUNT(lengths); i++) {
        for (int phase = 0; phase < 6; phase++) {
            const int64_t at = phase * 170 * MS;
            run_outage(&(struct outage){"delay = 50 ms", 50 * MS, lengths[i], at});
            run_outage(&(struct outage){"delay = 400 ms", 400 * MS, lengths[i], at});
        }
    }
}

/* ---- dead for 3 s each 20 s ---- */

#define STEADY_MORE_US (300 * MS)
#define OUTAGE_EVERY_US (20 * S)
#define OUTAGE_US (3 * S)

#define SAID_UNITS 20000
/* All that was said up to here is due. */
#define HEARD_BY_NOW_US (300 * S)

/* What each end's journal took, unit by unit: the first that is made is end 0's. */
static struct {
    struct ear_journal *journals[2];
    bool units[2][SAID_UNITS];
} said;

int __real_ear_journal_new(struct ear_journal **ret);
int __wrap_ear_journal_new(struct ear_journal **ret);
int __wrap_ear_journal_new(struct ear_journal **ret)
{
    int err = __real_ear_journal_new(ret);
    if (!err)
        said.journals[said.journals[0] != NULL] = *ret;
    return err;
}

int __real_ear_journal_put(struct ear_journal *journal, int64_t index, int units,
                           const uint8_t *data, size_t len);
int __wrap_ear_journal_put(struct ear_journal *journal, int64_t index, int units,
                           const uint8_t *data, size_t len);
int __wrap_ear_journal_put(struct ear_journal *journal, int64_t index, int units,
                           const uint8_t *data, size_t len)
{
    for (int64_t i = index; i < index + units && i < SAID_UNITS; i++)
        said.units[journal == said.journals[1]][i] = true;
    return __real_ear_journal_put(journal, index, units, data, len);
}

/* Units that were said before one of them and never heard at this end. */
static int unheard_units(const struct scene_end *end, int talker, int64_t before)
{
    static bool heard[SAID_UNITS];
    memset(heard, 0, sizeof heard);
    for (int64_t i = 0; i < end->heard_count; i++)
        for (int k = 0; k < end->heard[i].units && end->heard[i].index + k < SAID_UNITS; k++)
            heard[end->heard[i].index + k] = true;
    int count = 0;
    for (int64_t i = 0; i < before; i++)
        count += said.units[talker][i] && !heard[i];
    return count;
}

/* The least of what was heard, by how much it was heard after it was said. */
static int64_t steady_us(const struct scene_end *end)
{
    int64_t least = INT64_MAX;
    for (int64_t i = 0; i < end->heard_count; i++)
        least = ear_min64(least, end->heard[i].at_us - end->heard[i].index * EAR_UNIT_US);
    return least;
}

/* How long after a return something was heard later than usual, at most; when the first was. */
static double longest_way_back_s(const struct scene_end *end, int64_t first_us)
{
    int64_t steady = steady_us(end), longest = 0;
    for (int64_t i = 0; i < end->heard_count; i++) {
        const struct scene_heard *h = &end->heard[i];
        int64_t after = (h->at_us - first_us) % OUTAGE_EVERY_US;
        if (h->at_us > first_us && after < OUTAGE_EVERY_US - OUTAGE_US &&
            h->at_us - h->index * EAR_UNIT_US > steady + STEADY_MORE_US)
            longest = ear_max64(longest, after);
    }
    return (double)longest / S;
}

static void all_is_heard_and_soon_in_time(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 8; seed++) {
        memset(&said, 0, sizeof said);
        struct scene *s =
            scene_open(&(struct scene_options){.link = "outage", .turns = true, .seed = seed});
        scene_call(s);
        scene_until_phase(s, 0, EAR_PHASE_LOST, 30 * S);
        int64_t first_us = scene_until_phase(s, 0, EAR_PHASE_TALKING, 4 * S);
        scene_run(s, HEARD_BY_NOW_US + OUTAGE_EVERY_US / 2);
        for (int end = 0; end < 2; end++) {
            struct ear_engine_status st = scene_status(s, end);
            double back_s = longest_way_back_s(&s->ends[end], first_us);
            int unheard = unheard_units(&s->ends[end], !end, HEARD_BY_NOW_US / EAR_UNIT_US);
            print_message("seed %d, end %d: back after %.1f s, unheard %.2f s\n", (int)seed, end,
                          back_s, (double)unheard * EAR_UNIT_US / S);
            assert_at_least(st.outages, 15);
            assert_int_equal(unheard, 0);
            assert_at_most(back_s, 14);
        }
        scene_close(s);
    }
}

/* After an outage of 6 s the budget is a step lower, and what it was soon after, without a probe.
 */
static void what_the_line_carried_is_had_again(void **state)
{
    (void)state;
    struct scene *s = scene_open(&(struct scene_options){.text = "delay = 100 ms"});
    scene_call(s);
    scene_run(s, 40 * S);
    int before_bps = scene_status(s, 0).talk.ladder.budget_bps;
    assert_at_least(before_bps, 16000);
    ear_link_cut(ear_rig_link(s->rig), true);
    scene_run(s, 6 * S);
    ear_link_cut(ear_rig_link(s->rig), false);
    scene_run(s, 1 * S);
    struct ear_ladder_say say = scene_status(s, 0).talk.ladder;
    assert_at_most(say.budget_bps, before_bps - 1000);
    assert_int_equal(say.budget_why, EAR_LADDER_OUTAGE);
    int lower_bps = say.budget_bps;
    int64_t back_us = scene_now(s);
    while (say.budget_bps < before_bps && scene_now(s) - back_us < 30 * S) {
        scene_run(s, 100 * MS);
        say = scene_status(s, 0).talk.ladder;
        assert_int_equal(say.probe_bps, 0);
    }
    assert_int_equal(say.budget_bps, before_bps);
    assert_int_equal(say.budget_why, EAR_LADDER_BUDGET);
    assert_at_most(scene_now(s) - back_us, 15 * S);
    const struct ear_rung_log log = scene_status(s, 0).rungs;
    assert_at_least(log.count, 3);
    const struct ear_rung_change *down = ear_rung_log_get(&log, log.count - 2);
    assert_int_equal(down->why, EAR_LADDER_OUTAGE);
    assert_int_equal(down->budget_bps, lower_bps);
    assert_at_least(down->at_us, 42 * S);
    assert_at_most(down->at_us, 45 * S);
    assert_int_equal(ear_rung_log_get(&log, log.count - 1)->budget_bps, before_bps);
    scene_hang_up(s, 0);
    scene_close(s);
}

static void short_gaps_are_not_outages(void **state)
{
    (void)state;
    struct scene *s = scene_open(&(struct scene_options){.text = "delay = 200 ms"});
    scene_call(s);
    for (int i = 0; i < 60; i++) {
        ear_link_cut(ear_rig_link(s->rig), true);
        scene_run(s, 1000 * MS);
        ear_link_cut(ear_rig_link(s->rig), false);
        scene_run(s, 3 * S + i * 13 * MS);
    }
    for (int end = 0; end < 2; end++)
        assert_int_equal(scene_status(s, end).outages, 0);
    scene_hang_up(s, 0);
    scene_close(s);
}

/* One after the other without a breath in between: nothing piles up. */
static void many_outages_in_a_row(void **state)
{
    (void)state;
    struct scene *s = scene_open(&(struct scene_options){.text = "delay = 100 ms\nloss = 5 %"});
    scene_call(s);
    for (int i = 0; i < 100; i++) {
        ear_link_cut(ear_rig_link(s->rig), true);
        scene_command(s, i % 2, EAR_COMMAND_MUTE, i / 2 % 2 == 0);
        scene_run(s, (2 + i % 7) * S);
        ear_link_cut(ear_rig_link(s->rig), false);
        scene_run(s, (1 + i % 3) * S);
    }
    scene_run(s, 10 * S);
    for (int end = 0; end < 2; end++) {
        struct ear_engine_status st = scene_status(s, end);
        assert_int_equal(st.phase, EAR_PHASE_TALKING);
        assert_at_least(st.outages, 50);
        assert_at_most(st.outages, 101);
        /* 100 switches, from each end 50: on and off in turn, all heard, the last is off. */
        int heard = 0;
        for (int i = 0; i < s->ends[end].event_count; i++)
            heard += s->ends[end].events[i].event.kind == EAR_EVENT_THEY_MUTED;
        assert_int_equal(heard, 50);
        assert_false(st.they_muted);
    }
    scene_assert_both_hear(s, 3 * S);
    scene_hang_up(s, 1);
    scene_close(s);
}

/* Long before 180 s somebody hangs up in vain; the other end lets go when its time is over. */
static void hanging_up_into_the_void(void **state)
{
    (void)state;
    struct scene *s = scene_open(&(struct scene_options){0});
    scene_call(s);
    scene_run(s, 5 * S);
    ear_link_cut(ear_rig_link(s->rig), true);
    int64_t cut_us = scene_now(s);
    scene_run(s, 20 * S);
    scene_command(s, 0, EAR_COMMAND_HANG_UP, false);
    scene_until_phase(s, 0, EAR_PHASE_IDLE, 4 * S);
    assert_int_equal(scene_status(s, 0).ending, EAR_ENDING_HUNG_UP);
    int64_t ended = scene_until_phase(s, 1, EAR_PHASE_IDLE, 200 * S);
    assert_at_least(ended - cut_us, EAR_US_PER_S * 179.0);
    assert_at_most(ended - cut_us, EAR_US_PER_S * 182.0);
    assert_int_equal(scene_status(s, 1).ending, EAR_ENDING_VANISHED);
    ear_link_cut(ear_rig_link(s->rig), false);
    scene_call(s);
    scene_assert_both_hear(s, 2 * S);
    scene_close(s);
}

static void the_other_side_vanishes(void **state)
{
    (void)state;
    for (int gone = 0; gone < 2; gone++) {
        struct scene *s = scene_open(&(struct scene_options){0});
        scene_call(s);
        scene_run(s, 10 * S);
        ear_rig_freeze(s->rig, gone, true);
        int64_t begin = scene_now(s);
        int64_t told = scene_until_phase(s, !gone, EAR_PHASE_LOST, 3 * S);
        assert_at_most(told - begin, 2 * S + 50 * MS);
        scene_run(s, 170 * S);
        assert_int_equal(scene_status(s, !gone).phase, EAR_PHASE_LOST);
        int64_t ended = scene_until_phase(s, !gone, EAR_PHASE_IDLE, 20 * S);
        assert_at_least(ended - begin, 179 * S);
        assert_at_most(ended - begin, 181 * S);
        assert_int_equal(scene_status(s, !gone).ending, EAR_ENDING_VANISHED);
        scene_close(s);
    }
}

/* A laptop that sleeps for a minute wakes up into the same call. */
static void a_sleeping_laptop_wakes_into_the_call(void **state)
{
    (void)state;
    for (int end = 0; end < 2; end++) {
        struct scene *s = scene_open(&(struct scene_options){0});
        scene_call(s);
        scene_run(s, 10 * S);
        ear_rig_freeze(s->rig, end, true);
        scene_run(s, 60 * S);
        ear_rig_freeze(s->rig, end, false);
        scene_run(s, 3 * S);
        scene_assert_both_hear(s, 2 * S);
        scene_run(s, 30 * S);
        for (int i = 0; i < 2; i++) {
            struct ear_engine_status st = scene_status(s, i);
            assert_at_most(st.talk.play.delay_ms, st.talk.play.target_ms + 100);
        }
        scene_hang_up(s, 0);
        scene_close(s);
    }
}

/* The program crashes and is started again: its call replaces the one that hangs there. */
static void a_redial_replaces_the_crashed_call(void **state)
{
    (void)state;
    for (int wait = 0; wait < 3; wait++) {
        struct scene *s = scene_open(&(struct scene_options){0});
        scene_call(s);
        scene_run(s, 10 * S);
        ear_rig_freeze(s->rig, 0, true);
        scene_run(s, wait * 40 * S);
        assert_int_equal(ear_rig_restart(s->rig, 0), 0);
        int64_t begin = scene_now(s);
        ear_rig_dial(s->rig);
        scene_until_phase(s, 0, EAR_PHASE_TALKING, 2 * S);
        assert_at_most(scene_now(s) - begin, 500 * MS);
        int64_t ended = scene_find_phase(s, 1, EAR_PHASE_ENDED, begin);
        assert_at_least(ended, begin);
        bool replaced = false;
        for (int i = 0; i < s->ends[1].event_count; i++)
            replaced |= s->ends[1].events[i].event.ending == EAR_ENDING_REPLACED;
        assert_true(replaced);
        scene_run(s, 1 * S);
        scene_assert_both_hear(s, 2 * S);
        scene_hang_up(s, 1);
        scene_close(s);
    }
}

/* One direction only: who hears nothing is told so; who is not heard sees that. */
static void a_line_that_is_dead_one_way(void **state)
{
    (void)state;
    struct party *p =
        party_open(&(struct party_options){.count = 2, .seed = SEED, .auto_answer = true});
    struct ear_engine_status st;
    party_dial(p, 0, 1);
    party_until(p, 0, EAR_PHASE_TALKING, 2 * S);
    party_run(p, 10 * S);
    ear_engine_get_status(p->ends[0].engine, &st);
    assert_true(st.talk.hears_me);
    p->hub.lost_from[0] = true;
    int64_t begin = p->time.now_us;
    assert_at_most(party_until(p, 1, EAR_PHASE_LOST, 3 * S) - begin, 2 * S + 50 * MS);
    party_run(p, 3 * S);
    assert_int_equal(party_phase(p, 0), EAR_PHASE_TALKING);
    ear_engine_get_status(p->ends[0].engine, &st);
    assert_false(st.talk.hears_me);
    party_command(p, 0, EAR_COMMAND_MUTE, true);
    party_run(p, 60 * S);
    assert_int_equal(party_phase(p, 0), EAR_PHASE_TALKING);
    p->hub.lost_from[0] = false;
    int64_t back = p->time.now_us;
    party_until(p, 1, EAR_PHASE_TALKING, 2 * S);
    party_command(p, 0, EAR_COMMAND_MUTE, false);
    party_run(p, 3 * S);
    assert_int_equal(party_events(p, 1, EAR_EVENT_THEY_MUTED), 2);
    int64_t heard = p->ends[0].heard;
    party_run(p, 2 * S);
    assert_at_least(p->ends[0].heard, heard + 5);
    assert_at_least(p->ends[1].heard_us, back + 3 * S);
    party_close(p);
}

/* One end hears nothing for three minutes and gives up; the other has heard it all the time. */
static void who_gives_up_says_so(void **state)
{
    (void)state;
    struct party *p =
        party_open(&(struct party_options){.count = 2, .seed = SEED, .auto_answer = true});
    party_dial(p, 0, 1);
    party_until(p, 0, EAR_PHASE_TALKING, 2 * S);
    party_run(p, 5 * S);
    p->hub.lost_from[0] = true;
    party_run(p, 175 * S);
    assert_int_equal(party_phase(p, 0), EAR_PHASE_TALKING);
    assert_int_equal(party_phase(p, 1), EAR_PHASE_LOST);
    party_run(p, 8 * S);
    assert_int_equal(party_phase(p, 1), EAR_PHASE_IDLE);
    assert_int_equal(party_phase(p, 0), EAR_PHASE_IDLE);
    party_close(p);
}

static void force(struct party *p, int end, bool on, enum ear_rung rung)
{
    const struct ear_command command = {.kind = EAR_COMMAND_RUNG, .on = on, .rung = rung};
    assert_true(ear_engine_command(p->ends[end].engine, &command));
}

/* Where only messages are left no speech goes out live, but the line is not dead: what is said
 * waits in the journal and is fetched, and the way back to live speech stays open. */
static void messages_give_way_to_speech(void **state)
{
    (void)state;
    struct party *p =
        party_open(&(struct party_options){.count = 2, .seed = SEED, .auto_answer = true});
    party_dial(p, 0, 1);
    party_until(p, 0, EAR_PHASE_TALKING, 2 * S);
    party_run(p, 10 * S);
    force(p, 0, true, EAR_RUNG_MESSAGE);
    party_run(p, 1 * S);
    int64_t sent = party_status(p, 0).talk.packets_sent;
    int64_t repairs = party_status(p, 0).talk.repairs_sent;
    party_run(p, 60 * S);
    assert_int_equal(party_status(p, 0).talk.packets_sent, sent);
    assert_at_least(party_status(p, 0).talk.repairs_sent, repairs + 100);
    for (int end = 0; end < 2; end++) {
        assert_int_equal(party_status(p, end).rung, EAR_RUNG_MESSAGE); /* the lower of both */
        assert_int_equal(party_status(p, end).outages, 0);
        assert_true(party_status(p, end).talk.hears_me);
    }
    force(p, 0, false, EAR_RUNG_MESSAGE);
    party_run(p, 30 * S);
    for (int end = 0; end < 2; end++) {
        assert_at_most(party_status(p, end).rung, EAR_RUNG_LONGER);
        /* What was on its way while one end knew of the change and the other did not. */
        assert_at_most(party_status(p, end).talk.lost_us, 200 * MS);
        int64_t heard = p->ends[end].heard;
        party_run(p, 2 * S);
        assert_at_least(p->ends[end].heard, heard + 5);
    }
    party_close(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_survive_outages),
        cmocka_unit_test(all_is_heard_and_soon_in_time),
        cmocka_unit_test(what_the_line_carried_is_had_again),
        cmocka_unit_test(short_gaps_are_not_outages),
        cmocka_unit_test(many_outages_in_a_row),
        cmocka_unit_test(hanging_up_into_the_void),
        cmocka_unit_test(the_other_side_vanishes),
        cmocka_unit_test(a_sleeping_laptop_wakes_into_the_call),
        cmocka_unit_test(a_redial_replaces_the_crashed_call),
        cmocka_unit_test(a_line_that_is_dead_one_way),
        cmocka_unit_test(who_gives_up_says_so),
        cmocka_unit_test(messages_give_way_to_speech),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
