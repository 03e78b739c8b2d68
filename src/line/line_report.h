/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a listener comes to know what it tells the talker about the line. */
#ifndef EAR_LINE_REPORT_H
#define EAR_LINE_REPORT_H

#include "wire/link_report.h"

#define EAR_LINE_AGE_UNIT_US (20 * EAR_US_PER_MS)
#define EAR_LINE_DELAY_UNIT_US (8 * EAR_US_PER_MS)
#define EAR_LINE_PLAYOUT_UNIT_US (32 * EAR_US_PER_MS)
/* A brief report says that the delay is within this of what was told last. */
#define EAR_LINE_BRIEF_US (24 * EAR_US_PER_MS)

/* The listener's side. thread: media. Pure in time. */
struct ear_line_ear {
    int64_t highest; /* journal index; -1: nothing came yet */
    int64_t highest_us;
    int64_t newest_end; /* journal index at which the newest datagram's speech ends */
    int64_t newest_us;
    bool newest_silent;
    bool dense;          /* it is silence, soon after silence */
    int64_t delay_us[2]; /* of the newest two */
    uint64_t slots;      /* bit 0 the slot of the highest */
    int64_t gap_us;      /* when something was last seen to be missing */
    struct {
        int64_t at_us;    /* the last report, */
        int64_t full_us;  /* the last full one, */
        int64_t delay_us; /* and the delay that it told */
        int count;        /* so far */
    } told;
};

void ear_line_ear_init(struct ear_line_ear *ear);
/* A datagram of speech (units of journal time) or silence (units 0) came. spurt_start as in its
 * header: what lies between it and the one before is silence, not loss. */
void ear_line_ear_take(struct ear_line_ear *ear, int64_t index, int units, bool spurt_start,
                       int64_t now_us);
/* Whether a report should ride on what is sent now: every 500 ms, or 250 ms after the last where
 * something was lost, the delay has changed by EAR_LINE_BRIEF_US, or the talk is young. */
bool ear_line_ear_due(const struct ear_line_ear *ear, int64_t now_us);
/* Whether it should not wait for what is sent next. */
bool ear_line_ear_urges(const struct ear_line_ear *ear, int64_t now_us);
/* Makes one, and remembers that it was told. */
void ear_line_ear_report(struct ear_line_ear *ear, int64_t playout_us, int64_t now_us,
                         struct ear_link_report *ret);

#endif
