/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a talk was carried, since when, and why. */
#ifndef EAR_RUNG_LOG_H
#define EAR_RUNG_LOG_H

#include "line/ladder.h"
#include "port/codec.h"

#define EAR_RUNG_LOG_KEPT 64

/* What is in force from one time on. */
struct ear_rung_change {
    int64_t at_us; /* since the talk began */
    enum ear_rung rung;
    enum ear_ladder_why why; /* of what changed: the rung, or the budget alone */
    bool theirs;             /* the other side asked for this rung, we did not */
    int budget_bps;          /* wire rate while speaking */
    struct ear_codec_format format;
};

/* Zero: nothing yet. thread: media. Pure. */
struct ear_rung_log {
    int64_t count; /* in all */
    struct ear_rung_change
        kept[EAR_RUNG_LOG_KEPT]; /* the newest, number n at n modulo their size */
};

/* in_force: the lower rung of both sides'; say: what our own ladder says. What lasts a second or
 * three (a test, a probe) is no change. */
void ear_rung_log_note(struct ear_rung_log *log, enum ear_rung in_force,
                       const struct ear_ladder_say *say, const struct ear_codec_format *format,
                       int64_t at_us);
/* The oldest that is kept has this number, the newest is count - 1. */
int64_t ear_rung_log_first(const struct ear_rung_log *log);
const struct ear_rung_change *ear_rung_log_get(const struct ear_rung_log *log, int64_t number);

#endif
