/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A fixed store of packets, chained in the order of their index. */
#include "rx/jitter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NONE (-1)
/* Units back from next for which it is remembered whether they were played: 41 s. */
#define PLAYED_UNITS 2048

struct slot {
    struct ear_jitter_packet packet;
    int after;  /* next later one, or next free one */
    int before; /* next earlier one */
};

struct ear_jitter {
    struct slot slots[EAR_JITTER_SLOTS];
    int first;
    int last;
    int spare; /* head of the free ones */
    bool started;
    int64_t next;
    bool played[PLAYED_UNITS];
};

int ear_jitter_new(struct ear_jitter **ret)
{
    struct ear_jitter *jitter = malloc(sizeof(*jitter));
    if (!jitter)
        return -ENOMEM;
    ear_jitter_clear(jitter);
    *ret = jitter;
    return 0;
}

void ear_jitter_free(struct ear_jitter *jitter)
{
    free(jitter);
}

void ear_jitter_clear(struct ear_jitter *jitter)
{
    memset(jitter, 0, sizeof(*jitter));
    jitter->first = jitter->last = NONE;
    for (int i = 0; i < EAR_JITTER_SLOTS; i++)
        jitter->slots[i].after = i + 1 < EAR_JITTER_SLOTS ? i + 1 : NONE;
}

static bool *played_at(struct ear_jitter *jitter, int64_t index)
{
    return &jitter->played[(uint64_t)index % PLAYED_UNITS];
}

/* Silence sorts before speech of the same index: a spurt may begin where silence was told. */
static bool is_later(const struct ear_jitter_packet *a, const struct ear_jitter_packet *b)
{
    if (a->index != b->index)
        return a->index > b->index;
    return a->units > 0 && b->units == 0;
}

/* A spurt begins so much before it is noticed: silence may have been told up to there, and played
 * to the middle of the spurt's first packet. */
#define EARLY_UNITS (100 / EAR_UNIT_MS)

static bool overlap(const struct ear_jitter_packet *a, const struct ear_jitter_packet *b)
{
    if (a->units == 0 || b->units == 0)
        return a->units == b->units && a->index == b->index;
    return a->index < b->index + b->units && b->index < a->index + a->units;
}

static void chain(struct ear_jitter *jitter, int slot, int before)
{
    int after = before == NONE ? jitter->first : jitter->slots[before].after;
    jitter->slots[slot].before = before;
    jitter->slots[slot].after = after;
    *(before == NONE ? &jitter->first : &jitter->slots[before].after) = slot;
    *(after == NONE ? &jitter->last : &jitter->slots[after].before) = slot;
}

static void drop_first(struct ear_jitter *jitter)
{
    int slot = jitter->first;
    jitter->first = jitter->slots[slot].after;
    *(jitter->first == NONE ? &jitter->last : &jitter->slots[jitter->first].before) = NONE;
    jitter->slots[slot].after = jitter->spare;
    jitter->spare = slot;
}

int ear_jitter_put(struct ear_jitter *jitter, const struct ear_jitter_packet *packet)
{
    if (jitter->started && packet->index < jitter->next - PLAYED_UNITS)
        return -ERANGE;
    if (jitter->started && packet->index < jitter->next) {
        if (*played_at(jitter, packet->index))
            return -EEXIST;
        if (packet->index + packet->units <= jitter->next ||
            jitter->next - packet->index > EARLY_UNITS)
            return -ESTALE;
    }
    int before = jitter->last;
    while (before != NONE && is_later(&jitter->slots[before].packet, packet))
        before = jitter->slots[before].before;
    int after = before == NONE ? jitter->first : jitter->slots[before].after;
    if (before != NONE && overlap(&jitter->slots[before].packet, packet))
        return -EEXIST;
    if (after != NONE && overlap(&jitter->slots[after].packet, packet))
        return -EEXIST;
    if (jitter->spare == NONE)
        return -ENOBUFS;
    int slot = jitter->spare;
    jitter->spare = jitter->slots[slot].after;
    jitter->slots[slot].packet = *packet;
    chain(jitter, slot, before);
    return 0;
}

const struct ear_jitter_packet *ear_jitter_first(const struct ear_jitter *jitter)
{
    return jitter->first == NONE ? NULL : &jitter->slots[jitter->first].packet;
}

enum ear_jitter_due ear_jitter_due(const struct ear_jitter *jitter)
{
    const struct ear_jitter_packet *first = ear_jitter_first(jitter);
    if (!first)
        return EAR_JITTER_NOTHING;
    if (!jitter->started || first->index <= jitter->next)
        return first->units ? EAR_JITTER_PACKET : EAR_JITTER_SILENCE;
    return first->spurt_start ? EAR_JITTER_PAUSE : EAR_JITTER_LOST;
}

int64_t ear_jitter_next(const struct ear_jitter *jitter)
{
    return jitter->next;
}

int64_t ear_jitter_span(const struct ear_jitter *jitter)
{
    if (jitter->first == NONE)
        return 0;
    const struct ear_jitter_packet *last = &jitter->slots[jitter->last].packet;
    return last->index + last->units - jitter->slots[jitter->first].packet.index;
}

int64_t ear_jitter_pauses(const struct ear_jitter *jitter)
{
    int64_t sum = 0, end = jitter->next;
    bool silent = false;
    for (int i = jitter->first; i != NONE; i = jitter->slots[i].after) {
        const struct ear_jitter_packet *packet = &jitter->slots[i].packet;
        if (packet->units > 0 && (silent || packet->spurt_start))
            sum += ear_max64(0, packet->index - end);
        if (!silent || packet->units > 0)
            end = packet->index + packet->units;
        silent = packet->units == 0;
    }
    return sum;
}

/* Moves next on and remembers what was played of the way from `from`; a leap of minutes clears it
 * all. */
static void move_next(struct ear_jitter *jitter, int64_t from, int64_t index, bool played)
{
    for (int64_t i = ear_max64(from, index - PLAYED_UNITS); i < index; i++)
        *played_at(jitter, i) = played;
    jitter->next = index;
    jitter->started = true;
}

void ear_jitter_play(struct ear_jitter *jitter)
{
    const struct ear_jitter_packet *first = ear_jitter_first(jitter);
    if (!first)
        return;
    ear_jitter_skip(jitter, first->index);
    /* A spurt may begin before next, in silence that was told. */
    int64_t from = first->index, end = from + first->units;
    drop_first(jitter);
    move_next(jitter, from, end, true);
    ear_jitter_skip(jitter, end);
}

int ear_jitter_drop(struct ear_jitter *jitter)
{
    const struct ear_jitter_packet *first = ear_jitter_first(jitter);
    int thrown = first && first->units > 0;
    if (first)
        drop_first(jitter);
    return thrown;
}

int ear_jitter_skip(struct ear_jitter *jitter, int64_t index)
{
    int thrown = 0;
    while (jitter->first != NONE && jitter->slots[jitter->first].packet.index < index) {
        thrown += jitter->slots[jitter->first].packet.units > 0;
        drop_first(jitter);
    }
    if (!jitter->started || index > jitter->next)
        move_next(jitter, jitter->started ? jitter->next : index, index, false);
    return thrown;
}
