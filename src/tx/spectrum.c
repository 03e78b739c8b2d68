/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A real FFT of 512 points through a complex one of 256, summed into Bark-like bands. */
#include "tx/spectrum.h"

#include <math.h>
#include <string.h>

#define HALF (EAR_SPECTRUM_FFT / 2)
#define HALF_BITS 8
#define TURN 6.28318530717958647692

/* First bin of each band and the end of the last; one bin is 31.25 Hz: 100 Hz wide at the bottom
 * (a window of 20 ms tells no finer), a critical band above. */
static const int band_edges[EAR_BANDS + 1] = {3,  6,  9,  12, 16, 20,  25,  30,  35, 41,
                                              47, 55, 64, 74, 86, 101, 125, 164, 246};

struct complex_number {
    float re, im;
};

void ear_spectrum_init(struct ear_spectrum *spectrum)
{
    double sum = 0;
    memset(spectrum, 0, sizeof *spectrum);
    for (int i = 0; i < EAR_SPECTRUM_WINDOW; i++) {
        double w = 0.5 - 0.5 * cos(TURN * (i + 0.5) / EAR_SPECTRUM_WINDOW);
        spectrum->window[i] = (float)w;
        sum += w * w;
    }
    for (int i = 0; i < EAR_SPECTRUM_FFT; i++)
        spectrum->cosine[i] = (float)cos(TURN * i / EAR_SPECTRUM_FFT);
    /* Parseval: both halves of the spectrum, the window's own power taken out. */
    spectrum->scale = (float)(2 / (EAR_SPECTRUM_FFT * sum));
}

/* exp(-i turn k / 512) */
static struct complex_number twiddle(const struct ear_spectrum *s, int k)
{
    return (struct complex_number){s->cosine[k],
                                   s->cosine[(k + EAR_SPECTRUM_FFT / 4) & (EAR_SPECTRUM_FFT - 1)]};
}

static int reversed(int i)
{
    int out = 0;
    for (int bit = 0; bit < HALF_BITS; bit++, i >>= 1)
        out = out << 1 | (i & 1);
    return out;
}

/* Radix 2, decimation in time, in place. */
static void transform(const struct ear_spectrum *s, struct complex_number z[static HALF])
{
    for (int size = 2; size <= HALF; size *= 2) {
        int half = size / 2, stride = EAR_SPECTRUM_FFT / size;
        for (int k = 0; k < half; k++) {
            struct complex_number w = twiddle(s, k * stride);
            for (int at = k; at < HALF; at += size) {
                struct complex_number *a = &z[at], *b = &z[at + half];
                float re = b->re * w.re - b->im * w.im, im = b->re * w.im + b->im * w.re;
                *b = (struct complex_number){a->re - re, a->im - im};
                *a = (struct complex_number){a->re + re, a->im + im};
            }
        }
    }
}

/* Power of bin k of the real signal that z holds as even + i * odd samples. */
static float bin_power(const struct ear_spectrum *s, const struct complex_number *z, int k)
{
    struct complex_number a = z[k], b = z[HALF - k], w = twiddle(s, k);
    float even_re = 0.5f * (a.re + b.re), even_im = 0.5f * (a.im - b.im);
    float odd_re = 0.5f * (a.im + b.im), odd_im = 0.5f * (b.re - a.re);
    float re = even_re + odd_re * w.re - odd_im * w.im;
    float im = even_im + odd_re * w.im + odd_im * w.re;
    return re * re + im * im;
}

void ear_spectrum_frame(struct ear_spectrum *spectrum, const float frame[static EAR_FRAME],
                        float ret_power[static EAR_BANDS])
{
    struct complex_number z[HALF] = {0};
    memmove(spectrum->past, spectrum->past + EAR_FRAME, EAR_FRAME * sizeof *frame);
    memcpy(spectrum->past + EAR_FRAME, frame, EAR_FRAME * sizeof *frame);
    for (int i = 0; i < EAR_SPECTRUM_WINDOW / 2; i++) {
        struct complex_number pair = {spectrum->past[2 * i] * spectrum->window[2 * i],
                                      spectrum->past[2 * i + 1] * spectrum->window[2 * i + 1]};
        z[reversed(i)] = pair;
    }
    transform(spectrum, z);
    for (int band = 0; band < EAR_BANDS; band++) {
        float sum = 0;
        for (int k = band_edges[band]; k < band_edges[band + 1]; k++)
            sum += bin_power(spectrum, z, k);
        ret_power[band] = sum * spectrum->scale;
    }
}
