/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Since when a condition has held without a break. */
#ifndef EAR_SINCE_H
#define EAR_SINCE_H

#include "base/ear.h"

/* It does not hold. */
#define EAR_SINCE_NEVER INT64_MAX

static inline void ear_since_watch(int64_t *since_us, bool holds, int64_t now_us)
{
    *since_us = holds ? ear_min64(*since_us, now_us) : EAR_SINCE_NEVER;
}

static inline bool ear_since_lasts(int64_t since_us, int64_t for_us, int64_t now_us)
{
    return since_us != EAR_SINCE_NEVER && now_us - since_us >= for_us;
}

#endif
