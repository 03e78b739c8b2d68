/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A buddy allocator: power-of-two blocks that are halved when taken and joined when put back. */
#include "port/pool.h"

#include <assert.h>
#include <errno.h>
#include <stdalign.h>
#include <stdlib.h>

#define POOL_SHIFT_MIN 5  /* 32 bytes */
#define POOL_SHIFT_MAX 15 /* 32 KiB: an ENet host with its packet buffers takes 13 */
#define POOL_SIZES (POOL_SHIFT_MAX - POOL_SHIFT_MIN + 1)

#define NOWHERE UINT32_MAX

/* Stands before each block. Places are offsets in the arena; those of a free block's list. */
struct pool_header {
    alignas(16) uint32_t next;
    uint32_t before;
    uint16_t size_index;
    bool free;
};

struct ear_pool {
    uint8_t *arena;
    size_t bytes;
    size_t used;
    uint32_t free_lists[POOL_SIZES];
};

static_assert(sizeof(struct pool_header) == 16, "blocks stay 16-byte aligned");

static size_t block_bytes(uint32_t size_index)
{
    return (size_t)1 << (size_index + POOL_SHIFT_MIN);
}

static struct pool_header *header_at(const struct ear_pool *pool, size_t at)
{
    return (struct pool_header *)(pool->arena + at);
}

static void add_free(struct ear_pool *pool, size_t at, uint32_t size_index)
{
    uint32_t *list = &pool->free_lists[size_index];
    *header_at(pool, at) = (struct pool_header){
        .next = *list, .before = NOWHERE, .size_index = (uint16_t)size_index, .free = true};
    if (*list != NOWHERE)
        header_at(pool, *list)->before = (uint32_t)at;
    *list = (uint32_t)at;
}

static void take_free(struct ear_pool *pool, size_t at)
{
    struct pool_header *header = header_at(pool, at);
    header->free = false;
    if (header->next != NOWHERE)
        header_at(pool, header->next)->before = header->before;
    if (header->before != NOWHERE)
        header_at(pool, header->before)->next = header->next;
    else
        pool->free_lists[header->size_index] = header->next;
}

/* All of the arena in blocks as large as there are: the smaller ones at its end. */
static void free_all(struct ear_pool *pool)
{
    size_t at = 0;
    for (uint32_t i = 0; i < POOL_SIZES; i++)
        pool->free_lists[i] = NOWHERE;
    for (uint32_t i = POOL_SIZES; i-- > 0;)
        for (; pool->bytes - at >= block_bytes(i); at += block_bytes(i))
            add_free(pool, at, i);
}

int ear_pool_new(struct ear_pool **ret, size_t bytes)
{
    if (bytes >= NOWHERE)
        return -EINVAL;
    struct ear_pool *pool = calloc(1, sizeof *pool);
    if (!pool)
        return -ENOMEM;
    pool->arena = aligned_alloc(16, (bytes + 15) / 16 * 16);
    if (!pool->arena) {
        free(pool);
        return -ENOMEM;
    }
    pool->bytes = bytes;
    free_all(pool);
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

void *ear_pool_get(struct ear_pool *pool, size_t bytes)
{
    uint32_t wanted = 0;
    if (bytes > block_bytes(POOL_SIZES - 1) - sizeof(struct pool_header))
        return NULL;
    while (block_bytes(wanted) < bytes + sizeof(struct pool_header))
        wanted++;
    uint32_t i = wanted;
    while (i < POOL_SIZES && pool->free_lists[i] == NOWHERE)
        i++;
    if (i == POOL_SIZES)
        return NULL;
    size_t at = pool->free_lists[i];
    take_free(pool, at);
    while (i > wanted) {
        i--;
        add_free(pool, at + block_bytes(i), i);
    }
    struct pool_header *header = header_at(pool, at);
    header->size_index = (uint16_t)wanted;
    pool->used += block_bytes(wanted);
    return header + 1;
}

/* Whether the block of this size that begins there is free as a whole. */
static bool is_free(const struct ear_pool *pool, size_t at, uint32_t size_index)
{
    if (at + block_bytes(size_index) > pool->bytes)
        return false;
    const struct pool_header *header = header_at(pool, at);
    return header->free && header->size_index == size_index;
}

void ear_pool_put(struct ear_pool *pool, void *block)
{
    if (!block)
        return;
    const struct pool_header *header = (struct pool_header *)block - 1;
    size_t at = (size_t)((const uint8_t *)header - pool->arena);
    uint32_t i = header->size_index;
    assert(i < POOL_SIZES && !header->free);
    pool->used -= block_bytes(i);
    for (; i + 1 < POOL_SIZES && is_free(pool, at ^ block_bytes(i), i); i++) {
        take_free(pool, at ^ block_bytes(i));
        at &= ~block_bytes(i);
    }
    add_free(pool, at, i);
}

size_t ear_pool_used(const struct ear_pool *pool)
{
    return pool->used;
}
