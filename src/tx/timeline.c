/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A microphone may begin late, stutter, or be pulled out; what is said keeps its place in time. */
#include "tx/timeline.h"

#include <string.h>

/* When the microphone gives nothing for this long, silence takes its place. Sound cards hand over
 * up to 40 ms at once. */
#define SLACK_US (80 * EAR_US_PER_MS)
/* After this much silence in its place a microphone is no longer late but away: time goes on with
 * the clock, lest all that follows were spoken 80 ms before. */
#define AWAY_FRAMES (200 / EAR_FRAME_MS)

void ear_timeline_start(struct ear_timeline *timeline, struct ear_mic *mic, int64_t now_us)
{
    *timeline =
        (struct ear_timeline){.start_us = now_us, .t0_us = INT64_MIN, .frame_end_us = now_us};
    ear_capture_init(&timeline->capture, mic);
    int64_t end_us;
    while (ear_capture_read(&timeline->capture, now_us, timeline->frame, &end_us) == 1)
        ;
}

/* When the next frame will have been spoken. */
static int64_t next_end_us(const struct ear_timeline *timeline)
{
    return timeline->t0_us + (timeline->frames + 1) * EAR_FRAME_US;
}

/* Takes the microphone's next frame, but none of a time that silence has filled already. */
static void capture_next(struct ear_timeline *timeline, int64_t now_us)
{
    while (!timeline->waits) {
        if (ear_capture_read(&timeline->capture, now_us, timeline->frame,
                             &timeline->frame_end_us) != 1)
            return;
        if (timeline->t0_us == INT64_MIN)
            timeline->t0_us = timeline->frame_end_us - EAR_FRAME_US;
        timeline->waits = timeline->frame_end_us > next_end_us(timeline) - SLACK_US;
    }
}

bool ear_timeline_next(struct ear_timeline *timeline, int64_t now_us,
                       int16_t frame[static EAR_FRAME])
{
    capture_next(timeline, now_us);
    if (timeline->t0_us == INT64_MIN) {
        if (now_us < timeline->start_us + SLACK_US)
            return false;
        timeline->t0_us = timeline->start_us;
    }
    if (timeline->waits && timeline->frame_end_us < next_end_us(timeline) + SLACK_US) {
        memcpy(frame, timeline->frame, sizeof timeline->frame);
        timeline->waits = false;
        timeline->stood_in = 0;
    } else {
        bool away = timeline->capture.gone || timeline->stood_in >= AWAY_FRAMES;
        if (now_us < next_end_us(timeline) + (away ? 0 : SLACK_US))
            return false;
        memset(frame, 0, sizeof timeline->frame);
        timeline->stood_in++;
    }
    timeline->frames++;
    return true;
}
