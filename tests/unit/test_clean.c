/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The voice detector on synthetic speech and noise; tests/bench/silence judges it on real speech.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "allocations.h"
#include "base/random.h"
#include "tx/clean.h"
#include "tx/level.h"
#include "tx/spectrum.h"
#include "tx/voicing.h"

#define TURN 6.28318530717959

enum room { WHITE, PINK, FAN, ROOMS };

/* Noise of 0 dBFS, sample by sample. */
struct noise_maker {
    struct ear_random random;
    enum room room;
    double pink[5], air[2], t;
};

static double noise_next(struct noise_maker *m)
{
    double w = ear_random_normal(&m->random);
    m->t += 1.0 / EAR_RATE_HZ;
    if (m->room == WHITE)
        return w;
    if (m->room == PINK) {
        /* Equal power in each factor of four: first-order low-passes, corners 30 Hz to 7.7 kHz. */
        double sum = 0;
        for (int i = 0; i < 5; i++) {
            double a = 1 - exp(-TURN * 30 * pow(4, i) / EAR_RATE_HZ);
            m->pink[i] += a * (ear_random_normal(&m->random) - m->pink[i]);
            sum += m->pink[i] * sqrt((2 - a) / a);
        }
        return sum / sqrt(5);
    }
    for (int i = 0; i < 2; i++) /* twice first order at 600 Hz */
        w = m->air[i] += 0.21 * (w - m->air[i]);
    double blades = 1 + 0.3 * sin(TURN * 24 * m->t) + 0.1 * sin(TURN * 1.3 * m->t);
    return 3.3 * w * blades + 0.7 * sin(TURN * 100 * m->t) + 0.3 * sin(TURN * 200 * m->t);
}

/* Syllables of 4 Hz, each a voiced vowel with three formants behind a hiss of 60 ms; about -26
 * dBFS at full loudness. t counts from the beginning of talk. */
static double talk_at(struct ear_random *r, double t, double *ret_loud)
{
    double in_syllable = fmod(t, 0.25), pitch = 120 + 30 * sin(TURN * 0.6 * t);
    if (in_syllable < 0.06) {
        *ret_loud = 0.3;
        return 0.02 * ear_random_normal(r);
    }
    double loud = sin(TURN / 2 * (in_syllable - 0.06) / 0.19), sum = 0;
    double phase = 120 * t - 30 / (TURN * 0.6) * cos(TURN * 0.6 * t);
    for (int h = 1; h * pitch < 3500; h++) {
        double f = h * pitch;
        double formants = exp(-pow((f - 600) / 200, 2)) + 0.5 * exp(-pow((f - 1300) / 250, 2)) +
                          0.25 * exp(-pow((f - 2500) / 300, 2)) + 0.02;
        sum += formants * sin(TURN * h * phase);
    }
    *ret_loud = loud;
    return 0.06 * loud * sum;
}

struct judged {
    int frames, speech;    /* frames, and those judged speech */
    int loud, loud_speech; /* frames of loud talk, and those of them */
    int longest_loss;      /* frames of loud talk in a row that were not */
    struct ear_clean_verdict last;
};

/* Runs some seconds through the detector: talk of this gain (0: none) in noise of this level. */
static struct judged run(struct ear_clean *clean, struct noise_maker *noise, double seconds,
                         double noise_db, double talk_gain)
{
    struct judged j = {0};
    double gain = pow(10, noise_db / 20);
    int loss = 0;
    for (; j.frames < (int)(seconds * 100); j.frames++) {
        int16_t frame[EAR_FRAME];
        double loud = 0;
        for (int i = 0; i < EAR_FRAME; i++) {
            double x = gain * noise_next(noise);
            double t = (j.frames * EAR_FRAME + i) / (double)EAR_RATE_HZ;
            if (talk_gain > 0)
                x += talk_gain * talk_at(&noise->random, t, &loud);
            frame[i] = (int16_t)lrint(fmax(-1, fmin(0.99996, x)) * 32768);
        }
        j.last = ear_clean_frame(clean, frame);
        j.speech += j.last.speech;
        if (talk_gain > 0 && loud > 0.25) {
            j.loud++;
            j.loud_speech += j.last.speech;
            loss = j.last.speech ? 0 : loss + 1;
            j.longest_loss = loss > j.longest_loss ? loss : j.longest_loss;
        }
    }
    return j;
}

static struct ear_clean *new_clean(void)
{
    struct ear_clean *clean = NULL;
    assert_int_equal(ear_clean_new(&clean), 0);
    return clean;
}

static struct noise_maker room_of(enum room room, uint64_t seed)
{
    return (struct noise_maker){.random = ear_random_seeded(seed), .room = room};
}

