/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Says whether somebody speaks in a frame, and how loud the room is. */
#ifndef EAR_CLEAN_H
#define EAR_CLEAN_H

#include "base/ear.h"

struct ear_clean; /* thread: media; after new nothing allocates */

struct ear_clean_verdict {
    /* With a hangover of 180 ms. Voiced onsets are decided in their second frame, unvoiced ones in
     * their fifth (a key stroke is shorter): the pre-roll of ear_encode covers both. */
    bool speech;
    float level_db; /* of the frame, dBFS */
    float noise_db; /* of the room, dBFS */
};

EAR_CHECK int ear_clean_new(struct ear_clean **ret);
void ear_clean_free(struct ear_clean *clean);
/* Forgets room and talker: before another call. */
void ear_clean_reset(struct ear_clean *clean);
/* Judges the frame; rumble below 80 Hz does not count. */
struct ear_clean_verdict ear_clean_frame(struct ear_clean *clean,
                                         const int16_t frame[static EAR_FRAME]);

#endif
