/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Puts the microphone's frames on the journal's time, which is the clock's: silence stands in where
 * the microphone gave none. */
#ifndef EAR_TIMELINE_H
#define EAR_TIMELINE_H

#include "tx/capture.h"

/* thread: media; nothing allocates. */
struct ear_timeline {
    struct ear_capture capture;
    int64_t start_us;         /* nothing of before is told */
    int64_t t0_us;            /* when the first frame began; INT64_MIN until it is there */
    int64_t frames;           /* told so far */
    int16_t frame[EAR_FRAME]; /* that waits for its place in time, if waits is set */
    int64_t frame_end_us;     /* when the newest of the microphone ended */
    bool waits;
    int stood_in; /* frames of silence in a row */
};

/* From now on; what the sound card gathered before is passed over. mic is borrowed. */
void ear_timeline_start(struct ear_timeline *timeline, struct ear_mic *mic, int64_t now_us);
/* The next frame, once it has been spoken: returns whether there is one. Call until false. */
bool ear_timeline_next(struct ear_timeline *timeline, int64_t now_us,
                       int16_t frame[static EAR_FRAME]);

#endif
