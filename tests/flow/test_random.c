/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Anything in any order: whatever people and links do, no engine gets stuck. */
#include <inttypes.h>

#include "party.h"
#include "scene.h"

#define PAIRS_OF_TWO 60
#define PARTIES 40
#define STEPS 60

static struct ear_random chance;

static bool one_in(uint32_t n)
{
    return ear_random_below(&chance, n) == 0;
}

static bool settled(enum ear_phase a, enum ear_phase b)
{
    return (a == EAR_PHASE_IDLE && b == EAR_PHASE_IDLE) ||
           (a == EAR_PHASE_TALKING && b == EAR_PHASE_TALKING);
}

/* ---- two ends of a rig, whose programs may crash ---- */

static void disturb(struct scene *s, bool frozen[static 2])
{
    int end = (int)ear_random_below(&chance, 2);
    switch (ear_random_below(&chance, 12)) {
    case 0:
    case 1:
    case 2:
        ear_rig_dial(s->rig);
        break;
    case 3:
        scene_command(s, end, EAR_COMMAND_HANG_UP, false);
        break;
    case 4:
    case 5:
        scene_command(s, end, EAR_COMMAND_MUTE, one_in(2));
        break;
    case 6:
    case 7:
        scene_command(s, 1, EAR_COMMAND_ANSWER, false);
        break;
    case 8:
        ear_link_cut(ear_rig_link(s->rig), one_in(2));
        break;
    case 9:
        frozen[end] = one_in(2);
        ear_rig_freeze(s->rig, end, frozen[end]);
        break;
    case 10:
        s->ends[end].person.speaks = one_in(2);
        s->ends[end].person.mic_gone = one_in(3);
        s->ends[end].person.speaker_gone = one_in(3);
        break;
    case 11:
        if (one_in(3)) {
            frozen[end] = false;
            assert_int_equal(ear_rig_restart(s->rig, end), 0);
        }
        break;
    }
}

static void heal(struct scene *s)
{
    ear_link_cut(ear_rig_link(s->rig), false);
    for (int end = 0; end < 2; end++) {
        ear_rig_freeze(s->rig, end, false);
        s->ends[end].person.speaks = true;
        s->ends[end].person.mic_gone = s->ends[end].person.speaker_gone = false;
        scene_command(s, end, EAR_COMMAND_MUTE, false);
    }
}

static void two_ends(uint64_t seed)
{
    static const char *const links[] = {"delay = 50 ms", "delay = 400 ms\nloss = 10 %",
                                        "delay = 100 ms\nloss = 30 %\njitter = 40 ms"};
    struct scene *s = scene_open(&(struct scene_options){
        .text = links[seed % EAR_COUNT(links)], .seed = seed, .no_auto_answer = seed % 2 == 0});
    bool frozen[2] = {false, false};
    for (int i = 0; i < STEPS; i++) {
        disturb(s, frozen);
        scene_run(s, (int64_t)ear_random_exponential(&chance, one_in(10) ? 30e6 : 2e6));
    }
    heal(s);
    /* It may ring for a minute yet, or wait for 180 s for an end that knows nothing of the call. */
    for (int i = 0; i < 200 && !settled(scene_status(s, 0).phase, scene_status(s, 1).phase); i++)
        scene_run(s, 1 * S);
    enum ear_phase a = scene_status(s, 0).phase, b = scene_status(s, 1).phase;
    if (!settled(a, b))
        fail_msg("stuck: %s and %s (seed %" PRIu64 ")", ear_phase_name(a), ear_phase_name(b), seed);
    if (a == EAR_PHASE_TALKING)
        scene_hang_up(s, (int)(seed & 1));
    scene_run(s, 10 * S);
    /* And both are fit for a call. */
    ear_rig_dial(s->rig);
    if (s->options.no_auto_answer)
        scene_until_phase(s, 1, EAR_PHASE_INCOMING, 15 * S);
    scene_command(s, 1, EAR_COMMAND_ANSWER, false);
    scene_until_phase(s, 0, EAR_PHASE_TALKING, 20 * S);
    scene_until_phase(s, 1, EAR_PHASE_TALKING, 5 * S);
    scene_assert_both_hear(s, 4 * S);
    scene_close(s);
}

static void two_ends_are_never_stuck(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= PAIRS_OF_TWO; seed++) {
        chance = ear_random_seeded(seed);
        two_ends(seed);
    }
}

/* ---- four people who all call each other ---- */

static void party_of_four(uint64_t seed)
{
    struct party *p =
        party_open(&(struct party_options){.count = 4, .seed = seed, .auto_answer = seed % 2 == 0});
    p->hub.loss = seed % 3 * 0.1;
    for (int i = 0; i < STEPS; i++) {
        int end = (int)ear_random_below(&chance, 4);
        switch (ear_random_below(&chance, 6)) {
        case 0:
        case 1:
            party_dial(p, end, (end + 1 + (int)ear_random_below(&chance, 3)) % 4);
            break;
        case 2:
            party_command(p, end, EAR_COMMAND_ANSWER, false);
            break;
        case 3:
            party_command(p, end, EAR_COMMAND_HANG_UP, false);
            break;
        case 4:
            party_command(p, end, EAR_COMMAND_MUTE, one_in(2));
            break;
        case 5:
            p->hub.cut[end] = one_in(3);
            break;
        }
        party_run(p, (int64_t)ear_random_exponential(&chance, one_in(8) ? 20e6 : 0.3e6));
    }
    for (int end = 0; end < 4; end++) {
        p->hub.cut[end] = false;
        party_command(p, end, EAR_COMMAND_MUTE, false);
        party_command(p, end, EAR_COMMAND_HANG_UP, false);
    }
    party_run(p, 190 * S);
    for (int end = 0; end < 4; end++)
        if (party_phase(p, end) != EAR_PHASE_IDLE)
            fail_msg("end %d is %s (seed %" PRIu64 ")", end, ear_phase_name(party_phase(p, end)),
                     seed);
    p->hub.loss = 0;
    for (int pair = 0; pair < 4; pair += 2) {
        party_dial(p, pair, pair + 1);
        party_run(p, 2 * S);
        party_command(p, pair + 1, EAR_COMMAND_ANSWER, false);
        party_until(p, pair, EAR_PHASE_TALKING, 2 * S);
    }
    int64_t heard[4];
    for (int end = 0; end < 4; end++)
        heard[end] = p->ends[end].heard;
    party_run(p, 3 * S);
    for (int end = 0; end < 4; end++)
        assert_at_least(p->ends[end].heard, heard[end] + 5); /* of 120 ms, in 3 s with a pause */
    party_close(p);
}

static void four_people_are_never_stuck(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= PARTIES; seed++) {
        chance = ear_random_seeded(seed);
        party_of_four(seed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_ends_are_never_stuck),
        cmocka_unit_test(four_people_are_never_stuck),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
