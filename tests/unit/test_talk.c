/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The speech of one call without a network: what is sent when, and what becomes of what comes. */
#include <errno.h>
#include <math.h>

#include "fake/person.h"
#include "fake/test.h"

#include "call/talk.h"
#include "line/rate.h"
#include "sim/numbered.h"

#define PACKETS 8192

static const struct ear_talk_gate open_gate = {.muted = false, .speech_worth = true};

/* One end, and what it sent, parsed. */
struct end {
    struct ear_person person;
    struct ear_codec *codec;
    struct ear_talk *talk;
    struct ear_talk_gate gate;
    struct ear_audio sent[PACKETS];
    int64_t sent_us[PACKETS];
    uint8_t bytes[PACKETS][512];
    size_t len[PACKETS];
    int count;
    int64_t heard, newest_index;
};

static int64_t now_us;

static void on_event(void *ctx, const struct ear_play_event *event)
{
    struct end *end = ctx;
    if (event->source == EAR_PLAY_PRIMARY) {
        end->heard++;
        end->newest_index = event->index;
    }
}

static void open_end(struct end *end, bool speaks)
{
    memset(end, 0, sizeof *end);
    ear_person_init(&end->person, 0);
    end->person.speaks = speaks;
    end->gate = open_gate;
    assert_int_equal(ear_numbered_new(&end->codec), 0);
    const struct ear_talk_config config = {.mic = &end->person.mic,
                                           .speaker = &end->person.speaker,
                                           .codec = end->codec,
                                           .budget_bps = 9100,
                                           .on_event = on_event,
                                           .ctx = end};
    assert_int_equal(ear_talk_new(&end->talk, &config), 0);
    ear_talk_start(end->talk, now_us);
}

static void close_end(struct end *end)
{
    ear_talk_free(end->talk);
    free(end->codec);
}

static void send_due(struct end *end)
{
    uint8_t out[512];
    size_t len;
    while ((len = ear_talk_tx_step(end->talk, now_us, &end->gate, out, sizeof out)) > 0) {
        int at = end->count++;
        assert_true(at < PACKETS);
        end->len[at] = len;
        memcpy(end->bytes[at], out, len);
        assert_int_equal(ear_audio_parse(end->bytes[at], len, &end->sent[at]), 0);
        end->sent_us[at] = now_us;
        ear_talk_sent(end->talk, true, now_us);
    }
    ear_talk_rx_step(end->talk, now_us);
    if (now_us % (100 * MS) == 0)
        ear_talk_tend(end->talk, now_us);
}

static void run(struct end *end, int64_t duration_us)
{
    for (int64_t until = now_us + duration_us; now_us < until; now_us += EAR_FRAME_US)
        send_due(end);
}

/* Two ends with a wire between that takes delay_us; from `deaf` on the second hears nothing. */
static void run_both(struct end *a, struct end *b, int64_t delay_us, int64_t duration_us)
{
    static int taken[2];
    struct end *ends[2] = {a, b};
    taken[0] = a->count;
    taken[1] = b->count;
    for (int64_t until = now_us + duration_us; now_us < until; now_us += EAR_FRAME_US) {
        for (int i = 0; i < 2; i++) {
            struct end *from = ends[i];
            for (; taken[i] < from->count && from->sent_us[taken[i]] + delay_us <= now_us;
                 taken[i]++) {
                size_t len = from->len[taken[i]];
                assert_int_equal(ear_talk_take(ends[!i]->talk, from->bytes[taken[i]], len, now_us),
                                 0);
            }
        }
        send_due(a);
        send_due(b);
    }
}

static struct ear_talk_status status_of(const struct end *end)
{
    struct ear_talk_status status;
    ear_talk_get_status(end->talk, now_us, &status);
    return status;
}

static int speech_of(const struct end *end, int from)
{
    int count = 0;
    for (int i = from; i < end->count; i++)
        count += !end->sent[i].silence;
    return count;
}

