/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The relay itself: one datagram in, the datagrams that follow from it out. Pure. */
#ifndef EAR_RELAY_REFLECT_H
#define EAR_RELAY_REFLECT_H

#include "relay/limits.h"
#include "wire/rendezvous.h"

#define EAR_REFLECT_SEED_BYTES 32
/* One datagram leads to two at the most. */
#define EAR_REFLECT_OUT_MAX 2

/* All limits of one call, one address and the whole follow from these. Zero is not allowed. */
struct ear_reflect_config {
    uint32_t max_bindings;                /* at most 2^20 */
    uint32_t per_address;                 /* bindings that one address may hold places in */
    int64_t call_bps;                     /* each way of a call, headers included, at most 10^8 */
    int64_t total_bps;                    /* forwarded in all, at most 10^10 */
    uint8_t seed[EAR_REFLECT_SEED_BYTES]; /* all of the relay's secrets come from here */
    /* An end has taken a place; for those who run the relay and asked for it. May be NULL. */
    void (*on_bound)(void *ctx, const struct ear_relay_address *address);
    void *ctx;
};

extern const struct ear_reflect_config ear_reflect_usual;

/* Why a datagram came to nothing. */
enum ear_drop {
    EAR_DROP_STRANGER,  /* from an address that is not bound */
    EAR_DROP_ALONE,     /* the other end is not there */
    EAR_DROP_MALFORMED, /* of the relay's kinds, but none that an end sends */
    EAR_DROP_COOKIE,    /* not this relay's, of another address, or too old */
    EAR_DROP_PROOF,     /* does not know the secret */
    EAR_DROP_STALE,     /* a place has been proved with a newer cookie */
    EAR_DROP_FULL,      /* no room; told so */
    EAR_DROP_CALL,      /* over the rate of its call */
    EAR_DROP_ADDRESS,   /* over a limit of its address */
    EAR_DROP_TOTAL,     /* over a limit of the whole */
    EAR_DROP_UNSENT,    /* the system would not send it; counted by the owner */
    EAR_DROP_LONG,      /* longer than any of Earshot's; counted by the owner */
};
#define EAR_DROP_COUNT (EAR_DROP_LONG + 1)
const char *ear_drop_name(enum ear_drop drop);

struct ear_reflect_counts {
    int64_t in_datagrams, in_bytes;
    int64_t out_datagrams, out_bytes;
    int64_t challenges;
    int64_t bindings_made, bindings_forgotten;
    int64_t moves; /* a place taken by another address */
    int64_t dropped[EAR_DROP_COUNT];
};

struct ear_reflect_out {
    struct ear_relay_address to;
    const uint8_t *data; /* own, or the datagram that came in */
    size_t len;
    uint8_t own[EAR_RENDEZVOUS_BYTES_MAX];
};

/* Fixed in size from the start. thread: its owner's. */
struct ear_reflect;

/* Returns 0, -EINVAL, -ENOMEM. ear_sodium_start first. */
EAR_CHECK int ear_reflect_new(struct ear_reflect **ret, const struct ear_reflect_config *config);
void ear_reflect_free(struct ear_reflect *reflect);

/* Takes one datagram; returns how many are to be sent for it. Their bytes together are never more
 * than those that came in, and they go to addresses that have proved themselves, or (a challenge)
 * back to where this came from. data must last as long as out is used. */
int ear_reflect_take(struct ear_reflect *reflect, int64_t now_us,
                     const struct ear_relay_address *from, const uint8_t *data, size_t len,
                     struct ear_reflect_out out[static EAR_REFLECT_OUT_MAX]);
/* Forgets who has been silent for five minutes. Once a second or so. */
void ear_reflect_expire(struct ear_reflect *reflect, int64_t now_us);

uint32_t ear_reflect_bindings(const struct ear_reflect *reflect);
/* Writable: the owner counts what happens at the socket. */
struct ear_reflect_counts *ear_reflect_counts(struct ear_reflect *reflect);

#endif
