/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Single producer, single consumer: each side stores only its own position, released after the
 * copy and acquired by the other side before its own. */
#include "base/ring.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define RING_CAPACITY_MAX ((size_t)1 << 24)

int ear_ring_init(struct ear_ring *ring, size_t item_bytes, size_t capacity)
{
    if (item_bytes == 0 || item_bytes > 65536 || capacity == 0 || capacity > RING_CAPACITY_MAX)
        return -EINVAL;
    size_t rounded = 1;
    while (rounded < capacity)
        rounded *= 2;
    uint8_t *items = calloc(rounded, item_bytes);
    if (!items)
        return -ENOMEM;
    ring->items = items;
    ring->item_bytes = (uint32_t)item_bytes;
    ring->capacity = (uint32_t)rounded;
    atomic_init(&ring->written, 0);
    atomic_init(&ring->taken, 0);
    return 0;
}

void ear_ring_fini(struct ear_ring *ring)
{
    free(ring->items);
    ring->items = NULL;
    ring->capacity = 0;
}

size_t ear_ring_level(const struct ear_ring *ring)
{
    uint32_t written = atomic_load_explicit(&ring->written, memory_order_acquire);
    uint32_t taken = atomic_load_explicit(&ring->taken, memory_order_acquire);
    return written - taken;
}

size_t ear_ring_room(const struct ear_ring *ring)
{
    return ring->capacity - ear_ring_level(ring);
}

/* Copies between the ring at position and a flat array; the ring's end may lie in between. */
static void copy_in(struct ear_ring *ring, uint32_t position, const uint8_t *from, size_t count)
{
    size_t at = position & (ring->capacity - 1);
    size_t first = ring->capacity - at < count ? ring->capacity - at : count;
    memcpy(ring->items + at * ring->item_bytes, from, first * ring->item_bytes);
    memcpy(ring->items, from + first * ring->item_bytes, (count - first) * ring->item_bytes);
}

static void copy_out(const struct ear_ring *ring, uint32_t position, uint8_t *to, size_t count)
{
    size_t at = position & (ring->capacity - 1);
    size_t first = ring->capacity - at < count ? ring->capacity - at : count;
    memcpy(to, ring->items + at * ring->item_bytes, first * ring->item_bytes);
    memcpy(to + first * ring->item_bytes, ring->items, (count - first) * ring->item_bytes);
}

size_t ear_ring_put(struct ear_ring *ring, const void *items, size_t count)
{
    uint32_t written = atomic_load_explicit(&ring->written, memory_order_relaxed);
    uint32_t taken = atomic_load_explicit(&ring->taken, memory_order_acquire);
    size_t room = ring->capacity - (written - taken);
    if (count > room)
        count = room;
    copy_in(ring, written, items, count);
    atomic_store_explicit(&ring->written, written + (uint32_t)count, memory_order_release);
    return count;
}

size_t ear_ring_take(struct ear_ring *ring, void *items, size_t count)
{
    uint32_t taken = atomic_load_explicit(&ring->taken, memory_order_relaxed);
    uint32_t written = atomic_load_explicit(&ring->written, memory_order_acquire);
    size_t level = written - taken;
    if (count > level)
        count = level;
    if (items)
        copy_out(ring, taken, items, count);
    atomic_store_explicit(&ring->taken, taken + (uint32_t)count, memory_order_release);
    return count;
}