static void speech_goes_out_in_whole_packets(void **state)
{
    (void)state;
    static struct end end;
    now_us = 1000 * S;
    open_end(&end, true);
    run(&end, 30 * S);
    struct ear_talk_status st = status_of(&end);
    assert_int_equal(st.packets_sent, speech_of(&end, 0));
    assert_int_equal(st.spoken_us, st.packets_sent * 120 * MS);
    assert_at_least(st.spoken_us, 20 * S);
    bool before_silent = true;
    int64_t next = 0;
    for (int i = 0; i < end.count; i++) {
        const struct ear_audio *p = &end.sent[i];
        assert_false(p->has_report); /* nothing was heard to report on */
        if (!p->silence) {
            assert_int_equal(p->spurt_start, before_silent);
            if (!p->spurt_start)
                assert_int_equal(p->index, next);
            next = p->index + 6;
        }
        before_silent = p->silence || p->spurt_end;
    }
    assert_int_equal(st.withheld_us, 0);
    close_end(&end);
}

static void silence_says_that_we_are_there(void **state)
{
    (void)state;
    static struct end end;
    now_us = 1000 * S;
    open_end(&end, false);
    run(&end, 60 * S);
    /* Each 500 ms, and four times as often in the first 3 s, while nothing is known. */
    assert_in_range(end.count, 136, 142);
    for (int i = 0; i < end.count; i++) {
        assert_true(end.sent[i].silence);
        assert_int_equal(end.len[i], EAR_AUDIO_HEADER_BYTES + 1);
        assert_in_range(-end.sent[i].noise_db, 40, 80);
        if (i > 0 && end.sent_us[i - 1] >= 1003 * S)
            assert_in_range(end.sent_us[i] - end.sent_us[i - 1], 490 * MS, 510 * MS);
    }
    close_end(&end);
}

static void mute_sends_nothing_that_was_said(void **state)
{
    (void)state;
    static struct end end;
    now_us = 1000 * S;
    open_end(&end, true);
    run(&end, 5 * S);
    end.gate.muted = true;
    run(&end, 500 * MS); /* what was said before */
    int before = end.count;
    run(&end, 10 * S);
    assert_int_equal(speech_of(&end, before), 0);
    assert_at_least(end.count, before + 18);
    end.gate.muted = false;
    run(&end, 2 * S);
    assert_at_least(speech_of(&end, before), 8);
    close_end(&end);
}

static void nothing_is_sent_that_nobody_would_hear(void **state)
{
    (void)state;
    static struct end end;
    now_us = 1000 * S;
    open_end(&end, true);
    run(&end, 5 * S);
    int before = end.count;
    end.gate.speech_worth = false;
    run(&end, 60 * S);
    assert_int_equal(end.count, before);
    assert_at_least(status_of(&end).withheld_us, 40 * S);
    end.gate.speech_worth = true;
    ear_talk_hurry(end.talk);
    send_due(&end);
    assert_int_equal(end.count, before + 1); /* at once */
    run(&end, 5 * S);
    /* The journal went on: the index is the clock's. */
    assert_at_least(end.sent[end.count - 1].index, 69 * S / EAR_UNIT_US);
    close_end(&end);
}

static void each_end_learns_of_the_other(void **state)
{
    (void)state;
    static struct end a, b;
    now_us = 1000 * S;
    open_end(&a, true);
    open_end(&b, true);
    assert_false(status_of(&a).hears_me);
    run_both(&a, &b, 150 * MS, 30 * S);
    for (int i = 0; i < 2; i++) {
        struct end *end = i ? &b : &a;
        struct ear_talk_status st = status_of(end);
        assert_true(st.hears_me);
        assert_at_least(st.rtt_ms, 290);
        assert_at_most(st.rtt_ms, 330);
        assert_true(st.loss_there == 0);
        assert_int_equal(st.play.packets_lost, 0);
        assert_at_least(end->heard, 150);
        assert_at_least(st.heard_level_db, -60);
        /* A report each 500 ms, not on each packet; in full when something is new and each 10 s. */
        int reports = 0, full = 0;
        for (int k = 0; k < end->count; k++) {
            reports += end->sent[k].has_report;
            full += end->sent[k].has_report && !end->sent[k].report.brief;
        }
        assert_in_range(reports, 44, 61);
        assert_in_range(full, 3, 9);
    }
    /* b falls deaf: a knows within three seconds and a round trip. */
    run(&a, 4 * S);
    assert_false(status_of(&a).hears_me);
    close_end(&a);
    close_end(&b);
}

