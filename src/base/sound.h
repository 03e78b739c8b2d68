/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a microphone and a loudspeaker are to the engine: a sound card, a wav, or nothing at all. */
#ifndef EAR_SOUND_H
#define EAR_SOUND_H

#include "base/ear.h"

/* A source of 10 ms frames. Owned by whoever made it; used by one thread: media. */
struct ear_mic {
    /* Hands over the next EAR_FRAME samples once the last of them has been spoken, and the time
     * at which that was. Returns 1; 0 when no whole frame is there yet; -ENODEV when the card is
     * gone (it may come back: ask again). */
    int (*read)(void *ctx, int64_t now_us, int16_t frame[static EAR_FRAME], int64_t *ret_end_us);
    /* When read is worth calling again; never earlier than the frame it would hand over. */
    int64_t (*due_us)(void *ctx, int64_t now_us);
    /* Whether it hears the loudspeaker so loudly that the other side is disturbed. NULL: no. */
    bool (*echoes)(void *ctx);
    void *ctx;
};

/* A sink of 10 ms frames. Owned by whoever made it; used by one thread: media. */
struct ear_speaker {
    /* Asks for the next frame: returns 1 and the time at which its first sample will be heard
     * when a frame is wanted now, 0 when none is, -ENODEV when the card is gone. */
    int (*wants)(void *ctx, int64_t now_us, int64_t *ret_heard_us);
    /* Takes that frame. Called once after each wants() == 1. */
    void (*write)(void *ctx, const int16_t frame[static EAR_FRAME]);
    /* When wants is worth calling again. */
    int64_t (*due_us)(void *ctx, int64_t now_us);
    void *ctx;
};

#endif
