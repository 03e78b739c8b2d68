/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Normalized autocorrelation at 4 kHz. */
#include "tx/voicing.h"

#include <math.h>
#include <string.h>

#define LAG_MIN 10 /* 400 Hz */
#define LAG_MAX 57 /* 70 Hz */

/* Power below which nothing is a voice; also keeps the quotient defined (-90 dBFS). */
#define POWER_MIN 1e-9f

/* A memory of less than this (-160 dBFS) is nought, lest silence ends in slow denormal numbers. */
#define MEMORY_LEAST 1e-8f

/* One section of a filter, transposed direct form II: b0 b1 b2 / 1 a1 a2. */
static float biquad(const float c[static 5], float memory[static 2], float x)
{
    float y = c[0] * x + memory[0];
    memory[0] = c[1] * x - c[3] * y + memory[1];
    memory[1] = c[2] * x - c[4] * y;
    return y;
}

/* Butterworth of second order at 16 kHz: low-pass 1500 Hz, high-pass 250 Hz. */
static const float low_pass[5] = {0.0604985f, 0.1209970f, 0.0604985f, -1.1939134f, 0.4359074f};
static const float high_pass[5] = {0.9329322f, -1.8658643f, 0.9329322f, -1.8613612f, 0.8703675f};

void ear_voicing_put(struct ear_voicing *voicing, const float frame[static EAR_FRAME])
{
    float *past = voicing->past;
    memmove(past, past + EAR_VOICING_STEP, (EAR_VOICING_WINDOW - EAR_VOICING_STEP) * sizeof *past);
    for (int i = 0; i < EAR_FRAME; i++) {
        float y = biquad(high_pass, voicing->high, biquad(low_pass, voicing->low, frame[i]));
        if (i % 4 == 3)
            past[EAR_VOICING_WINDOW - EAR_VOICING_STEP + i / 4] = y;
    }
    for (int i = 0; i < 2; i++) {
        voicing->low[i] = fabsf(voicing->low[i]) < MEMORY_LEAST ? 0 : voicing->low[i];
        voicing->high[i] = fabsf(voicing->high[i]) < MEMORY_LEAST ? 0 : voicing->high[i];
    }
}

float ear_voicing_likeness(const struct ear_voicing *voicing)
{
    /* The newest samples that have a partner at every lag, and their partners. */
    const int n = EAR_VOICING_WINDOW - LAG_MAX;
    const float *now = voicing->past + LAG_MAX;
    float power = 0, partner_power = 0, best = -1;
    for (int i = 0; i < n; i++) {
        power += now[i] * now[i];
        partner_power += now[i - LAG_MIN] * now[i - LAG_MIN];
    }
    if (power < POWER_MIN * (float)n)
        return 0;
    for (int lag = LAG_MIN; lag <= LAG_MAX; lag++) {
        float product = 0;
        for (int i = 0; i < n; i++)
            product += now[i] * now[i - lag];
        float likeness = product / sqrtf(power * (partner_power + POWER_MIN));
        if (likeness > best)
            best = likeness;
        /* The partner's window moves one sample back. */
        if (lag < LAG_MAX) {
            float in = now[-lag - 1], out = now[n - 1 - lag];
            partner_power += in * in - out * out;
            partner_power = partner_power > 0 ? partner_power : 0;
        }
    }
    return best;
}
