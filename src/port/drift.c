/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The loop is that of F. Adriaensen, "Using a DLL to filter time" (2005), with gains that fall as
 * those of a growing regression do. */
#include "port/drift.h"

#include <math.h>

/* Band of the settled loop in radians a second. Measured by test_drift with 5 ms of callback
 * jitter: the ppm is within 11 after a minute, the line within 1 ms. */
#define BAND_RAD 0.03
/* A regression over t seconds answers like a loop of this band times t. */
#define BAND_GROWING 2.5
/* Marks that are farther off than this for that long mean that the card stood still or jumped. */
#define AWAY_US 40000
#define AWAY_S 0.3
/* One late callback moves the settled line by no more than this much would. */
#define JITTER_US 10000
#define JITTER_TRUSTED_S 3.0

/* Crystals are within 200 ppm. More is a wrong rate, told apart from jitter by time. */
#define LIE_FINE 1000e-6
#define LIE_FINE_S 20.0
#define LIE_GROSS 15000e-6
#define LIE_GROSS_S 4.0
#define SNAP 3000e-6
/* No two rates in use lie nearer than 48 and 44.1 kHz; more is noise of the first marks. */
#define SLOW_MAX 0.15

#define STEER_EVERY_US 250000
#define STEER_AFTER_S 5.0
#define STEER_PPM_PER_S 20.0
#define STEER_PPM_PER_MS 10.0
#define STEER_LATE_PPM 100.0
/* No crystal is as far off; beyond it the card has hiccups, or lies and will be found out. */
#define STEER_PPM_MAX 400.0
/* Trusted that far only after this time: a server that fills its buffers looked 580 ppm fast. */
#define STEER_TRUST_S 60.0

void ear_drift_init(struct ear_drift *d, double claimed_hz)
{
    *d = (struct ear_drift){.claimed_hz = claimed_hz};
}

static double frame_us(const struct ear_drift *d)
{
    return EAR_US_PER_S / d->claimed_hz * (1 + d->slow);
}

/* Puts the line through this mark. A rate not yet learnt well is forgotten: the card has only now
 * begun to run evenly. */
static void relock(struct ear_drift *d, int64_t frames, int64_t time_us)
{
    if (d->rate_s < LIE_FINE_S) {
        d->slow = 0;
        d->rate_s = 0;
    }
    d->frames = frames;
    d->time_us = (double)time_us;
    d->phase_s = 0;
    d->away_s = 0;
    d->broken = false;
    d->relocks += d->started;
    d->started = true;
}

void ear_drift_break(struct ear_drift *d)
{
    d->broken = true;
}

void ear_drift_mark(struct ear_drift *d, int64_t frames, int64_t time_us)
{
    if (!d->started || d->broken) {
        relock(d, frames, time_us);
        return;
    }
    double step_s = (double)(frames - d->frames) / d->claimed_hz;
    if (step_s <= 0)
        return;
    double expected_us = ear_drift_time_us(d, (double)frames);
    double off_us = (double)time_us - expected_us;
    d->away_s = fabs(off_us) > AWAY_US ? d->away_s + step_s : 0;
    /* A pause shows at once: no jitter is as long as that. */
    if (d->away_s > AWAY_S || off_us > AWAY_S * EAR_US_PER_S) {
        relock(d, frames, time_us);
        return;
    }
    d->phase_s += step_s;
    d->rate_s += step_s;
    if (d->phase_s > JITTER_TRUSTED_S)
        off_us = fmax(-JITTER_US, fmin(JITTER_US, off_us));
    double phase_rad = fmax(BAND_RAD, BAND_GROWING / d->phase_s);
    double rate_rad = fmax(BAND_RAD, BAND_GROWING / d->rate_s);
    d->frames = frames;
    d->time_us = expected_us + fmin(1, M_SQRT2 * phase_rad * step_s) * off_us;
    double gain = fmin(1, rate_rad * rate_rad * step_s * step_s);
    double slow = d->slow + gain * off_us / EAR_US_PER_S / step_s;
    d->slow = fmax(-SLOW_MAX, fmin(SLOW_MAX, slow));
}

double ear_drift_time_us(const struct ear_drift *d, double frames)
{
    return d->time_us + (frames - (double)d->frames) * frame_us(d);
}

double ear_drift_ppm(const struct ear_drift *d)
{
    return (1 / (1 + d->slow) - 1) * 1e6;
}

uint32_t ear_drift_true_hz(const struct ear_drift *d)
{
    static const uint32_t usual[] = {8000,  11025, 16000, 22050, 24000,  32000,
                                     44100, 48000, 88200, 96000, 176400, 192000};
    bool fine = d->rate_s > LIE_FINE_S && fabs(d->slow) > LIE_FINE;
    bool gross = d->rate_s > LIE_GROSS_S && fabs(d->slow) > LIE_GROSS;
    if (!fine && !gross)
        return 0;
    double hz = d->claimed_hz / (1 + d->slow);
    for (size_t i = 0; i < EAR_COUNT(usual); i++)
        if (fabs(hz / usual[i] - 1) < SNAP && fabs(d->claimed_hz - usual[i]) > 1)
            return usual[i];
    return (uint32_t)lround(hz);
}

bool ear_drift_steer(struct ear_drift *d, int64_t now_us, double late_us, double *ret_ppm)
{
    int64_t since_us = now_us - d->steered_us;
    if (d->rate_s < STEER_AFTER_S || since_us < STEER_EVERY_US)
        return false;
    double late_ppm = late_us / EAR_US_PER_MS * STEER_PPM_PER_MS;
    double wanted = ear_drift_ppm(d) - fmax(-STEER_LATE_PPM, fmin(STEER_LATE_PPM, late_ppm));
    double most = STEER_PPM_MAX * fmin(1, d->rate_s / STEER_TRUST_S);
    wanted = fmax(-most, fmin(most, wanted));
    double step = STEER_PPM_PER_S * fmin(1, (double)since_us / EAR_US_PER_S);
    double before = d->steer_ppm;
    d->steer_ppm = fmax(before - step, fmin(before + step, wanted));
    d->steered_us = now_us;
    *ret_ppm = d->steer_ppm;
    return d->steer_ppm != before;
}
