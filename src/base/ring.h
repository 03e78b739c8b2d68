/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A lock-free ring between one writer and one reader: how threads meet. */
#ifndef EAR_RING_H
#define EAR_RING_H

#include <stdatomic.h>

#include "base/ear.h"

/* Items of one size. put and room belong to the writing thread, take and level to the reading one;
 * after new neither allocates nor waits (EAR_RT). Positions run freely and wrap at 2^32. */
struct ear_ring {
    uint8_t *items;
    uint32_t item_bytes;
    uint32_t capacity; /* items, a power of two */
    _Atomic uint32_t written;
    _Atomic uint32_t taken;
};

/* capacity is rounded up to a power of two, at most 2^24. Returns 0, -EINVAL, -ENOMEM. */
EAR_CHECK int ear_ring_init(struct ear_ring *ring, size_t item_bytes, size_t capacity);
void ear_ring_fini(struct ear_ring *ring);

/* Writes up to count items; returns how many there was room for. thread: writer. */
EAR_RT size_t ear_ring_put(struct ear_ring *ring, const void *items, size_t count);
/* Reads up to count items; returns how many there were. items may be NULL: skipped. thread: reader.
 */
EAR_RT size_t ear_ring_take(struct ear_ring *ring, void *items, size_t count);

/* Items waiting. Exact for the reader, a lower bound for the writer's partner. thread: both. */
EAR_RT size_t ear_ring_level(const struct ear_ring *ring);
/* Free places. thread: both. */
EAR_RT size_t ear_ring_room(const struct ear_ring *ring);

#endif
