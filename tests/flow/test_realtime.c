/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The media thread's promise: once made, an engine neither allocates nor waits for a lock. And when
 * memory fails while things are made, nothing leaks and nothing crashes. */
#include <errno.h>

#include "party.h"
#include "scene.h"

#include "fake/guard.h"
#include "port/codec.h"
#include "port/enet_link.h"
#include "sim/enet_virtual.h"

static void assert_nothing_counted(void)
{
    assert_true(ear_guard_available());
    print_message("allocations_after_start: %lld\nlocks_after_start: %lld\n",
                  (long long)ear_guard_allocations(), (long long)ear_guard_locks());
    assert_int_equal(ear_guard_allocations(), 0);
    assert_int_equal(ear_guard_locks(), 0);
}

/* Engines, link, voices and codec, all of it in the guard. */
static void guarded_run(struct scene *s, int64_t duration_us)
{
    ear_guard_enter();
    ear_rig_run(s->rig, duration_us);
    ear_guard_leave();
}

static void a_call_over_edge_allocates_nothing(void **state)
{
    (void)state;
    struct scene *s =
        scene_open(&(struct scene_options){.link = "edge", .turns = true, .opus = true});
    scene_call(s); /* the first call lets libraries make what they keep */
    scene_run(s, 5 * S);
    scene_hang_up(s, 0);
    scene_run(s, 10 * S);
    ear_guard_reset();
    ear_rig_dial(s->rig);
    guarded_run(s, 60 * S);
    assert_int_equal(scene_status(s, 0).phase, EAR_PHASE_TALKING);
    ear_link_cut(ear_rig_link(s->rig), true);
    guarded_run(s, 20 * S);
    assert_int_equal(scene_status(s, 1).phase, EAR_PHASE_LOST);
    scene_command(s, 0, EAR_COMMAND_MUTE, true);
    guarded_run(s, 20 * S);
    ear_link_cut(ear_rig_link(s->rig), false);
    guarded_run(s, 20 * S);
    assert_true(scene_status(s, 1).they_muted);
    scene_command(s, 1, EAR_COMMAND_HANG_UP, false);
    guarded_run(s, 10 * S);
    assert_int_equal(scene_status(s, 0).phase, EAR_PHASE_IDLE);
    assert_nothing_counted();
    scene_close(s);
}

static void guard_steps(void *ctx, bool enters)
{
    (void)ctx;
    if (enters)
        ear_guard_enter();
    else
        ear_guard_leave();
}

/* Callers come and go while two talk: sessions open and close in the guard. */
static void callers_and_redials_allocate_nothing(void **state)
{
    (void)state;
    struct party *p = party_open(
        &(struct party_options){.count = 4, .seed = SEED, .auto_answer = true, .opus = true});
    p->hub.loss = 0.1;
    party_dial(p, 0, 1);
    party_until(p, 0, EAR_PHASE_TALKING, 20 * S);
    party_run(p, 5 * S);
    ear_guard_reset();
    p->around = guard_steps;
    for (int i = 0; i < 10; i++) {
        party_dial(p, 2, 1);
        party_dial(p, 3, 1);
        party_run(p, 5 * S);
        if (i % 3 == 2) {
            party_command(p, 0, EAR_COMMAND_HANG_UP, false);
            party_run(p, 100 * MS);
            party_dial(p, 0, 1);
            party_run(p, 5 * S);
        }
        for (int end = 2; end < 4; end++) {
            party_command(p, end, EAR_COMMAND_HANG_UP, false);
            party_run(p, 1 * S);
        }
    }
    p->around = NULL;
    assert_at_least(party_events(p, 1, EAR_EVENT_TURNED_AWAY), 5);
    assert_nothing_counted();
    party_close(p);
}

/* By a relay, with measurements of the direct way, the move there and back, and an update. */
static void a_relayed_call_allocates_nothing(void **state)
{
    (void)state;
    struct ear_meeting meetings[EAR_HUB_PLACES];
    struct party *p = party_open(&(struct party_options){
        .count = 3, .seed = SEED, .auto_answer = true, .opus = true, .relay = true});
    party_dial(p, 0, 1); /* the first call lets libraries make what they keep */
    party_until(p, 0, EAR_PHASE_TALKING, 20 * S);
    party_run(p, 5 * S);
    party_command(p, 0, EAR_COMMAND_HANG_UP, false);
    party_run(p, 5 * S);
    ear_guard_reset();
    p->around = guard_steps;
    for (int i = 0; i < 3; i++) {
        p->hub.parted[0][1] = p->hub.parted[1][0] = true;
        party_dial(p, 0, 1);
        party_run(p, 5 * S);
        assert_true(party_status(p, 0).relayed);
        party_dial_by_relay(p, 2, 1);
        p->hub.parted[0][1] = p->hub.parted[1][0] = false;
        party_run(p, 10 * S);
        assert_false(party_status(p, 0).relayed);
        p->hub.parted[0][1] = p->hub.parted[1][0] = true;
        party_run(p, 5 * S);
        assert_true(party_status(p, 0).relayed);
        for (size_t k = party_meetings(0, meetings); k-- > 0;)
            for (int gone = 2; gone-- > 0;)
                assert_true(ear_engine_update_meeting(
                    p->ends[0].engine,
                    &(struct ear_meeting_update){.gone = gone, .meeting = meetings[k]}));
        party_run(p, 10 * S);
        assert_int_equal(party_phase(p, 0), EAR_PHASE_TALKING);
        party_command(p, 0, EAR_COMMAND_HANG_UP, false);
        party_run(p, 5 * S);
    }
    p->around = NULL;
    assert_nothing_counted();
    party_close(p);
}

