/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Takes frames from the microphone and watches whether it gives sound at all. */
#ifndef EAR_CAPTURE_H
#define EAR_CAPTURE_H

#include "base/sound.h"

/* thread: media. */
struct ear_capture {
    struct ear_mic *mic; /* borrowed */
    int64_t quiet_us;    /* for how long the microphone has given digital silence */
    float level_db;      /* dBFS of the newest frame, -100 at least */
    bool gone;           /* the card is gone */
};

void ear_capture_init(struct ear_capture *capture, struct ear_mic *mic);
/* One frame if the microphone has one: returns 1, 0 or -ENODEV, and when the frame ended. */
int ear_capture_read(struct ear_capture *capture, int64_t now_us, int16_t frame[static EAR_FRAME],
                     int64_t *ret_end_us);
/* The microphone has given no sound for seconds: a dead or muted device, not a quiet room. */
bool ear_capture_is_dead(const struct ear_capture *capture);

#endif
