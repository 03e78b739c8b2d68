/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Microphones and loudspeakers that are muted, dead, pulled out, or run at a rate of their own. */
#include <math.h>

#include "scene.h"

/* It was told, and no later than this after now. */
static void assert_told(struct scene *s, int end, enum ear_event_kind kind, bool on, int64_t now,
                        int64_t within_us)
{
    int64_t told = scene_find(s, end, kind, on, now);
    if (told < now)
        fail_msg("event %d (%d) was not told at end %d", (int)kind, on, end);
    assert_at_most(told - now, within_us);
}

static struct scene *talking(const char *link)
{
    struct scene *s = scene_open(&(struct scene_options){.text = link});
    scene_call(s);
    scene_run(s, 15 * S);
    return s;
}

static double delay_ms(struct scene *s, int end)
{
    return scene_status(s, end).talk.play.delay_ms;
}

static void mute_is_told_and_in_force(void **state)
{
    (void)state;
    struct scene *s = talking("delay = 150 ms");
    for (int i = 0; i < 4; i++) {
        int end = i % 2;
        int64_t now = scene_now(s);
        scene_command(s, end, EAR_COMMAND_MUTE, true);
        scene_run(s, 1 * S);
        int64_t told = scene_find(s, !end, EAR_EVENT_THEY_MUTED, true, now);
        assert_at_least(told, now);
        assert_at_most(told - now, 220 * MS);
        assert_true(scene_status(s, end).muted);
        assert_true(scene_status(s, !end).they_muted);
        int64_t heard = s->ends[!end].heard_count;
        scene_run(s, 20 * S);
        assert_int_equal(s->ends[!end].heard_count, heard); /* not one packet more */
        assert_false(scene_status(s, !end).their_mic_dead);
        scene_command(s, end, EAR_COMMAND_MUTE, false);
        scene_assert_both_hear(s, 1 * S);
        assert_false(scene_status(s, !end).they_muted);
    }
    scene_close(s);
}

static void mute_survives_an_outage(void **state)
{
    (void)state;
    struct scene *s = talking("delay = 150 ms");
    scene_command(s, 0, EAR_COMMAND_MUTE, true);
    scene_run(s, 1 * S);
    int64_t heard = s->ends[1].heard_count;
    ear_link_cut(ear_rig_link(s->rig), true);
    scene_run(s, 30 * S);
    scene_command(s, 1, EAR_COMMAND_MUTE, true); /* said while nobody hears it */
    scene_run(s, 30 * S);
    ear_link_cut(ear_rig_link(s->rig), false);
    scene_run(s, 2 * S);
    assert_true(scene_status(s, 0).they_muted);
    assert_true(scene_status(s, 1).they_muted);
    scene_run(s, 20 * S);
    assert_int_equal(s->ends[1].heard_count, heard);
    scene_command(s, 0, EAR_COMMAND_MUTE, false);
    scene_command(s, 1, EAR_COMMAND_MUTE, false);
    scene_assert_both_hear(s, 1 * S);
    scene_close(s);
}

/* Who mutes before the call is muted from its first moment, in the next one as well. */
static void mute_holds_from_call_to_call(void **state)
{
    (void)state;
    struct scene *s = scene_open(&(struct scene_options){.text = "delay = 150 ms"});
    scene_command(s, 0, EAR_COMMAND_MUTE, true);
    scene_command(s, 1, EAR_COMMAND_MUTE, true);
    for (int call = 0; call < 2; call++) {
        scene_call(s);
        scene_run(s, 1 * S);
        for (int end = 0; end < 2; end++) {
            assert_true(scene_status(s, end).they_muted);
            assert_int_equal(s->ends[end].heard_count, 0);
        }
        scene_hang_up(s, call);
        scene_run(s, 5 * S);
    }
    scene_command(s, 0, EAR_COMMAND_MUTE, false);
    scene_call(s);
    scene_run(s, 3 * S);
    assert_false(scene_status(s, 1).they_muted);
    assert_at_least(s->ends[1].heard_count, 10);
    assert_true(scene_status(s, 0).they_muted);
    scene_close(s);
}

static void a_dead_microphone_is_said_on_both_sides(void **state)
{
    (void)state;
    struct scene *s = talking("delay = 150 ms");
    int64_t now = scene_now(s);
    s->ends[0].person.dead = true;
    scene_run(s, 10 * S);
    int64_t here = scene_find(s, 0, EAR_EVENT_MIC_DEAD, true, now);
    int64_t there = scene_find(s, 1, EAR_EVENT_THEIR_MIC_DEAD, true, now);
    assert_at_least(here - now, 1 * S);
    assert_at_most(here - now, 6 * S);
    assert_at_least(there, here);
    assert_at_most(there - here, 300 * MS);
    now = scene_now(s);
    s->ends[0].person.dead = false;
    scene_assert_both_hear(s, 1 * S);
    assert_told(s, 0, EAR_EVENT_MIC_DEAD, false, now, 300 * MS);
    assert_told(s, 1, EAR_EVENT_THEIR_MIC_DEAD, false, now, 500 * MS);
    assert_false(scene_status(s, 1).their_mic_dead);
    scene_close(s);
}

