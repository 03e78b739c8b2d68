/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Power-of-two blocks cut from one arena, with a free list a size. */
#include "port/pool.h"

#include <assert.h>
#include <errno.h>
#include <stdalign.h>
#include <stdlib.h>

#define POOL_SHIFT_MIN 5  /* 32 bytes */
#define POOL_SHIFT_MAX 15 /* 32 KiB: an ENet host with its packet buffers takes 13 */
#define POOL_SIZES (POOL_SHIFT_MAX - POOL_SHIFT_MIN + 1)

/* Stands before each block, so that put knows its size. */
struct pool_header {
    alignas(16) struct pool_header *next_free;
    uint32_t size_index;
};

struct ear_pool {
    uint8_t *arena;
    size_t bytes;
    size_t cut;
    size_t used;
    struct pool_header *free_lists[POOL_SIZES];
};

static_assert(sizeof(struct pool_header) == 16, "blocks stay 16-byte aligned");

int ear_pool_new(struct ear_pool **ret, size_t bytes)
{
    struct ear_pool *pool = calloc(1, sizeof *pool);
    if (!pool)
        return -ENOMEM;
    pool->arena = aligned_alloc(16, (bytes + 15) / 16 * 16);
    if (!pool->arena) {
        free(pool);
        return -ENOMEM;
    }
    pool->bytes = bytes;
    *ret = pool;
    return 0;
}

void ear_pool_free(struct ear_pool *pool)
{
    if (!pool)
        return;
    free(pool->arena);
    free(pool);
}

static size_t block_bytes(uint32_t size_index)
{
    return (size_t)1 << (size_index + POOL_SHIFT_MIN);
}

void *ear_pool_get(struct ear_pool *pool, size_t bytes)
{
    uint32_t i = 0;
    if (bytes > block_bytes(POOL_SIZES - 1) - sizeof(struct pool_header))
        return NULL;
    while (block_bytes(i) < bytes + sizeof(struct pool_header))
        i++;
    struct pool_header *header = pool->free_lists[i];
    if (header) {
        pool->free_lists[i] = header->next_free;
    } else {
        if (pool->bytes - pool->cut < block_bytes(i))
            return NULL;
        header = (struct pool_header *)(pool->arena + pool->cut);
        pool->cut += block_bytes(i);
        header->size_index = i;
    }
    pool->used += block_bytes(i);
    return header + 1;
}

void ear_pool_put(struct ear_pool *pool, void *block)
{
    if (!block)
        return;
    struct pool_header *header = (struct pool_header *)block - 1;
    assert(header->size_index < POOL_SIZES);
    header->next_free = pool->free_lists[header->size_index];
    pool->free_lists[header->size_index] = header;
    pool->used -= block_bytes(header->size_index);
}

size_t ear_pool_used(const struct ear_pool *pool)
{
    return pool->used;
}
