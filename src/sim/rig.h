/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two engines and a bad link between them in virtual time: a day in minutes. */
#ifndef EAR_RIG_H
#define EAR_RIG_H

#include "call/engine.h"
#include "sim/link.h"

struct ear_rig_end {
    struct ear_mic *mic; /* borrowed, as all here */
    struct ear_speaker *speaker;
    struct ear_codec *codec;
    struct ear_codec *again; /* see call/engine.h */
    int wire_budget_bps;
    int known_bps; /* see call/engine.h */
    void (*on_play)(void *ctx, const struct ear_play_event *event);
    void *ctx;
};

struct ear_rig_config {
    const struct ear_profile *profile;
    uint64_t seed;
    int64_t start_us;        /* of the virtual clock */
    uint32_t enet_offset_ms; /* ENet's clock is this far ahead */
    bool auto_answer;        /* of end 1, which listens; end 0 dials */
    struct ear_rig_end ends[2];
    void (*tend)(void *ctx); /* what a worker thread would do, ten times a second; may be NULL */
    void *ctx;
};

struct ear_rig;

/* Makes both engines; refuses (-EOPNOTSUPP) where ENet cannot be had in virtual time. */
EAR_CHECK int ear_rig_new(struct ear_rig **ret, const struct ear_rig_config *config);
void ear_rig_free(struct ear_rig *rig);

struct ear_engine *ear_rig_engine(struct ear_rig *rig, int end);
struct ear_link *ear_rig_link(struct ear_rig *rig);
int64_t ear_rig_now_us(const struct ear_rig *rig);

/* Lets this much time pass. */
void ear_rig_run(struct ear_rig *rig, int64_t duration_us);
/* An end that vanishes stops stepping: a crash, as the other side sees it. */
void ear_rig_freeze(struct ear_rig *rig, int end, bool frozen);
/* A new engine in the place of a crashed one, as after a restart of the program. */
EAR_CHECK int ear_rig_restart(struct ear_rig *rig, int end);

void ear_rig_dial(struct ear_rig *rig);
void ear_rig_command(struct ear_rig *rig, int end, enum ear_command_kind kind, bool on);

#endif