/* Switching off a dead microphone ends the warning: silence is meant then. */
static void a_muted_microphone_is_not_dead(void **state)
{
    (void)state;
    struct scene *s = talking("delay = 150 ms");
    s->ends[0].person.dead = true;
    scene_run(s, 10 * S);
    int64_t now = scene_now(s);
    scene_command(s, 0, EAR_COMMAND_MUTE, true);
    scene_run(s, 1 * S);
    assert_told(s, 0, EAR_EVENT_MIC_DEAD, false, now, 1 * S);
    assert_told(s, 1, EAR_EVENT_THEIR_MIC_DEAD, false, now, 1 * S);
    scene_close(s);
}

static bool it_echoes(void *ctx)
{
    (void)ctx;
    return true;
}

/* Nobody can hear one's own loudspeaker there: it is said, but not while the microphone is off. */
static void a_microphone_that_echoes_is_told(void **state)
{
    (void)state;
    struct scene *s = talking("delay = 150 ms");
    int64_t now = scene_now(s);
    s->ends[0].person.mic.echoes = it_echoes;
    scene_run(s, 1 * S);
    assert_told(s, 0, EAR_EVENT_MIC_ECHOES, true, now, 300 * MS);
    now = scene_now(s);
    scene_command(s, 0, EAR_COMMAND_MUTE, true);
    scene_run(s, 1 * S);
    assert_told(s, 0, EAR_EVENT_MIC_ECHOES, false, now, 300 * MS);
    scene_close(s);
}

/* From the moment at which the newest packet heard was spoken, as its index says, to that at which
 * it is heard. */
static double mouth_to_ear_ms(struct scene *s, int to)
{
    const struct scene_end *end = &s->ends[to];
    const struct scene_heard *heard = &end->heard[(end->heard_count - 1) % SCENE_HEARD];
    int64_t spoken_us = scene_status(s, !to).talk.journal_t0_us + heard->index * EAR_UNIT_US;
    return (double)(heard->at_us - spoken_us) / (double)MS;
}

/* Pulled out, or just giving nothing, again and again. */
static void lose_microphone(bool stalls)
{
    struct scene *s = talking("delay = 150 ms");
    /* The delay that a call begins with goes in pauses, within 25 s, and packets get longer. */
    scene_run(s, 60 * S);
    double before = delay_ms(s, 1), whole = mouth_to_ear_ms(s, 1);
    assert_at_most(before, 30);
    /* After a spike of 70 ms the target may be up to 60 above the least for a minute: packets were
     * 60 ms shorter in the call's first seconds, and came as much sooner. */
    const double left = stalls ? 60 : 30;
    for (int i = 0; i < 5; i++) {
        int64_t now = scene_now(s);
        bool *lost = stalls ? &s->ends[0].person.mic_stalls : &s->ends[0].person.mic_gone;
        *lost = true;
        scene_run(s, 5 * S + i * 7 * MS);
        if (!stalls)
            assert_told(s, 0, EAR_EVENT_MIC_GONE, true, now, 300 * MS);
        for (int end = 0; end < 2; end++)
            assert_int_equal(scene_status(s, end).phase, EAR_PHASE_TALKING);
        now = scene_now(s);
        *lost = false;
        scene_assert_both_hear(s, 1 * S);
        if (!stalls)
            assert_told(s, 0, EAR_EVENT_MIC_GONE, false, now, 300 * MS);
        /* Heard as late as ever after what is spoken: the journal has kept the clock's time. */
        scene_run(s, 12 * S); /* a stall counts as a spike of delay for 5 s and more */
        assert_at_most(mouth_to_ear_ms(s, 1), whole + left);
        assert_at_least(mouth_to_ear_ms(s, 1), whole - 30);
        assert_at_most(delay_ms(s, 1), before + left);
    }
    scene_close(s);
}

static void the_call_outlives_its_microphone(void **state)
{
    (void)state;
    lose_microphone(false);
    lose_microphone(true);
}

