/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Struck wooden bars: a fundamental and a fourth harmonic, both dying away. */
#include "call/earcon.h"

#include <math.h>

/* -18 and -9 dBFS. */
#define SOFT_PEAK 4125.0
#define LOUD_PEAK 11626.0
#define ATTACK_MS 4
/* The end of the array fades out over this: nothing stops short. */
#define FADE_MS 30
/* A marimba's bars are cut so that their second mode is two octaves above the first; it dies away
 * four times as fast. */
#define OVERTONE 4.0
#define OVERTONE_LEVEL 0.25
#define OVERTONE_FASTER 4.0

#define NOTES 4

struct note {
    double hz;
    int begin_ms;
    double level;
};

/* Equal temperament: G3 196, C4 262, E4 330, G4 392, C5 523, E5 659, G5 784. */
static const struct sound {
    int length_ms, decay_ms; /* to 37 % */
    int period_ms;
    bool loud;
    struct note notes[NOTES]; /* until hz is 0 */
} sounds[EAR_EARCONS] = {
    [EAR_EARCON_RINGING_OUT] = {900, 220, 4000, false, {{392.00, 0, 1}, {392.00, 350, 0.8}}},
    [EAR_EARCON_INCOMING] =
        {1200,
         200,
         3000,
         true,
         {{523.25, 0, 1}, {659.26, 160, 1}, {783.99, 320, 1}, {659.26, 600, 1}}},
    [EAR_EARCON_CONNECTED] = {500, 120, 0, false, {{523.25, 0, 0.9}, {783.99, 110, 1}}},
    [EAR_EARCON_LOST] = {800, 180, 3000, false, {{261.63, 0, 1}, {196.00, 220, 0.9}}},
    [EAR_EARCON_BACK] = {800, 180, 0, false, {{196.00, 0, 0.9}, {261.63, 220, 1}}},
    [EAR_EARCON_ENDED] =
        {700, 160, 0, false, {{523.25, 0, 1}, {329.63, 150, 0.9}, {261.63, 300, 0.8}}},
    [EAR_EARCON_MESSAGE] = {350, 80, 0, false, {{783.99, 0, 1}}},
};

static const double two_pi = 6.283185307179586;

static double note_at(const struct note *note, int decay_ms, double ms)
{
    double since_ms = ms - note->begin_ms;
    if (since_ms < 0)
        return 0;
    double turn = two_pi * note->hz * since_ms / 1000, fading = since_ms / decay_ms;
    double attack = since_ms < ATTACK_MS ? since_ms / ATTACK_MS : 1;
    return note->level * attack *
           (exp(-fading) * sin(turn) +
            OVERTONE_LEVEL * exp(-OVERTONE_FASTER * fading) * sin(OVERTONE * turn));
}

static double sound_at(const struct sound *sound, size_t sample)
{
    double ms = (double)sample / EAR_SAMPLES_PER_MS, sum = 0;
    for (size_t i = 0; i < NOTES && sound->notes[i].hz > 0; i++)
        sum += note_at(&sound->notes[i], sound->decay_ms, ms);
    return sum * fmin(1, (sound->length_ms - ms) / FADE_MS);
}

size_t ear_earcon_make(enum ear_earcon kind, int16_t *out, size_t cap)
{
    const struct sound *sound = &sounds[kind];
    size_t len = (size_t)sound->length_ms * EAR_SAMPLES_PER_MS;
    double peak = 0;
    for (size_t i = 0; i < len; i++)
        peak = fmax(peak, fabs(sound_at(sound, i)));
    double scale = (sound->loud ? LOUD_PEAK : SOFT_PEAK) / peak;
    size_t count = (size_t)ear_min64((int64_t)len, (int64_t)cap);
    for (size_t i = 0; i < count; i++)
        out[i] = (int16_t)lrint(sound_at(sound, i) * scale);
    return count;
}

int64_t ear_earcon_period_us(enum ear_earcon kind)
{
    return (int64_t)sounds[kind].period_ms * EAR_US_PER_MS;
}
