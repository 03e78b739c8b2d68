/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A voice detector for noisy rooms: how far the bands stand above the learnt noise, weighed
 * against how far they usually do without speech; a voice's pitch earns the hangover. */
#include "tx/clean.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tx/level.h"
#include "tx/noise.h"
#include "tx/voicing.h"

/* How far the bands stand above the noise, in dB averaged over bands. Steady noise makes 0.7 +-
 * 0.3 of it, because a band's power scatters, and a fan whose blades pass 24 times a second 0.9 +-
 * 0.8 (99.9 % of frames below 3.4); speech 15 dB above white noise makes 3 to 12. All tunables
 * below were set with tests/bench/silence --more: at -40 dBFS 2 % of the silence is sent and 99.2 %
 * of the speech; a shorter unvoiced onset (3 frames) wins 0.3 points of speech
 * and sends 59 % of the time in which somebody types instead of 18. */
#define EXCESS_BAND_DB_MAX 20.0f
#define EXCESS_LEAST_DB 2.0f   /* never taken for speech below this */
#define EXCESS_MOST_DB 5.0f    /* always taken for speech above this */
#define EXCESS_DEVIATIONS 3.0f /* above the mean excess of noise; scatter is learnt */
#define EXCESS_KEEP 0.6f       /* of the threshold keeps a spurt alive */
#define EXCESS_WEIGHT 0.02f    /* noise's mean and scatter are learnt over about 0.5 s */
#define EXCESS_MEAN_DB 0.8f    /* until they are learnt */
#define EXCESS_SCATTER_DB 0.4f

/* Nothing below this is speech: a microphone of that little gain is of no use. */
#define LEVEL_LEAST_DB (-72.0f)

/* 99 % of white noise lies below 0.36, of a fan's below 0.49 (never above 0.6); vowels above. */
#define VOICED_LIKENESS 0.65f

/* Frames in a row that begin a spurt. A click of 5 ms fills the 20 ms window of three, a key stroke
 * of four or five: a hiss must last longer. The pre-roll of 40 ms brings back what this costs. */
#define ONSET_FRAMES 5
#define ONSET_FRAMES_VOICED 2

/* Credit grows with speech and shrinks without; only what has some of it is held open. A key
 * stroke has no pitch and too few frames; a voiced syllable of 40 ms has enough. */
#define CREDIT_UNVOICED 1
#define CREDIT_VOICED 3
#define CREDIT_ENOUGH 10
#define CREDIT_MOST 25
#define HANGOVER_FRAMES 18 /* a stop's closure lasts 50 to 130 ms, in noise more seems lost */
#define HANGOVER_FRAMES_CLICK 3

/* Butterworth of second order, high-pass, 80 Hz at 16 kHz. */
static const float high_pass[5] = {0.9780305f, -1.9560610f, 0.9780305f, -1.9555782f, 0.9565437f};

/* A filter's memory of less than this is nought: in the digital silence of a muted microphone it
 * would else dwindle into denormal numbers, which made three quarters of a simulated day's work. */
#define MEMORY_LEAST 1e-3f

struct ear_clean {
    float filter[2];
    struct ear_spectrum spectrum;
    struct ear_voicing voicing;
    struct ear_noise noise;
    float excess_mean_db, excess_scatter_db; /* of frames without speech */
    float excess_db;                         /* of the frame before */
    bool speech;
    int run; /* candidate frames in a row */
    int credit;
    int hangover; /* frames left */
};

int ear_clean_new(struct ear_clean **ret)
{
    struct ear_clean *clean = calloc(1, sizeof *clean);
    if (!clean)
        return -ENOMEM;
    ear_clean_reset(clean);
    *ret = clean;
    return 0;
}

void ear_clean_reset(struct ear_clean *clean)
{
    memset(clean, 0, sizeof *clean);
    ear_spectrum_init(&clean->spectrum);
    ear_noise_init(&clean->noise);
    clean->excess_mean_db = EXCESS_MEAN_DB;
    clean->excess_scatter_db = EXCESS_SCATTER_DB;
}

void ear_clean_free(struct ear_clean *clean)
{
    free(clean);
}

/* The frame as the judgement hears it, as 16 bit and as +-1. What is sent keeps its low end: the
 * codec has a high-pass of its own, and two of them cost .03 of ESTOI (.945 to .916). */
