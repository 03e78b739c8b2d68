/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much of the sound repeats at the pitch of a voice. */
#ifndef EAR_VOICING_H
#define EAR_VOICING_H

#include "base/ear.h"

#define EAR_VOICING_STEP (EAR_FRAME / 4) /* samples of 10 ms at 4 kHz */
#define EAR_VOICING_WINDOW (4 * EAR_VOICING_STEP)

/* thread: media. */
struct ear_voicing {
    float low[2], high[2]; /* filter memories: below 1500 Hz, above 250 Hz */
    float past[EAR_VOICING_WINDOW];
};

/* Takes 10 ms (+-1). */
void ear_voicing_put(struct ear_voicing *voicing, const float frame[static EAR_FRAME]);
/* The largest normalized autocorrelation (-1 to 1) of the last 40 ms between 250 and 1500 Hz, at
 * lags of 70 to 400 Hz; 0 where there is no sound. Hum of the mains lies below that band. */
float ear_voicing_likeness(const struct ear_voicing *voicing);

#endif
