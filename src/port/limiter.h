/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Makes sound louder or softer without a click and without clipping. */
#ifndef EAR_LIMITER_H
#define EAR_LIMITER_H

#include "base/ear.h"

/* -0.8 dBFS: converters overshoot between samples. */
#define EAR_LIMITER_CEILING 30000.0f

/* thread: its owner. */
struct ear_limiter {
    float gain; /* as reached so far, linear */
    float held; /* how much the peaks are held down now, 1: not at all */
};

void ear_limiter_init(struct ear_limiter *limiter);
/* Applies gain_db, reached in 50 ms, to frame, then adds extra (NULL: nothing) as it is. No sample
 * exceeds the ceiling; what stays below it at 0 dB is not changed. */
void ear_limiter_run(struct ear_limiter *limiter, float gain_db, const int16_t *extra,
                     int16_t frame[static EAR_FRAME]);

#endif
