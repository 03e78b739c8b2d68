/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A real FFT of 512 points through a complex one of 256, summed into Bark-like bands. */
#include "tx/spectrum.h"

#include <math.h>
#include <string.h>

#define HALF (EAR_SPECTRUM_FFT / 2)
#define TURN 6.28318530717958647692

/* First bin of each band and the end of the last; one bin is 31.25 Hz: 100 Hz wide at the bottom
 * (a window of 20 ms tells no finer), a critical band above. */
static const int band_edges[EAR_BANDS + 1] = {3,  6,  9,  12, 16, 20,  25,  30,  35, 41,
                                              47, 55, 64, 74, 86, 101, 125, 164, 246};

struct complex_number {
    float re, im;
};

/* Real and imaginary parts apart, so that compilers can take four at a time. */
struct row {
    float re[HALF], im[HALF];
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

static struct complex_number times(float re, float im, struct complex_number w)
{
    return (struct complex_number){re * w.re - im * w.im, re * w.im + im * w.re};
}

/* One pass of Stockham's radix 4, which sorts itself: no bits are reversed. Sequences of `length`
 * interleaved with `stride` become four times as many of a quarter of the length. */
static void pass(const struct ear_spectrum *s, int length, int stride, const struct row *restrict x,
                 struct row *restrict y)
{
    const int quarter = HALF / 4;
    for (int p = 0; p < length / 4; p++) {
        int step = p * (EAR_SPECTRUM_FFT / length);
        struct complex_number w1 = twiddle(s, step), w2 = twiddle(s, 2 * step),
                              w3 = twiddle(s, 3 * step);
        for (int q = 0; q < stride; q++) {
            int a = q + stride * p, b = a + quarter, c = b + quarter, d = c + quarter;
            int out = q + stride * 4 * p;
            float sum_re = x->re[a] + x->re[c], sum_im = x->im[a] + x->im[c];
            float apart_re = x->re[a] - x->re[c], apart_im = x->im[a] - x->im[c];
            float other_re = x->re[b] + x->re[d], other_im = x->im[b] + x->im[d];
            float turned_re = x->im[d] - x->im[b], turned_im = x->re[b] - x->re[d];
            y->re[out] = sum_re + other_re;
            y->im[out] = sum_im + other_im;
            struct complex_number one = times(apart_re - turned_re, apart_im - turned_im, w1);
            struct complex_number two = times(sum_re - other_re, sum_im - other_im, w2);
            struct complex_number three = times(apart_re + turned_re, apart_im + turned_im, w3);
            y->re[out + stride] = one.re;
            y->im[out + stride] = one.im;
            y->re[out + 2 * stride] = two.re;
            y->im[out + 2 * stride] = two.im;
            y->re[out + 3 * stride] = three.re;
            y->im[out + 3 * stride] = three.im;
        }
    }
}

/* Power of bin k of the real signal that z holds as even + i * odd samples. */
static float bin_power(const struct ear_spectrum *s, const struct row *z, int k)
{
    float even_re = 0.5f * (z->re[k] + z->re[HALF - k]);
    float even_im = 0.5f * (z->im[k] - z->im[HALF - k]);
    float odd_re = 0.5f * (z->im[k] + z->im[HALF - k]);
    float odd_im = 0.5f * (z->re[HALF - k] - z->re[k]);
    struct complex_number odd = times(odd_re, odd_im, twiddle(s, k));
    float re = even_re + odd.re, im = even_im + odd.im;
    return re * re + im * im;
}

void ear_spectrum_frame(struct ear_spectrum *spectrum, const float frame[static EAR_FRAME],
                        float ret_power[static EAR_BANDS])
{
    struct row z, other;
    memmove(spectrum->past, spectrum->past + EAR_FRAME, EAR_FRAME * sizeof *frame);
    memcpy(spectrum->past + EAR_FRAME, frame, EAR_FRAME * sizeof *frame);
    memset(&z, 0, sizeof z);
    for (int i = 0; i < EAR_SPECTRUM_WINDOW / 2; i++) {
        z.re[i] = spectrum->past[2 * i] * spectrum->window[2 * i];
        z.im[i] = spectrum->past[2 * i + 1] * spectrum->window[2 * i + 1];
    }
    pass(spectrum, HALF, 1, &z, &other);
    pass(spectrum, HALF / 4, 4, &other, &z);
    pass(spectrum, HALF / 16, 16, &z, &other);
    pass(spectrum, HALF / 64, 64, &other, &z);
    for (int band = 0; band < EAR_BANDS; band++) {
        float sum = 0;
        for (int k = band_edges[band]; k < band_edges[band + 1]; k++)
            sum += bin_power(spectrum, &z, k);
        ret_power[band] = sum * spectrum->scale;
    }
}
