/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way out: what was asked for rides on what is said, an outage's is sent first, and nothing
 * costs more than it may. */
#include "fake/person.h"
#include "fake/test.h"

#include "call/journal.h"
#include "call/speak.h"
#include "sim/numbered.h"
#include "wire/block.h"

#define BUDGET_BPS 16000
#define SENT 4096
#define STREAM_BYTES 512

/* A datagram as it left. */
struct sent {
    struct ear_audio audio; /* its pointers are no longer valid */
    int64_t at_us;
    size_t len;
    uint8_t blocks[STREAM_BYTES];
};

static struct {
    struct ear_person person;
    struct ear_codec *codec;
    struct ear_speak *speak;
    struct ear_speak_gate gate;
    struct sent sent[SENT];
    int count;
    int refused; /* so many of the next are */
    int64_t now_us;
} w;

static int open_world(void **state)
{
    (void)state;
    memset(&w, 0, sizeof w);
    w.now_us = 1000 * S;
    w.gate.speech_worth = true;
    ear_person_init(&w.person, 0);
    w.person.speaks = true;
    const struct ear_speak_config config = {.mic = &w.person.mic, .budget_bps = BUDGET_BPS};
    struct ear_speak_config whole = config;
    if (ear_numbered_new(&w.codec) < 0)
        return -1;
    whole.codec = w.codec;
    if (ear_speak_new(&w.speak, &whole) < 0)
        return -1;
    ear_speak_start(w.speak, w.now_us);
    return 0;
}

static int close_world(void **state)
{
    (void)state;
    ear_speak_free(w.speak);
    free(w.codec);
    return 0;
}

static struct ear_speak_status status(void)
{
    struct ear_speak_status s;
    ear_speak_get_status(w.speak, &s);
    return s;
}

static void note(struct ear_audio *audio)
{
    uint8_t bytes[EAR_AUDIO_BYTES_MAX];
    int len = ear_audio_build(audio, bytes, sizeof bytes);
    assert_true(len > 0);
    if (w.refused > 0) {
        w.refused--;
        ear_speak_stayed(w.speak, audio, w.now_us);
        return;
    }
    assert_true(w.count < SENT);
    struct sent *sent = &w.sent[w.count++];
    *sent = (struct sent){.audio = *audio, .at_us = w.now_us, .len = (size_t)len};
    assert_true(audio->blocks_len <= sizeof sent->blocks);
    if (audio->blocks_len > 0)
        memcpy(sent->blocks, audio->blocks, audio->blocks_len);
    ear_speak_sent(w.speak, audio, (size_t)len, w.now_us);
}

static void run(int64_t duration_us)
{
    for (int64_t until = w.now_us + duration_us; w.now_us < until; w.now_us += EAR_FRAME_US) {
        struct ear_audio audio = {0};
        for (; ear_speak_step(w.speak, w.now_us, &w.gate, &audio); audio = (struct ear_audio){0})
            note(&audio);
        if (w.now_us % (100 * MS) == 0) {
            const struct ear_ladder_ask ask = {.budget_bps = BUDGET_BPS, .answers = true};
            ear_speak_tend(w.speak, &ask, w.now_us);
        }
    }
}

static void want(int64_t index, int units, bool behind)
{
    const struct ear_audio audio = {
        .wants = {{.index = (uint16_t)index, .units = (uint16_t)units, .behind = behind}},
        .wants_count = 1};
    ear_speak_told(w.speak, &audio, w.now_us);
}

/* How often the unit at index was sent again since datagram `from`, and whether as nothing. */
static int again(int from, int64_t index, bool *ret_nothing)
{
    int times = 0;
    for (int i = from; i < w.count; i++) {
        struct ear_reader r = ear_reader_on(w.sent[i].blocks, w.sent[i].audio.blocks_len);
        struct ear_block block;
        while (ear_block_next(&r, &block) == 1) {
            bool nothing = block.kind == EAR_BLOCK_NOTHING;
            bool covers = nothing ? block.index <= index && index < block.index + block.units
                                  : block.kind == EAR_BLOCK_REPAIR && block.index == index;
            times += covers;
            if (covers && ret_nothing)
                *ret_nothing = nothing;
        }
    }
    return times;
}

static const struct sent *nth_speech(int n)
{
    for (int i = 0; i < w.count; i++)
        if (!w.sent[i].audio.silence && n-- == 0)
            return &w.sent[i];
    fail_msg("not so much was said");
    return NULL;
}

