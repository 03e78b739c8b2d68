/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The time line of what plays the sound card without being one: deadlines counted from one start.
 */
#ifndef EAR_WAVPACE_H
#define EAR_WAVPACE_H

#include <stdatomic.h>

#include "base/ear.h"

/* start_us may be asked by any thread; all else belongs to the media thread. */
struct ear_wavpace {
    _Atomic int64_t start_us; /* INT64_MIN: not started */
    int64_t frames;           /* handed over or written */
};

static inline void ear_wavpace_init(struct ear_wavpace *pace)
{
    atomic_init(&pace->start_us, INT64_MIN);
    pace->frames = 0;
}

static inline int64_t ear_wavpace_start_us(const struct ear_wavpace *pace)
{
    return atomic_load_explicit(&pace->start_us, memory_order_relaxed);
}

/* When the present frame begins (late = 0) or has been spoken (late = 1); starts the time line. */
static inline int64_t ear_wavpace_due_us(struct ear_wavpace *pace, int64_t now_us, int late)
{
    int64_t start_us = ear_wavpace_start_us(pace);
    if (start_us == INT64_MIN) {
        start_us = now_us;
        atomic_store_explicit(&pace->start_us, now_us, memory_order_relaxed);
    }
    return start_us + (pace->frames + late) * EAR_FRAME_US;
}

/* The same as an answer to due_us: now while nothing has started, and starts nothing. */
static inline int64_t ear_wavpace_ask_us(const struct ear_wavpace *pace, int64_t now_us, int late)
{
    int64_t start_us = ear_wavpace_start_us(pace);
    return start_us == INT64_MIN ? now_us : start_us + (pace->frames + late) * EAR_FRAME_US;
}

#endif