static void noise_alone_is_silence(void **state)
{
    (void)state;
    for (int room = 0; room < ROOMS; room++) {
        for (int db = -70; db <= -30; db += 10) {
            struct ear_clean *clean = new_clean();
            struct noise_maker noise = room_of((enum room)room, 21);
            struct judged warm_up = run(clean, &noise, 3, db, 0);
            struct judged j = run(clean, &noise, 60, db, 0);
            /* The high-pass and the bands leave the lowest of pink and fan noise out. */
            if (warm_up.speech > 60 || j.speech > 60 || fabs(j.last.noise_db - db) > 6)
                fail_msg("room %d at %d dBFS: %d + %d frames judged speech, estimate %.1f", room,
                         db, warm_up.speech, j.speech, (double)j.last.noise_db);
            ear_clean_free(clean);
        }
    }
}

static void talk_is_heard_in_noise_and_ends(void **state)
{
    (void)state;
    for (int room = 0; room < ROOMS; room++) {
        for (int db = -60; db <= -40; db += 20) {
            struct ear_clean *clean = new_clean();
            struct noise_maker noise = room_of((enum room)room, 22);
            run(clean, &noise, 3, db, 0);
            for (int turn = 0; turn < 5; turn++) {
                struct judged talk = run(clean, &noise, 4, db, 1);
                struct judged pause = run(clean, &noise, 3, db, 0);
                if (talk.loud_speech < talk.loud * 0.98 || talk.longest_loss > 5 ||
                    pause.speech > 60)
                    fail_msg("room %d at %d dBFS, turn %d: %d of %d frames, %d lost in a row, "
                             "%d frames of pause",
                             room, db, turn, talk.loud_speech, talk.loud, talk.longest_loss,
                             pause.speech);
            }
            ear_clean_free(clean);
        }
    }
}

static void a_quiet_talker_is_heard(void **state)
{
    (void)state;
    struct ear_clean *clean = new_clean();
    struct noise_maker noise = room_of(FAN, 23);
    run(clean, &noise, 3, -62, 0);
    struct judged j = run(clean, &noise, 10, -62, 0.25);
    assert_true(j.loud_speech >= j.loud * 0.98);
    ear_clean_free(clean);
}

static void a_louder_fan_is_learnt(void **state)
{
    (void)state;
    for (int room = 0; room < ROOMS; room++) {
        struct ear_clean *clean = new_clean();
        struct noise_maker noise = room_of((enum room)room, 24);
        run(clean, &noise, 5, -60, 0);
        struct judged jump = run(clean, &noise, 3, -40, 0);
        struct judged after = run(clean, &noise, 10, -40, 0);
        struct judged drop = run(clean, &noise, 10, -60, 0);
        struct judged talk = run(clean, &noise, 4, -60, 0.3);
        if (jump.speech < 100 || after.speech > 30 || drop.speech > 10 ||
            talk.loud_speech < talk.loud * 0.97 || fabs(drop.last.noise_db + 60) > 6)
            fail_msg("room %d: %d frames at the jump, %d after, %d after the drop, talk %d of %d",
                     room, jump.speech, after.speech, drop.speech, talk.loud_speech, talk.loud);
        ear_clean_free(clean);
    }
}

static void long_talk_and_long_vowels_stay_speech(void **state)
{
    (void)state;
    struct ear_clean *clean = new_clean();
    struct noise_maker noise = room_of(FAN, 25);
    run(clean, &noise, 3, -50, 0);
    run(clean, &noise, 20, -50, 1);
    struct judged late = run(clean, &noise, 10, -50, 1);
    assert_true(late.loud_speech >= late.loud * 0.98);
    run(clean, &noise, 3, -50, 0);
    int speech = 0;
    for (int n = 0; n < 600; n++) {
        int16_t frame[EAR_FRAME];
        for (int i = 0; i < EAR_FRAME; i++) {
            double t = (n * EAR_FRAME + i) / (double)EAR_RATE_HZ, x = 0.003 * noise_next(&noise);
            for (int h = 1; h < 20; h++)
                x += 0.05 * exp(-pow((h * 140 - 700) / 400.0, 2)) * sin(TURN * h * 140 * t);
            frame[i] = (int16_t)lrint(x * 32768);
        }
        speech += ear_clean_frame(clean, frame).speech;
    }
    assert_true(speech >= 595);
    ear_clean_free(clean);
}

static void clicks_do_not_hold_it_open(void **state)
{
    (void)state;
    struct ear_clean *clean = new_clean();
    struct noise_maker noise = room_of(WHITE, 26);
    int speech = 0;
    run(clean, &noise, 3, -62, 0);
    for (int n = 0; n < 3000; n++) {
        int16_t frame[EAR_FRAME];
        for (int i = 0; i < EAR_FRAME; i++) {
            double x = 0.0008 * noise_next(&noise);
            if (n % 20 == 0) /* five strokes a second, 3 ms long */
                x += 0.1 * exp(-i / 48.0) * ear_random_normal(&noise.random);
            frame[i] = (int16_t)lrint(fmax(-1, fmin(0.99996, x)) * 32768);
        }
        speech += ear_clean_frame(clean, frame).speech;
    }
    if (speech > 300)
        fail_msg("%d of 3000 frames judged speech", speech);
    ear_clean_free(clean);
}

