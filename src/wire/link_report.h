/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a listener tells the talker about the line, on the wire. */
#ifndef EAR_LINK_REPORT_H
#define EAR_LINK_REPORT_H

#include "base/bytes.h"

/* In full, 6 bytes:
 *    2 bits  11
 *    9 bits  highest journal index received, modulo 2^9
 *    5 bits  how long ago that was, in units of 20 ms; 31: 600 ms or more
 *   10 bits  delay, in units of 8 ms, modulo 2^10
 *   14 bits  came: which slots brought something
 *    1 bit   0
 *    7 bits  playout delay over the least network delay, units of 32 ms
 * or in brief, 2 bytes: 10, index and age alone: nothing was lost since the last report, and the
 * delay is about what the last full one told.
 *
 * delay: when a packet came, on the listener's clock, minus the journal time of its end; the lesser
 * one of the newest two packets. Its zero is arbitrary: the talker compares it with earlier ones.
 * came: bit k is set when any datagram came whose index lies in slot s - k, where slots are
 * EAR_LINK_SLOT_UNITS long, counted from journal index 0, and s is the slot of the highest index.
 * Slots in which nothing was sent are clear as well: the talker knows them. */
#define EAR_LINK_REPORT_BYTES 6
#define EAR_LINK_REPORT_BRIEF_BYTES 2
#define EAR_LINK_INDEX_BITS 9
#define EAR_LINK_INDEX_MODULO (1 << EAR_LINK_INDEX_BITS)
#define EAR_LINK_AGE_BITS 5
#define EAR_LINK_AGE_UNKNOWN ((1 << EAR_LINK_AGE_BITS) - 1)
#define EAR_LINK_DELAY_MODULO (1 << 10)
#define EAR_LINK_SLOT_UNITS 2
#define EAR_LINK_SLOTS 14
#define EAR_LINK_PLAYOUT_MAX 127

/* A report's first byte has this bit; the full one's has the next as well. */
#define EAR_LINK_REPORT_FLAG 0x80
#define EAR_LINK_REPORT_FULL 0x40

struct ear_link_report {
    bool brief;       /* what follows age_20ms is not told */
    uint16_t highest; /* modulo EAR_LINK_INDEX_MODULO */
    uint8_t age_20ms;
    uint16_t delay_8ms; /* modulo EAR_LINK_DELAY_MODULO */
    uint16_t came;      /* EAR_LINK_SLOTS bits, bit 0 the slot of the highest */
    uint8_t playout_32ms;
};

/* Reads what follows `first`, its first byte; the reader turns bad where there is too little, or
 * where the 0 is none. Pure. */
void ear_link_report_read(struct ear_reader *r, uint8_t first, struct ear_link_report *ret);
void ear_link_report_write(struct ear_writer *w, const struct ear_link_report *report);
/* Pure. */
size_t ear_link_report_bytes(const struct ear_link_report *report);

#endif
