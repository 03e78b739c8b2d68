/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gain towards its target, then a limiter that knows each frame as a whole. */
#include "port/limiter.h"

#include <math.h>

/* Of the way to the wanted gain in a sample: 99 % of it in 50 ms. */
#define GLIDE (1.0f / (11.0f * EAR_SAMPLES_PER_MS))
/* Nearer than this to the wanted gain is there: 0.01 dB. */
#define THERE 0.001f
/* Of what was held down, given back in a frame: half of it in 70 ms, so that a vowel keeps its
 * shape. */
#define RELEASE 0.1f

void ear_limiter_init(struct ear_limiter *limiter)
{
    *limiter = (struct ear_limiter){.gain = 1, .held = 1};
}

static void amplify(struct ear_limiter *l, float gain_db, const int16_t *extra,
                    const int16_t *frame, float *out)
{
    float target = powf(10, gain_db / 20);
    for (size_t i = 0; i < EAR_FRAME; i++) {
        l->gain += (target - l->gain) * GLIDE;
        if (fabsf(target - l->gain) < THERE * target)
            l->gain = target;
        out[i] = (float)frame[i] * l->gain + (extra ? extra[i] : 0.0f);
    }
}

/* The first sample that would be too large as things are, EAR_FRAME for none; and the peak. */
static size_t find_peak(const float *x, float held, float *ret_peak)
{
    size_t first = EAR_FRAME;
    *ret_peak = 1;
    for (size_t i = 0; i < EAR_FRAME; i++) {
        float size = fabsf(x[i]);
        if (size > *ret_peak)
            *ret_peak = size;
        if (first == EAR_FRAME && size * held > EAR_LIMITER_CEILING)
            first = i;
    }
    return first;
}

void ear_limiter_run(struct ear_limiter *limiter, float gain_db, const int16_t *extra,
                     int16_t frame[static EAR_FRAME])
{
    float x[EAR_FRAME], peak;
    amplify(limiter, gain_db, extra, frame, x);
    size_t first = find_peak(x, limiter->held, &peak);
    float allowed = fminf(1, EAR_LIMITER_CEILING / peak), from = limiter->held;
    /* Down by the time of the first large sample; up slowly, over the whole frame. */
    size_t slope = first < EAR_FRAME ? first : EAR_FRAME;
    float to = first < EAR_FRAME ? allowed : fminf(allowed, from + (1 - from) * RELEASE);
    if (to > 1 - THERE)
        to = fminf(allowed, 1);
    for (size_t i = 0; i < EAR_FRAME; i++) {
        float held = i < slope ? from + (to - from) * (float)(i + 1) / (float)slope : to;
        frame[i] = (int16_t)lrintf(x[i] * held);
    }
    limiter->held = to;
}
