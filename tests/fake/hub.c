/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Datagrams wait in slots until their time has come. */
#include "fake/hub.h"

#include <errno.h>
#include <string.h>

void ear_hub_init(struct ear_hub *hub, const struct ear_clock *clock, uint64_t seed)
{
    memset(hub, 0, sizeof *hub);
    hub->clock = clock;
    hub->random = ear_random_seeded(seed);
    hub->delay_us = 50 * EAR_US_PER_MS;
    for (int i = 0; i < EAR_HUB_PLACES; i++)
        hub->places[i] = (struct ear_hub_place){.hub = hub, .number = i};
}

struct ear_address ear_hub_address(int place)
{
    return (struct ear_address){.bytes = {'h', 'u', 'b', (uint8_t)place}, .len = 4};
}

static void put(struct ear_hub *hub, int64_t arrive_us, const struct ear_address *from, int to,
                const uint8_t *data, size_t len)
{
    for (size_t i = 0; i < EAR_HUB_WAITING; i++) {
        struct ear_hub_datagram *slot = &hub->waiting[i];
        if (slot->len > 0)
            continue;
        *slot =
            (struct ear_hub_datagram){.arrive_us = arrive_us, .from = *from, .to = to, .len = len};
        memcpy(slot->data, data, len);
        return;
    }
}

static int hub_send(void *ctx, const struct ear_address *to, const uint8_t *data, size_t len)
{
    const struct ear_hub_place *place = ctx;
    struct ear_hub *hub = place->hub;
    struct ear_address from = ear_hub_address(place->number);
    int there = to->bytes[3];
    if (len > EAR_DATAGRAM_MAX)
        return -EMSGSIZE;
    if (to->len != 4 || memcmp(to->bytes, "hub", 3) != 0 || there >= EAR_HUB_PLACES)
        return -EHOSTUNREACH;
    hub->sent++;
    if (hub->tap)
        hub->tap(hub->ctx, place->number, there, data, len);
    bool lost = ear_random_unit(&hub->random) < hub->loss || hub->lost_from[place->number] ||
                hub->parted[place->number][there];
    int64_t delay_us = hub->delay_us + hub->extra_us[place->number][there];
    if (len > 0 && !lost && !hub->cut[place->number] && !hub->cut[there])
        put(hub, ear_clock_now_us(hub->clock) + delay_us, &from, there, data, len);
    return 0;
}

static int hub_receive(void *ctx, struct ear_address *ret_from, uint8_t *data, size_t cap)
{
    const struct ear_hub_place *place = ctx;
    struct ear_hub *hub = place->hub;
    struct ear_hub_datagram *first = NULL;
    for (size_t i = 0; i < EAR_HUB_WAITING; i++) {
        struct ear_hub_datagram *d = &hub->waiting[i];
        if (d->len > 0 && d->to == place->number && (!first || d->arrive_us < first->arrive_us))
            first = d;
    }
    if (!first || first->arrive_us > ear_clock_now_us(hub->clock))
        return -EAGAIN;
    size_t len = first->len;
    first->len = 0;
    if (len > cap)
        return hub_receive(ctx, ret_from, data, cap);
    *ret_from = first->from;
    memcpy(data, first->data, len);
    return (int)len;
}

struct ear_datagrams ear_hub_end(struct ear_hub *hub, int place)
{
    return (struct ear_datagrams){
        .send = hub_send, .receive = hub_receive, .ctx = &hub->places[place]};
}

void ear_hub_inject(struct ear_hub *hub, const struct ear_address *from, int to,
                    const uint8_t *data, size_t len)
{
    if (len > 0 && len <= EAR_DATAGRAM_MAX)
        put(hub, ear_clock_now_us(hub->clock), from, to, data, len);
}

int64_t ear_hub_next_us(const struct ear_hub *hub)
{
    int64_t next = INT64_MAX;
    for (size_t i = 0; i < EAR_HUB_WAITING; i++)
        if (hub->waiting[i].len > 0)
            next = ear_min64(next, hub->waiting[i].arrive_us);
    return next;
}
