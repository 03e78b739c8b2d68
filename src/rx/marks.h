/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where packets lie in the line of samples, so that each one's time is known to the sample. */
#ifndef EAR_MARKS_H
#define EAR_MARKS_H

#include "rx/play.h"
#include "rx/stretch.h"

/* The line holds 260 ms at most: 13 packets and one that is being played. */
#define EAR_MARKS 16

struct ear_mark {
    struct ear_play_event event;
    int64_t at;     /* samples from the line's start; negative: already played */
    int64_t end;    /* one past its last sample */
    int64_t spoken; /* samples of it before any edit */
    bool started;
};

/* thread: media. */
struct ear_marks {
    struct ear_mark marks[EAR_MARKS];
    int count;
};

/* A packet of so many samples was put in line at `at`. */
void ear_marks_put(struct ear_marks *marks, const struct ear_play_event *event, size_t at,
                   size_t samples);
/* The line was edited at its start. */
void ear_marks_edit(struct ear_marks *marks, struct ear_stretch_edit edit);
/* samples left the line, the first of them to be heard at heard_us. Returns the mark that started
 * within them, if any (the last one, should it be two). */
const struct ear_mark *ear_marks_take(struct ear_marks *marks, size_t samples, int64_t heard_us);
/* Hands over a packet whose last sample has left; false when there is none. */
bool ear_marks_finish(struct ear_marks *marks, struct ear_play_event *ret);

#endif
