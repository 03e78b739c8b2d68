/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sound cards without cards. */
#include "fake/person.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* Vowels: pitch and two formants each, so that no detector takes the voice for a hum. */
#define VOWELS 8
#define PERIOD_MAX 160
#define SYLLABLE_FRAMES 22
/* Every eighth syllable is a pause for breath. */
#define PAUSE_EVERY 8
#define RMS 1600.0
/* Noise of about -66 dBFS. */
#define NOISE 24

static const double two_pi = 6.283185307179586;

struct vowel {
    size_t period; /* samples */
    int16_t wave[PERIOD_MAX];
};

/* One period: harmonics, strong where the formants are. */
static void make_vowel(struct vowel *vowel, int number)
{
    double wave[PERIOD_MAX], sum = 0;
    vowel->period = PERIOD_MAX - 7 * (size_t)number;
    double f0 = (double)EAR_RATE_HZ / (double)vowel->period;
    double f1 = 300 + 70 * number, f2 = 2200 - 170 * (number * 3 % VOWELS);
    for (size_t i = 0; i < vowel->period; i++) {
        wave[i] = 0;
        for (int h = 1; h * f0 < 3500; h++) {
            double a = (h * f0 - f1) / 120, b = (h * f0 - f2) / 200;
            wave[i] += (1 / (1 + a * a) + 0.4 / (1 + b * b)) *
                       cos(two_pi * h * (double)i / (double)vowel->period);
        }
        sum += wave[i] * wave[i];
    }
    double scale = RMS / sqrt(sum / (double)vowel->period);
    for (size_t i = 0; i < vowel->period; i++)
        vowel->wave[i] = (int16_t)(wave[i] * scale);
}

static const struct vowel *vowels(void)
{
    static struct vowel made[VOWELS];
    for (int i = 0; made[VOWELS - 1].period == 0 && i < VOWELS; i++)
        make_vowel(&made[i], i);
    return made;
}

static int16_t noise(struct ear_person *p)
{
    p->chance = p->chance * 1664525u + 1013904223u;
    return (int16_t)((int)(p->chance >> 16) % (2 * NOISE + 1) - NOISE);
}

static void fill(struct ear_person *p, int16_t *frame)
{
    uint32_t syllable = (uint32_t)(p->mic_frames / SYLLABLE_FRAMES);
    double along = (double)(p->mic_frames % SYLLABLE_FRAMES) / SYLLABLE_FRAMES;
    bool sounds = p->speaks && syllable % PAUSE_EVERY != PAUSE_EVERY - 1;
    double shape = sounds ? sqrt(sin(two_pi / 2 * (along + 0.5 / SYLLABLE_FRAMES))) : 0;
    const struct vowel *vowel = &vowels()[syllable * 2654435761u >> 29];
    for (size_t i = 0; i < EAR_FRAME; i++) {
        size_t at = ((size_t)p->mic_frames * EAR_FRAME + i) % vowel->period;
        frame[i] = (int16_t)(shape * vowel->wave[at] + noise(p));
    }
}

static int64_t frame_end_us(const struct ear_person *p)
{
    return p->mic_start_us + (int64_t)((double)(p->mic_frames + 1) * p->frame_us);
}

static int person_read(void *ctx, int64_t now_us, int16_t frame[static EAR_FRAME],
                       int64_t *ret_end_us)
{
    struct ear_person *p = ctx;
    if (p->mic_gone || p->mic_stalls) {
        p->mic_start_us = INT64_MIN; /* another card may come */
        return p->mic_gone ? -ENODEV : 0;
    }
    if (p->mic_start_us == INT64_MIN) {
        p->mic_start_us = now_us;
        p->mic_frames = 0;
    }
    if (now_us < frame_end_us(p))
        return 0;
    *ret_end_us = frame_end_us(p);
    if (p->dead)
        memset(frame, 0, EAR_FRAME * sizeof *frame);
    else
        fill(p, frame);
    p->mic_frames++;
    p->spoken_frames += p->speaks && !p->dead;
    return 1;
}

static int64_t person_mic_due(void *ctx, int64_t now_us)
{
    const struct ear_person *p = ctx;
    if (p->mic_gone || p->mic_stalls)
        return now_us + EAR_FRAME_US;
    return p->mic_start_us == INT64_MIN ? now_us : frame_end_us(p) + 1;
}

static int64_t next_heard_us(const struct ear_person *p)
{
    return p->speaker_start_us + (int64_t)((double)p->speaker_frames * p->frame_us);
}

static int person_wants(void *ctx, int64_t now_us, int64_t *ret_heard_us)
{
    struct ear_person *p = ctx;
    if (p->speaker_gone) {
        p->speaker_start_us = INT64_MIN;
        return -ENODEV;
    }
    if (p->speaker_start_us == INT64_MIN) {
        p->speaker_start_us = now_us;
        p->speaker_frames = 0;
    }
    if (now_us < next_heard_us(p))
        return 0;
    *ret_heard_us = next_heard_us(p);
    return 1;
}

static void person_write(void *ctx, const int16_t frame[static EAR_FRAME])
{
    struct ear_person *p = ctx;
    (void)frame;
    p->speaker_frames++;
    p->heard_frames++;
}

static int64_t person_speaker_due(void *ctx, int64_t now_us)
{
    const struct ear_person *p = ctx;
    if (p->speaker_gone)
        return now_us + EAR_FRAME_US;
    return p->speaker_start_us == INT64_MIN ? now_us : next_heard_us(p) + 1;
}

void ear_person_init(struct ear_person *p, int64_t ppm)
{
    *p = (struct ear_person){
        .mic = {.read = person_read, .due_us = person_mic_due, .ctx = p},
        .speaker = {.wants = person_wants,
                    .write = person_write,
                    .due_us = person_speaker_due,
                    .ctx = p},
        .frame_us = EAR_FRAME_US / (1 + (double)ppm * 1e-6),
        .mic_start_us = INT64_MIN,
        .speaker_start_us = INT64_MIN,
        .chance = 1,
    };
}
