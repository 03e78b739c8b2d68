/* SPDX-License-Identifier: GPL-3.0-or-later */
/* speexdsp's resampler, steered through the fraction of its rates. */
#include "port/resampler.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include <speex/speex_resampler.h>

/* Measured, 48 kHz to 16 kHz and back, steered by 77 ppm, tones of 1 to 6 kHz: quality 3 leaves 84
 * to 92 dB between tone and error and takes 1.5 and 1.7 ms of CPU for a second of sound; quality 5
 * leaves 91 dB and takes 2.5 and 2.6. The lag is 1.5 ms against 2.5; the band ends at 6.8 kHz (-1
 * dB).
 */
#define RESAMPLER_QUALITY 3
#define RESAMPLER_RATE_MIN 4000
#define RESAMPLER_RATE_MAX 192000
#define RESAMPLER_PPM_MAX 1000.0

/* speexdsp rescales its position by old_denominator * new_denominator in 32 bits, hence < 2^16.
 * That rounds the position by less than 1 / denominator of a sample: from 2^13 on nobody hears it.
 */
#define RESAMPLER_PART_MAX 65535
#define RESAMPLER_PART_MIN 8192

struct ear_resampler {
    SpeexResamplerState *speex;
    uint32_t from_hz, to_hz;
};

/* The fraction nearest to ratio with a large denominator: the continued fraction's convergents
 * until they are large enough, and where the next would be too large, the last intermediate one
 * that is not. Off by 16 ppm beside a whole ratio such as 3 : 1, elsewhere by less than 0.1 ppm. */
static void nearest_fraction(double ratio, uint32_t *ret_top, uint32_t *ret_bottom)
{
    bool flip = ratio < 1;
    double x = flip ? 1 / ratio : ratio;
    double large_before = 1, small_before = 0, large = floor(x), small = 1;
    while (large < RESAMPLER_PART_MIN) {
        double rest = x - floor(x);
        double most = floor((RESAMPLER_PART_MAX - large_before) / large);
        x = rest * RESAMPLER_PART_MAX > 1 ? 1 / rest : RESAMPLER_PART_MAX;
        double times = fmin(floor(x), most);
        double larger = times * large + large_before, smaller = times * small + small_before;
        large_before = large, small_before = small;
        large = larger, small = smaller;
        if (times == most)
            break;
    }
    *ret_top = (uint32_t)(flip ? small : large);
    *ret_bottom = (uint32_t)(flip ? large : small);
}

static int set_ratio(struct ear_resampler *r, double ppm)
{
    uint32_t top, bottom;
    nearest_fraction((double)r->from_hz / r->to_hz * (1 + ppm * 1e-6), &top, &bottom);
    int rc = speex_resampler_set_rate_frac(r->speex, top, bottom, r->from_hz, r->to_hz);
    return rc == RESAMPLER_ERR_SUCCESS ? 0 : -ENOMEM;
}

/* Lets speexdsp meet its largest tables now, so that steering finds them allocated. */
static int warm_up(struct ear_resampler *r)
{
    if (set_ratio(r, RESAMPLER_PPM_MAX) || set_ratio(r, -RESAMPLER_PPM_MAX))
        return -ENOMEM;
    int rc = speex_resampler_set_rate_frac(r->speex, r->from_hz, r->to_hz, r->from_hz, r->to_hz);
    return rc == RESAMPLER_ERR_SUCCESS ? 0 : -ENOMEM;
}

int ear_resampler_new(struct ear_resampler **ret, uint32_t from_hz, uint32_t to_hz)
{
    if (from_hz < RESAMPLER_RATE_MIN || from_hz > RESAMPLER_RATE_MAX ||
        to_hz < RESAMPLER_RATE_MIN || to_hz > RESAMPLER_RATE_MAX)
        return -EINVAL;
    struct ear_resampler *r = calloc(1, sizeof *r);
    if (!r)
        return -ENOMEM;
    r->from_hz = from_hz;
    r->to_hz = to_hz;
    int rc;
    r->speex = speex_resampler_init(1, from_hz, to_hz, RESAMPLER_QUALITY, &rc);
    rc = r->speex ? warm_up(r) : -ENOMEM;
    if (rc) {
        ear_resampler_free(r);
        return rc;
    }
    *ret = r;
    return 0;
}

void ear_resampler_free(struct ear_resampler *r)
{
    if (!r)
        return;
    if (r->speex)
        speex_resampler_destroy(r->speex);
    free(r);
}

uint32_t ear_resampler_from_hz(const struct ear_resampler *r)
{
    return r->from_hz;
}

uint32_t ear_resampler_to_hz(const struct ear_resampler *r)
{
    return r->to_hz;
}

void ear_resampler_skip_latency(struct ear_resampler *r)
{
    speex_resampler_skip_zeros(r->speex);
}

void ear_resampler_steer(struct ear_resampler *r, double ppm)
{
    ppm = fmax(-RESAMPLER_PPM_MAX, fmin(RESAMPLER_PPM_MAX, ppm));
    /* Cannot fail: the tables are there and both parts of the fraction fit 16 bits. */
    (void)set_ratio(r, ppm);
}

double ear_resampler_ppm(const struct ear_resampler *r)
{
    spx_uint32_t top, bottom;
    speex_resampler_get_ratio(r->speex, &top, &bottom);
    return ((double)top / bottom * r->to_hz / r->from_hz - 1) * 1e6;
}

void ear_resampler_run(struct ear_resampler *r, const int16_t *in, size_t *in_count, int16_t *out,
                       size_t *out_count)
{
    spx_uint32_t used = (spx_uint32_t)*in_count, made = (spx_uint32_t)*out_count;
    speex_resampler_process_int(r->speex, 0, in, &used, out, &made);
    *in_count = used;
    *out_count = made;
}

int ear_resampler_latency(const struct ear_resampler *r)
{
    return speex_resampler_get_input_latency(r->speex);
}
