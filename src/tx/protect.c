/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keeps the last carriers, and plans blocks from those that the pattern names. */
#include "tx/protect.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "port/sodium.h"
#include "wire/pad.h"

#define KEPT (EAR_PROTECT_DISTANCE_MAX + 1)
#define XOR_DISTANCES 2
#define PACKET_MIN 2
/* A silence packet carries the pattern's blocks and as many packets that wait for their first. */
#define PLANNED_MAX (2 * EAR_PROTECT_BLOCKS_MAX)

struct carrier {
    int64_t index;
    size_t len; /* 0: silence */
    size_t twin_len;
    bool protected; /* rode again already */
    uint8_t data[EAR_PAYLOAD_MAX];
    uint8_t twin[EAR_PAYLOAD_MAX];
};

/* A block to be written: of these carriers, far NULL for a copy or the XOR of one. */
struct planned {
    struct ear_block block;
    struct carrier *near, *far;
};

struct ear_protect {
    struct ear_protect_pattern pattern;
    uint64_t made; /* carriers so far; number n lies at n % KEPT */
    struct carrier carriers[KEPT];
    int planned_count;
    struct planned planned[PLANNED_MAX];
    uint8_t sum[EAR_PAYLOAD_MAX]; /* of the one XOR planned */
};

int ear_protect_new(struct ear_protect **ret)
{
    struct ear_protect *protect = calloc(1, sizeof *protect);
    if (!protect)
        return -ENOMEM;
    *ret = protect;
    return 0;
}

void ear_protect_reset(struct ear_protect *protect)
{
    struct ear_protect_pattern pattern = protect->pattern;
    ear_sodium_wipe(protect, sizeof *protect);
    protect->pattern = pattern;
}

void ear_protect_free(struct ear_protect *protect)
{
    if (!protect)
        return;
    ear_protect_reset(protect);
    free(protect);
}

int ear_protect_set(struct ear_protect *protect, const struct ear_protect_pattern *pattern)
{
    bool is_xor = pattern->kind == EAR_PROTECT_XOR, none = pattern->kind == EAR_PROTECT_NONE;
    if (pattern->kind > EAR_PROTECT_XOR || pattern->count > EAR_PROTECT_BLOCKS_MAX ||
        none != (pattern->count == 0) || (is_xor && pattern->count != XOR_DISTANCES))
        return -EINVAL;
    for (int i = 0; i < pattern->count; i++)
        if (pattern->distance[i] <= (i > 0 ? pattern->distance[i - 1] : 0) ||
            pattern->distance[i] > EAR_PROTECT_DISTANCE_MAX)
            return -EINVAL;
    protect->pattern = *pattern;
    return 0;
}

static bool is_near(const struct carrier *c, int64_t index, int64_t most)
{
    return c->index < index && index - c->index <= most;
}

/* The packet of speech so many carriers before the next one, NULL where there is none or it lies
 * more than `most` units before index. */
static struct carrier *carrier_at(struct ear_protect *protect, int distance, int64_t index,
                                  int64_t most)
{
    if ((uint64_t)distance > protect->made)
        return NULL;
    struct carrier *c = &protect->carriers[(protect->made - (uint64_t)distance) % KEPT];
    return c->len > 0 && is_near(c, index, most) ? c : NULL;
}

/* Plans one more block if there is room; returns its bytes. */
static size_t add(struct ear_protect *protect, const struct planned *planned, size_t room)
{
    size_t bytes = ear_block_bytes(&planned->block);
    if (bytes > room)
        return 0;
    protect->planned[protect->planned_count++] = *planned;
    return bytes;
}

static size_t add_copy(struct ear_protect *protect, struct carrier *c, int64_t index, size_t room)
{
    bool low =
        protect->pattern.kind == EAR_PROTECT_LOW_COPY && c->twin_len > 0 && c->twin_len < c->len;
    struct planned planned = {.near = c,
                              .block = {.kind = EAR_BLOCK_COPY,
                                        .distance = (uint8_t)(index - c->index),
                                        .data = low ? c->twin : c->data,
                                        .len = low ? c->twin_len : c->len}};
    return add(protect, &planned, room);
}

static size_t plan_copies(struct ear_protect *protect, int64_t index, size_t room)
{
    size_t bytes = 0;
    for (int i = 0; i < protect->pattern.count; i++) {
        struct carrier *c =
            carrier_at(protect, protect->pattern.distance[i], index, EAR_BLOCK_DISTANCE_MAX);
        if (c)
            bytes += add_copy(protect, c, index, room - bytes);
    }
    return bytes;
}

/* What both hold, XORed; far may be NULL. */
static void sum_up(uint8_t *sum, const struct carrier *near, const struct carrier *far)
{
    memset(sum, 0, EAR_PAYLOAD_MAX);
    memcpy(sum, near->data, near->len);
    for (size_t i = 0; far && i < far->len; i++)
        sum[i] ^= far->data[i];
}

