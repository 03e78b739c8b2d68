/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two hash tables with chains over one array of bindings, and a list in order of silence. */
#include "relay/table.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX
#define CAPACITY_MAX (1u << 22)
/* A chain longer than this does not arise by chance: the hash has a secret key, and there are at
 * least as many chains as entries (Poisson of mean 1: 10^-22). Whoever would make it longer is
 * told that the relay is full. */
#define CHAIN_MAX 20

struct ear_table {
    uint32_t capacity, count;
    uint32_t mask; /* of both tables of chains */
    uint32_t unused;
    uint32_t oldest, newest;
    uint8_t key[EAR_SIPHASH_KEY_BYTES];
    uint32_t *by_token;   /* first binding of each chain */
    uint32_t *by_address; /* first speaking place of each chain: binding * 2 + role */
    struct ear_binding *bindings;
};

int ear_table_new(struct ear_table **ret, uint32_t capacity,
                  const uint8_t key[static EAR_SIPHASH_KEY_BYTES])
{
    if (capacity == 0 || capacity > CAPACITY_MAX)
        return -EINVAL;
    struct ear_table *t = calloc(1, sizeof *t);
    if (!t)
        return -ENOMEM;
    uint32_t chains = 1;
    while (chains < 2 * capacity)
        chains *= 2;
    t->by_token = malloc(chains * sizeof *t->by_token);
    t->by_address = malloc(chains * sizeof *t->by_address);
    t->bindings = calloc(capacity, sizeof *t->bindings);
    if (!t->by_token || !t->by_address || !t->bindings) {
        ear_table_free(t);
        return -ENOMEM;
    }
    memset(t->by_token, 0xff, chains * sizeof *t->by_token);
    memset(t->by_address, 0xff, chains * sizeof *t->by_address);
    memcpy(t->key, key, sizeof t->key);
    t->capacity = capacity;
    t->mask = chains - 1;
    t->oldest = t->newest = NONE;
    for (uint32_t i = 0; i < capacity; i++)
        t->bindings[i].next = i + 1 < capacity ? i + 1 : NONE;
    *ret = t;
    return 0;
}

void ear_table_free(struct ear_table *t)
{
    if (!t)
        return;
    free(t->by_token);
    free(t->by_address);
    free(t->bindings);
    free(t);
}

uint32_t ear_table_count(const struct ear_table *t)
{
    return t->count;
}

static uint32_t number(const struct ear_table *t, const struct ear_binding *b)
{
    return (uint32_t)(b - t->bindings);
}

static uint32_t *token_chain(struct ear_table *t, const uint8_t *token)
{
    return &t->by_token[ear_siphash(t->key, token, EAR_RENDEZVOUS_SHORT_BYTES) & t->mask];
}

static uint32_t *address_chain(struct ear_table *t, const struct ear_relay_address *address)
{
    return &t->by_address[ear_siphash(t->key, address, sizeof *address) & t->mask];
}

static struct ear_place *place_at(struct ear_table *t, uint32_t place)
{
    return &t->bindings[place / 2].places[place % 2];
}

struct ear_binding *ear_table_find(struct ear_table *t,
                                   const uint8_t token[static EAR_RENDEZVOUS_TOKEN_BYTES])
{
    for (uint32_t i = *token_chain(t, token); i != NONE; i = t->bindings[i].next)
        if (memcmp(t->bindings[i].token, token, EAR_RENDEZVOUS_TOKEN_BYTES) == 0)
            return &t->bindings[i];
    return NULL;
}

struct ear_binding *ear_table_find_place(struct ear_table *t,
                                         const uint8_t begin[static EAR_RENDEZVOUS_SHORT_BYTES],
                                         const struct ear_relay_address *address, int *ret_role)
{
    for (uint32_t i = *token_chain(t, begin); i != NONE; i = t->bindings[i].next) {
        struct ear_binding *b = &t->bindings[i];
        if (memcmp(b->token, begin, EAR_RENDEZVOUS_SHORT_BYTES) != 0)
            continue;
        for (int role = 0; role < 2; role++) {
            if (b->places[role].taken &&
                ear_relay_address_equal(&b->places[role].address, address)) {
                *ret_role = role;
                return b;
            }
        }
    }
    return NULL;
}

static uint32_t find_speaker(struct ear_table *t, const struct ear_relay_address *address)
{
    for (uint32_t i = *address_chain(t, address); i != NONE; i = place_at(t, i)->next)
        if (ear_relay_address_equal(&place_at(t, i)->address, address))
            return i;
    return NONE;
}

