/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every counter that wraps, wraps in a call, and nobody hears it. */
#include "scene.h"

/* The journal's index has 14 bits of 20 ms: it wraps each 327.68 s. */
#define JOURNAL_WRAP (16384 * 20 * MS)

/* All that was said since `count` and `lost` were noted is heard in order. */
struct mark {
    int64_t heard[2], sent[2];
};

static struct mark mark_here(struct scene *s)
{
    struct mark m;
    for (int end = 0; end < 2; end++) {
        struct ear_engine_status st = scene_status(s, end);
        m.heard[end] = s->ends[end].heard_count;
        m.sent[end] = st.talk.packets_sent;
    }
    return m;
}

static void assert_all_heard_since(struct scene *s, const struct mark *m)
{
    for (int end = 0; end < 2; end++) {
        struct ear_engine_status st = scene_status(s, !end);
        int64_t heard = s->ends[end].heard_count - m->heard[end];
        int64_t sent = st.talk.packets_sent - m->sent[!end];
        assert_at_least(sent, 100);
        assert_at_least(heard, sent - 6); /* some are on their way */
        assert_int_equal(s->ends[end].went_back, 0);
        assert_int_equal(scene_status(s, end).refused_datagrams, 0);
    }
}

static void the_journal_wraps_in_mid_speech(void **state)
{
    (void)state;
    struct scene *s = scene_open(&(struct scene_options){.text = "delay = 120 ms"});
    scene_call(s);
    struct mark m = mark_here(s);
    for (int wrap = 0; wrap < 3; wrap++) {
        scene_run(s, JOURNAL_WRAP);
        assert_all_heard_since(s, &m);
    }
    for (int end = 0; end < 2; end++) {
        assert_at_least(s->ends[end].newest_index, 3 * 16384 - 100);
        assert_int_equal(s->ends[end].concealed_units, 0);
        struct ear_engine_status st = scene_status(s, end);
        assert_at_most(st.talk.play.packets_lost, 0);
        assert_int_equal(st.outages, 0);
        assert_at_least(st.talk.rtt_ms, 225); /* 240, told in steps of 20 */
        assert_at_most(st.talk.rtt_ms, 260);
    }
    scene_hang_up(s, 0);
    scene_close(s);
}

/* Outages of 170 s that begin before the wrap, over it, and at half of it, where the expected index
 * is furthest from the newest heard. */
static void an_outage_lies_over_the_wrap(void **state)
{
    (void)state;
    const int64_t begins[] = {JOURNAL_WRAP / 2 - 85 * S, JOURNAL_WRAP - 165 * S,
                              JOURNAL_WRAP - 85 * S, JOURNAL_WRAP - 5 * S,
                              3 * JOURNAL_WRAP - 85 * S};
    for (size_t i = 0; i < EAR_COUNT(begins); i++) {
        struct scene *s = scene_open(&(struct scene_options){.text = "delay = 120 ms"});
        scene_call(s);
        scene_run(s, begins[i]);
        ear_link_cut(ear_rig_link(s->rig), true);
        scene_run(s, 170 * S);
        ear_link_cut(ear_rig_link(s->rig), false);
        scene_assert_both_hear(s, 2 * S);
        struct mark m = mark_here(s);
        scene_run(s, 60 * S);
        assert_all_heard_since(s, &m);
        for (int end = 0; end < 2; end++) {
            int64_t index = (begins[i] + 170 * S + 60 * S) / EAR_UNIT_US;
            assert_at_least(s->ends[end].newest_index, index - 100);
            assert_at_most(s->ends[end].newest_index, index + 200);
        }
        scene_hang_up(s, 1);
        scene_close(s);
    }
}

/* One side listens in silence from the first moment, and then speaks: at any time it is heard. */
static void the_first_word_may_come_late(void **state)
{
    (void)state;
    const int64_t silent[] = {10 * S,  100 * S, 164 * S, 200 * S,
                              326 * S, 330 * S, 500 * S, 700 * S};
    for (size_t i = 0; i < EAR_COUNT(silent); i++) {
        struct scene *s = scene_open(&(struct scene_options){.text = "delay = 120 ms"});
        s->ends[0].person.speaks = false;
        scene_call(s);
        scene_run(s, silent[i]);
        assert_int_equal(s->ends[1].heard_count, 0);
        s->ends[0].person.speaks = true;
        struct mark m = mark_here(s);
        scene_assert_both_hear(s, 1 * S);
        scene_run(s, 30 * S);
        assert_all_heard_since(s, &m);
        assert_at_least(s->ends[1].newest_index, silent[i] / EAR_UNIT_US);
        scene_hang_up(s, 0);
        scene_close(s);
    }
}

