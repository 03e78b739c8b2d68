/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hear yourself: what is recorded is played, and the verdict is right for real speech. */
#include <errno.h>
#include <math.h>

#include "fake/person.h"
#include "fake/test.h"

#include "call/soundcheck.h"
#include "port/wavfile.h"

/* Read English (Debian: pocketsphinx-testdata); without it a person buzzes syllables. */
#define FOLDER "/usr/share/pocketsphinx/test/data/librivox/sense_and_sensibility_01_austen_64kb-"
static const char *const utterances[] = {FOLDER "0870.wav", FOLDER "0880.wav", FOLDER "0890.wav",
                                         FOLDER "0920.wav", FOLDER "0930.wav"};

#define SAMPLES (EAR_SOUNDCHECK_S * EAR_RATE_HZ)

static int16_t speech[EAR_COUNT(utterances)][SAMPLES];

/* The louder part of an utterance, as people say something when they are asked to. */
static int load_speech(void **state)
{
    (void)state;
    for (size_t n = 0; n < EAR_COUNT(utterances); n++) {
        struct ear_wav_mic *wav = NULL;
        struct ear_person person;
        char error[256];
        int64_t end_us;
        ear_person_init(&person, 0);
        person.speaks = true;
        struct ear_mic *mic = &person.mic;
        if (ear_wav_mic_open(&wav, utterances[n], true, error, sizeof error) == 0)
            mic = ear_wav_mic_mic(wav);
        size_t at = 0;
        for (int64_t now = 0; at < SAMPLES; now += 10 * MS) {
            if (wav)
                ear_wav_mic_pump(wav);
            if (mic->read(mic->ctx, now, speech[n] + at, &end_us) == 1)
                at += EAR_FRAME;
        }
        ear_wav_mic_close(wav);
    }
    return 0;
}

/* A sound card: says pcm in a loop, keeps what it is given, has a latency. */
struct card {
    struct ear_mic mic;
    struct ear_speaker speaker;
    const int16_t *pcm;
    double gain;
    int64_t mic_frames, speaker_frames;
    int64_t opened_us, played_from_us;
    bool deaf, dumb, gone;
    double echo_gain; /* of what is played, 60 ms late, while nobody speaks; 0: it says pcm again */
    int16_t heard[2 * SAMPLES];
};

/* What was played comes back 60 ms after it was heard, in a quiet room. */
static double echo_at(const struct card *c, int64_t us)
{
    int64_t at = (us - 100 * MS - c->played_from_us) * EAR_SAMPLES_PER_MS / MS;
    double room = (double)(us * 2654435761u >> 16 & 31) - 16;
    return at < 0 || at >= c->speaker_frames * EAR_FRAME ? room
                                                         : room + c->echo_gain * c->heard[at];
}

static int card_read(void *ctx, int64_t now_us, int16_t frame[static EAR_FRAME],
                     int64_t *ret_end_us)
{
    struct card *c = ctx;
    int64_t end_us = c->opened_us + (c->mic_frames + 1) * EAR_FRAME_US;
    if (c->gone)
        return -ENODEV;
    if (c->deaf || now_us < end_us)
        return 0;
    for (size_t i = 0; i < EAR_FRAME; i++) {
        size_t at = (size_t)c->mic_frames * EAR_FRAME + i;
        double x = c->gain * c->pcm[at % SAMPLES];
        if (c->speaker_frames > 0 && c->echo_gain > 0)
            x = echo_at(c, end_us - EAR_FRAME_US + (int64_t)i * 1000 / EAR_SAMPLES_PER_MS);
        frame[i] = (int16_t)lrint(fmax(-32768, fmin(32767, x)));
    }
    c->mic_frames++;
    *ret_end_us = end_us;
    return 1;
}

static int64_t card_mic_due(void *ctx, int64_t now_us)
{
    struct card *c = ctx;
    return ear_max64(now_us, c->opened_us + (c->mic_frames + 1) * EAR_FRAME_US);
}

