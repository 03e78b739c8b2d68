/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two ends with fixed keys, for tests of tunnels and doors: one calls, the other has a door. */
#ifndef EAR_FAKE_ENDS_H
#define EAR_FAKE_ENDS_H

#include <string.h>

#include "base/random.h"
#include "wire/tunnel.h"

#define ENDS_CONNECT "ENet's CONNECT"

struct ends {
    struct ear_random random; /* where the keys come from, so that a seed repeats a run */
    struct ear_keypair keys[2];
    uint8_t psk[EAR_KEY_BYTES];
    struct ear_door door;                  /* of end 1 */
    uint64_t known_clock_ms;               /* what end 1 remembers of end 0 */
    struct ear_tunnel_limits limits;       /* of both */
    struct ear_tunnel tunnels[2];          /* end 0 calls */
    struct ear_door_call call;             /* the last one at the door */
    uint8_t reply[EAR_COOKIE_REPLY_BYTES]; /* what the door last wanted to be sent */
};

static inline void ends_chance(void *ctx, void *out, size_t len)
{
    struct ear_random *random = ctx;
    for (size_t i = 0; i < len; i++)
        ((uint8_t *)out)[i] = (uint8_t)ear_random_u64(random);
}

static inline bool ends_lookup(void *ctx, const uint8_t *peer, const struct ear_call *call,
                               struct ear_door_peer *ret)
{
    struct ends *e = ctx;
    (void)call;
    if (memcmp(peer, e->keys[0].public, EAR_KEY_BYTES) != 0)
        return false;
    memcpy(ret->psk, e->psk, EAR_KEY_BYTES);
    ret->clock_ms = e->known_clock_ms;
    return true;
}

/* lower: which end has the lower static key. */
static inline void ends_init(struct ends *e, uint64_t seed, int lower)
{
    *e = (struct ends){.random = ear_random_seeded(seed), .limits = ear_tunnel_limits_usual};
    for (int i = 0; i < 2; i++) {
        ends_chance(&e->random, e->keys[i].secret, EAR_KEY_BYTES);
        ear_sodium_public(e->keys[i].secret, e->keys[i].public);
    }
    if ((memcmp(e->keys[0].public, e->keys[1].public, EAR_KEY_BYTES) < 0) != (lower == 0)) {
        struct ear_keypair first = e->keys[0];
        e->keys[0] = e->keys[1];
        e->keys[1] = first;
    }
    ends_chance(&e->random, e->psk, sizeof e->psk);
    const struct ear_door_config config = {
        .self = e->keys[1],
        .lookup = ends_lookup,
        .ctx = e,
        .chance = {.fill = ends_chance, .ctx = &e->random},
        .calls_per_s = EAR_DOOR_CALLS_PER_S,
        .cookies_per_s = EAR_DOOR_COOKIES_PER_S,
    };
    ear_door_init(&e->door, &config);
}

static inline struct ear_tunnel_config ends_config(struct ends *e, int end, uint64_t clock_ms)
{
    struct ear_tunnel_config config = {
        .self = e->keys[end],
        .clock_ms = clock_ms,
        .chance = {.fill = ends_chance, .ctx = &e->random},
        .limits = e->limits,
    };
    memcpy(config.peer, e->keys[1 - end].public, EAR_KEY_BYTES);
    memcpy(config.psk, e->psk, EAR_KEY_BYTES);
    return config;
}

/* End 0 calls; returns as ear_tunnel_init_caller. */
static inline int ends_call(struct ends *e, uint64_t clock_ms, int64_t now_us)
{
    const struct ear_bytes connect = {ENDS_CONNECT, sizeof ENDS_CONNECT - 1};
    struct ear_tunnel_config config = ends_config(e, 0, clock_ms);
    return ear_tunnel_init_caller(&e->tunnels[0], &config, &connect, now_us);
}

/* A datagram comes to end 1's door; returns as ear_door_take. */
static inline int ends_knock(struct ends *e, const uint8_t *data, size_t len, int64_t now_us)
{
    const struct ear_bytes source = {"source", 6}, datagram = {data, len};
    return ear_door_take(&e->door, &source, &datagram, now_us, &e->call, e->reply);
}

/* End 1 answers e->call; returns as ear_tunnel_init_callee. */
static inline int ends_accept(struct ends *e, int64_t now_us, uint8_t *answer)
{
    struct ear_tunnel_config config = ends_config(e, 1, 1);
    e->known_clock_ms = e->call.call.clock_ms;
    return ear_tunnel_init_callee(&e->tunnels[1], &config, &e->call, now_us, answer);
}

/* The whole handshake, end 0 calling. Returns whether both have keys. */
static inline bool ends_join(struct ends *e, uint64_t seed)
{
    uint8_t message[EAR_CALL_BYTES_MAX], answer[EAR_ANSWER_BYTES];
    ends_init(e, seed, 0);
    if (ends_call(e, 1, 0) < 0)
        return false;
    size_t len = ear_tunnel_next_handshake(&e->tunnels[0], 0, message);
    if (len == 0 || ends_knock(e, message, len, 0) != 0 ||
        ends_accept(e, 0, answer) != EAR_ANSWER_BYTES)
        return false;
    const struct ear_bytes answered = {answer, sizeof answer};
    return ear_tunnel_take_handshake(&e->tunnels[0], &answered, 0, message) == 0;
}

#endif
