/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Changes of sampling rate (speexdsp), steerable by parts per million while running. */
#ifndef EAR_RESAMPLER_H
#define EAR_RESAMPLER_H

#include "base/ear.h"

struct ear_resampler; /* one owner; after new nothing allocates */

/* Mono, 16 bit. Returns 0, -EINVAL, -ENOMEM. */
EAR_CHECK int ear_resampler_new(struct ear_resampler **ret, uint32_t from_hz, uint32_t to_hz);
void ear_resampler_free(struct ear_resampler *resampler);
/* The rates it was made for. */
uint32_t ear_resampler_from_hz(const struct ear_resampler *resampler);
uint32_t ear_resampler_to_hz(const struct ear_resampler *resampler);
/* Makes the input appear faster (positive) or slower by ppm, +-1000: more of it is used for the
 * same output. Takes about 15 us, so a few times a second is often enough. */
void ear_resampler_steer(struct ear_resampler *resampler, double ppm);
/* The ppm in force: within 0.1 of what was asked, within 16 beside a whole ratio. */
double ear_resampler_ppm(const struct ear_resampler *resampler);
/* Before the first run: leaves out the lag, so that output sample 0 is input sample 0. */
void ear_resampler_skip_latency(struct ear_resampler *resampler);
/* Converts; both counts come back as what was used and what was made. */
void ear_resampler_run(struct ear_resampler *resampler, const int16_t *in, size_t *in_count,
                       int16_t *out, size_t *out_count);
/* Samples of the input by which the output lags. */
int ear_resampler_latency(const struct ear_resampler *resampler);

#endif
