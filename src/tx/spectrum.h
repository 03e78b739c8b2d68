/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Power of the last 20 ms in bands of hearing, for the voice detector. */
#ifndef EAR_SPECTRUM_H
#define EAR_SPECTRUM_H

#include "base/ear.h"

#define EAR_BANDS 18

#define EAR_SPECTRUM_WINDOW (2 * EAR_FRAME)
#define EAR_SPECTRUM_FFT 512

/* thread: media. No pointers within: may be copied. */
struct ear_spectrum {
    float past[EAR_SPECTRUM_WINDOW]; /* the newest 20 ms, +-1 */
    float window[EAR_SPECTRUM_WINDOW];
    float cosine[EAR_SPECTRUM_FFT]; /* one turn */
    float scale;                    /* makes the bands add up to mean square */
};

void ear_spectrum_init(struct ear_spectrum *spectrum);
/* Takes 10 ms (+-1) and gives the mean square of the last 20 ms in each band; all bands, 100 to
 * 7700 Hz, add up to the power of the sound there. */
void ear_spectrum_frame(struct ear_spectrum *spectrum, const float frame[static EAR_FRAME],
                        float ret_power[static EAR_BANDS]);

#endif