struct ear_binding *ear_table_speaker(struct ear_table *t, const struct ear_relay_address *address,
                                      int *ret_role)
{
    uint32_t place = find_speaker(t, address);
    if (place == NONE)
        return NULL;
    *ret_role = (int)(place % 2);
    return &t->bindings[place / 2];
}

struct ear_binding *ear_table_oldest(struct ear_table *t)
{
    return t->oldest == NONE ? NULL : &t->bindings[t->oldest];
}

static void append_newest(struct ear_table *t, struct ear_binding *b)
{
    uint32_t n = number(t, b);
    b->older = t->newest;
    b->newer = NONE;
    if (t->newest == NONE)
        t->oldest = n;
    else
        t->bindings[t->newest].newer = n;
    t->newest = n;
}

static void cut_out(struct ear_table *t, struct ear_binding *b)
{
    if (b->older == NONE)
        t->oldest = b->newer;
    else
        t->bindings[b->older].newer = b->newer;
    if (b->newer == NONE)
        t->newest = b->older;
    else
        t->bindings[b->newer].older = b->older;
}

struct ear_binding *ear_table_add(struct ear_table *t, int64_t now_us,
                                  const uint8_t token[static EAR_RENDEZVOUS_TOKEN_BYTES])
{
    uint32_t *chain = token_chain(t, token), n = t->unused;
    int length = 0;
    for (uint32_t i = *chain; i != NONE; i = t->bindings[i].next)
        length++;
    if (n == NONE || length >= CHAIN_MAX)
        return NULL;
    struct ear_binding *b = &t->bindings[n];
    t->unused = b->next;
    *b = (struct ear_binding){.next = *chain, .heard_us = now_us};
    memcpy(b->token, token, EAR_RENDEZVOUS_TOKEN_BYTES);
    *chain = n;
    t->count++;
    append_newest(t, b);
    return b;
}

void ear_table_remove(struct ear_table *t, struct ear_binding *b)
{
    uint32_t *link = token_chain(t, b->token);
    assert(!b->places[0].taken && !b->places[1].taken);
    while (*link != number(t, b))
        link = &t->bindings[*link].next;
    *link = b->next;
    cut_out(t, b);
    b->next = t->unused;
    t->unused = number(t, b);
    t->count--;
}

void ear_table_touch(struct ear_table *t, struct ear_binding *b, int role, int64_t now_us)
{
    b->places[role].heard_us = b->heard_us = now_us;
    if (t->newest != number(t, b)) {
        cut_out(t, b);
        append_newest(t, b);
    }
}

static void silence(struct ear_table *t, uint32_t place)
{
    uint32_t *link = address_chain(t, &place_at(t, place)->address);
    while (*link != place)
        link = &place_at(t, *link)->next;
    *link = place_at(t, place)->next;
    place_at(t, place)->speaks = false;
}

int ear_table_let_speak(struct ear_table *t, struct ear_binding *b, int role)
{
    struct ear_place *place = &b->places[role];
    assert(place->taken);
    if (place->speaks)
        return 0;
    uint32_t before = find_speaker(t, &place->address);
    if (before != NONE)
        silence(t, before);
    uint32_t *chain = address_chain(t, &place->address);
    int length = 0;
    for (uint32_t i = *chain; i != NONE; i = place_at(t, i)->next)
        length++;
    if (length >= CHAIN_MAX)
        return -ENOSPC;
    place->next = *chain;
    place->speaks = true;
    *chain = number(t, b) * 2 + (uint32_t)role;
    return 0;
}

int ear_table_seat(struct ear_table *t, struct ear_binding *b, int role,
                   const struct ear_relay_address *address)
{
    struct ear_place *place = &b->places[role];
    assert(!place->taken);
    /* The rate of a call outlives a move. */
    *place = (struct ear_place){.address = *address, .taken = true, .bits = place->bits};
    int err = ear_table_let_speak(t, b, role);
    if (err < 0)
        place->taken = false;
    return err;
}

void ear_table_unseat(struct ear_table *t, struct ear_binding *b, int role)
{
    struct ear_place *place = &b->places[role];
    assert(place->taken);
    if (place->speaks)
        silence(t, number(t, b) * 2 + (uint32_t)role);
    place->taken = false;
}
