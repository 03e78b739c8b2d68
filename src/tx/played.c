/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two straight lines through times that wander a little: one of writing, one of reading. */
#include "tx/played.h"

#include <math.h>
#include <string.h>

/* A time further off the line than this is a gap; less is what cards' clocks wander. */
#define GAP_US 5000.0
/* The line of writing follows the times within about a second. */
#define FOLLOW 0.01
/* Reading is put right by half of what it lags in 5 s, but never faster than 500 ppm: cancellers
 * adapt to that. Below a quarter of a millisecond nothing is done: the times wander as much. */
#define PACE (1.0 / 1000)
#define PACE_MOST 0.08 /* samples a frame */
#define LAG_LEAST 4.0  /* samples */
#define LAG_MOST (GAP_US * EAR_SAMPLES_PER_MS / 1000)

#define HALF (EAR_PLAYED_TAPS / 2)
#define PI 3.14159265358979323846

void ear_played_init(struct ear_played *p)
{
    memset(p, 0, sizeof *p);
    for (int phase = 0; phase <= EAR_PLAYED_PHASES; phase++) {
        float sum = 0;
        for (int tap = 0; tap < EAR_PLAYED_TAPS; tap++) {
            double x = tap - (HALF - 1) - (double)phase / EAR_PLAYED_PHASES;
            double sinc = fabs(x) < 1e-9 ? 1 : sin(PI * x) / (PI * x);
            double window = .5 + .5 * cos(PI * x / (HALF + .5)); /* Hann */
            sum += p->taps[phase][tap] = (float)(sinc * window);
        }
        for (int tap = 0; tap < EAR_PLAYED_TAPS; tap++)
            p->taps[phase][tap] /= sum;
    }
}

static void put(struct ear_played *p, const int16_t *pcm, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        p->ring[(p->written + i) % EAR_PLAYED_SAMPLES] = pcm ? pcm[i] : 0;
    p->written += count;
}

void ear_played_put(struct ear_played *p, const int16_t frame[static EAR_FRAME], int64_t heard_us)
{
    double off_us = (double)heard_us - p->line_us;
    if (!p->lies || fabs(off_us) > GAP_US) {
        double gap = fmin(fmax(off_us, 0) * EAR_RATE_HZ / EAR_US_PER_S, EAR_PLAYED_SAMPLES);
        put(p, NULL, p->lies ? (int64_t)gap : 0);
        p->jumps += p->lies;
        p->lies = true;
        p->line_us = (double)heard_us;
        off_us = 0;
    }
    put(p, frame, EAR_FRAME);
    p->line_us += EAR_FRAME_US + FOLLOW * off_us;
}

static float sample_at(const struct ear_played *p, double at)
{
    double whole = floor(at);
    const float *taps = p->taps[(int)lrint((at - whole) * EAR_PLAYED_PHASES)];
    int64_t first = (int64_t)whole - (HALF - 1);
    float sum = 0;
    for (int tap = 0; tap < EAR_PLAYED_TAPS; tap++)
        sum += taps[tap] * p->ring[(uint64_t)(first + tap) % EAR_PLAYED_SAMPLES];
    return sum;
}

/* How fast to read so as to lie where the times say. */
static double pace(struct ear_played *p, double wanted)
{
    double behind = wanted - p->at;
    if (!p->reads || fabs(behind) > LAG_MOST) {
        p->jumps += p->reads;
        p->reads = true;
        p->at = round(wanted);
        p->behind = 0;
        return 1;
    }
    p->behind += FOLLOW * (behind - p->behind);
    double lag = fabs(p->behind) > LAG_LEAST ? p->behind : 0;
    return 1 + fmax(-PACE_MOST, fmin(PACE_MOST, lag * PACE)) / EAR_FRAME;
}

bool ear_played_take(struct ear_played *p, int64_t begin_us, int16_t frame[static EAR_FRAME])
{
    memset(frame, 0, EAR_FRAME * sizeof *frame);
    if (!p->lies)
        return false;
    double samples_per_us = (double)EAR_RATE_HZ / EAR_US_PER_S;
    double step = pace(p, (double)p->written - (p->line_us - (double)begin_us) * samples_per_us);
    double oldest = (double)(p->written - EAR_PLAYED_SAMPLES) + HALF;
    bool there =
        p->at >= fmax(oldest, HALF) && p->at + EAR_FRAME * step + HALF < (double)p->written;
    for (int i = 0; there && i < EAR_FRAME; i++)
        frame[i] = (int16_t)lrintf(fmaxf(-32768, fminf(32767, sample_at(p, p->at + i * step))));
    p->at += EAR_FRAME * step;
    p->missing += !there;
    return there;
}
