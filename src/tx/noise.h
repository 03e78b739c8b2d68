/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the room sounds like when nobody speaks, band by band. */
#ifndef EAR_NOISE_H
#define EAR_NOISE_H

#include "tx/spectrum.h"

#define EAR_NOISE_SLOTS 8

/* thread: media. */
struct ear_noise {
    float power[EAR_BANDS];                  /* the estimate, mean square */
    float smooth[EAR_BANDS];                 /* power of about the last 100 ms */
    float slots[EAR_NOISE_SLOTS][EAR_BANDS]; /* least smooth power in each 300 ms */
    int slot;
    float slot_age; /* frames that the newest slot has lived */
    int frames;     /* since init, no further than the warm-up */
};

void ear_noise_init(struct ear_noise *noise);
/* Learns one frame. talk: somebody speaks, only the minimum may tell of the room; voiced: it
 * sounds like a held vowel, of which even the minimum tells little. */
void ear_noise_frame(struct ear_noise *noise, const float power[static EAR_BANDS], bool talk,
                     bool voiced);
/* All bands together, dBFS. */
float ear_noise_db(const struct ear_noise *noise);

#endif
