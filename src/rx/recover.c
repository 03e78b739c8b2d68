/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keeps the bytes of what is known, and XORs until one of their packets is missing alone. */
#include "rx/recover.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "port/sodium.h"
#include "wire/pad.h"

#define PACKET_MIN 2
#define BITS 64
#define GIVEN_WORDS (EAR_INDEX_MODULO / BITS)

static_assert(EAR_RECOVER_UNITS > EAR_BLOCK_SECOND_MAX, "what an XOR names may be kept");
static_assert(EAR_INDEX_MODULO % EAR_RECOVER_UNITS == 0, "slots and bits share their numbers");

/* A packet as it was encoded, in its shortest form: what XORs are made of. */
struct exact {
    int64_t index; /* -1: none */
    size_t len;
    uint8_t data[EAR_PAYLOAD_MAX];
};

struct waiting {
    int64_t near, far; /* far -1: the XOR of one */
    bool open;
    uint16_t lengths;
    size_t len;
    uint8_t sum[EAR_PAYLOAD_MAX];
};

struct ear_recover {
    int64_t newest; /* highest index seen, -1: none */
    bool changed;   /* since no XOR could be solved */
    size_t next_waiting;
    uint64_t given[GIVEN_WORDS]; /* of the last 2^14 units, which came or were given back */
    struct exact exact[EAR_RECOVER_UNITS];
    struct waiting waiting[EAR_RECOVER_WAITING];
};

int ear_recover_new(struct ear_recover **ret)
{
    struct ear_recover *recover = malloc(sizeof *recover);
    if (!recover)
        return -ENOMEM;
    ear_recover_reset(recover);
    *ret = recover;
    return 0;
}

void ear_recover_reset(struct ear_recover *recover)
{
    ear_sodium_wipe(recover, sizeof *recover);
    recover->newest = -1;
    for (int i = 0; i < EAR_RECOVER_UNITS; i++)
        recover->exact[i].index = -1;
}

void ear_recover_free(struct ear_recover *recover)
{
    if (!recover)
        return;
    ear_sodium_wipe(recover, sizeof *recover);
    free(recover);
}

static uint64_t *word_of(struct ear_recover *recover, int64_t index)
{
    return &recover->given[index % EAR_INDEX_MODULO / BITS];
}

static uint64_t bit_of(int64_t index)
{
    return (uint64_t)1 << (index % BITS);
}

/* What is 2^14 units old gives its bit to the new. */
static void advance(struct ear_recover *recover, int64_t index)
{
    if (index <= recover->newest)
        return;
    if (index - recover->newest >= EAR_INDEX_MODULO)
        memset(recover->given, 0, sizeof recover->given);
    else
        for (int64_t i = recover->newest + 1; i <= index; i++)
            *word_of(recover, i) &= ~bit_of(i);
    recover->newest = index;
}

/* Whether it is the first time; what is too old to know never is. */
static bool give(struct ear_recover *recover, int64_t index)
{
    if (index < 0 || index <= recover->newest - EAR_INDEX_MODULO ||
        *word_of(recover, index) & bit_of(index))
        return false;
    *word_of(recover, index) |= bit_of(index);
    return true;
}

static struct exact *slot_of(struct ear_recover *recover, int64_t index)
{
    return &recover->exact[index % EAR_RECOVER_UNITS];
}

static struct exact *find(struct ear_recover *recover, int64_t index)
{
    struct exact *exact = slot_of(recover, index);
    return exact->index == index ? exact : NULL;
}

/* Returns the slot to be filled, NULL where the packet is known or too old. */
static struct exact *claim(struct ear_recover *recover, int64_t index)
{
    struct exact *exact = slot_of(recover, index);
    if (index < 0 || index <= recover->newest - EAR_RECOVER_UNITS || exact->index == index)
        return NULL;
    exact->index = index;
    recover->changed = true;
    return exact;
}

static void learn(struct ear_recover *recover, int64_t index, const uint8_t *data, size_t len)
{
    struct exact *exact = claim(recover, index);
    if (exact)
        exact->len = ear_pad_strip(data, len, exact->data);
}

