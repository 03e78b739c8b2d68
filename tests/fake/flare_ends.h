/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two ends that send each other flares: what one sends lies in its box. */
#ifndef EAR_FAKE_FLARE_ENDS_H
#define EAR_FAKE_FLARE_ENDS_H

#include <string.h>

#include "base/random.h"
#include "call/flares.h"
#include "wire/mail_frame.h"

#define FLARE_BOX 256

/* Person 2 of end 0 is end 1, whose person 1 it is. */
struct flare_end {
    struct ear_guests guests;
    struct ear_meetings meetings;
    struct ear_door door;
    struct ear_send send;
    struct ear_flares flares;
    uint64_t stamps;
    struct ear_random random;
    int count; /* in the box; what is more is lost */
    struct {
        struct ear_address to;
        size_t len;
        uint8_t data[EAR_DATAGRAM_MAX];
    } box[FLARE_BOX];
};

static inline struct ear_address flare_address(int number)
{
    return (struct ear_address){.bytes = {(uint8_t)number}, .len = 1};
}

static inline void flare_chance(void *ctx, void *out, size_t len)
{
    for (size_t i = 0; i < len; i++)
        ((uint8_t *)out)[i] = (uint8_t)ear_random_u64((struct ear_random *)ctx);
}

static inline int flare_put(void *ctx, const struct ear_address *to, const uint8_t *data,
                            size_t len)
{
    struct flare_end *e = ctx;
    if (e->count == FLARE_BOX)
        return (int)len;
    e->box[e->count].to = *to;
    e->box[e->count].len = len;
    memcpy(e->box[e->count++].data, data, len);
    return (int)len;
}

static inline int flare_get(void *ctx, struct ear_address *ret, uint8_t *out, size_t cap)
{
    return 0;
}

static inline bool flare_nobody(void *ctx, const uint8_t *peer, const struct ear_call *call,
                                struct ear_door_peer *ret)
{
    return false;
}

static inline uint64_t flare_stamp(void *ctx)
{
    return ++((struct flare_end *)ctx)->stamps;
}

/* The program begins, anew. */
static inline void flare_begin(struct flare_end *e)
{
    const struct ear_chance random = {.fill = flare_chance, .ctx = &e->random};
    struct ear_door_config door = {.lookup = flare_nobody,
                                   .chance = random,
                                   .calls_per_s = EAR_DOOR_CALLS_PER_S,
                                   .cookies_per_s = EAR_DOOR_COOKIES_PER_S};
    memcpy(door.self.secret, e->guests.static_secret, EAR_KEY_BYTES);
    memcpy(door.self.public, e->guests.static_public, EAR_KEY_BYTES);
    const struct ear_datagrams net = {.send = flare_put, .receive = flare_get, .ctx = e};
    ear_meetings_init(&e->meetings, &net, true);
    ear_door_init(&e->door, &door);
    e->send.net = net;
    const struct ear_flares_parts parts = {.door = &e->door,
                                           .guests = &e->guests,
                                           .meetings = &e->meetings,
                                           .send = &e->send,
                                           .chance = random,
                                           .stamp = flare_stamp,
                                           .ctx = e};
    ear_guests_begin_flares(&e->guests);
    ear_flares_init(&e->flares, &parts);
}

/* An urgent message; returns its length. */
static inline size_t flare_frame(const char *text, uint8_t mark,
                                 uint8_t out[static EAR_MAIL_FRAME_MAX])
{
    const struct ear_mail_frame urgent = {
        .kind = EAR_MAIL_WHOLE,
        .label = {.serial = 5, .what = EAR_MAIL_URGENT, .written_s = 1700000000, .mark = {mark}},
        .body = (const uint8_t *)text,
        .body_len = strlen(text)};
    return ear_mail_frame_build(&urgent, out, EAR_MAIL_FRAME_MAX);
}

static inline void flare_ends_begin(struct flare_end ends[static 2], uint64_t seed)
{
    static const uint8_t psk[EAR_KEY_BYTES] = {42};
    memset(ends, 0, 2 * sizeof *ends);
    for (int i = 0; i < 2; i++) {
        struct ear_guests *guests = &ends[i].guests;
        ends[i].random = ear_random_seeded(seed + (uint64_t)i);
        ends[i].stamps = 1000;
        flare_chance(&ends[i].random, guests->static_secret, EAR_KEY_BYTES);
        ear_sodium_public(guests->static_secret, guests->static_public);
    }
    for (int i = 0; i < 2; i++) {
        struct ear_guest *guest = &ends[i].guests.list[ends[i].guests.count++];
        guest->number = (uint32_t)(2 - i);
        guest->has_key = true;
        memcpy(guest->static_key, ends[1 - i].guests.static_public, EAR_KEY_BYTES);
        ear_psk_set(&guest->psks[i ? EAR_PSK_GIVEN : EAR_PSK_TAKEN], psk);
        flare_begin(&ends[i]);
    }
}

#endif
