/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The real clock and the clock of simulations. */
#include "base/clock.h"

#include <time.h>

static int64_t monotonic_now_us(void *ctx)
{
    (void)ctx;
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * EAR_US_PER_S + t.tv_nsec / 1000;
}

const struct ear_clock ear_clock_monotonic = {.now_us = monotonic_now_us};

static int64_t virtual_now_us(void *ctx)
{
    const struct ear_clock_virtual *v = ctx;
    return v->now_us;
}

struct ear_clock ear_clock_from_virtual(struct ear_clock_virtual *v)
{
    return (struct ear_clock){.now_us = virtual_now_us, .ctx = v};
}