/* ---- every allocation fails once ---- */

static struct ear_profile *profile;

static int make_rig(void *ctx)
{
    (void)ctx;
    struct ear_person persons[2];
    struct ear_codec *codecs[2] = {NULL, NULL};
    struct ear_rig *rig = NULL;
    int err = 0;
    struct ear_rig_config config = {.profile = profile, .seed = SEED, .start_us = 1000 * S};
    for (int i = 0; i < 2; i++) {
        ear_person_init(&persons[i], 0);
        if (!err)
            err = ear_codec_opus_new(&codecs[i], &ear_codec_opus_usual);
        config.ends[i] = (struct ear_rig_end){
            .mic = &persons[i].mic, .speaker = &persons[i].speaker, .codec = codecs[i]};
    }
    if (!err)
        err = ear_rig_new(&rig, &config);
    if (!err && !rig)
        err = -EINVAL;
    ear_rig_free(rig);
    for (int i = 0; i < 2; i++)
        ear_codec_opus_free(codecs[i]);
    return err;
}

static int make_voice_and_numbered(void *ctx)
{
    (void)ctx;
    const struct ear_talker_config config = {.seed = SEED};
    struct ear_talker *voice = NULL;
    struct ear_codec *codec = NULL;
    int err = ear_talker_new(&voice, &config);
    if (!err)
        err = ear_numbered_new(&codec);
    free(codec);
    free(voice);
    return err;
}

static int start_enet(void *ctx)
{
    (void)ctx;
    int err = ear_enet_start();
    if (!err)
        ear_enet_stop();
    return err;
}

static void assert_sweep(int (*body)(void *ctx), int64_t least)
{
    struct ear_guard_sweep sweep;
    assert_int_equal(body(NULL), 0);
    if (ear_guard_sweep(body, NULL, &sweep) != 0)
        fail_msg("allocation %lld leaks %lld blocks, %lld goes unnoticed", (long long)sweep.leaking,
                 (long long)sweep.leaked, (long long)sweep.unnoticed);
    assert_at_least(sweep.allocations, least);
}

static void failing_memory_leaks_nothing(void **state)
{
    (void)state;
    char error[128];
    assert_int_equal(ear_profile_load(&profile, "edge", error, sizeof error), 0);
    assert_sweep(start_enet, 2);
    assert_sweep(make_voice_and_numbered, 2);
    assert_sweep(make_rig, 20); /* link, codecs, engines, talks, sessions, rings */
    ear_profile_free(profile);
}

/* ---- ENet's pool is used up ---- */

#define HOARDERS 100
#define SWITCHES 6000

static struct ear_enet_link *hoard[HOARDERS];

static int hoard_links(int from, int until)
{
    int err = 0;
    for (int i = from; i < until && err == 0; i++) {
        assert_int_equal(ear_enet_link_new(&hoard[i]), 0);
        err = ear_enet_link_open(hoard[i], true);
    }
    return err;
}

static void assert_all_is_well(struct party *p)
{
    int told = party_events(p, 1, EAR_EVENT_THEY_MUTED);
    for (int i = 0; i < 2; i++) {
        party_command(p, 0, EAR_COMMAND_MUTE, i == 0);
        party_run(p, 3 * S);
    }
    assert_at_least(party_events(p, 1, EAR_EVENT_THEY_MUTED), told + 1);
    int64_t heard[2] = {p->ends[0].heard, p->ends[1].heard};
    party_run(p, 3 * S);
    for (int end = 0; end < 2; end++) {
        assert_int_equal(party_phase(p, end), EAR_PHASE_TALKING);
        assert_at_least(p->ends[end].heard, heard[end] + 10);
    }
}

/* Other links and thousands of signals hold what ENet could have: no call begins, but the one
 * that is on goes on, and all comes back. */
static void an_empty_pool_ends_no_call(void **state)
{
    (void)state;
    struct party *p =
        party_open(&(struct party_options){.count = 3, .seed = SEED, .auto_answer = true});
    memset(hoard, 0, sizeof hoard);
    party_dial(p, 0, 1);
    party_until(p, 0, EAR_PHASE_TALKING, 5 * S);
    party_run(p, 5 * S);
    assert_int_equal(hoard_links(0, 20), 0);
    p->hub.cut[0] = true;
    for (int i = 0; i < SWITCHES; i++) {
        party_command(p, 0, EAR_COMMAND_MUTE, i % 2 == 0);
        party_run(p, 10 * MS);
    }
    size_t full = ear_enet_memory_used();
    assert_int_equal(hoard_links(20, HOARDERS), -ENOMEM);
    party_dial(p, 2, 1);
    party_run(p, 20 * S);
    assert_int_equal(party_phase(p, 2), EAR_PHASE_IDLE);
    p->hub.cut[0] = false;
    party_run(p, 30 * S);
    assert_at_most(ear_enet_memory_used(), (double)full / 2 + 20000);
    assert_all_is_well(p);
    for (int i = 0; i < HOARDERS; i++)
        ear_enet_link_free(hoard[i]);
    party_command(p, 0, EAR_COMMAND_HANG_UP, false);
    party_until(p, 1, EAR_PHASE_IDLE, 5 * S);
    party_dial(p, 2, 1);
    party_until(p, 2, EAR_PHASE_TALKING, 5 * S);
    party_close(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_over_edge_allocates_nothing),
        cmocka_unit_test(callers_and_redials_allocate_nothing),
        cmocka_unit_test(a_relayed_call_allocates_nothing),
        cmocka_unit_test(failing_memory_leaks_nothing),
        cmocka_unit_test(an_empty_pool_ends_no_call),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
