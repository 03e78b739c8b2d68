/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counts in bins. */
#include "rx/offsets.h"

void ear_offsets_note(struct ear_offsets *offsets, int64_t offset_us)
{
    if (offsets->count == 0)
        offsets->base_us = offset_us - EAR_OFFSETS_BINS / 2 * EAR_OFFSETS_BIN_US;
    int64_t bin = (offset_us - offsets->base_us) / EAR_OFFSETS_BIN_US;
    offsets->bins[ear_max64(0, ear_min64(bin, EAR_OFFSETS_BINS - 1))]++;
    offsets->count++;
}

int64_t ear_offsets_median_us(const struct ear_offsets *offsets)
{
    int64_t below = 0;
    for (int i = 0; i < EAR_OFFSETS_BINS; i++) {
        below += offsets->bins[i];
        if (2 * below >= offsets->count && offsets->count)
            return offsets->base_us + i * EAR_OFFSETS_BIN_US + EAR_OFFSETS_BIN_US / 2;
    }
    return 0;
}