void ear_recover_put(struct ear_recover *recover, int64_t index, const uint8_t *data, size_t len)
{
    assert(len >= PACKET_MIN && len <= EAR_PAYLOAD_MAX);
    advance(recover, index);
    give(recover, index);
    learn(recover, index, data, len);
}

/* An XOR has its place until as many others have come. */
static void wait_for(struct ear_recover *recover, int64_t index, const struct ear_block *block)
{
    int64_t near = index - block->distance;
    int64_t far = block->second > 0 ? index - block->second : -1;
    if (near < 0 || (block->second > 0 && far < 0))
        return;
    struct waiting *w = &recover->waiting[recover->next_waiting++ % EAR_RECOVER_WAITING];
    *w = (struct waiting){
        .open = true, .near = near, .far = far, .lengths = block->lengths, .len = block->len};
    memcpy(w->sum, block->data, block->len);
    recover->changed = true;
}

static int give_back(struct ear_recover *recover, int64_t index, const struct ear_block *block,
                     enum ear_recovered_how how, struct ear_recovered *ret)
{
    if (!give(recover, index))
        return 0;
    *ret =
        (struct ear_recovered){.index = index, .data = block->data, .len = block->len, .how = how};
    return 1;
}

int ear_recover_block(struct ear_recover *recover, int64_t index, const struct ear_block *block,
                      struct ear_recovered *ret)
{
    int64_t meant;
    advance(recover, index);
    switch (block->kind) {
    case EAR_BLOCK_COPY:
        return give_back(recover, index - block->distance, block, EAR_RECOVERED_COPY, ret);
    case EAR_BLOCK_REPAIR:
        meant = ear_index_before(block->index, index);
        if (meant >= 0)
            learn(recover, meant, block->data, block->len);
        return give_back(recover, meant, block, EAR_RECOVERED_REPAIR, ret);
    case EAR_BLOCK_XOR:
        wait_for(recover, index, block);
        return 0;
    case EAR_BLOCK_PADDING:
    case EAR_BLOCK_NOTHING:
    default:
        return 0;
    }
}

/* Takes one packet out of the sum. Returns the other's length, 0 for what cannot be a packet. */
static size_t take_out(struct waiting *w, const struct exact *known)
{
    size_t known_len = known ? known->len : 0, len = w->lengths ^ known_len;
    if (known_len > w->len || len > w->len || (len < w->len && known_len < w->len) ||
        len < PACKET_MIN)
        return 0;
    for (size_t i = 0; i < known_len; i++)
        w->sum[i] ^= known->data[i];
    /* What is left behind the shorter one's end can only be a sum of others. */
    for (size_t i = len; i < w->len; i++)
        if (w->sum[i] != 0)
            return 0;
    return len;
}

/* Solves one XOR if it can be; returns the packet that is known by it now, NULL. */
static struct exact *solve(struct ear_recover *recover, struct waiting *w)
{
    struct exact *near = find(recover, w->near);
    struct exact *far = w->far >= 0 ? find(recover, w->far) : NULL;
    bool both = near && (far || w->far < 0);
    if (!w->open || (!near && !far && w->far >= 0))
        return NULL;
    w->open = false;
    if (both)
        return NULL;
    size_t len = take_out(w, near ? near : far);
    struct exact *exact = len > 0 ? claim(recover, near ? w->far : w->near) : NULL;
    if (!exact)
        return NULL;
    exact->len = len;
    memcpy(exact->data, w->sum, len);
    return exact;
}

bool ear_recover_next(struct ear_recover *recover, struct ear_recovered *ret)
{
    while (recover->changed) {
        recover->changed = false;
        for (int i = 0; i < EAR_RECOVER_WAITING; i++) {
            const struct exact *exact = solve(recover, &recover->waiting[i]);
            if (!exact || !give(recover, exact->index))
                continue;
            *ret = (struct ear_recovered){.index = exact->index,
                                          .data = exact->data,
                                          .len = exact->len,
                                          .how = EAR_RECOVERED_XOR};
            return true;
        }
    }
    return false;
}
