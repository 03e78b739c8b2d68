/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Comfort noise: soft, low, and never suddenly louder. */
#include "rx/comfort.h"

#include <math.h>

/* Always the same noise: nothing depends on it, and a replay is repeatable. */
static const uint64_t seed = 16;
/* One pole at 800 Hz: rooms rumble, they do not hiss. */
static const double low_pole = 0.73;
/* DC block at about 50 Hz. */
static const double high_pole = 0.98;
/* Mean square of white noise in [-1, 1] behind both, measured over 10^7 samples. */
static const double shaped_energy = 0.0460;
/* Louder than -45 dBFS is not comfort; below -75 dBFS it is lost in 16 bits. */
static const double loudest = 184.0 * 184.0;
static const double quietest = 5.8 * 5.8;
/* A quiet room, -60 dBFS, until one is heard. */
static const double usual = 32.8 * 32.8;
/* Quieter frames are believed within 30 ms, louder ones at 1 dB/s. */
static const double fall = 0.3;
static const double rise = 1.0023;
/* The amplitude follows with 100 ms, applied per 40 samples. */
static const size_t step = 40;
static const double follow = 0.025;

static double energy_of_db(int8_t db)
{
    return pow(10, db / 10.0) * 32768.0 * 32768.0;
}

static double between(double x, double least, double most)
{
    return fmax(least, fmin(x, most));
}

double ear_comfort_energy(const int16_t *pcm, size_t samples)
{
    double sum = 0;
    for (size_t i = 0; i < samples; i++)
        sum += (double)pcm[i] * pcm[i];
    return samples ? sum / (double)samples : 0;
}

int16_t ear_comfort_clip(double sample)
{
    double limited = sample > INT16_MAX ? INT16_MAX : sample < INT16_MIN ? INT16_MIN : sample;
    return (int16_t)lrint(limited);
}

void ear_comfort_init(struct ear_comfort *comfort)
{
    *comfort = (struct ear_comfort){.random = ear_random_seeded(seed), .heard = usual};
    comfort->amplitude = sqrt(usual);
}

void ear_comfort_listen(struct ear_comfort *comfort, const int16_t *pcm, size_t samples)
{
    for (size_t i = 0; i + EAR_FRAME <= samples; i += EAR_FRAME) {
        double energy = fmax(quietest, ear_comfort_energy(pcm + i, EAR_FRAME));
        if (energy < comfort->heard)
            comfort->heard += fall * (energy - comfort->heard);
        else
            comfort->heard = fmin(loudest, comfort->heard * rise);
    }
}

void ear_comfort_tell(struct ear_comfort *comfort, int8_t noise_db)
{
    comfort->told = energy_of_db(noise_db);
}

double ear_comfort_room(const struct ear_comfort *comfort)
{
    return comfort->heard;
}

/* white in [-1, 1] */
static double shaped(struct ear_comfort *comfort, double white)
{
    double before = comfort->low;
    comfort->low = low_pole * comfort->low + (1 - low_pole) * white;
    comfort->high = high_pole * comfort->high + comfort->low - before;
    return comfort->high;
}

void ear_comfort_add(struct ear_comfort *comfort, int16_t *pcm, size_t samples, double gain_from,
                     double gain_to)
{
    double wanted = between(comfort->told > 0 ? comfort->told : comfort->heard, quietest, loudest);
    double scale = 1 / sqrt(shaped_energy);
    double gain = gain_from, slope = samples ? (gain_to - gain_from) / (double)samples : 0;
    uint64_t bits = 0;
    for (size_t i = 0; i < samples; i++) {
        if (i % step == 0)
            comfort->amplitude += follow * (sqrt(wanted) - comfort->amplitude);
        /* One draw is enough for four samples. */
        bits = i % 4 ? bits >> 16 : ear_random_u64(&comfort->random);
        double noise = shaped(comfort, (double)(int16_t)bits / 32768);
        pcm[i] = ear_comfort_clip(pcm[i] + gain * comfort->amplitude * scale * noise);
        gain += slope;
    }
}