static void what_is_asked_for_rides(void **state)
{
    (void)state;
    run(5 * S);
    int from = w.count;
    int64_t index = nth_speech(5)->audio.index;
    assert_int_equal(again(0, index, NULL), 0);
    want(index + 1, 0, false); /* the packet that covers it */
    w.person.speaks = false;
    run(2 * S);
    bool nothing;
    assert_int_equal(again(from, index, &nothing), 1);
    assert_false(nothing);
    assert_int_equal(status().repairs_sent, 1);
}

static void what_was_silence_is_told_to_be(void **state)
{
    (void)state;
    w.person.speaks = false;
    run(5 * S);
    want(50, 20, false);
    run(2 * S);
    bool nothing = false;
    assert_true(again(0, 50, &nothing) > 0);
    assert_true(nothing);
    assert_int_equal(status().repairs_sent, 0);
}

/* A long range, not behind: it goes first, alone, at the budget's rate, and what is said meanwhile
 * behind it. */
static void an_outage_is_sent_first(void **state)
{
    (void)state;
    run(3 * S);
    w.gate.speech_worth = false;
    run(5 * S);
    assert_at_least(status().withheld_us, 4 * S);
    w.gate.speech_worth = true;
    int from = w.count;
    want(150, 250, false);
    run(1 * S);
    for (int i = from; i < w.count; i++)
        assert_true(w.sent[i].audio.bare && w.sent[i].audio.blocks_len > 0);
    assert_at_least(w.count - from, 4);
    run(20 * S);
    int live = 0;
    for (int i = from; i < w.count; i++)
        live += !w.sent[i].audio.silence;
    assert_at_least(live, 30); /* and then live speech goes on */
    for (int64_t index = 150; index < 400; index++) {
        int times = 0;
        for (int back = 0; back < 6; back++)
            times += again(from, index - back, NULL) > 0;
        assert_true(times > 0);
    }
}

/* The same behind live speech does not hold it up, and comes nevertheless. */
static void what_is_behind_waits_for_room(void **state)
{
    (void)state;
    run(3 * S);
    w.gate.speech_worth = false;
    run(12 * S);
    w.gate.speech_worth = true;
    int from = w.count;
    want(150, 600, true);
    run(2 * S);
    int live = 0;
    for (int i = from; i < w.count; i++)
        live += !w.sent[i].audio.silence;
    assert_at_least(live, 14);
    run(60 * S);
    int64_t packets = 12 * S / (120 * MS);
    assert_at_least(status().repairs_sent, packets * 0.9);
}

/* DESIGN: a wire budget holds over any 10 s, whatever is asked for. */
static void the_budget_holds(void **state)
{
    (void)state;
    run(20 * S);
    for (int i = 0; i < 40; i++) {
        want((i * 23) % 900, 0, false);
        want((i * 23) % 900, 100, true);
        run(500 * MS);
    }
    for (int i = 0; i < w.count; i++) {
        double bytes = 0;
        for (int k = i; k < w.count && w.sent[k].at_us < w.sent[i].at_us + 10 * S; k++)
            bytes += (double)(w.sent[k].len + EAR_SPEECH_FIXED_BYTES - EAR_AUDIO_HEADER_BYTES);
        assert_at_most(bytes * 8 / 10, BUDGET_BPS * 1.02);
    }
}

static void what_did_not_leave_rides_on_the_next(void **state)
{
    (void)state;
    run(2 * S);
    struct ear_speak_status before = status();
    int from = w.count;
    w.refused = 1;
    while (w.refused)
        run(EAR_FRAME_US);
    assert_int_equal(status().packets_sent, before.packets_sent);
    assert_int_equal(status().spoken_us, before.spoken_us);
    run(3 * S);
    w.person.speaks = false;
    run(1 * S);
    /* The one index that is missing in the row of those that left. */
    const struct ear_audio *last = &w.sent[from - 1].audio;
    int64_t index = last->index + (w.sent[from - 1].at_us - w.sent[from - 2].at_us) / EAR_UNIT_US;
    assert_int_equal(again(from, index, NULL), 1);
}

/* Without a storm: who cannot send tries as often as he would send. */
static void a_dead_network_is_tried_in_measure(void **state)
{
    (void)state;
    w.person.speaks = false;
    run(4 * S);
    w.refused = 100000;
    int before = w.refused;
    run(10 * S);
    assert_in_range(before - w.refused, 15, 120);
}

