/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Echo person at the other end of a link: a spoken sentence comes back. */
#include <math.h>

#include "fake/person.h"
#include "fake/test.h"
#include "port/wavfile.h"
#include "sim/echo.h"
#include "sim/rig.h"
#include "tx/level.h"

/* Read English (Debian: pocketsphinx-testdata); without it a person buzzes syllables. */
#define SENTENCE                                                                                   \
    "/usr/share/pocketsphinx/test/data/librivox/sense_and_sensibility_01_austen_64kb-0880.wav"
#define FRAMES_MAX 4000

/* What goes through a microphone or a loudspeaker, as levels of frames by their time. */
struct levels {
    int64_t from_us;
    float db[FRAMES_MAX]; /* since from */
};

static void note(struct levels *levels, int64_t at_us, const int16_t *frame)
{
    int64_t at = (at_us - levels->from_us) / EAR_FRAME_US;
    if (at >= 0 && at < FRAMES_MAX)
        levels->db[at] = fmaxf(ear_level_db(frame, EAR_FRAME), -60);
}

static struct world {
    struct ear_wav_mic *wav;
    struct ear_mic *mouth;
    struct ear_person person;
    struct levels said, heard;
    int64_t heard_us;
} world;

static int tap_read(void *ctx, int64_t now_us, int16_t frame[static EAR_FRAME], int64_t *ret_end_us)
{
    struct world *w = ctx;
    int got = w->mouth->read(w->mouth->ctx, now_us, frame, ret_end_us);
    if (got == 1)
        note(&w->said, *ret_end_us - EAR_FRAME_US, frame);
    return got;
}

static int64_t tap_mic_due(void *ctx, int64_t now_us)
{
    struct world *w = ctx;
    return w->mouth->due_us(w->mouth->ctx, now_us);
}

static int tap_wants(void *ctx, int64_t now_us, int64_t *ret_heard_us)
{
    struct world *w = ctx;
    int wants = w->person.speaker.wants(w->person.speaker.ctx, now_us, ret_heard_us);
    w->heard_us = *ret_heard_us;
    return wants;
}

static void tap_write(void *ctx, const int16_t frame[static EAR_FRAME])
{
    struct world *w = ctx;
    note(&w->heard, w->heard_us, frame);
    w->person.speaker.write(w->person.speaker.ctx, frame);
}

static int64_t tap_speaker_due(void *ctx, int64_t now_us)
{
    struct world *w = ctx;
    return w->person.speaker.due_us(w->person.speaker.ctx, now_us);
}

static void tend(void *ctx)
{
    struct world *w = ctx;
    if (w->wav)
        ear_wav_mic_pump(w->wav);
}

/* How alike the levels are, what was heard being so much later. */
static double likeness(const struct world *w, int lag)
{
    double n = 0, x = 0, y = 0, xx = 0, yy = 0, xy = 0;
    for (int i = 0; i + lag < FRAMES_MAX; i++) {
        double a = (double)w->said.db[i], b = (double)w->heard.db[i + lag];
        n++, x += a, y += b, xx += a * a, yy += b * b, xy += a * b;
    }
    return (n * xy - x * y) / sqrt((n * xx - x * x) * (n * yy - y * y));
}

static void open_mouth(struct world *w)
{
    char error[256];
    memset(w, 0, sizeof *w);
    ear_person_init(&w->person, 0);
    w->person.speaks = true;
    w->mouth = &w->person.mic;
    if (ear_wav_mic_open(&w->wav, SENTENCE, false, error, sizeof error) == 0)
        w->mouth = ear_wav_mic_mic(w->wav);
    for (int i = 0; i < FRAMES_MAX; i++)
        w->said.db[i] = w->heard.db[i] = -60;
}