static int card_wants(void *ctx, int64_t now_us, int64_t *ret_heard_us)
{
    struct card *c = ctx;
    int64_t play_us = c->played_from_us + c->speaker_frames * EAR_FRAME_US;
    if (c->gone)
        return -ENODEV;
    if (c->dumb || now_us < play_us)
        return 0;
    *ret_heard_us = play_us + 40 * MS;
    return 1;
}

static void card_write(void *ctx, const int16_t frame[static EAR_FRAME])
{
    struct card *c = ctx;
    assert_in_range(c->speaker_frames, 0, 2 * SAMPLES / EAR_FRAME - 1);
    memcpy(c->heard + c->speaker_frames++ * EAR_FRAME, frame, EAR_FRAME * sizeof *frame);
}

static int64_t card_speaker_due(void *ctx, int64_t now_us)
{
    struct card *c = ctx;
    return ear_max64(now_us, c->played_from_us + c->speaker_frames * EAR_FRAME_US);
}

static struct card card;

static struct ear_soundcheck *make(const int16_t *pcm, double gain_db)
{
    struct ear_soundcheck *check = NULL;
    card = (struct card){.pcm = pcm, .gain = pow(10, gain_db / 20), .opened_us = 100 * S};
    card.mic = (struct ear_mic){.read = card_read, .due_us = card_mic_due, .ctx = &card};
    card.speaker = (struct ear_speaker){
        .wants = card_wants, .write = card_write, .due_us = card_speaker_due, .ctx = &card};
    assert_int_equal(ear_soundcheck_new(&check, &card.mic, &card.speaker), 0);
    return check;
}

/* Steps as told until done; returns the time. */
static int64_t run(struct ear_soundcheck *check, int64_t now_us, enum ear_soundcheck_state until)
{
    struct ear_soundcheck_status status;
    for (int steps = 0;; steps++) {
        int64_t due = ear_soundcheck_step(check, now_us);
        ear_soundcheck_get_status(check, &status);
        assert_true(status.progress >= 0 && status.progress <= 1);
        assert_true((due == INT64_MAX) == (status.state == EAR_SOUNDCHECK_DONE));
        if (status.state >= until)
            return now_us;
        assert_true(due > now_us && due <= now_us + 20 * MS && steps < 20000);
        now_us = due;
    }
}

static enum ear_soundcheck_verdict verdict_of(const int16_t *pcm, double gain_db)
{
    struct ear_soundcheck *check = make(pcm, gain_db);
    struct ear_soundcheck_status status;
    run(check, 100 * S, EAR_SOUNDCHECK_DONE);
    ear_soundcheck_get_status(check, &status);
    ear_soundcheck_free(check);
    return status.verdict;
}

static void speech_is_judged_by_its_level(void **state)
{
    (void)state;
    static const struct {
        double gain_db;
        enum ear_soundcheck_verdict verdict;
    } cases[] = {
        {0, EAR_SOUNDCHECK_GOOD},    {-6, EAR_SOUNDCHECK_GOOD},    {6, EAR_SOUNDCHECK_GOOD},
        {-18, EAR_SOUNDCHECK_QUIET}, {-30, EAR_SOUNDCHECK_QUIET},  {24, EAR_SOUNDCHECK_LOUD},
        {36, EAR_SOUNDCHECK_LOUD},   {-45, EAR_SOUNDCHECK_SILENT}, {-90, EAR_SOUNDCHECK_SILENT},
    };
    for (size_t n = 0; n < EAR_COUNT(utterances); n++)
        for (size_t i = 0; i < EAR_COUNT(cases); i++) {
            enum ear_soundcheck_verdict verdict = verdict_of(speech[n], cases[i].gain_db);
            if (verdict != cases[i].verdict)
                fail_msg("utterance %zu at %g dB: %d, not %d", n, cases[i].gain_db, (int)verdict,
                         (int)cases[i].verdict);
        }
}