static double gain_db_at(double hz)
{
    struct ear_clean *clean = new_clean();
    int16_t frame[EAR_FRAME];
    double in = 0, out = 0;
    for (int n = 0; n < 200; n++) {
        for (int i = 0; i < EAR_FRAME; i++)
            frame[i] = (int16_t)lrint(8000 * sin(TURN * hz * (n * EAR_FRAME + i) / EAR_RATE_HZ));
        if (n >= 100)
            in += pow(10, ear_level_db(frame, EAR_FRAME) / 10);
        struct ear_clean_verdict v = ear_clean_frame(clean, frame);
        if (n >= 100)
            out += pow(10, v.level_db / 10);
    }
    ear_clean_free(clean);
    return 10 * log10(out / in);
}

static void rumble_goes_and_speech_stays(void **state)
{
    (void)state;
    assert_true(gain_db_at(20) < -20);
    assert_true(gain_db_at(40) < -11);
    assert_true(fabs(gain_db_at(80) + 3) < 0.5);
    assert_true(fabs(gain_db_at(200)) < 0.3);
    assert_true(fabs(gain_db_at(3000)) < 0.1);
}

/* The whole power of a tone is found, and found in one or two neighbouring bands. */
static void bands_add_up_to_the_power(void **state)
{
    (void)state;
    for (double hz = 150; hz < 7500; hz *= 1.3) {
        struct ear_spectrum spectrum;
        float frame[EAR_FRAME], power[EAR_BANDS];
        ear_spectrum_init(&spectrum);
        for (int n = 0; n < 4; n++) {
            for (int i = 0; i < EAR_FRAME; i++)
                frame[i] = (float)(0.1 * sin(TURN * hz * (n * EAR_FRAME + i) / EAR_RATE_HZ));
            ear_spectrum_frame(&spectrum, frame, power);
        }
        double sum = 0, most = 0, pair;
        for (int b = 0; b < EAR_BANDS; b++) {
            sum += power[b];
            pair = power[b] + (b > 0 ? power[b - 1] : 0);
            most = fmax(most, pair);
        }
        if (fabs(sum / 0.005 - 1) > 0.15 || most < 0.85 * sum)
            fail_msg("%.0f Hz: %.2f of its power, %.2f of that in two bands", hz, sum / 0.005,
                     most / sum);
    }
}

static void pitch_is_told_from_noise(void **state)
{
    (void)state;
    for (double hz = 75; hz < 400; hz *= 1.2) {
        struct ear_voicing buzz = {0};
        float frame[EAR_FRAME];
        for (int n = 0; n < 10; n++) {
            for (int i = 0; i < EAR_FRAME; i++) {
                double phase = hz * (n * EAR_FRAME + i) / EAR_RATE_HZ;
                frame[i] = (float)(0.1 * exp(-5 * (phase - floor(phase))));
            }
            ear_voicing_put(&buzz, frame);
        }
        if (ear_voicing_likeness(&buzz) < 0.8f)
            fail_msg("%.0f Hz: %.2f", hz, (double)ear_voicing_likeness(&buzz));
    }
    struct ear_voicing hiss = {0};
    struct ear_random r = ear_random_seeded(27);
    float frame[EAR_FRAME] = {0};
    ear_voicing_put(&hiss, frame);
    assert_true(ear_voicing_likeness(&hiss) == 0);
    for (int n = 0; n < 1000; n++) {
        for (int i = 0; i < EAR_FRAME; i++)
            frame[i] = (float)(0.1 * ear_random_normal(&r));
        ear_voicing_put(&hiss, frame);
        assert_true(ear_voicing_likeness(&hiss) < 0.65f);
    }
}

static void extremes_do_no_harm(void **state)
{
    (void)state;
    struct ear_clean *clean = new_clean();
    struct ear_random r = ear_random_seeded(28);
    int before = allocations;
    for (int n = 0; n < 3000; n++) {
        int16_t frame[EAR_FRAME];
        for (int i = 0; i < EAR_FRAME; i++)
            frame[i] = n / 500 % 3 == 0   ? 0
                       : n / 500 % 3 == 1 ? (i / 20 % 2 ? INT16_MAX : INT16_MIN)
                                          : (int16_t)ear_random_u64(&r);
        struct ear_clean_verdict v = ear_clean_frame(clean, frame);
        assert_true(isfinite(v.level_db) && v.level_db >= -100 && v.level_db <= 0.1f);
        assert_true(isfinite(v.noise_db) && v.noise_db >= -101 && v.noise_db <= 3);
        if (n < 500)
            assert_false(v.speech);
    }
    assert_int_equal(allocations, before);
    ear_clean_free(clean);
    ear_clean_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(noise_alone_is_silence),
        cmocka_unit_test(talk_is_heard_in_noise_and_ends),
        cmocka_unit_test(a_quiet_talker_is_heard),
        cmocka_unit_test(a_louder_fan_is_learnt),
        cmocka_unit_test(long_talk_and_long_vowels_stay_speech),
        cmocka_unit_test(clicks_do_not_hold_it_open),
        cmocka_unit_test(rumble_goes_and_speech_stays),
        cmocka_unit_test(bands_add_up_to_the_power),
        cmocka_unit_test(pitch_is_told_from_noise),
        cmocka_unit_test(extremes_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
