/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How late speech was heard over a whole call: its median, from bins around the first. */
#ifndef EAR_OFFSETS_H
#define EAR_OFFSETS_H

#include "base/ear.h"

/* 20 s around the first, 5 ms each. */
#define EAR_OFFSETS_BIN_US (5 * EAR_US_PER_MS)
#define EAR_OFFSETS_BINS 4000

/* All zero: none yet. thread: media. */
struct ear_offsets {
    int64_t base_us, count;
    uint32_t bins[EAR_OFFSETS_BINS];
};

void ear_offsets_note(struct ear_offsets *offsets, int64_t offset_us);
/* 0 where there are none. */
int64_t ear_offsets_median_us(const struct ear_offsets *offsets);

#endif