/* A short word in a long pause is as loud as it is. */
static void pauses_do_not_count(void **state)
{
    (void)state;
    static int16_t word[SAMPLES];
    memcpy(word, speech[0] + SAMPLES / 3, SAMPLES / 5 * sizeof *word);
    assert_int_equal(verdict_of(word, 0), EAR_SOUNDCHECK_GOOD);
    memset(word, 0, sizeof word);
    assert_int_equal(verdict_of(word, 0), EAR_SOUNDCHECK_SILENT);
    for (size_t i = 0; i < SAMPLES; i++)
        word[i] = (int16_t)(i * 2654435761u >> 16 & 31); /* a room with nobody in it: -65 dBFS */
    for (size_t i = 0; i < SAMPLES; i++)
        word[i] = (int16_t)(word[i] - 16);
    assert_int_equal(verdict_of(word, 0), EAR_SOUNDCHECK_SILENT);
}

static void what_was_said_is_played(void **state)
{
    (void)state;
    struct ear_soundcheck *check = make(speech[1], 0);
    struct ear_soundcheck_status status;
    ear_soundcheck_get_status(check, &status);
    assert_int_equal(status.state, EAR_SOUNDCHECK_RECORDING);
    assert_int_equal(status.verdict, EAR_SOUNDCHECK_NONE);
    /* The microphone was opened half a second ago: what it collected since then is not taken. */
    int64_t begin = 100 * S + 500 * MS;
    card.played_from_us = begin + 3 * S;
    int64_t now = run(check, begin, EAR_SOUNDCHECK_PLAYING);
    assert_in_range(now - begin, 3 * S, 3 * S + 20 * MS);
    ear_soundcheck_get_status(check, &status);
    assert_int_equal(status.verdict, EAR_SOUNDCHECK_GOOD);
    int64_t done = run(check, now, EAR_SOUNDCHECK_DONE);
    /* The last of it is waited for, as echo. */
    assert_in_range(done - now, 3 * S + 220 * MS, 3 * S + 320 * MS);
    assert_int_equal(card.speaker_frames, SAMPLES / EAR_FRAME);
    const size_t skipped = 8000;
    for (size_t i = 0; i < SAMPLES; i++)
        assert_int_equal(card.heard[i], speech[1][(skipped + i) % SAMPLES]);
    assert_true(ear_soundcheck_step(check, done + 1 * S) == INT64_MAX);
    ear_soundcheck_free(check);
}

static struct ear_soundcheck_status echo_of(const int16_t *pcm, double echo_db)
{
    struct ear_soundcheck *check = make(pcm, 0);
    struct ear_soundcheck_status status;
    card.echo_gain = pow(10, echo_db / 20);
    card.played_from_us = 103 * S;
    run(check, 100 * S, EAR_SOUNDCHECK_PLAYING);
    ear_soundcheck_get_status(check, &status);
    assert_int_equal(status.echo, EAR_SOUNDCHECK_ECHO_UNKNOWN);
    run(check, 103 * S + 20 * MS, EAR_SOUNDCHECK_DONE);
    ear_soundcheck_get_status(check, &status);
    ear_soundcheck_free(check);
    return status;
}

/* A headset, a laptop, and a loudspeaker that drowns everything; with each person's voice. */
static void the_echo_is_measured(void **state)
{
    (void)state;
    for (size_t n = 0; n < EAR_COUNT(utterances); n++) {
        struct ear_soundcheck_status s = echo_of(speech[n], -70);
        if (s.echo != EAR_SOUNDCHECK_ECHO_NONE || s.return_db > -45)
            fail_msg("utterance %zu, headset: %d, %.1f dB", n, s.echo, (double)s.return_db);
        for (int db = -30; db <= -10; db += 10) {
            s = echo_of(speech[n], db);
            if (s.echo != EAR_SOUNDCHECK_ECHO_SOME || fabs((double)s.return_db - db) > 4)
                fail_msg("utterance %zu, %d dB: %d, %.1f dB", n, db, s.echo, (double)s.return_db);
        }
        s = echo_of(speech[n], 0);
        assert_int_equal(s.echo, EAR_SOUNDCHECK_ECHO_LOUD);
    }
}