static void a_sentence_comes_back(void **state)
{
    (void)state;
    struct world *w = &world;
    struct ear_mic mic = {.read = tap_read, .due_us = tap_mic_due, .ctx = w};
    struct ear_speaker speaker = {
        .wants = tap_wants, .write = tap_write, .due_us = tap_speaker_due, .ctx = w};
    struct ear_clock_virtual time = {.now_us = 1000 * S};
    struct ear_clock clock = ear_clock_from_virtual(&time);
    struct ear_profile *profile = NULL;
    struct ear_codec *codecs[2];
    struct ear_echo *echo = NULL;
    struct ear_rig *rig = NULL;
    char error[256];
    open_mouth(w);
    assert_int_equal(ear_profile_load(&profile, "edge", error, sizeof error), 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(ear_codec_opus_new(&codecs[i], &ear_codec_opus_usual), 0);
    assert_int_equal(ear_echo_new(&echo, &clock), 0);
    const struct ear_rig_config config = {
        .profile = profile,
        .seed = SEED,
        .start_us = time.now_us,
        .auto_answer = true,
        .ends = {{.mic = &mic, .speaker = &speaker, .codec = codecs[0]},
                 {.mic = ear_echo_mic(echo),
                  .speaker = ear_echo_speaker(echo),
                  .codec = codecs[1]}},
        .tend = tend,
        .ctx = w,
    };
    assert_int_equal(ear_rig_new(&rig, &config), 0);
    tend(w);
    ear_rig_dial(rig);
    w->said.from_us = w->heard.from_us = ear_rig_now_us(rig);
    ear_rig_run(rig, FRAMES_MAX * (int64_t)EAR_FRAME_US);

    int best = 0;
    for (int lag = 0; lag < 1000; lag++)
        if (likeness(w, lag) > likeness(w, best))
            best = lag;
    print_message("%s comes back after %d ms, likeness %.2f\n",
                  w->wav ? "the sentence" : "the buzz", 10 * best, likeness(w, best));
    /* edge: 400 to 900 ms each way with all buffers, and the Echo's own second and a half */
    assert_in_range(best, 200, 360);
    assert_at_least(likeness(w, best), 0.7);
    assert_at_most(likeness(w, best > 300 ? best - 150 : best + 150), 0.5);
    struct ear_engine_status status;
    ear_engine_get_status(ear_rig_engine(rig, 0), &status);
    assert_int_equal(status.phase, EAR_PHASE_TALKING);
    assert_false(status.their_mic_dead);
    ear_rig_free(rig);
    ear_echo_free(echo);
    for (int i = 0; i < 2; i++)
        ear_codec_opus_free(codecs[i]);
    ear_profile_free(profile);
    ear_wav_mic_close(w->wav);
}

static void say(struct ear_echo *echo, int64_t now_us, int16_t value)
{
    struct ear_speaker *speaker = ear_echo_speaker(echo);
    int16_t frame[EAR_FRAME];
    int64_t heard_us;
    for (size_t i = 0; i < EAR_FRAME; i++)
        frame[i] = value;
    while (speaker->wants(speaker->ctx, now_us, &heard_us) == 1)
        speaker->write(speaker->ctx, frame);
}

/* Frame by frame, with media held up now and then, and an hour between two talks. */
static void it_is_late_by_its_delay(void **state)
{
    (void)state;
    struct ear_clock_virtual time = {.now_us = 5 * S};
    struct ear_clock clock = ear_clock_from_virtual(&time);
    struct ear_echo *echo = NULL;
    int16_t frame[EAR_FRAME];
    int64_t end_us;
    assert_int_equal(ear_echo_new(&echo, &clock), 0);
    struct ear_mic *mic = ear_echo_mic(echo);
    int frames = 0;
    for (int64_t t = 5 * S; t < 15 * S; t += t % (1 * S) == 0 ? 300 * MS : 20 * MS) {
        say(echo, t, t < 6 * S ? 12000 : 0);
        for (; mic->read(mic->ctx, t, frame, &end_us) == 1; frames++) {
            int64_t begin_us = end_us - EAR_FRAME_US;
            bool loud = begin_us >= 5 * S + EAR_ECHO_US && begin_us < 6 * S + EAR_ECHO_US - 20 * MS;
            bool soft = begin_us < 5 * S + EAR_ECHO_US || begin_us >= 6 * S + EAR_ECHO_US + 20 * MS;
            assert_at_most(end_us, t);
            if (loud)
                assert_at_least(frame[80], 11900);
            if (soft)
                assert_at_most(abs(frame[80]), 16);
            assert_at_least(ear_level_db(frame, EAR_FRAME), -90); /* never quite silent */
        }
        assert_at_least(mic->due_us(mic->ctx, t), t);
    }
    assert_in_range(frames, 990, 1000);
    say(echo, 15 * S, 12000);
    for (frames = 0; mic->read(mic->ctx, 3600 * S, frame, &end_us) == 1; frames++)
        assert_at_most(abs(frame[80]), 16);
    assert_at_most(frames, 60);
    ear_echo_free(echo);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_late_by_its_delay),
        cmocka_unit_test(a_sentence_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
