/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Time as an argument: the same code runs on the real clock and on a simulated day. */
#ifndef EAR_CLOCK_H
#define EAR_CLOCK_H

#include "base/ear.h"

/* A clock in microseconds that never goes back. Borrowed by whoever reads it. thread: any. */
struct ear_clock {
    int64_t (*now_us)(void *ctx);
    void *ctx;
};

/* CLOCK_MONOTONIC. */
extern const struct ear_clock ear_clock_monotonic;

static inline int64_t ear_clock_now_us(const struct ear_clock *clock)
{
    return clock->now_us(clock->ctx);
}

/* A clock that stands still until it is set: tests and simulations. */
struct ear_clock_virtual {
    int64_t now_us;
};

struct ear_clock ear_clock_from_virtual(struct ear_clock_virtual *v);

#endif
