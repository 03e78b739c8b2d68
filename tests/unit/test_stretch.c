/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Speech made shorter and longer: no click, the pitch kept, the pace bounded, onsets untouched. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "port/wavfile.h"
#include "rx/stretch.h"
#include "tone_codec.h"

#define MS EAR_SAMPLES_PER_MS
#define SECONDS 10
#define LENGTH ((size_t)SECONDS * EAR_RATE_HZ)
#define EXCESS (300 * MS)

static int16_t input[LENGTH], output[2 * LENGTH];
static struct ear_stretch stretch;

struct outcome {
    size_t samples;
    int edits;
    int least_apart; /* samples played between two edits */
};

/* Runs the whole input through, as playout does; excess < 0 lengthens. */
static struct outcome run(int64_t excess, double room, enum ear_stretch_pace pace)
{
    struct outcome ret = {.least_apart = INT32_MAX};
    size_t fed = 0, last_edit = 0;
    ear_stretch_init(&stretch);
    for (;;) {
        while (fed < LENGTH && ear_stretch_level(&stretch) < EAR_STRETCH_AHEAD) {
            memcpy(ear_stretch_room(&stretch, EAR_UNIT), input + fed, EAR_UNIT * sizeof(*input));
            ear_stretch_put(&stretch, EAR_UNIT);
            fed += EAR_UNIT;
        }
        size_t before = ear_stretch_level(&stretch);
        struct ear_stretch_edit edit = excess > 0
                                           ? ear_stretch_shorten(&stretch, excess, room, pace)
                                           : ear_stretch_lengthen(&stretch, -excess, room);
        assert_int_equal(ear_stretch_level(&stretch), before - (size_t)edit.removed);
        if (edit.removed && ret.edits++ && (int)(ret.samples - last_edit) < ret.least_apart)
            ret.least_apart = (int)(ret.samples - last_edit);
        if (edit.removed)
            last_edit = ret.samples;
        if (ear_stretch_level(&stretch) < EAR_FRAME)
            return ret;
        assert_true(ret.samples + EAR_FRAME <= 2 * LENGTH);
        ear_stretch_take(&stretch, pace, room, output + ret.samples);
        ret.samples += EAR_FRAME;
    }
}

static void make_sine(double hz)
{
    for (size_t i = 0; i < LENGTH; i++)
        input[i] = (int16_t)lrint(10000 * sin(2 * M_PI * hz * (double)i / EAR_RATE_HZ));
}

/* Voice-like: pulses of a wandering pitch through two resonances, with pauses. */
static void make_voice(void)
{
    double phase = 0, y[2][2] = {{0}};
    const double formant[2] = {600, 1700};
    for (size_t i = 0; i < LENGTH; i++) {
        double t = (double)i / EAR_RATE_HZ;
        phase += (120 + 30 * sin(2 * M_PI * 0.7 * t)) / EAR_RATE_HZ;
        double x = phase >= 1 ? 3000 : 0;
        phase -= phase >= 1;
        for (int k = 0; k < 2; k++) {
            double r = 0.97, c = 2 * r * cos(2 * M_PI * formant[k] / EAR_RATE_HZ);
            double out = x + c * y[k][0] - r * r * y[k][1];
            y[k][1] = y[k][0];
            y[k][0] = out;
            x = 0.3 * out;
        }
        input[i] = (int16_t)lrint(fmax(-32000, fmin(32000, x * fmax(0, sin(2 * M_PI * 0.9 * t)))));
    }
}

static int make_speech(void)
{
    struct ear_wav_mic *wav;
    char error[256];
    const char *path = "/usr/share/pocketsphinx/test/data/librivox/"
                       "sense_and_sensibility_01_austen_64kb-0870.wav";
    if (ear_wav_mic_open(&wav, path, true, error, sizeof(error)) < 0)
        return -1;
    struct ear_mic *mic = ear_wav_mic_mic(wav);
    size_t at = 0;
    for (int64_t now_us = 0; at < LENGTH; now_us += EAR_FRAME_US) {
        int64_t end_us;
        ear_wav_mic_pump(wav);
        if (mic->read(mic->ctx, now_us, input + at, &end_us) > 0)
            at += EAR_FRAME;
    }
    ear_wav_mic_close(wav);
    return 0;
}

