/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A room with a loudspeaker, a microphone and somebody in it, behind two sound cards whose clocks
 * are off: in virtual time. */
#ifndef FAKE_ROOM_H
#define FAKE_ROOM_H

#include "base/sound.h"

struct fake_room_config {
    double seconds; /* it can be run for */
    double speaker_ppm, mic_ppm;
    double rt60_s;  /* 0: 0.3 */
    double bulk_ms; /* by which sound is later than the cards tell */
    double echo_db; /* what comes back of the loudspeaker, with all reflections; -200: a headset */
    double direct_db; /* of that: what comes straight against what walls return. 40 cm away in 40
                         m3: 4 */
    double noise_db;  /* white, at the microphone, dBFS */
    double clip;      /* the loudspeaker's amplifier goes no further, of full scale; 0: it does */
    double jump_at_s, jump_ms; /* sound comes later by this from then on */
    double jitter_us;          /* mean lateness of callbacks; 0: 200 */
    const int16_t *near; /* what is said here, as the microphone hears it; borrowed, or NULL */
    size_t near_samples;
    uint64_t seed;
};

struct fake_room;

/* Returns 0, -ENOMEM. */
EAR_CHECK int fake_room_new(struct fake_room **ret, const struct fake_room_config *config);
void fake_room_free(struct fake_room *room);
/* The cards call back until the clock stands at until_us; it begins at 0. */
void fake_room_run(struct fake_room *room, int64_t until_us);
struct ear_mic *fake_room_mic(struct fake_room *room);
struct ear_speaker *fake_room_speaker(struct fake_room *room);
/* What the frame that was read last holds of who spoke here. */
const int16_t *fake_room_near(const struct fake_room *room);

#endif
