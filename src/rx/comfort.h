/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sound of the talker's room while nobody speaks. */
#ifndef EAR_COMFORT_H
#define EAR_COMFORT_H

#include "base/ear.h"
#include "base/random.h"

/* thread: media. Energies are mean squares of 16 bit samples. */
struct ear_comfort {
    struct ear_random random;
    double heard;     /* energy of the quietest speech decoded lately */
    double told;      /* energy that the talker's side measured; 0: never told */
    double amplitude; /* of the noise now; follows the above slowly */
    double low;       /* low-pass */
    double high;      /* state of the DC block */
};

void ear_comfort_init(struct ear_comfort *comfort);
/* Learns the room from decoded speech; samples is a multiple of EAR_FRAME. */
void ear_comfort_listen(struct ear_comfort *comfort, const int16_t *pcm, size_t samples);
void ear_comfort_tell(struct ear_comfort *comfort, int8_t noise_db);
/* Energy below which sound is taken for the room. */
double ear_comfort_room(const struct ear_comfort *comfort);
/* Adds noise to pcm, its gain going from one value to the other. */
void ear_comfort_add(struct ear_comfort *comfort, int16_t *pcm, size_t samples, double gain_from,
                     double gain_to);

/* Mean square of these samples; 0 of none. */
double ear_comfort_energy(const int16_t *pcm, size_t samples);
int16_t ear_comfort_clip(double sample);

#endif
