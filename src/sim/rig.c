/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Steps two engines and their link from event to event of a virtual clock. */
#include "sim/rig.h"

#include <errno.h>
#include <stdlib.h>

#include "base/random.h"
#include "port/enet_link.h"
#include "sim/enet_virtual.h"
#include "sim/introduce.h"

#define TEND_US (100 * EAR_US_PER_MS)

struct ear_rig {
    struct ear_rig_config config;
    struct ear_clock_virtual time;
    struct ear_clock clock;
    struct ear_link *link;
    struct ear_random random;
    struct ear_guests *guests[2]; /* as after a restart: each engine has a copy of its own */
    struct ear_engine *engines[2];
    bool frozen[2];
    int64_t due_us[2];
    int64_t tend_us;
    bool enet_started;
};

/* Keys that repeat with the seed. */
static void fill(void *ctx, void *out, size_t len)
{
    struct ear_random *random = ctx;
    for (size_t i = 0; i < len; i++)
        ((uint8_t *)out)[i] = (uint8_t)(ear_random_u64(random) >> 32);
}

static int introduce(struct ear_rig *rig)
{
    const struct ear_chance chance = {.fill = fill, .ctx = &rig->random};
    rig->random = ear_random_seeded(rig->config.seed);
    for (int end = 0; end < 2; end++) {
        rig->guests[end] = calloc(1, sizeof *rig->guests[end]);
        if (!rig->guests[end])
            return -ENOMEM;
    }
    ear_introduce(rig->guests, 2, &chance);
    return 0;
}

static int make_engine(struct ear_rig *rig, int end)
{
    const struct ear_rig_end *of = &rig->config.ends[end];
    const struct ear_engine_config config = {
        .clock = &rig->clock,
        .net = ear_link_end(rig->link, end),
        .mic = of->mic,
        .speaker = of->speaker,
        .codec = of->codec,
        .again = of->again,
        .guests = rig->guests[end],
        .stamps = {.last = (uint64_t)rig->time.now_us / 1000 + 1, .end = UINT64_MAX},
        .chance = {.fill = fill, .ctx = &rig->random},
        .accept = end == 1,
        .auto_answer = rig->config.auto_answer,
        .wire_budget_bps = of->wire_budget_bps > 0
                               ? of->wire_budget_bps
                               : ear_rate_usual_budget_bps(EAR_QUALITY_BALANCED),
        .known_bps = of->known_bps,
        .on_play = of->on_play,
        .ctx = of->ctx,
    };
    rig->due_us[end] = rig->time.now_us;
    return ear_engine_new(&rig->engines[end], &config);
}

int ear_rig_new(struct ear_rig **ret, const struct ear_rig_config *config)
{
    struct ear_rig *rig = calloc(1, sizeof *rig);
    if (!rig)
        return -ENOMEM;
    rig->config = *config;
    rig->time.now_us = rig->tend_us = config->start_us;
    rig->clock = ear_clock_from_virtual(&rig->time);
    ear_enet_virtual_start(&rig->clock, config->enet_offset_ms);
    int err = ear_sodium_start();
    if (!err)
        err = introduce(rig);
    if (!err)
        err = ear_enet_start();
    rig->enet_started = err == 0;
    if (!err && !ear_enet_virtual_works())
        err = -EOPNOTSUPP;
    if (!err)
        err = ear_link_new(&rig->link, config->profile, &rig->clock, config->seed);
    for (int end = 0; !err && end < 2; end++)
        err = make_engine(rig, end);
    if (err) {
        ear_rig_free(rig);
        return err;
    }
    *ret = rig;
    return 0;
}

void ear_rig_free(struct ear_rig *rig)
{
    if (!rig)
        return;
    for (int end = 0; end < 2; end++) {
        ear_engine_free(rig->engines[end]);
        if (rig->guests[end])
            ear_guests_wipe(rig->guests[end]);
        free(rig->guests[end]);
    }
    ear_link_free(rig->link);
    if (rig->enet_started)
        ear_enet_stop();
    free(rig);
}

struct ear_engine *ear_rig_engine(struct ear_rig *rig, int end)
{
    return rig->engines[end];
}

struct ear_link *ear_rig_link(struct ear_rig *rig)
{
    return rig->link;
}

int64_t ear_rig_now_us(const struct ear_rig *rig)
{
    return rig->time.now_us;
}

static int64_t next_us(const struct ear_rig *rig)
{
    int64_t next = ear_link_next_us(rig->link);
    for (int end = 0; end < 2; end++)
        if (!rig->frozen[end])
            next = ear_min64(next, rig->due_us[end]);
    if (rig->config.tend)
        next = ear_min64(next, rig->tend_us);
    return next;
}

/* Datagrams for a machine that is gone pile up nowhere. */
static void discard(struct ear_rig *rig, int end)
{
    struct ear_datagrams net = ear_link_end(rig->link, end);
    struct ear_address from;
    uint8_t data[EAR_DATAGRAM_MAX];
    while (net.receive(net.ctx, &from, data, sizeof data) >= 0)
        ;
}

static void step(struct ear_rig *rig, bool arrival)
{
    int64_t now = rig->time.now_us;
    if (rig->config.tend && now >= rig->tend_us) {
        rig->config.tend(rig->config.ctx);
        rig->tend_us = now + TEND_US;
    }
    for (int end = 0; end < 2; end++) {
        if (rig->frozen[end]) {
            discard(rig, end);
            continue;
        }
        if (arrival || now >= rig->due_us[end])
            rig->due_us[end] = ear_engine_step(rig->engines[end]);
    }
}

void ear_rig_run(struct ear_rig *rig, int64_t duration_us)
{
    int64_t end = rig->time.now_us + duration_us;
    for (;;) {
        int64_t arrival = ear_link_next_us(rig->link);
        int64_t next = next_us(rig);
        if (next > end)
            break;
        rig->time.now_us = ear_max64(rig->time.now_us, next);
        step(rig, arrival <= rig->time.now_us);
    }
    rig->time.now_us = end;
}

void ear_rig_freeze(struct ear_rig *rig, int end, bool frozen)
{
    rig->frozen[end] = frozen;
}

int ear_rig_restart(struct ear_rig *rig, int end)
{
    ear_engine_free(rig->engines[end]);
    rig->engines[end] = NULL;
    rig->frozen[end] = false;
    return make_engine(rig, end);
}

void ear_rig_dial(struct ear_rig *rig)
{
    const struct ear_command command = {
        .kind = EAR_COMMAND_DIAL, .address = ear_link_address(1), .guest = 2};
    ear_engine_command(rig->engines[0], &command);
    rig->due_us[0] = rig->time.now_us;
}

void ear_rig_command(struct ear_rig *rig, int end, enum ear_command_kind kind, bool on)
{
    const struct ear_command command = {.kind = kind, .on = on};
    ear_engine_command(rig->engines[end], &command);
    rig->due_us[end] = rig->time.now_us;
}
