/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mail goes as fast as a line carries it, and behind speech. */
#include <math.h>

#include "fake/test.h"

#include "line/pace.h"

#define STEP_US (1 * MS)
#define SPEECH_MS 120
#define SPEECH_BYTES 240
/* Of an acknowledgement's way back, which is never full here. */
#define UNDER_WAY 1024
#define FRAME_BYTES 300

/* A line of one rate with a queue, and all that is under way on it. */
struct line {
    struct ear_pace pace;
    int64_t now_us;
    double bps, others_bps;
    int64_t delay_us, free_us;
    struct {
        int64_t sent_us, back_us;
        size_t len;
    } way[UNDER_WAY];
    size_t first, count, bytes;
    bool talks, speaks, listens, full;
    int packet_ms;      /* of speech; 0: SPEECH_MS */
    size_t frame_bytes; /* 0: as the pace says */
    /* what was seen */
    int64_t frames, sent_bytes, most_queue_us, most_wait_us, first_us;
    double most_under_way_us; /* at the rate of the pace */
};

static struct line new_line(double bps, int64_t delay_us)
{
    struct line l = {.bps = bps, .delay_us = delay_us, .first_us = -1, .now_us = 1000 * S};
    ear_pace_init(&l.pace, 0, l.now_us);
    return l;
}

/* Returns when it has left the line. */
static int64_t put(struct line *l, size_t bytes)
{
    int64_t begin_us = ear_max64(l->free_us, l->now_us);
    l->free_us = begin_us + (int64_t)(8e6 * (double)bytes / (l->bps - l->others_bps));
    ear_pace_sent(&l->pace, (int64_t)bytes, l->now_us);
    return l->free_us;
}

static void send_frame(struct line *l, size_t len)
{
    size_t at = (l->first + l->count) % UNDER_WAY;
    assert_true(l->count < UNDER_WAY);
    l->most_queue_us = ear_max64(l->most_queue_us, l->free_us - l->now_us);
    l->way[at].sent_us = l->now_us;
    l->way[at].back_us = put(l, len + EAR_PACE_FRAME_FIXED_BYTES) + 2 * l->delay_us;
    l->way[at].len = len;
    l->count++;
    l->bytes += len;
    l->frames++;
    l->sent_bytes += (int64_t)(len + EAR_PACE_FRAME_FIXED_BYTES);
    l->first_us = l->first_us < 0 ? l->now_us : l->first_us;
    ear_pace_frame(&l->pace, len, l->now_us);
}

static void take_acks(struct line *l)
{
    while (l->count > 0 && l->way[l->first].back_us <= l->now_us) {
        const struct ear_pace_ack ack = {
            .bytes = l->way[l->first].len,
            .took_us = l->way[l->first].back_us - l->way[l->first].sent_us,
            .sent_ms = (uint32_t)(l->way[l->first].sent_us / MS),
        };
        l->first = (l->first + 1) % UNDER_WAY;
        l->count--;
        l->bytes -= ack.bytes;
        ear_pace_came(&l->pace, &ack, l->now_us);
    }
}

static struct ear_pace_speech speech_of(const struct line *l)
{
    int64_t packet_us = (l->packet_ms > 0 ? l->packet_ms : SPEECH_MS) * MS;
    int64_t passed_us = l->now_us % packet_us;
    return (struct ear_pace_speech){
        .on = l->talks,
        .silent = !l->speaks,
        .listens = l->listens,
        .full = l->full,
        .budget_bps = !l->talks ? 0
                      : l->full ? (int)(0.9 * l->bps)
                                : 16000,
        .packet_us = packet_us,
        .queueing_ms = (double)ear_max64(l->free_us - l->now_us, 0) / MS,
        .due_us = l->now_us + (l->speaks ? packet_us - passed_us : packet_us - 40 * MS),
    };
}

static void run(struct line *l, int64_t duration_us)
{
    for (int64_t end = l->now_us + duration_us; l->now_us < end; l->now_us += STEP_US) {
        take_acks(l);
        if (l->speaks && l->now_us % (SPEECH_MS * MS) == 0) {
            l->most_wait_us = ear_max64(l->most_wait_us, l->free_us - l->now_us);
            put(l, SPEECH_BYTES);
        }
        const struct ear_pace_speech speech = speech_of(l);
        ear_pace_set_speech(&l->pace, &speech, l->now_us);
        for (;;) {
            size_t len = l->frame_bytes ? l->frame_bytes : ear_pace_cap(&l->pace, 300, 100);
            if (!ear_pace_may(&l->pace, len, l->count, l->bytes, l->now_us))
                break;
            double bits = 8.0 * (double)(l->bytes + l->count * EAR_PACE_FRAME_FIXED_BYTES);
            l->most_under_way_us = fmax(l->most_under_way_us, bits / l->pace.rate_bps * S);
            send_frame(l, len);
        }
    }
}

static void forget_seen(struct line *l)
{
    l->frames = l->sent_bytes = l->most_queue_us = l->most_wait_us = 0;
    l->most_under_way_us = 0;
}

