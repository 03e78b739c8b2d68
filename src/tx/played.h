/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the loudspeaker plays, to be found again by the time at which it was heard. */
#ifndef EAR_PLAYED_H
#define EAR_PLAYED_H

#include "base/ear.h"

#define EAR_PLAYED_SAMPLES 16384 /* a second: more than cards hold */
#define EAR_PLAYED_TAPS 16
#define EAR_PLAYED_PHASES 128

/* Both directions of sound cards bring frames of our clock (port/drift), so that reading
 * follows the times smoothly, by parts of a sample: a canceller takes a sample more or less for
 * another room. One thread at a time; no pointers within. */
struct ear_played {
    int16_t ring[EAR_PLAYED_SAMPLES];
    int64_t written;  /* samples so far */
    double line_us;   /* when the next one will be heard */
    double at;        /* next sample to be read */
    double behind;    /* by how many samples that lags the times, smoothed */
    int64_t jumps;    /* how often one of the two lines broke */
    int64_t missing;  /* frames asked for that were not there */
    bool lies, reads; /* each line has begun */
    float taps[EAR_PLAYED_PHASES + 1][EAR_PLAYED_TAPS];
};

void ear_played_init(struct ear_played *played);
/* A frame whose first sample will be heard at heard_us. */
void ear_played_put(struct ear_played *played, const int16_t frame[static EAR_FRAME],
                    int64_t heard_us);
/* What is heard from begin_us on for 10 ms; silence where nothing was or is yet put: false. */
bool ear_played_take(struct ear_played *played, int64_t begin_us, int16_t frame[static EAR_FRAME]);

#endif
