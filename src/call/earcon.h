/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Short soft sounds that say what goes on: made by resources/earcons, 16 kHz. */
#ifndef EAR_EARCON_H
#define EAR_EARCON_H

#include "base/ear.h"

enum ear_earcon {
    EAR_EARCON_RINGING_OUT, /* it rings there */
    EAR_EARCON_INCOMING,    /* somebody calls: the loud one */
    EAR_EARCON_CONNECTED,
    EAR_EARCON_LOST,      /* the line is gone: low, falling */
    EAR_EARCON_BACK,      /* the same, rising */
    EAR_EARCON_MY_TURN,   /* where one speaks at a time: rising */
    EAR_EARCON_YOUR_TURN, /* falling */
    EAR_EARCON_ENDED,
    EAR_EARCON_MESSAGE,
    EAR_EARCONS
};

/* 1.2 s. */
#define EAR_EARCON_SAMPLES_MAX (1200 * EAR_SAMPLES_PER_MS)

/* Fills out, at most cap samples of it, and returns how many. Peaks: INCOMING -9 dBFS, all others
 * -18; begins and ends at zero. Pure. */
size_t ear_earcon_make(enum ear_earcon kind, int16_t *out, size_t cap);
/* From one beginning to the next while the state lasts; 0: said once. Pure. */
int64_t ear_earcon_period_us(enum ear_earcon kind);

#endif
