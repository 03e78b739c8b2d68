/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packet boundaries that move with the samples they belong to. */
#include "rx/marks.h"

#include <assert.h>
#include <string.h>

void ear_marks_put(struct ear_marks *marks, const struct ear_play_event *event, size_t at,
                   size_t samples)
{
    assert(marks->count < EAR_MARKS);
    marks->marks[marks->count++] = (struct ear_mark){.event = *event,
                                                     .at = (int64_t)at,
                                                     .end = (int64_t)(at + samples),
                                                     .spoken = (int64_t)samples};
}

/* Where the sample at `at` is after the edit. */
static int64_t moved(int64_t at, struct ear_stretch_edit edit)
{
    if (at <= 0)
        return at;
    if (edit.removed < 0)
        return at < -edit.removed ? at : at - edit.removed;
    int64_t span = edit.removed + edit.fade;
    return at < span ? at * edit.fade / span : at - edit.removed;
}

void ear_marks_edit(struct ear_marks *marks, struct ear_stretch_edit edit)
{
    for (int i = 0; edit.removed && i < marks->count; i++) {
        marks->marks[i].at = moved(marks->marks[i].at, edit);
        marks->marks[i].end = moved(marks->marks[i].end, edit);
    }
}

const struct ear_mark *ear_marks_take(struct ear_marks *marks, size_t samples, int64_t heard_us)
{
    const struct ear_mark *ret = NULL;
    for (int i = 0; i < marks->count; i++) {
        struct ear_mark *mark = &marks->marks[i];
        if (!mark->started && mark->at < (int64_t)samples) {
            mark->started = true;
            mark->event.heard_us = heard_us + ear_samples_us(mark->at);
            ret = mark;
        }
        mark->at -= (int64_t)samples;
        mark->end -= (int64_t)samples;
    }
    return ret;
}

bool ear_marks_finish(struct ear_marks *marks, struct ear_play_event *ret)
{
    const struct ear_mark *first = &marks->marks[0];
    if (marks->count == 0 || first->end > 0)
        return false;
    *ret = first->event;
    ret->scale = (double)(first->end - first->at) / (double)first->spoken;
    marks->count--;
    memmove(&marks->marks[0], &marks->marks[1], (size_t)marks->count * sizeof(marks->marks[0]));
    return true;
}
