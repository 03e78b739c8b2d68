/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Averages in silence, kept honest by minimum statistics: a room that became louder is known by
 * the least power of the last 2.4 s, since speech pauses between syllables and a fan does not. */
#include "tx/noise.h"

#include <math.h>
#include <string.h>

#define SLOT_FRAMES 30

/* A held vowel ages the minima this much slower: 2.4 s become 12. No vowel lasts that long; a
 * fan whose hum passes for a voice does. */
#define VOICED_AGE 0.2f

#define SMOOTH_WEIGHT 0.1f   /* of a new frame: about 100 ms */
#define LEARN_WEIGHT 0.03f   /* of a frame without speech: about 300 ms */
#define LEARN_RATIO_MAX 2.5f /* a louder band than this counts as that: a click teaches little */

/* The minimum over 2.4 s of power smoothed over 100 ms lies 1 to 4 dB below the mean of white
 * noise, most in narrow bands. The estimate stays between these multiples of it: the least must
 * stay low, for it is also what 40 s of talk with every pause cut out teaches (1.4: 92 % of such
 * speech is sent at -40 dBFS of fan noise, 1.2: 96 %). */
#define BIAS_LEAST 1.2f
#define BIAS_MOST 5.0f

#define WARM_UP_FRAMES 20

/* A band's least power: 18 of them make -81 dBFS, below every real microphone. */
#define POWER_MIN 4e-10f

void ear_noise_init(struct ear_noise *noise)
{
    memset(noise, 0, sizeof *noise);
    for (int s = 0; s < EAR_NOISE_SLOTS; s++)
        for (int b = 0; b < EAR_BANDS; b++)
            noise->slots[s][b] = INFINITY;
}

static float least_of(const struct ear_noise *noise, int band)
{
    float least = noise->slots[0][band];
    for (int s = 1; s < EAR_NOISE_SLOTS; s++)
        least = fminf(least, noise->slots[s][band]);
    return least;
}

static void open_slot(struct ear_noise *noise)
{
    noise->slot = (noise->slot + 1) % EAR_NOISE_SLOTS;
    noise->slot_age = 0;
    memcpy(noise->slots[noise->slot], noise->smooth, sizeof noise->smooth);
}

void ear_noise_frame(struct ear_noise *noise, const float power[static EAR_BANDS], bool talk,
                     bool voiced)
{
    bool warming_up = noise->frames < WARM_UP_FRAMES;
    noise->slot_age += talk && voiced ? VOICED_AGE : 1;
    if (noise->slot_age > SLOT_FRAMES)
        open_slot(noise);
    for (int b = 0; b < EAR_BANDS; b++) {
        float p = fmaxf(power[b], POWER_MIN), *n = &noise->power[b];
        float weight = noise->frames == 0 ? 1 : SMOOTH_WEIGHT;
        noise->smooth[b] += weight * (p - noise->smooth[b]);
        float *slot = &noise->slots[noise->slot][b];
        *slot = fminf(*slot, noise->smooth[b]);
        if (warming_up)
            *n = noise->smooth[b];
        else if (!talk)
            *n += LEARN_WEIGHT * (fminf(p, LEARN_RATIO_MAX * *n) - *n);
        float least = least_of(noise, b);
        *n = fmaxf(POWER_MIN, fmaxf(BIAS_LEAST * least, fminf(BIAS_MOST * least, *n)));
    }
    noise->frames += warming_up;
}

float ear_noise_db(const struct ear_noise *noise)
{
    float sum = 0;
    for (int b = 0; b < EAR_BANDS; b++)
        sum += noise->power[b];
    return 10 * log10f(fmaxf(sum, 1e-10f));
}
