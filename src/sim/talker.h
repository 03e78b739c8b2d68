/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A synthetic talker for simulations: voiced syllables in turns, silence between, no file needed.
 */
#ifndef EAR_TALKER_H
#define EAR_TALKER_H

#include "base/random.h"
#include "base/sound.h"

/* Two voices with the same seed and different ends take turns as two people do: turns of a few
 * seconds with short pauses inside. Each is a microphone and a loudspeaker that keep time by the
 * clock they are polled with. Free with free(). */
struct ear_talker;

struct ear_talker_config {
    uint64_t seed;
    int end;        /* 0 or 1 */
    int64_t ppm;    /* how much faster this end's sound card runs than the clock */
    float noise_db; /* room noise, dBFS */
};

EAR_CHECK int ear_talker_new(struct ear_talker **ret, const struct ear_talker_config *config);
struct ear_mic *ear_talker_mic(struct ear_talker *voice);
struct ear_speaker *ear_talker_speaker(struct ear_talker *voice);
/* Frames in which it spoke. */
int64_t ear_talker_spoken_us(const struct ear_talker *voice);

#endif
