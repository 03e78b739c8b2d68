/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A dead microphone gives digital silence; the quietest room makes its converter rustle. */
#include "tx/capture.h"

#include <errno.h>

#include "tx/level.h"

/* Converters and dithered silence stay within this; a live preamplifier does not for long. */
#define DIGITAL_SILENCE 1

/* Longer than any pause that a noise gate in a headset makes between two words. */
#define DEAD_AFTER_US (3 * EAR_US_PER_S)

void ear_capture_init(struct ear_capture *capture, struct ear_mic *mic)
{
    *capture = (struct ear_capture){.mic = mic, .level_db = EAR_LEVEL_DB_MIN};
}

static bool is_digital_silence(const int16_t *frame)
{
    for (size_t i = 0; i < EAR_FRAME; i++)
        if (frame[i] > DIGITAL_SILENCE || frame[i] < -DIGITAL_SILENCE)
            return false;
    return true;
}

int ear_capture_read(struct ear_capture *capture, int64_t now_us, int16_t frame[static EAR_FRAME],
                     int64_t *ret_end_us)
{
    int got = capture->mic->read(capture->mic->ctx, now_us, frame, ret_end_us);
    if (got == -ENODEV) {
        capture->gone = true;
        capture->level_db = EAR_LEVEL_DB_MIN;
    }
    if (got != 1)
        return got;
    capture->gone = false;
    capture->level_db = ear_level_db(frame, EAR_FRAME);
    capture->quiet_us = is_digital_silence(frame) ? capture->quiet_us + EAR_FRAME_US : 0;
    return 1;
}

bool ear_capture_is_dead(const struct ear_capture *capture)
{
    return capture->quiet_us >= DEAD_AFTER_US;
}