/* ... and a pause of any length in the middle. */
static void a_pause_may_be_long(void **state)
{
    (void)state;
    struct scene *s = scene_open(&(struct scene_options){.text = "delay = 120 ms"});
    scene_call(s);
    scene_run(s, 20 * S);
    for (int i = 0; i < 4; i++) {
        s->ends[1].person.speaks = false;
        scene_run(s, (163 + 90 * i) * S);
        s->ends[1].person.speaks = true;
        struct mark m = mark_here(s);
        scene_assert_both_hear(s, 1 * S);
        scene_run(s, 20 * S);
        assert_all_heard_since(s, &m);
    }
    scene_close(s);
}

static void enets_clock_wraps(void **state)
{
    (void)state;
    /* Each wrap 20 s into the call: of the 32-bit milliseconds, of the 16 bits sent in headers, and
     * of the sign. */
    const uint32_t offsets[] = {UINT32_MAX - 1020000, UINT32_MAX / 2 - 1020000,
                                65536 * 16 - 1020000 % 65536 - 20000};
    for (size_t i = 0; i < EAR_COUNT(offsets); i++) {
        struct scene *s = scene_open(&(struct scene_options){.text = "delay = 300 ms\nloss = 10 %",
                                                             .enet_offset_ms = offsets[i]});
        scene_call(s);
        int64_t slowest = 0;
        for (int k = 0; k < 120; k++) {
            bool on = k % 2 == 0;
            int64_t now = scene_now(s);
            scene_command(s, k / 2 % 2, EAR_COMMAND_MUTE, on);
            scene_run(s, 5 * S);
            int64_t told = scene_find(s, !(k / 2 % 2), EAR_EVENT_THEY_MUTED, on, now);
            assert_at_least(told, now);
            slowest = ear_max64(slowest, told - now);
        }
        assert_at_most(slowest, 5 * S);
        for (int end = 0; end < 2; end++)
            assert_int_equal(scene_status(s, end).outages, 0);
        scene_hang_up(s, 0);
        scene_close(s);
    }
}

/* The unsequenced group and the reliable numbers have 16 bits: more speech and more signals than
 * that in one call. A packet each 120 ms is 65536 of them in 2.2 hours. */
static void enets_numbers_wrap(void **state)
{
    (void)state;
    struct scene *s = scene_open(&(struct scene_options){.text = "delay = 20 ms"});
    scene_call(s);
    int64_t told = 0, said = 0;
    while (scene_status(s, 0).talk.packets_sent < 70000) {
        for (int i = 0; i < 10; i++, said++) {
            scene_command(s, 0, EAR_COMMAND_MUTE, said % 2 == 0);
            ear_rig_run(s->rig, 100 * MS);
        }
        /* Muted half of the time, so speech is sent slower than signals. */
        struct ear_event event;
        while (ear_engine_event(ear_rig_engine(s->rig, 1), &event))
            told += event.kind == EAR_EVENT_THEY_MUTED;
        while (ear_engine_event(ear_rig_engine(s->rig, 0), &event))
            ;
        if (said >= 70000)
            break;
    }
    assert_at_least(said, 66000);
    assert_at_least(told, said - 5);
    int64_t heard = s->ends[0].heard_count;
    while (heard < 66000) {
        ear_rig_run(s->rig, 10 * S);
        struct ear_event event;
        while (ear_engine_event(ear_rig_engine(s->rig, 0), &event))
            ;
        while (ear_engine_event(ear_rig_engine(s->rig, 1), &event))
            ;
        int64_t now = s->ends[0].heard_count;
        assert_at_least(now, heard + 40);
        heard = now;
    }
    assert_int_equal(s->ends[0].went_back, 0);
    scene_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_journal_wraps_in_mid_speech),
        cmocka_unit_test(an_outage_lies_over_the_wrap),
        cmocka_unit_test(the_first_word_may_come_late),
        cmocka_unit_test(a_pause_may_be_long),
        cmocka_unit_test(enets_clock_wraps),
        cmocka_unit_test(enets_numbers_wrap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