static double mail_bps(const struct line *l, int64_t us)
{
    return 8.0 * (double)l->sent_bytes * S / (double)us;
}

/* ---- without speech ---- */

static void a_line_is_filled_and_not_flooded(void **state)
{
    (void)state;
    static const double rates[] = {12000, 16000, 64000, 250000};
    static const int64_t delays[] = {50 * MS, 300 * MS, 700 * MS};
    for (size_t i = 0; i < EAR_COUNT(rates) * EAR_COUNT(delays); i++) {
        struct line l = new_line(rates[i % EAR_COUNT(rates)], delays[i / EAR_COUNT(rates)]);
        run(&l, 1 * S);
        assert_true(l.first_us == 1000 * S); /* nobody has to wait for */
        run(&l, 59 * S);
        forget_seen(&l);
        run(&l, 120 * S);
        print_message("%3.0f kbit/s, %4.0f ms: %2.0f %% used, queue up to %.0f ms\n", l.bps / 1000,
                      (double)l.delay_us / MS, 100 * mail_bps(&l, 120 * S) / l.bps,
                      (double)l.most_queue_us / MS);
        assert_at_least(mail_bps(&l, 120 * S), 0.6 * l.bps);
        assert_at_most(l.most_queue_us, 1000 * MS);
    }
}

/* What is under way is what the line holds and 60 ms more, and never what ENet would allow: 32 KiB.
 */
static void no_more_is_under_way_than_the_line_holds(void **state)
{
    (void)state;
    struct line l = new_line(64000, 300 * MS);
    run(&l, 5 * S); /* by then it has seen the least trip: 600 ms and a frame's own 45 */
    forget_seen(&l);
    for (int i = 0; i < 100; i++) {
        run(&l, 1 * S);
        assert_at_most(l.bytes, 10000);
    }
    /* ... and by 150 ms a queue may stand before it is seen. */
    assert_at_most(l.most_under_way_us, 600 * MS + 45 * MS + 60 * MS + 150 * MS);
}

/* Others come and take half of the line. */
static void a_growing_queue_is_yielded_to(void **state)
{
    (void)state;
    struct line l = new_line(64000, 300 * MS);
    run(&l, 60 * S);
    double before_bps = l.pace.rate_bps;
    l.others_bps = 40000;
    run(&l, 10 * S);
    assert_at_most(l.pace.rate_bps, 0.75 * before_bps);
    run(&l, 20 * S);
    forget_seen(&l);
    run(&l, 60 * S);
    assert_at_most(mail_bps(&l, 60 * S), 24000);
    assert_at_least(mail_bps(&l, 60 * S), 12000);
    l.others_bps = 0; /* gone again */
    run(&l, 60 * S);
    forget_seen(&l);
    run(&l, 60 * S);
    assert_at_least(mail_bps(&l, 60 * S), 0.5 * 64000);
}

/* ---- beside speech ---- */

static void nothing_goes_where_speech_needs_the_line(void **state)
{
    (void)state;
    struct line l = new_line(64000, 300 * MS);
    const struct ear_pace_speech speech = {.on = true, .yields = true, .due_us = INT64_MAX};
    ear_pace_set_speech(&l.pace, &speech, l.now_us);
    for (int i = 0; i < 100; i++)
        assert_false(ear_pace_may(&l.pace, 100, 0, 0, l.now_us + i * S));
}

/* On a line with room speech never waits, whether it speaks or begins, once the line is known. */
static void speech_does_not_wait_where_there_is_room(void **state)
{
    (void)state;
    for (int listens = 0; listens < 2; listens++) {
        struct line l = new_line(64000, 300 * MS);
        l.talks = true;
        l.speaks = !listens;
        l.listens = listens;
        run(&l, 40 * S);
        forget_seen(&l);
        run(&l, 60 * S);
        double spare_bps = l.bps - (listens ? 0 : 8.0 * SPEECH_BYTES * 1000 / SPEECH_MS);
        print_message("%s: %2.0f %% of the spare line, speech waits %.0f ms\n",
                      listens ? "silent" : "speaking", 100 * mail_bps(&l, 60 * S) / spare_bps,
                      (double)l.most_wait_us / MS);
        assert_at_most(l.most_wait_us, 10 * MS);
        assert_at_least(mail_bps(&l, 60 * S), 0.5 * spare_bps);
        assert_at_most(l.pace.rate_bps, 0.9 * l.bps);
    }
}

/* Speech fills the line: a frame a minute; while they speak one each 3 s. */
static void mail_creeps_where_there_is_none(void **state)
{
    (void)state;
    for (int listens = 0; listens < 2; listens++) {
        struct line l = new_line(12000, 100 * MS);
        l.talks = l.full = true;
        l.speaks = !listens;
        l.listens = listens;
        run(&l, 100 * S);
        assert_at_most(l.frames, listens ? 34 : 2);
        assert_at_least(l.frames, listens ? 30 : 1);
    }
}