/* One percent for the difference of the two ends of a fade, spread over its 10 ms. */
static void assert_no_click(struct outcome outcome)
{
    int most = steepest(input, LENGTH);
    print_message("  %d edits, %.2f s, steepest step %d of %d\n", outcome.edits,
                  (double)outcome.samples / EAR_RATE_HZ, steepest(output, outcome.samples), most);
    assert_true(steepest(output, outcome.samples) <= most + most / 100 + 1);
}

static int crossings(const int16_t *pcm, size_t samples)
{
    int n = 0;
    for (size_t i = 1; i < samples; i++)
        n += pcm[i - 1] < 0 && pcm[i] >= 0;
    return n;
}

static void a_tone_keeps_its_pitch_and_has_no_click(void **state)
{
    (void)state;
    const double tones[] = {70, 110, 200, 333, 1000};
    for (size_t i = 0; i < EAR_COUNT(tones); i++) {
        make_sine(tones[i]);
        for (int way = -1; way <= 1; way += 2) {
            struct outcome outcome = run(way * EXCESS, 0, EAR_STRETCH_BOTH);
            assert_true(outcome.edits > 20);
            assert_no_click(outcome);
            double hz =
                crossings(output, outcome.samples) * (double)EAR_RATE_HZ / (double)outcome.samples;
            assert_true(fabs(hz - tones[i]) < 0.02 * tones[i]);
        }
    }
}

static const struct {
    int64_t excess;
    enum ear_stretch_pace pace;
} ways[] = {{EXCESS, EAR_STRETCH_BOTH}, {EXCESS, EAR_STRETCH_HURRY}, {-EXCESS, EAR_STRETCH_BOTH}};

static void voice_has_no_click(void **state)
{
    (void)state;
    make_voice();
    for (size_t i = 0; i < EAR_COUNT(ways); i++) {
        struct outcome outcome = run(ways[i].excess, 50, ways[i].pace);
        assert_true(outcome.edits > 20);
        assert_no_click(outcome);
    }
}

static void read_speech_has_no_click(void **state)
{
    (void)state;
    if (make_speech() < 0)
        skip();
    for (size_t i = 0; i < EAR_COUNT(ways); i++) {
        struct outcome outcome = run(ways[i].excess, 400, ways[i].pace);
        assert_true(outcome.edits > 20);
        assert_no_click(outcome);
    }
}

static void the_pace_is_bounded(void **state)
{
    (void)state;
    make_sine(200);
    assert_int_equal(run(EXCESS, 0, EAR_STRETCH_PAUSES).edits, 0);
    assert_int_equal(run(EXCESS, 0, EAR_STRETCH_ALL_PAUSES).edits, 0);
    struct outcome outcome = run(EXCESS, 0, EAR_STRETCH_BOTH);
    assert_true(outcome.samples >= LENGTH * 74 / 100);
    assert_true(outcome.samples <= LENGTH * 80 / 100);
    assert_true(outcome.least_apart >= 20 * MS);
    outcome = run(EXCESS, 0, EAR_STRETCH_HURRY);
    assert_true(outcome.samples >= LENGTH * 74 / 100);
    assert_true(outcome.samples <= LENGTH * 80 / 100);
    assert_true(outcome.least_apart >= 20 * MS);
    outcome = run(-EXCESS, 0, EAR_STRETCH_BOTH);
    assert_true(outcome.samples <= LENGTH * 104 / 100);
    assert_true(outcome.samples >= LENGTH * 102 / 100);
    assert_true(outcome.least_apart >= 20 * MS);
}

