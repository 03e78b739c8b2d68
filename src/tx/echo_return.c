/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A straight line through (amplitude played, amplitude heard) for each lag. */
#include "tx/echo_return.h"

#include <math.h>
#include <string.h>

/* Frames in which nothing was played for so long say nothing; they are left out. */
#define SILENCE 1e-3f     /* -60 dBFS */
#define LOUDEST_KEEP .97f /* a second's speech falls by 26 dB meanwhile */
/* Half of what is known is older than 7 s of speech played. */
#define FORGET 0.999
/* Speech rises and falls together over about so many frames: they are no witnesses of their own. */
#define WITNESS_FRAMES 8.0
#define WITNESSES_LEAST 20.0
#define MOST_ERRORS 2.0 /* 19 of 20 */
/* More for the lower bound: the best of many lags is chosen, and two who speak fall silent together
 * by chance (2 took double talk for an echo that survives, for 10 s of 44). */
#define LEAST_ERRORS 4.0
#define DB_MIN (-100.0f)

void ear_echo_return_init(struct ear_echo_return *e)
{
    memset(e, 0, sizeof *e);
}

static float amplitude(const int16_t *frame)
{
    float sum = 0;
    for (int i = 0; i < EAR_FRAME; i++)
        sum += (float)frame[i] * (float)frame[i];
    return sqrtf(sum / EAR_FRAME) / 32768;
}

void ear_echo_return_put(struct ear_echo_return *e, const int16_t played[static EAR_FRAME],
                         const int16_t heard[static EAR_FRAME])
{
    float far = amplitude(played), here = amplitude(heard);
    e->at = (e->at + 1) % EAR_ECHO_RETURN_LAGS;
    e->past[e->at] = far;
    e->loudest = fmaxf(far, e->loudest * LOUDEST_KEEP);
    if (e->loudest < SILENCE)
        return;
    e->played_s += EAR_FRAME_MS / 1000.0;
    e->weight = e->weight * FORGET + 1;
    e->here = e->here * FORGET + here;
    e->here2 = e->here2 * FORGET + (double)here * here;
    for (int lag = 0; lag < EAR_ECHO_RETURN_LAGS; lag++) {
        double p = e->past[(e->at + EAR_ECHO_RETURN_LAGS - lag) % EAR_ECHO_RETURN_LAGS];
        e->played[lag] = e->played[lag] * FORGET + p;
        e->played2[lag] = e->played2[lag] * FORGET + p * p;
        e->both[lag] = e->both[lag] * FORGET + p * here;
    }
}

struct line {
    double slope, error;
};

/* Least squares; the error of the slope with as many witnesses as there are. */
static struct line line_of(const struct ear_echo_return *e, int lag)
{
    double n = e->weight, p = e->played[lag] / n, h = e->here / n;
    double pp = e->played2[lag] / n - p * p, hh = e->here2 / n - h * h;
    double ph = e->both[lag] / n - p * h;
    struct line line = {.slope = ph / fmax(pp, 1e-12)};
    double rest = fmax(hh - line.slope * ph, 0);
    line.error = sqrt(rest / fmax(pp, 1e-12) / (n / WITNESS_FRAMES));
    return line;
}

static float db_of(double gain)
{
    return gain > 1e-5 ? (float)fmin(20 * log10(gain), 0) : DB_MIN;
}

struct ear_echo_verdict ear_echo_return_get(const struct ear_echo_return *e)
{
    struct ear_echo_verdict verdict = {.most_db = 0, .least_db = DB_MIN};
    if (e->weight < WITNESSES_LEAST * WITNESS_FRAMES)
        return verdict;
    struct line best = {.slope = -1};
    for (int lag = 0; lag < EAR_ECHO_RETURN_LAGS; lag++) {
        struct line line = line_of(e, lag);
        if (line.slope > best.slope) {
            best = line;
            verdict.lag_ms = lag * EAR_FRAME_MS;
        }
    }
    verdict.most_db = db_of(fmax(best.slope, 0) + MOST_ERRORS * best.error);
    verdict.least_db = db_of(best.slope - LEAST_ERRORS * best.error);
    return verdict;
}
