/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A synthetic talker for simulations: voiced syllables in turns, silence between, no file needed.
 */
#ifndef EAR_VOICE_H
#define EAR_VOICE_H

#include "base/random.h"
#include "base/sound.h"

/* Two voices with the same seed and different ends take turns as two people do: turns of a few
 * seconds with short pauses inside. Each is a microphone and a loudspeaker that keep time by the
 * clock they are polled with. Free with free(). */
struct ear_voice;

struct ear_voice_config {
    uint64_t seed;
    int end;        /* 0 or 1 */
    int64_t ppm;    /* how much faster this end's sound card runs than the clock */
    float noise_db; /* room noise, dBFS */
};

EAR_CHECK int ear_voice_new(struct ear_voice **ret, const struct ear_voice_config *config);
struct ear_mic *ear_voice_mic(struct ear_voice *voice);
struct ear_speaker *ear_voice_speaker(struct ear_voice *voice);
/* Frames in which it spoke. */
int64_t ear_voice_spoken_us(const struct ear_voice *voice);

#endif
