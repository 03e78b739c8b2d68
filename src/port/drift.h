/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How fast a sound card's clock runs against ours, and how to steer a resampler by it. */
#ifndef EAR_DRIFT_H
#define EAR_DRIFT_H

#include "base/ear.h"

/* A straight line through (frames moved, time) that the card's callbacks draw with jitter: a
 * second-order delay-locked loop whose band narrows from that of a regression over all marks to a
 * time constant of half a minute. One owner; nothing allocates. */
struct ear_drift {
    double claimed_hz;
    int64_t frames;   /* the line's newest point */
    double time_us;   /* and when the card was there */
    double slow;      /* share by which a frame lasts longer than claimed: 100e-6 is -100 ppm */
    double phase_s;   /* time since the line was last put to a new place */
    double rate_s;    /* time over which the rate has been learnt */
    double away_s;    /* for how long the marks have lain far off the line */
    int64_t relocks;  /* how often the line was put to a new place */
    double steer_ppm; /* what the resampler was last told */
    int64_t steered_us;
    bool started, broken;
};

void ear_drift_init(struct ear_drift *drift, double claimed_hz);
/* The card lost sound or stood still for a moment: the line goes on from the next mark. */
void ear_drift_break(struct ear_drift *drift);
/* The card had moved this many frames in all when the clock said time_us. */
void ear_drift_mark(struct ear_drift *drift, int64_t frames, int64_t time_us);
/* When the card was or will be at this frame; valid after the first mark. */
double ear_drift_time_us(const struct ear_drift *drift, double frames);
/* By how much the card runs faster than it claims. */
double ear_drift_ppm(const struct ear_drift *drift);
/* The rate that the card truly has, where it lies about it by more than any crystal would; else 0.
 */
uint32_t ear_drift_true_hz(const struct ear_drift *drift);

/* Moves the steering towards the card's ppm plus what brings late_us back to 0 in about 100 s.
 * late_us: by how much the resampled sound has fallen behind the clock, counted in frames of the
 * card. Returns true when *ret_ppm is new: the ppm by which the card's side of the resampler is
 * fast. Changes by at most 20 ppm a second, which nobody hears. */
bool ear_drift_steer(struct ear_drift *drift, int64_t now_us, double late_us, double *ret_ppm);

#endif
