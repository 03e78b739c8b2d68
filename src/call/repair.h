/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the other side asked for and has not been sent again yet. */
#ifndef EAR_REPAIR_H
#define EAR_REPAIR_H

#include "base/ear.h"

#define EAR_REPAIR_ASKS 32
#define EAR_REPAIR_RECENT 128

/* Journal units [from, to), of which those before `from` have been dealt with. */
struct ear_repair_ask {
    int64_t from, to;
    int64_t asked_us; /* last; EAR_REPAIR_UNASKED: it goes without being asked for */
};
#define EAR_REPAIR_UNASKED INT64_MAX

/* thread: media; nothing allocates. All zero is an empty one. */
struct ear_repair {
    struct ear_repair_ask ask[EAR_REPAIR_ASKS]; /* the oldest index first */
    size_t count;
    struct {
        int64_t index, at_us;
    } recent[EAR_REPAIR_RECENT]; /* sent again not long ago */
    size_t recent_count;
};

void ear_repair_clear(struct ear_repair *repair);
/* The other side lacks [from, to). What waits already stays as it is; an ask too many is dropped,
 * for it will be repeated. */
void ear_repair_ask(struct ear_repair *repair, int64_t from, int64_t to, int64_t asked_us);
/* Ranges of at most so many units that were asked for last before that are in nobody's mind any
 * more: they make room for what is. */
void ear_repair_forget(struct ear_repair *repair, int64_t units, int64_t before_us);
bool ear_repair_waits(const struct ear_repair *repair);
/* The oldest that waits; only while ear_repair_waits. */
struct ear_repair_ask ear_repair_first(const struct ear_repair *repair);
/* Where the newest that waits ends; `none` where nothing does. */
int64_t ear_repair_end(const struct ear_repair *repair, int64_t none);
/* All before `to` of the oldest has been dealt with. */
void ear_repair_done(struct ear_repair *repair, int64_t to);
/* The packet at index was sent again at_us; whether that is less than within_us ago, so that this
 * ask crossed it. */
void ear_repair_note(struct ear_repair *repair, int64_t index, int64_t at_us);
/* The newest `count` notes were wrong. */
void ear_repair_unnote(struct ear_repair *repair, size_t count);
bool ear_repair_is_recent(const struct ear_repair *repair, int64_t index, int64_t since_us);

#endif
