/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an outage took from live speech is heard to the last packet, by one press, be it at once or
 * later, whatever is said meanwhile. */
#include <inttypes.h>

#include "scene.h"

/* 3 % of packets are lost on edge; on loss20 four of five of those lost are given back. */
#define LOST_SHARE 0.05

struct wish {
    const char *link;
    int budget_bps; /* 0: the usual one */
    int outage_s;
    int later_s;     /* how long the offer waits; 0: pressed as soon as it is made */
    bool goes_on;    /* the talker speaks on while it is fetched */
    int stopped_s;   /* the playing is stopped for so long in between; 0: it is not */
    bool comes_back; /* another outage of 5 s falls into the playing */
};

static struct ear_numbered_counts counts_of(const struct ear_codec *codec)
{
    struct ear_numbered_counts counts;
    ear_numbered_get_counts(codec, &counts);
    return counts;
}

/* End 1 listens; the offer is made from a second of speech on. */
static void until_offered(struct scene *s, const struct wish *wish)
{
    for (int i = 0; scene_status(s, 1).talk.missed_us < 1 * S; i++) {
        if (i > 60)
            fail_msg("nothing is offered of an outage of %d s", wish->outage_s);
        scene_run(s, 1 * S);
    }
}

static void until_played(struct scene *s, const struct wish *wish)
{
    int64_t begin = scene_now(s);
    while (scene_status(s, 1).talk.plays_missed) {
        if (scene_now(s) - begin > 300 * S)
            fail_msg("%" PRId64 " ms of an outage of %d s play on and on",
                     scene_status(s, 1).talk.missed_us / MS, wish->outage_s);
        scene_run(s, 100 * MS);
    }
}

static void play(struct scene *s, const struct wish *wish)
{
    scene_command(s, 1, EAR_COMMAND_PLAY_MISSED, true);
    scene_run(s, 2 * S);
    if (wish->stopped_s) {
        scene_command(s, 1, EAR_COMMAND_PLAY_MISSED, false);
        scene_run(s, wish->stopped_s * S);
        scene_command(s, 1, EAR_COMMAND_PLAY_MISSED, true);
        scene_run(s, 100 * MS);
    }
    if (wish->comes_back) {
        ear_link_cut(ear_rig_link(s->rig), true);
        scene_run(s, 5 * S);
        ear_link_cut(ear_rig_link(s->rig), false);
    }
    until_played(s, wish);
}

static void hear_missed(const struct wish *wish, uint64_t seed)
{
    struct scene *s = scene_open(
        &(struct scene_options){.link = wish->link, .seed = seed, .budget_bps = wish->budget_bps});
    s->ends[1].person.speaks = false;
    scene_call(s);
    scene_run(s, 20 * S);
    ear_link_cut(ear_rig_link(s->rig), true);
    scene_run(s, wish->outage_s * S);
    ear_link_cut(ear_rig_link(s->rig), false);
    s->ends[0].person.speaks = wish->goes_on;
    until_offered(s, wish);
    scene_run(s, wish->later_s * S);
    play(s, wish);
    struct ear_talk_status st = scene_status(s, 1).talk;
    int64_t left_us = st.missed_us + st.fetching_us;
    s->ends[0].person.speaks = false;
    scene_run(s, 10 * S);

    struct ear_numbered_counts said = counts_of(s->ends[0].codec);
    struct ear_numbered_counts live = counts_of(s->ends[1].codec);
    struct ear_numbered_counts missed = counts_of(s->ends[1].again);
    st = scene_status(s, 1).talk;
    print_message("%s, %d s, %s, %s: %" PRId64 " packets said, %" PRId64 " heard live, %" PRId64
                  " later, %" PRId64 " ms left, %" PRId64 " ms lost\n",
                  wish->link, wish->outage_s, wish->later_s ? "later" : "at once",
                  wish->goes_on ? "speaks on" : "silent", said.encoded, live.decoded,
                  missed.decoded, left_us / MS, st.lost_us / MS);
    if (left_us > 0 || st.missed_us > 0)
        fail_msg("%" PRId64 " ms are left of an outage of %d s (seed %" PRIu64 ")", left_us / MS,
                 wish->outage_s, seed);
    /* What the line takes of any minute is told as lost; of the outage nothing is. */
    double lost = (double)(said.encoded - live.decoded - missed.decoded) / (double)said.encoded;
    assert_at_most(lost, LOST_SHARE);
    assert_at_least(missed.decoded, wish->outage_s * S / (120 * MS) * 0.8);
    /* In the order in which it was said; what is not there in 10 s comes later. */
    assert_at_most(missed.repeated, wish->goes_on ? 2 : 0);
    assert_int_equal(live.repeated, 0);
    scene_close(s);
}

static void what_was_missed_is_heard(void **state)
{
    (void)state;
    static const struct wish wishes[] = {
        {.link = "edge", .outage_s = 20},
        {.link = "edge", .outage_s = 20, .goes_on = true},
        {.link = "edge", .outage_s = 20, .later_s = 40, .goes_on = true},
        {.link = "edge", .outage_s = 45},
        {.link = "edge", .outage_s = 45, .goes_on = true},
        {.link = "edge", .outage_s = 45, .later_s = 60},
        {.link = "edge", .outage_s = 45, .goes_on = true, .stopped_s = 10},
        {.link = "edge", .outage_s = 45, .goes_on = true, .comes_back = true},
        {.link = "loss20", .outage_s = 20},
        {.link = "thin12", .outage_s = 45},
        {.link = "thin12", .outage_s = 45, .later_s = 60},
        /* Where nothing is lost packets take most of a datagram. */
        {.link = "clean", .budget_bps = 20000, .outage_s = 20, .goes_on = true},
        {.link = "clean", .budget_bps = 26000, .outage_s = 20},
        {.link = "clean", .budget_bps = 26000, .outage_s = 45, .goes_on = true},
    };
    for (size_t i = 0; i < EAR_COUNT(wishes); i++)
        hear_missed(&wishes[i], SEED + i);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_missed_is_heard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
