/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A fixed piece of memory handed out in blocks: for libraries that insist on malloc and free. */
#ifndef EAR_POOL_H
#define EAR_POOL_H

#include "base/ear.h"

/* Blocks are rounded up to powers of two. What is put back serves any size: neighbours join.
 * thread: one. */
struct ear_pool;

/* Less than 4 GiB. Returns 0, -ENOMEM, -EINVAL. */
EAR_CHECK int ear_pool_new(struct ear_pool **ret, size_t bytes);
void ear_pool_free(struct ear_pool *pool);
/* 16-byte aligned; NULL when the pool is used up or the block is larger than 32 KiB. */
void *ear_pool_get(struct ear_pool *pool, size_t bytes);
/* NULL is allowed. */
void ear_pool_put(struct ear_pool *pool, void *block);
/* Bytes in blocks that are out. */
size_t ear_pool_used(const struct ear_pool *pool);

#endif
