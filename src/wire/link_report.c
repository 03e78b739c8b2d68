/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parsing and building of what link_report.h lays out. */
#include "wire/link_report.h"

#include <assert.h>

#define INDEX_MASK (EAR_LINK_INDEX_MODULO - 1)
#define DELAY_MASK (EAR_LINK_DELAY_MODULO - 1)
#define CAME_MASK ((1 << EAR_LINK_SLOTS) - 1)
#define PLAYOUT_BITS 7
#define ZERO_BIT (1u << PLAYOUT_BITS)

static_assert(2 + EAR_LINK_INDEX_BITS + EAR_LINK_AGE_BITS == EAR_LINK_REPORT_BRIEF_BYTES * 8,
              "the brief one fills its bytes");
static_assert(10 + EAR_LINK_SLOTS + 1 + PLAYOUT_BITS ==
                  (EAR_LINK_REPORT_BYTES - EAR_LINK_REPORT_BRIEF_BYTES) * 8,
              "so does the rest");
static_assert(EAR_LINK_PLAYOUT_MAX == (1 << PLAYOUT_BITS) - 1, "the playout delay fills its bits");

void ear_link_report_read(struct ear_reader *r, uint8_t first, struct ear_link_report *ret)
{
    uint16_t head = (uint16_t)(first << 8 | ear_reader_u8(r));
    *ret = (struct ear_link_report){.brief = !(first & EAR_LINK_REPORT_FULL),
                                    .highest = head >> EAR_LINK_AGE_BITS & INDEX_MASK,
                                    .age_20ms = head & EAR_LINK_AGE_UNKNOWN};
    if (ret->brief)
        return;
    uint32_t rest = (uint32_t)ear_reader_u16(r) << 16;
    rest |= ear_reader_u16(r);
    ret->delay_8ms = rest >> (EAR_LINK_SLOTS + 1 + PLAYOUT_BITS) & DELAY_MASK;
    ret->came = rest >> (1 + PLAYOUT_BITS) & CAME_MASK;
    ret->playout_32ms = rest & EAR_LINK_PLAYOUT_MAX;
    r->bad |= (rest & ZERO_BIT) != 0;
}

void ear_link_report_write(struct ear_writer *w, const struct ear_link_report *report)
{
    unsigned flags = EAR_LINK_REPORT_FLAG | (report->brief ? 0 : EAR_LINK_REPORT_FULL);
    ear_writer_u16(w, (uint16_t)(flags << 8 | (report->highest & INDEX_MASK) << EAR_LINK_AGE_BITS |
                                 (report->age_20ms & EAR_LINK_AGE_UNKNOWN)));
    if (report->brief)
        return;
    uint32_t rest = (uint32_t)(report->delay_8ms & DELAY_MASK)
                        << (EAR_LINK_SLOTS + 1 + PLAYOUT_BITS) |
                    (uint32_t)(report->came & CAME_MASK) << (1 + PLAYOUT_BITS) |
                    (report->playout_32ms & EAR_LINK_PLAYOUT_MAX);
    ear_writer_u16(w, (uint16_t)(rest >> 16));
    ear_writer_u16(w, (uint16_t)rest);
}

size_t ear_link_report_bytes(const struct ear_link_report *report)
{
    return report->brief ? EAR_LINK_REPORT_BRIEF_BYTES : EAR_LINK_REPORT_BYTES;
}