/* In long packets a word is further from the line; that keeps mail from it no longer. */
static void in_a_silent_call_mail_goes(void **state)
{
    (void)state;
    for (int packet_ms = 20; packet_ms <= 120; packet_ms += 20) {
        struct line l = new_line(24000, 50 * MS);
        l.talks = true;
        l.packet_ms = packet_ms;
        l.frame_bytes = 200;
        run(&l, 20 * S);
        assert_at_least(l.frames, 5);
    }
}

/* Until pairs have told of the line, its rate is not tried out on speech. */
static void an_unknown_line_is_not_tried_out(void **state)
{
    (void)state;
    struct line l = new_line(64000, 300 * MS);
    l.talks = l.speaks = true;
    while (l.pace.pair_count < 4) {
        assert_at_most(l.pace.rate_bps, 16000);
        assert_true(l.now_us < 1015 * S);
        run(&l, 10 * MS);
    }
    run(&l, 15 * S);
    assert_at_least(l.pace.rate_bps, 45000);
}

/* Jitter brings two at once now and then: that is no line without end. */
static void one_pair_at_once_tells_little(void **state)
{
    (void)state;
    struct line l = new_line(24000, 50 * MS);
    l.talks = l.listens = true;
    run(&l, 30 * S);
    double before_bps = l.pace.rate_bps;
    assert_at_least(before_bps, 20000);
    assert_at_most(before_bps, 0.9 * l.bps);
    for (uint32_t i = 0; i < 2; i++) {
        const struct ear_pace_ack ack = {.bytes = 100, .took_us = 150 * MS, .sent_ms = 7};
        ear_pace_came(&l.pace, &ack, l.now_us);
    }
    run(&l, 10 * S);
    assert_at_most(l.pace.rate_bps, 0.9 * l.bps);
}

/* A queue that stands beside speech: less goes, and never more for it; not less for ever. */
static void a_queue_beside_speech_is_yielded_to(void **state)
{
    (void)state;
    struct line l = new_line(64000, 300 * MS);
    l.talks = l.listens = true;
    run(&l, 20 * S);
    for (int round = 0; round < 2; round++) {
        double before_bps = l.pace.rate_bps;
        assert_at_least(before_bps, 45000);
        l.others_bps = 40000;
        run(&l, 5 * S);
        forget_seen(&l);
        run(&l, 30 * S);
        assert_at_most(l.most_queue_us, 400 * MS);
        assert_at_least(mail_bps(&l, 30 * S), 1000);
        for (int64_t low_us = l.now_us + 5 * S; l.now_us < low_us;) {
            before_bps = l.pace.rate_bps;
            run(&l, 10 * MS);
            if (l.pace.cut_us > l.now_us - 20 * MS)
                assert_at_most(l.pace.rate_bps, before_bps);
        }
        l.others_bps = 0;
        run(&l, 150 * S);
    }
}

static void frames_are_as_short_as_the_line_is_thin(void **state)
{
    (void)state;
    struct ear_pace pace;
    static const double rates[] = {8000, 16000, 24000, 40000, 64000, 1e6};
    size_t before = 0;
    for (size_t i = 0; i < EAR_COUNT(rates); i++) {
        ear_pace_init(&pace, (int)rates[i], 0);
        assert_int_equal(ear_pace_cap(&pace, 300, 100), 300); /* nobody waits for it */
        pace.speech =
            (struct ear_pace_speech){.on = true, .budget_bps = 16000, .packet_us = SPEECH_MS * MS};
        size_t cap = ear_pace_cap(&pace, 300, 100);
        assert_true(cap >= 100 && cap <= 300);
        if (cap > 100)
            assert_at_most(8000.0 * (double)(cap + EAR_PACE_FRAME_FIXED_BYTES) / rates[i], 40);
        before = cap;
    }
    assert_true(before >= 280);
}

static void what_waits_behind_others_is_late_and_not_lost(void **state)
{
    (void)state;
    struct ear_pace pace;
    ear_pace_init(&pace, 16000, 0);
    int64_t alone_us = ear_pace_lost_us(&pace, 600 * MS, 0, 0);
    assert_true(alone_us >= 600 * MS && alone_us <= 1500 * MS);
    /* Ten of 300 bytes take 1.8 s. */
    assert_at_least(ear_pace_lost_us(&pace, 600 * MS, 10, 3000), alone_us + 1800 * MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_is_filled_and_not_flooded),
        cmocka_unit_test(no_more_is_under_way_than_the_line_holds),
        cmocka_unit_test(a_growing_queue_is_yielded_to),
        cmocka_unit_test(nothing_goes_where_speech_needs_the_line),
        cmocka_unit_test(speech_does_not_wait_where_there_is_room),
        cmocka_unit_test(mail_creeps_where_there_is_none),
        cmocka_unit_test(in_a_silent_call_mail_goes),
        cmocka_unit_test(an_unknown_line_is_not_tried_out),
        cmocka_unit_test(one_pair_at_once_tells_little),
        cmocka_unit_test(a_queue_beside_speech_is_yielded_to),
        cmocka_unit_test(frames_are_as_short_as_the_line_is_thin),
        cmocka_unit_test(what_waits_behind_others_is_late_and_not_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