static size_t plan_xor(struct ear_protect *protect, int64_t index, size_t room)
{
    const uint8_t *distance = protect->pattern.distance;
    struct carrier *near = carrier_at(protect, distance[0], index, EAR_BLOCK_DISTANCE_MAX);
    /* Alone, the farther one must be as near. */
    struct carrier *far = carrier_at(protect, distance[1], index,
                                     near ? EAR_BLOCK_SECOND_MAX : EAR_BLOCK_DISTANCE_MAX);
    if (!near) {
        near = far;
        far = NULL;
    }
    if (!near)
        return 0;
    bool longer = far && far->len > near->len;
    struct planned planned = {
        .near = near,
        .far = far,
        .block = {.kind = EAR_BLOCK_XOR,
                  .distance = (uint8_t)(index - near->index),
                  .second = far ? (uint8_t)(index - far->index) : 0,
                  .lengths = (uint16_t)(near->len ^ (far ? far->len : 0)),
                  .data = protect->sum,
                  .len = longer ? far->len : near->len},
    };
    size_t bytes = add(protect, &planned, room);
    if (bytes > 0)
        sum_up(protect->sum, near, far);
    return bytes;
}

static int farthest(const struct ear_protect *protect)
{
    const struct ear_protect_pattern *p = &protect->pattern;
    return p->count > 0 ? p->distance[p->count - 1] : 0;
}

static bool is_planned(const struct ear_protect *protect, const struct carrier *c)
{
    for (int i = 0; i < protect->planned_count; i++)
        if (protect->planned[i].near == c || protect->planned[i].far == c)
            return true;
    return false;
}

/* Packets that the pattern would have ride for the first time later on, newest first. */
static size_t plan_waiting(struct ear_protect *protect, int64_t index, size_t room)
{
    size_t bytes = 0;
    for (int d = 1; d <= farthest(protect) && protect->planned_count < PLANNED_MAX; d++) {
        struct carrier *c = carrier_at(protect, d, index, EAR_BLOCK_DISTANCE_MAX);
        if (c && !c->protected && !is_planned(protect, c))
            bytes += add_copy(protect, c, index, room - bytes);
    }
    return bytes;
}

size_t ear_protect_plan(struct ear_protect *protect, int64_t index, bool silence, size_t room)
{
    size_t bytes = 0;
    protect->planned_count = 0;
    if (protect->pattern.kind == EAR_PROTECT_XOR)
        bytes = plan_xor(protect, index, room);
    else if (protect->pattern.kind != EAR_PROTECT_NONE)
        bytes = plan_copies(protect, index, room);
    return silence ? bytes + plan_waiting(protect, index, room - bytes) : bytes;
}

void ear_protect_write(const struct ear_protect *protect, struct ear_writer *w)
{
    for (int i = 0; i < protect->planned_count; i++)
        ear_block_build(w, &protect->planned[i].block);
}

size_t ear_protect_bytes_max(const struct ear_protect_pattern *pattern, size_t packet_bytes,
                             size_t twin_bytes)
{
    struct ear_block block = {.kind = EAR_BLOCK_COPY, .len = packet_bytes};
    switch (pattern->kind) {
    case EAR_PROTECT_XOR:
        block.kind = EAR_BLOCK_XOR;
        return ear_block_bytes(&block);
    case EAR_PROTECT_LOW_COPY:
        block.len = twin_bytes < packet_bytes ? twin_bytes : packet_bytes;
        return pattern->count * ear_block_bytes(&block);
    case EAR_PROTECT_COPY:
        return pattern->count * ear_block_bytes(&block);
    case EAR_PROTECT_NONE:
    default:
        return 0;
    }
}

void ear_protect_put(struct ear_protect *protect, const struct ear_protect_carrier *carrier)
{
    assert(carrier->len <= EAR_PAYLOAD_MAX && carrier->len != 1);
    assert(carrier->twin_len <= EAR_PAYLOAD_MAX && carrier->twin_len != 1);
    for (int i = 0; i < protect->planned_count; i++) {
        protect->planned[i].near->protected = true;
        if (protect->planned[i].far)
            protect->planned[i].far->protected = true;
    }
    protect->planned_count = 0;
    struct carrier *c = &protect->carriers[protect->made++ % KEPT];
    c->index = carrier->index;
    c->protected = false;
    /* Both ends XOR the packet's shortest form, whatever it is padded to on its way. */
    c->len = carrier->len > 0 ? ear_pad_strip(carrier->data, carrier->len, c->data) : 0;
    c->twin_len = carrier->twin_len;
    if (c->twin_len > 0)
        memcpy(c->twin, carrier->twin, c->twin_len);
}

bool ear_protect_owes(const struct ear_protect *protect, int64_t index)
{
    for (int d = 1; d <= farthest(protect) && (uint64_t)d <= protect->made; d++) {
        const struct carrier *c = &protect->carriers[(protect->made - (uint64_t)d) % KEPT];
        if (c->len > 0 && !c->protected && is_near(c, index, EAR_BLOCK_DISTANCE_MAX))
            return true;
    }
    return false;
}