/* Nor is one that takes nothing of a backlog tried without end in one moment. */
static void a_backlog_that_stays_is_tried_in_measure(void **state)
{
    (void)state;
    const int refused = 1000;
    run(3 * S);
    w.gate.speech_worth = false;
    run(5 * S);
    w.gate.speech_worth = true;
    want(150, 250, false);
    w.refused = refused;
    run(1 * S);
    assert_in_range(refused - w.refused, 2, 12);
    w.refused = 0;
    int from = w.count;
    run(1 * S);
    assert_at_least(w.count - from, 4); /* and goes when it may */
}

static void an_urge_does_not_wait(void **state)
{
    (void)state;
    w.person.speaks = false;
    run(5 * S + 20 * MS);
    int from = w.count;
    w.gate.urges = true;
    struct ear_audio audio = {0};
    assert_true(ear_speak_step(w.speak, w.now_us, &w.gate, &audio));
    assert_true(audio.silence);
    note(&audio);
    w.gate.urges = false;
    assert_int_equal(w.count, from + 1);
}

/* Muted, the words are gone for good; kept back, they wait. */
static void what_is_kept_is_there_when_asked_for(void **state)
{
    (void)state;
    run(1 * S);
    w.gate.kept = true;
    int from = w.count;
    run(4 * S);
    for (int i = from; i < w.count; i++)
        assert_true(w.sent[i].audio.silence);
    want(100, 50, false);
    run(10 * S);
    bool nothing = true;
    int found = 0;
    for (int64_t index = 94; index < 150; index++)
        found += again(from, index, &nothing) > 0 && !nothing;
    assert_at_least(found, 8);
    w.gate.kept = false;
    w.gate.muted = true;
    run(1 * S);
    from = w.count;
    int64_t silent_from = 800;
    run(6 * S);
    want(silent_from, 40, false);
    run(3 * S);
    assert_true(again(from, silent_from + 10, &nothing) > 0);
    assert_true(nothing);
}

/* A report tells that the carriers came: what was said meanwhile did not. */
static void what_is_kept_and_never_asked_for_is_unheard(void **state)
{
    (void)state;
    struct ear_unheard *unheard;
    assert_int_equal(ear_unheard_new(&unheard), 0);
    run(1 * S);
    w.gate.kept = true;
    run(6 * S);
    const struct sent *last = &w.sent[w.count - 1];
    const struct ear_audio report = {
        .has_report = true,
        .report = {.highest = last->audio.index % EAR_LINK_INDEX_MODULO, .came = UINT16_MAX}};
    ear_speak_told(w.speak, &report, w.now_us);
    assert_in_range(ear_speak_end(w.speak, unheard), 4 * S, 7 * S);
    ear_unheard_free(unheard);
}

static void nothing_is_left_of_a_call(void **state)
{
    (void)state;
    run(5 * S);
    int64_t index = nth_speech(5)->audio.index;
    assert_int_equal(ear_speak_end(w.speak, NULL), 0);
    int from = w.count;
    want(index, 0, false);
    run(2 * S);
    bool nothing = true;
    again(from, index, &nothing);
    assert_true(nothing);
    assert_int_equal(status().repairs_sent, 0);
}

/* A microphone that is pulled out: the journal keeps the clock's time. */
static void the_journal_is_the_clock(void **state)
{
    (void)state;
    run(5 * S);
    w.person.mic_gone = true;
    run(10 * S);
    assert_true(status().mic_gone);
    w.person.mic_gone = false;
    run(5 * S);
    assert_false(status().mic_gone);
    const struct sent *last = &w.sent[w.count - 1];
    int64_t spoken_us = last->at_us - status().journal_t0_us;
    assert_in_range(spoken_us / EAR_UNIT_US - last->audio.index, 0, 12);
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, open_world, close_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_WORLD(what_is_asked_for_rides),
        IN_WORLD(what_was_silence_is_told_to_be),
        IN_WORLD(an_outage_is_sent_first),
        IN_WORLD(what_is_behind_waits_for_room),
        IN_WORLD(the_budget_holds),
        IN_WORLD(what_did_not_leave_rides_on_the_next),
        IN_WORLD(a_dead_network_is_tried_in_measure),
        IN_WORLD(a_backlog_that_stays_is_tried_in_measure),
        IN_WORLD(an_urge_does_not_wait),
        IN_WORLD(what_is_kept_is_there_when_asked_for),
        IN_WORLD(what_is_kept_and_never_asked_for_is_unheard),
        IN_WORLD(nothing_is_left_of_a_call),
        IN_WORLD(the_journal_is_the_clock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