/* The second end hears only every other packet of the first, who keeps silent. */
static void loss_makes_silence_denser(void **state)
{
    (void)state;
    static struct end a, b;
    now_us = 1000 * S;
    open_end(&a, false);
    open_end(&b, false);
    int at[2] = {0, 0}, late = 0;
    struct end *ends[2] = {&a, &b};
    for (int64_t until = now_us + 60 * S; now_us < until; now_us += EAR_FRAME_US) {
        for (int i = 0; i < 2; i++)
            for (; at[i] < ends[i]->count; at[i]++)
                if (i == 1 || at[i] % 2)
                    assert_int_equal(ear_talk_take(ends[!i]->talk, ends[i]->bytes[at[i]],
                                                   ends[i]->len[at[i]], now_us),
                                     0);
        send_due(&a);
        send_due(&b);
        if (now_us == until - 10 * S)
            late = a.count;
    }
    assert_at_least(status_of(&a).loss_there, 0.4);
    assert_at_most(status_of(&a).loss_there, 0.6);
    assert_at_least(a.count - late, 80); /* each 110 ms */
    assert_at_most(b.count, 140);        /* whose own way is whole */
    close_end(&a);
    close_end(&b);
}

static void nonsense_is_refused(void **state)
{
    (void)state;
    static struct end end;
    now_us = 1000 * S;
    open_end(&end, false);
    run(&end, 1 * S);
    const uint8_t header[2] = {0x80, 0x00}, silence[3] = {0, 40, 200}, no_codec[5] = {0, 40, 0, 1};
    assert_int_equal(ear_talk_take(end.talk, header, 0, now_us), -EBADMSG);
    assert_int_equal(ear_talk_take(end.talk, header, 2, now_us), -EBADMSG);
    assert_int_equal(ear_talk_take(end.talk, silence, 3, now_us), -EBADMSG);
    assert_int_equal(ear_talk_take(end.talk, no_codec, 5, now_us), -EBADMSG);
    struct ear_talk_status st = status_of(&end);
    assert_int_equal(st.play.packets_received, 0);
    close_end(&end);
}

/* Another call begins at nought, whatever the last one left. */
static void a_talk_starts_afresh(void **state)
{
    (void)state;
    static struct end a, b;
    now_us = 1000 * S;
    open_end(&a, true);
    open_end(&b, true);
    run_both(&a, &b, 150 * MS, 20 * S);
    assert_true(status_of(&a).rtt_ms > 0);
    now_us += 5 * S;
    ear_talk_start(a.talk, now_us);
    ear_talk_start(b.talk, now_us);
    struct ear_talk_status st = status_of(&a);
    assert_true(st.rtt_ms == 0 && !st.hears_me);
    assert_int_equal(st.packets_sent + st.silences_sent + st.spoken_us, 0);
    assert_int_equal(st.play.packets_received, 0);
    int before = a.count;
    int64_t heard = b.heard;
    run_both(&a, &b, 50 * MS, 20 * S);
    assert_at_most(a.sent[before].index, 30);
    assert_at_most(status_of(&a).rtt_ms, 130);
    assert_at_least(b.heard, heard + 80);
    assert_at_most(b.newest_index, 20 * S / EAR_UNIT_US);
    close_end(&a);
    close_end(&b);
}

static void due_is_when_sound_is(void **state)
{
    (void)state;
    static struct end end;
    now_us = 1000 * S;
    open_end(&end, true);
    for (int i = 0; i < 1000; i++) {
        send_due(&end);
        int64_t due = ear_talk_due_us(end.talk, now_us);
        assert_true(due > now_us && due <= now_us + 10 * MS + 1);
        now_us = due;
    }
    assert_at_least(end.person.heard_frames, 400);
    close_end(&end);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(speech_goes_out_in_whole_packets),
        cmocka_unit_test(silence_says_that_we_are_there),
        cmocka_unit_test(mute_sends_nothing_that_was_said),
        cmocka_unit_test(nothing_is_sent_that_nobody_would_hear),
        cmocka_unit_test(each_end_learns_of_the_other),
        cmocka_unit_test(loss_makes_silence_denser),
        cmocka_unit_test(nonsense_is_refused),
        cmocka_unit_test(a_talk_starts_afresh),
        cmocka_unit_test(due_is_when_sound_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
