/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole calls over every named link: both hear, as well as the link allows, and it ends rightly. */
#include "scene.h"

/* Bounds over two minutes in which two voices take turns, half as much again as measured and more:
 * they are to catch what breaks, not to grade. What repairs wait for is stalled, not concealed. */
static const struct expected {
    const char *name;
    double loss;           /* share of packets, as the link's text says */
    double concealed_most; /* share of the speech played */
    double stalled_most;   /* likewise */
    double delay_most_ms;  /* of playout over the least network delay, mean */
} expected[] = {
    {"clean", 0, 0, 0.002, 60}, /* 40 ms once, when the wait of the beginning has gone */
    {"wifi-long", 0.04, 0.05, 0.12, 900},
    {"3g", 0.01, 0.03, 0.05, 400},
    {"3g-congested", 0.01, 0.03, 0.12, 900},
    {"edge", 0.03, 0.06, 0.06, 400},
    {"gprs", 0.02, 0.06, 0.15, 400},
    {"vsat", 0.02, 0.03, 0.01, 150},
    {"loss10", 0.1, 0.05, 0.03, 600},
    {"loss20", 0.2, 0.12, 0.05, 800},
    {"loss30", 0.3, 0.2, 0.06, 800},
    {"loss50", 0.5, 0.35, 0.4, 2500},
    {"burst20", 0.2, 0.12, 0.12, 1000},
    {"outage", 0.15, 0.05, 0.35, 1500},
    {"bufferbloat", 0, 0.02, 0.2, 1750},
    {"thin16", 0.02, 0.05, 0.05, 300},
    {"thin12", 0.02, 0.05, 0.05, 600},
};

struct heard {
    double concealed, stalled, delay_ms, received;
};

/* Called once a second, for the mean of what changes. */
static void sample(struct scene *s, struct heard heard[static 2])
{
    for (int end = 0; end < 2; end++)
        heard[end].delay_ms += scene_status(s, end).talk.play.delay_ms / 120;
}

static void weigh(struct scene *s, struct heard heard[static 2])
{
    for (int end = 0; end < 2; end++) {
        const struct ear_play_stats play = scene_status(s, end).talk.play;
        double played = (double)(play.spoken_us + play.concealed_us);
        heard[end].concealed = (double)play.concealed_us / played;
        heard[end].stalled = (double)play.stalled_us / played;
        heard[end].received =
            (double)play.packets_received / (double)scene_status(s, !end).talk.packets_sent;
        assert_at_least(play.spoken_us, 8 * S);
    }
}

static void call_over(const struct expected *e, int hangs_up)
{
    struct heard heard[2] = {{0}};
    struct scene *s = scene_open(&(struct scene_options){.link = e->name, .turns = true});
    scene_call(s);
    for (int i = 0; i < 120; i++) {
        scene_run(s, 1 * S);
        sample(s, heard);
    }
    weigh(s, heard);
    for (int end = 0; end < 2; end++) {
        const struct heard *h = &heard[end];
        print_message("%s, heard at %d: received %.3f concealed %.3f stalled %.3f delay %.0f ms\n",
                      e->name, end, h->received, h->concealed, h->stalled, h->delay_ms);
        assert_at_most(h->concealed, e->concealed_most);
        assert_at_most(h->stalled, e->stalled_most);
        assert_at_most(h->delay_ms, e->delay_most_ms);
        /* Some 500 packets: five deviations of chance, and what fades and outages do in a row. */
        assert_at_least(h->received, 1 - e->loss - (e->loss > 0 ? 0.11 : 0.005));
        assert_at_most(h->received, 1 - e->loss + (e->loss > 0 ? 0.11 : 0));
        assert_int_equal(s->ends[end].went_back, 0);
        assert_int_equal(scene_status(s, end).refused_datagrams, 0);
    }
    scene_hang_up(s, hangs_up);
    scene_close(s);
}

static void calls_work_over_every_named_link(void **state)
{
    (void)state;
    char names[512];
    size_t found = 0;
    ear_profile_names(names, sizeof names);
    for (char *name = strtok(names, " "); name; name = strtok(NULL, " "))
        found++;
    assert_int_equal(found, EAR_COUNT(expected)); /* none is forgotten above */
    for (size_t i = 0; i < EAR_COUNT(expected); i++)
        call_over(&expected[i], (int)(i % 2));
}

/* The whole of it with the real codec, where the counts say the same. */
static void opus_changes_nothing(void **state)
{
    (void)state;
    struct scene *s =
        scene_open(&(struct scene_options){.link = "edge", .turns = true, .opus = true});
    scene_call(s);
    scene_run(s, 60 * S);
    for (int end = 0; end < 2; end++) {
        struct ear_engine_status st = scene_status(s, end);
        assert_at_least(st.talk.play.packets_received,
                        (double)scene_status(s, !end).talk.packets_sent * 0.9);
        assert_at_least(st.talk.play.spoken_us, 8 * S);
        assert_at_most(st.sent_peak_bps, 17000);
    }
    scene_hang_up(s, 0);
    scene_close(s);
}

/* Same seed, same call, to the last byte. */
static void a_call_can_be_repeated(void **state)
{
    (void)state;
    struct ear_engine_status st[2][2];
    int64_t heard[2][2];
    for (int round = 0; round < 2; round++) {
        struct scene *s = scene_open(&(struct scene_options){.link = "edge", .turns = true});
        scene_call(s);
        scene_run(s, 60 * S);
        for (int end = 0; end < 2; end++) {
            st[round][end] = scene_status(s, end);
            heard[round][end] = s->ends[end].heard_count;
        }
        scene_close(s);
    }
    for (int end = 0; end < 2; end++) {
        assert_int_equal(heard[0][end], heard[1][end]);
        assert_int_equal(st[0][end].sent.bytes, st[1][end].sent.bytes);
        assert_int_equal(st[0][end].received_bytes, st[1][end].received_bytes);
        assert_int_equal(st[0][end].talk.play.concealed_us, st[1][end].talk.play.concealed_us);
    }
}

/* Of the same bits a decoder with repair of its own makes better speech in wideband; who has none
 * says nothing, and is sent narrowband. */
static void wideband_goes_to_a_decoder_that_repairs_it(void **state)
{
    (void)state;
    struct scene *s = scene_open(&(struct scene_options){.text = "delay = 100 ms"});
    s->ends[1].codec->enhances_wideband = true;
    scene_call(s);
    scene_run(s, 10 * S);
    for (int end = 0; end < 2; end++) {
        struct ear_engine_status status = scene_status(s, end);
        assert_in_range(status.talk.plan.rate_bps, 8600, 15999); /* where it makes the difference */
        assert_int_equal(status.talk.plan.wideband, end == 0);
    }
    scene_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_work_over_every_named_link),
        cmocka_unit_test(opus_changes_nothing),
        cmocka_unit_test(a_call_can_be_repeated),
        cmocka_unit_test(wideband_goes_to_a_decoder_that_repairs_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
