/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Somebody before a microphone and a loudspeaker who does what a test says. */
#ifndef EAR_PERSON_H
#define EAR_PERSON_H

#include "base/sound.h"

/* Speaks syllables of a buzz without end, or keeps silent in a room with some noise; the sound
 * cards keep time by the clock they are polled with. All fields may be changed at any time. */
struct ear_person {
    bool speaks;
    bool dead;         /* the microphone gives digital silence */
    bool mic_stalls;   /* gives nothing, and says nothing */
    bool mic_gone;     /* pulled out: read gives -ENODEV */
    bool speaker_gone; /* pulled out: wants gives -ENODEV */
    int64_t spoken_frames, heard_frames;
    /* the rest is the person's own */
    struct ear_mic mic;
    struct ear_speaker speaker;
    double frame_us;
    int64_t mic_start_us, speaker_start_us;
    int64_t mic_frames, speaker_frames;
    uint32_t chance;
};

/* ppm: how much faster this person's sound cards run than the clock. */
void ear_person_init(struct ear_person *person, int64_t ppm);

#endif
