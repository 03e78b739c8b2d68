/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A snapshot of an engine. */
#include <string.h>

#include "call/engine_inside.h"

bool ear_engine_is_relayed(const struct ear_engine *e)
{
    return e->current && ear_meetings_is_relayed(&e->current->address);
}

void ear_engine_get_status(struct ear_engine *e, struct ear_engine_status *ret)
{
    int64_t now_us = ear_engine_now_us(e);
    bool talks = ear_phase_is_talk(e->phase);
    *ret = (struct ear_engine_status){
        .phase = e->phase,
        .ending = e->ending,
        .talk_us = talks ? now_us - e->talk_us : e->talked_us,
        .muted = e->muted,
        .they_muted = e->they_muted,
        .their_mic_dead = e->their_mic_dead,
        .relayed = ear_engine_is_relayed(e),
        .rung = ear_accord_rung(&e->accord),
        .rungs = e->rungs,
        .turn = e->accord.turns.holder,
        .sent = ear_switchboard_sent(&e->board),
        .received_datagrams = ear_switchboard_received(&e->board).datagrams,
        .received_bytes = ear_switchboard_received(&e->board).bytes,
        .sent_bps = 8 * ear_meter_rate(&e->sent_meter, now_us, 3),
        .received_bps = 8 * ear_meter_rate(&e->received_meter, now_us, 3),
        .sent_peak_bps = (double)e->sent_meter.peak_10s * 8 / 10,
        .lost_us = e->phase == EAR_PHASE_LOST ? now_us - e->liveness.heard_us : 0,
        .outages = e->outages.count,
        .refused_datagrams = e->refused + e->board.refused + e->board.receive.counts.refused,
    };
    memcpy(ret->outage, e->outages.first, sizeof ret->outage);
    ear_talk_get_status(e->talk, now_us, &ret->talk);
    ret->format = ear_plan_format(&ret->talk.plan);
}