static void remove_rumble(struct ear_clean *clean, const int16_t *frame, int16_t *ret_pcm,
                          float *ret_x)
{
    float *m = clean->filter;
    for (int i = 0; i < EAR_FRAME; i++) {
        float x = frame[i], y = high_pass[0] * x + m[0];
        m[0] = high_pass[1] * x - high_pass[3] * y + m[1];
        m[1] = high_pass[2] * x - high_pass[4] * y;
        y = y > 32767 ? 32767 : y < -32768 ? -32768 : y;
        ret_pcm[i] = (int16_t)lrintf(y);
        ret_x[i] = y / 32768;
    }
    for (int i = 0; i < 2; i++)
        m[i] = fabsf(m[i]) < MEMORY_LEAST ? 0 : m[i];
}

static float excess_of(const struct ear_noise *noise, const float *power)
{
    float sum = 0;
    for (int b = 0; b < EAR_BANDS; b++) {
        float db = 10 * log10f(fmaxf(power[b], 1e-12f) / noise->power[b]);
        sum += fmaxf(0, fminf(EXCESS_BAND_DB_MAX, db));
    }
    return sum / EAR_BANDS;
}

/* Whether this frame by itself looks like speech. */
static bool is_candidate(const struct ear_clean *clean, float excess_db, float level_db)
{
    float threshold = clean->excess_mean_db + EXCESS_DEVIATIONS * clean->excess_scatter_db;
    threshold = fmaxf(EXCESS_LEAST_DB, fminf(EXCESS_MOST_DB, threshold));
    if (clean->speech)
        threshold *= EXCESS_KEEP;
    /* Over two frames where either alone is doubtful. */
    float smooth = fmaxf(excess_db + clean->excess_db, 0) / 2;
    return level_db > LEVEL_LEAST_DB && fmaxf(smooth, excess_db * EXCESS_KEEP) > threshold;
}

static void learn_excess(struct ear_clean *clean, float excess_db)
{
    float apart = excess_db - clean->excess_mean_db;
    clean->excess_mean_db += EXCESS_WEIGHT * apart;
    clean->excess_scatter_db += EXCESS_WEIGHT * (1.25f * fabsf(apart) - clean->excess_scatter_db);
}

/* Turns candidates into spurts: a few in a row begin one, a hangover earned by credit ends it. */
static void decide(struct ear_clean *clean, bool candidate, bool voiced)
{
    clean->run = candidate ? clean->run + 1 : 0;
    clean->credit += !candidate ? -1 : voiced ? CREDIT_VOICED : CREDIT_UNVOICED;
    clean->credit = clean->credit < 0 ? 0 : clean->credit;
    clean->credit = clean->credit > CREDIT_MOST ? CREDIT_MOST : clean->credit;
    if (clean->run >= (voiced ? ONSET_FRAMES_VOICED : ONSET_FRAMES))
        clean->speech = true;
    if (!clean->speech)
        return;
    if (candidate) {
        int earned = clean->credit >= CREDIT_ENOUGH ? HANGOVER_FRAMES : HANGOVER_FRAMES_CLICK;
        clean->hangover = clean->hangover > earned ? clean->hangover - 1 : earned;
    } else if (clean->hangover-- <= 0) {
        clean->hangover = 0;
        clean->speech = false;
    }
}

struct ear_clean_verdict ear_clean_frame(struct ear_clean *clean,
                                         const int16_t frame[static EAR_FRAME])
{
    int16_t heard[EAR_FRAME];
    float x[EAR_FRAME], power[EAR_BANDS];
    remove_rumble(clean, frame, heard, x);
    ear_spectrum_frame(&clean->spectrum, x, power);
    float level_db = ear_level_db(heard, EAR_FRAME);
    float excess_db = excess_of(&clean->noise, power);
    bool first = clean->noise.frames == 0;
    bool candidate = !first && is_candidate(clean, excess_db, level_db);
    ear_voicing_put(&clean->voicing, x);
    bool voiced = candidate && ear_voicing_likeness(&clean->voicing) > VOICED_LIKENESS;
    decide(clean, candidate, voiced);
    if (!candidate && !clean->speech)
        learn_excess(clean, excess_db);
    ear_noise_frame(&clean->noise, power, candidate, voiced);
    clean->excess_db = excess_db;
    return (struct ear_clean_verdict){
        .speech = clean->speech, .level_db = level_db, .noise_db = ear_noise_db(&clean->noise)};
}