static void the_call_outlives_its_loudspeaker(void **state)
{
    (void)state;
    struct scene *s = talking("delay = 150 ms");
    double before = delay_ms(s, 1);
    int64_t now = scene_now(s);
    s->ends[1].person.speaker_gone = true;
    scene_run(s, 5 * S);
    assert_told(s, 1, EAR_EVENT_SPEAKER_GONE, true, now, 300 * MS);
    assert_int_equal(scene_status(s, 1).phase, EAR_PHASE_TALKING);
    now = scene_now(s);
    s->ends[1].person.speaker_gone = false;
    scene_run(s, 2 * S);
    assert_told(s, 1, EAR_EVENT_SPEAKER_GONE, false, now, 300 * MS);
    /* The 5 s that waited are caught up at a quarter more than their pace. */
    scene_run(s, 40 * S);
    assert_at_most(delay_ms(s, 1), before + 50);
    scene_assert_both_hear(s, 1 * S);
    scene_close(s);
}

/* No sound cards at all for a whole minute from the first moment. */
static void a_call_begins_without_sound_cards(void **state)
{
    (void)state;
    struct scene *s = scene_open(&(struct scene_options){.text = "delay = 150 ms"});
    for (int end = 0; end < 2; end++)
        s->ends[end].person.mic_gone = s->ends[end].person.speaker_gone = true;
    scene_call(s);
    scene_run(s, 60 * S);
    for (int end = 0; end < 2; end++) {
        struct ear_engine_status st = scene_status(s, end);
        assert_int_equal(st.phase, EAR_PHASE_TALKING);
        assert_true(st.talk.mic_gone && st.talk.speaker_gone);
        assert_int_equal(st.outages, 0);
        s->ends[end].person.mic_gone = s->ends[end].person.speaker_gone = false;
    }
    scene_assert_both_hear(s, 1 * S);
    scene_run(s, 20 * S);
    assert_at_most(delay_ms(s, 0), 60);
    scene_close(s);
}

/* Mean playout delay at one end over ten minutes. */
static double ten_minutes_ms(struct scene *s, int end)
{
    double sum = 0;
    for (int i = 0; i < 600; i++) {
        scene_run(s, 1 * S);
        sum += delay_ms(s, end);
    }
    return sum / 600;
}

/* A part of the two hours that "test_flow_sound 120" takes. */
static int drift_minutes = 30;

/* Computers run up to 200 ppm off: in two hours almost three seconds, which must go unheard. */
static void clocks_that_drift_lose_nothing(void **state)
{
    (void)state;
    const int64_t ppm[][2] = {{200, -200}, {-200, 200}};
    for (size_t i = 0; i < EAR_COUNT(ppm); i++) {
        struct scene *s = scene_open(&(struct scene_options){
            .text = "delay = 150 ms", .turns = true, .ppm = {ppm[i][0], ppm[i][1]}});
        scene_call(s);
        scene_run(s, 5 * 60 * S);
        double first_ms = ten_minutes_ms(s, 1);
        for (int minute = 15; minute < drift_minutes - 10; minute++) {
            scene_run(s, 60 * S);
            for (int end = 0; end < 2; end++) {
                struct ear_play_stats play = scene_status(s, end).talk.play;
                assert_at_most(play.delay_ms, play.target_ms + 60);
                assert_at_least(play.delay_ms, play.target_ms - 60);
                assert_at_most(play.target_ms, 100);
            }
        }
        double last_ms = ten_minutes_ms(s, 1);
        print_message("%+d ppm against %+d: playout delay %.1f ms, after %d min %.1f ms\n",
                      (int)ppm[i][0], (int)ppm[i][1], first_ms, drift_minutes, last_ms);
        assert_at_most(fabs(last_ms - first_ms), 20);
        for (int end = 0; end < 2; end++) {
            struct ear_engine_status st = scene_status(s, end);
            assert_int_equal(st.talk.play.packets_lost, 0);
            assert_int_equal(st.talk.play.packets_discarded, 0);
            assert_int_equal(s->ends[end].went_back, 0);
            assert_int_equal(st.outages, 0);
        }
        scene_hang_up(s, 0);
        scene_close(s);
    }
}

/* Usage: test_flow_sound [MINUTES], 30 at least */
int main(int argc, char **argv)
{
    if (argc > 1 && atoi(argv[1]) > drift_minutes)
        drift_minutes = atoi(argv[1]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mute_is_told_and_in_force),
        cmocka_unit_test(mute_survives_an_outage),
        cmocka_unit_test(mute_holds_from_call_to_call),
        cmocka_unit_test(a_dead_microphone_is_said_on_both_sides),
        cmocka_unit_test(a_muted_microphone_is_not_dead),
        cmocka_unit_test(a_microphone_that_echoes_is_told),
        cmocka_unit_test(the_call_outlives_its_microphone),
        cmocka_unit_test(the_call_outlives_its_loudspeaker),
        cmocka_unit_test(a_call_begins_without_sound_cards),
        cmocka_unit_test(clocks_that_drift_lose_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
