/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a listener tells the talker about the line, and how the listener comes to know it. */
#ifndef EAR_LINE_REPORT_H
#define EAR_LINE_REPORT_H

#include "base/ear.h"

/* Wished for on the wire. In full, 6 bytes:
 *    2 bits  11
 *    9 bits  highest journal index received, modulo 2^9
 *    5 bits  how long ago that was, in units of 20 ms; 31: 600 ms or more
 *   10 bits  delay, in units of 8 ms, modulo 2^10
 *   14 bits  came: which slots brought something
 *    1 bit   0: the next holds the playout delay; 1: the spacing of a pair
 *    7 bits  playout delay over the least network delay, units of 32 ms; or how far apart the
 * newest pair arrived, units of 4 ms or in brief, 2 bytes: 10, index and age alone. A brief one
 * says: nothing was lost since my last report, and the delay is within EAR_LINE_BRIEF_US of what I
 * told last.
 *
 * delay: when a packet came, on the listener's clock, minus the journal time of its end; the lesser
 * one of the newest two packets. Its zero is arbitrary: the talker compares it with earlier ones.
 * came: bit k is set when any datagram came whose index lies in slot s - k, where slots are
 * EAR_LINE_SLOT_UNITS long, counted from journal index 0, and s is the slot of the highest index.
 * Slots in which nothing was sent are clear as well: the talker knows them.
 * A pair: two datagrams whose speech ends at the same index (a packet, then silence that begins
 * where it ends, or the same index again) left together. */
#define EAR_LINE_INDEX_MODULO (1 << 9)
#define EAR_LINE_AGE_UNIT_US (20 * EAR_US_PER_MS)
#define EAR_LINE_AGE_UNKNOWN 31
#define EAR_LINE_DELAY_UNIT_US (8 * EAR_US_PER_MS)
#define EAR_LINE_DELAY_MODULO (1 << 10)
#define EAR_LINE_SLOT_UNITS 2
#define EAR_LINE_SLOTS 14
#define EAR_LINE_PLAYOUT_UNIT_US (32 * EAR_US_PER_MS)
#define EAR_LINE_PAIR_UNIT_US (4 * EAR_US_PER_MS)
#define EAR_LINE_EXTRA_MAX 127
#define EAR_LINE_BRIEF_US (24 * EAR_US_PER_MS)

struct ear_line_report {
    bool brief;       /* what follows age_20ms is not told */
    uint16_t highest; /* modulo EAR_LINE_INDEX_MODULO */
    uint8_t age_20ms;
    uint16_t delay_8ms; /* modulo EAR_LINE_DELAY_MODULO */
    uint16_t came;      /* EAR_LINE_SLOTS bits, bit 0 the slot of the highest */
    bool has_pair;      /* extra is the spacing of a pair, else the playout delay */
    uint8_t extra;
};

/* The listener's side. thread: media. Pure in time. */
struct ear_line_ear {
    int64_t highest; /* journal index; -1: nothing came yet */
    int64_t highest_us;
    int64_t newest_end; /* journal index at which the newest datagram's speech ends */
    int64_t newest_us;
    bool newest_silent;
    int64_t delay_us[2]; /* of the newest two */
    uint64_t slots;      /* bit 0 the slot of the highest */
    int64_t pair_us;     /* spacing of a pair not told yet; -1: none */
    int64_t gap_us;      /* when something was last seen to be missing */
    struct {
        int64_t at_us;    /* the last report, */
        int64_t full_us;  /* the last full one, */
        int64_t delay_us; /* and the delay that it told */
    } told;
};

void ear_line_ear_init(struct ear_line_ear *ear);
/* A datagram of speech (units of journal time) or silence (units 0) came. spurt_start as in its
 * header: what lies between it and the one before is silence, not loss. */
void ear_line_ear_take(struct ear_line_ear *ear, int64_t index, int units, bool spurt_start,
                       int64_t now_us);
/* Whether a report should ride on what is sent now: every 500 ms, or 250 ms after the last where
 * something was lost or the delay has changed by EAR_LINE_BRIEF_US. */
bool ear_line_ear_due(const struct ear_line_ear *ear, int64_t now_us);
/* Makes one, and remembers that it was told. */
void ear_line_ear_report(struct ear_line_ear *ear, int64_t playout_us, int64_t now_us,
                         struct ear_line_report *ret);

#endif