/* Who goes on speaking meanwhile is not taken for a loudspeaker. */
static void a_voice_is_no_echo(void **state)
{
    (void)state;
    struct ear_soundcheck *check = make(speech[2], 0);
    struct ear_soundcheck_status status;
    card.played_from_us = 103 * S;
    run(check, 100 * S, EAR_SOUNDCHECK_DONE);
    ear_soundcheck_get_status(check, &status);
    assert_true(status.echo != EAR_SOUNDCHECK_ECHO_LOUD);
    ear_soundcheck_free(check);
}

static void the_level_is_of_the_last_100_ms(void **state)
{
    (void)state;
    static int16_t steps[SAMPLES];
    for (size_t i = 0; i < SAMPLES; i++) /* -20 dBFS in the first second, then -40, then -60 */
        steps[i] = (int16_t)((i % 2 ? 1 : -1) * (i < 16000 ? 3277 : i < 32000 ? 328 : 33));
    struct ear_soundcheck *check = make(steps, 0);
    struct ear_soundcheck_status status;
    for (int64_t now = 100 * S; now <= 102900 * MS; now += 10 * MS) {
        ear_soundcheck_step(check, now);
        ear_soundcheck_get_status(check, &status);
        int64_t in_second = (now - 100 * S) % S;
        if (in_second >= 100 * MS)
            assert_at_most(
                fabs((double)status.level_db + 20.0 + 20.0 * (double)((now - 100 * S) / S)), 0.2);
    }
    ear_soundcheck_free(check);
}

static void cards_that_do_nothing_end_it(void **state)
{
    (void)state;
    struct ear_soundcheck_status status;
    for (int gone = 0; gone < 2; gone++) {
        struct ear_soundcheck *check = make(speech[0], 0);
        card.deaf = true;
        card.gone = gone;
        assert_in_range(run(check, 100 * S, EAR_SOUNDCHECK_DONE), 106 * S, 106 * S + 20 * MS);
        ear_soundcheck_get_status(check, &status);
        assert_int_equal(status.verdict, EAR_SOUNDCHECK_SILENT);
        ear_soundcheck_free(check);
    }
    struct ear_soundcheck *check = make(speech[0], 0);
    card.dumb = true;
    assert_in_range(run(check, 100 * S, EAR_SOUNDCHECK_DONE), 109 * S, 109 * S + 40 * MS);
    ear_soundcheck_get_status(check, &status);
    assert_int_equal(status.verdict, EAR_SOUNDCHECK_GOOD);
    ear_soundcheck_free(check);
}

static void every_verdict_is_one_sentence(void **state)
{
    (void)state;
    assert_string_equal(ear_soundcheck_sentence(EAR_SOUNDCHECK_NONE), "");
    assert_string_equal(ear_soundcheck_echo_sentence(EAR_SOUNDCHECK_ECHO_UNKNOWN), "");
    for (int e = EAR_SOUNDCHECK_ECHO_NONE; e < EAR_SOUNDCHECK_ECHOES; e++) {
        const char *sentence = ear_soundcheck_echo_sentence((enum ear_soundcheck_echo)e);
        assert_int_equal(strcspn(sentence, "."), strlen(sentence) - 1);
    }
    for (int v = EAR_SOUNDCHECK_GOOD; v < EAR_SOUNDCHECK_VERDICTS; v++) {
        const char *sentence = ear_soundcheck_sentence((enum ear_soundcheck_verdict)v);
        assert_int_equal(strcspn(sentence, "."), strlen(sentence) - 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(speech_is_judged_by_its_level),
        cmocka_unit_test(pauses_do_not_count),
        cmocka_unit_test(what_was_said_is_played),
        cmocka_unit_test(the_echo_is_measured),
        cmocka_unit_test(a_voice_is_no_echo),
        cmocka_unit_test(the_level_is_of_the_last_100_ms),
        cmocka_unit_test(cards_that_do_nothing_end_it),
        cmocka_unit_test(every_verdict_is_one_sentence),
    };
    return cmocka_run_group_tests(tests, load_speech, NULL);
}