static void no_more_is_taken_than_asked(void **state)
{
    (void)state;
    make_sine(400);
    struct outcome outcome = run(2 * MS, 0, EAR_STRETCH_BOTH);
    assert_int_equal(outcome.edits, 0);
    ear_stretch_init(&stretch);
    for (int excess = 0; excess < 20 * MS; excess += 7) {
        memset(&stretch, 0, sizeof(stretch));
        stretch.may_cut = stretch.may_insert = 1000;
        stretch.since_edit = 1000;
        memcpy(ear_stretch_room(&stretch, 1000), input, 1000 * sizeof(*input));
        ear_stretch_put(&stretch, 1000);
        assert_true(ear_stretch_shorten(&stretch, excess, 0, EAR_STRETCH_BOTH).removed <= excess);
        assert_true(ear_stretch_lengthen(&stretch, excess, 0).removed >= -excess);
    }
}

static void make_noise(double pole)
{
    struct ear_random random = ear_random_seeded(5);
    double y = 0;
    for (size_t i = 0; i < LENGTH; i++) {
        y = pole * y + ear_random_normal(&random);
        input[i] = (int16_t)lrint(300 * y);
    }
}

static double level(const int16_t *pcm, size_t samples)
{
    double sum = 0;
    for (size_t i = 0; i < samples; i++)
        sum += (double)pcm[i] * pcm[i];
    return 10 * log10(sum / (double)samples);
}

/* A rumble loud enough to be speech has nothing that repeats; in a pause it may be cut
 * nevertheless. */
static void rumble_is_cut_only_in_pauses(void **state)
{
    (void)state;
    make_noise(0.9);
    assert_true(run(EXCESS, 100, EAR_STRETCH_BOTH).samples > LENGTH * 97 / 100);
    const double room = 1e6;
    struct outcome outcome = run(EXCESS, room, EAR_STRETCH_PAUSES);
    assert_true(outcome.samples >= LENGTH * 60 / 100);
    assert_true(outcome.samples <= LENGTH * 70 / 100);
    const enum ear_stretch_pace fast[] = {EAR_STRETCH_ALL_PAUSES, EAR_STRETCH_HURRY};
    for (size_t i = 0; i < EAR_COUNT(fast); i++) {
        outcome = run(EXCESS, room, fast[i]);
        assert_true(outcome.samples >= LENGTH * 40 / 100);
        assert_true(outcome.samples <= LENGTH * 60 / 100);
    }
}

/* Hiss has no period: it is cut at the pace of speech and keeps its loudness. */
static void hiss_keeps_its_loudness(void **state)
{
    (void)state;
    make_noise(0);
    struct outcome outcome = run(EXCESS, 1, EAR_STRETCH_BOTH);
    assert_true(outcome.samples >= LENGTH * 74 / 100);
    assert_true(outcome.samples <= LENGTH * 80 / 100);
    assert_true(fabs(level(output, outcome.samples) - level(input, LENGTH)) < 0.1);
    assert_no_click(outcome);
}

/* A burst every 200 ms in a faint tone: its first 10 ms, and the 10 ms before, come out as is. */
static void onsets_are_left_alone(void **state)
{
    (void)state;
    const size_t every = 200 * MS;
    for (size_t i = 0; i < LENGTH; i++) {
        double gain = i % every >= every / 2 ? 10000 : 300;
        input[i] = (int16_t)lrint(gain * sin(2 * M_PI * 200 * (double)i / EAR_RATE_HZ));
    }
    struct outcome outcome = run(EXCESS, 0, EAR_STRETCH_HURRY);
    assert_true(outcome.edits > 20);
    size_t found = 0;
    for (size_t at = every / 2; at + 10 * MS <= LENGTH; at += every) {
        const int16_t *onset = input + at - 10 * MS;
        for (size_t i = 0; i + 20 * MS <= outcome.samples; i++)
            if (memcmp(output + i, onset, 20 * MS * sizeof(*onset)) == 0) {
                found++;
                break;
            }
    }
    assert_int_equal(found, LENGTH / every);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tone_keeps_its_pitch_and_has_no_click),
        cmocka_unit_test(voice_has_no_click),
        cmocka_unit_test(read_speech_has_no_click),
        cmocka_unit_test(the_pace_is_bounded),
        cmocka_unit_test(no_more_is_taken_than_asked),
        cmocka_unit_test(rumble_is_cut_only_in_pauses),
        cmocka_unit_test(hiss_keeps_its_loudness),
        cmocka_unit_test(onsets_are_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
