/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A short queue of ranges, and a memory of what was sent not long ago. */
#include "call/repair.h"

#include <string.h>

void ear_repair_clear(struct ear_repair *repair)
{
    *repair = (struct ear_repair){0};
}

static void drop(struct ear_repair *repair, size_t at)
{
    repair->count--;
    memmove(repair->ask + at, repair->ask + at + 1, (repair->count - at) * sizeof repair->ask[0]);
}

/* Where ranges meet they become one. */
static bool join(struct ear_repair *repair, int64_t from, int64_t to, int64_t asked_us)
{
    for (size_t i = 0; i < repair->count; i++) {
        struct ear_repair_ask *ask = &repair->ask[i];
        if (to < ask->from || from > ask->to)
            continue;
        from = ear_min64(from, ask->from);
        to = ear_max64(to, ask->to);
        asked_us = ear_max64(asked_us, ask->asked_us);
        drop(repair, i);
        ear_repair_ask(repair, from, to, asked_us);
        return true;
    }
    return false;
}

void ear_repair_ask(struct ear_repair *repair, int64_t from, int64_t to, int64_t asked_us)
{
    if (to <= from || join(repair, from, to, asked_us) || repair->count == EAR_REPAIR_ASKS)
        return;
    size_t at = repair->count;
    while (at > 0 && repair->ask[at - 1].from > from)
        at--;
    memmove(repair->ask + at + 1, repair->ask + at, (repair->count - at) * sizeof repair->ask[0]);
    repair->ask[at] = (struct ear_repair_ask){.from = from, .to = to, .asked_us = asked_us};
    repair->count++;
}

void ear_repair_forget(struct ear_repair *repair, int64_t units, int64_t before_us)
{
    for (size_t i = repair->count; i-- > 0;) {
        const struct ear_repair_ask *ask = &repair->ask[i];
        if (ask->asked_us < before_us && ask->to - ask->from <= units)
            drop(repair, i);
    }
}

bool ear_repair_waits(const struct ear_repair *repair)
{
    return repair->count > 0;
}

struct ear_repair_ask ear_repair_first(const struct ear_repair *repair)
{
    return repair->ask[0];
}

int64_t ear_repair_end(const struct ear_repair *repair, int64_t none)
{
    return repair->count > 0 ? repair->ask[repair->count - 1].to : none;
}

void ear_repair_done(struct ear_repair *repair, int64_t to)
{
    if (repair->count == 0)
        return;
    repair->ask[0].from = to;
    if (repair->ask[0].from >= repair->ask[0].to)
        drop(repair, 0);
}

void ear_repair_note(struct ear_repair *repair, int64_t index, int64_t at_us)
{
    size_t at = repair->recent_count++ % EAR_REPAIR_RECENT;
    repair->recent[at].index = index;
    repair->recent[at].at_us = at_us;
}

void ear_repair_unnote(struct ear_repair *repair, size_t count)
{
    for (; count > 0 && repair->recent_count > 0; count--) {
        repair->recent_count--;
        repair->recent[repair->recent_count % EAR_REPAIR_RECENT].index = -1;
    }
}

bool ear_repair_is_recent(const struct ear_repair *repair, int64_t index, int64_t since_us)
{
    for (size_t i = 0; i < EAR_REPAIR_RECENT && i < repair->recent_count; i++) {
        if (repair->recent[i].index == index && repair->recent[i].at_us > since_us)
            return true;
    }
    return false;
}
