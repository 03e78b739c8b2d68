/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A network of several places in virtual time: constant delay, some loss, and datagrams out of
 * nowhere. */
#ifndef EAR_HUB_H
#define EAR_HUB_H

#include "base/clock.h"
#include "base/random.h"
#include "port/datagrams.h"

#define EAR_HUB_PLACES 8
#define EAR_HUB_WAITING 1024

struct ear_hub_datagram {
    int64_t arrive_us;
    struct ear_address from;
    int to;
    size_t len; /* 0: this slot is free */
    uint8_t data[EAR_DATAGRAM_MAX];
};

struct ear_hub;
struct ear_hub_place {
    struct ear_hub *hub;
    int number;
};

struct ear_hub {
    const struct ear_clock *clock;
    struct ear_random random;
    int64_t delay_us;
    double loss;
    bool cut[EAR_HUB_PLACES];       /* neither sends nor receives */
    bool lost_from[EAR_HUB_PLACES]; /* sends in vain */
    /* From one to another: in vain; longer on the way. */
    bool parted[EAR_HUB_PLACES][EAR_HUB_PLACES];
    int64_t extra_us[EAR_HUB_PLACES][EAR_HUB_PLACES];
    struct ear_hub_place places[EAR_HUB_PLACES];
    struct ear_hub_datagram waiting[EAR_HUB_WAITING];
    int64_t sent;
    /* sees each datagram that is sent; may be NULL */
    void (*tap)(void *ctx, int from, int to, const uint8_t *data, size_t len);
    void *ctx;
};

void ear_hub_init(struct ear_hub *hub, const struct ear_clock *clock, uint64_t seed);
struct ear_datagrams ear_hub_end(struct ear_hub *hub, int place);
struct ear_address ear_hub_address(int place);
/* Hands a place a datagram at once, as if it came from any address. */
void ear_hub_inject(struct ear_hub *hub, const struct ear_address *from, int to,
                    const uint8_t *data, size_t len);
int64_t ear_hub_next_us(const struct ear_hub *hub);

#endif
