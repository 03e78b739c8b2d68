/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Joins the way out and the way in: each carries what the other has to tell. */
#include "call/talk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "line/planner.h"

/* "They hear you" rests on an acknowledgement of something sent in the last seconds. */
#define HEARS_FRESH_US (3 * (int64_t)EAR_US_PER_S)

struct ear_talk {
    struct ear_talk_config config;
    struct ear_speak *speak;
    struct ear_listen *listen;
    struct ear_audio out; /* built last, until it is known whether it left */
    size_t out_len;
    int64_t rtt_us;
    int hold_ms;
    bool hold_asked; /* by them; before that it is what both know without a word */
    int64_t start_us, tended_us;
    bool whole, forced;
    enum ear_rung forced_rung;
};

int ear_talk_new(struct ear_talk **ret, const struct ear_talk_config *config)
{
    struct ear_talk *talk = calloc(1, sizeof *talk);
    if (!talk)
        return -ENOMEM;
    talk->config = *config;
    const struct ear_speak_config speak = {.mic = config->mic,
                                           .codec = config->codec,
                                           .always = config->always,
                                           .budget_bps = config->budget_bps,
                                           .known_bps = config->known_bps};
    const struct ear_listen_config listen = {.speaker = config->speaker,
                                             .codec = config->codec,
                                             .again = config->again,
                                             .on_event = config->on_event,
                                             .ctx = config->ctx};
    int err = ear_speak_new(&talk->speak, &speak);
    if (!err)
        err = ear_listen_new(&talk->listen, &listen);
    if (err) {
        ear_talk_free(talk);
        return err;
    }
    *ret = talk;
    return 0;
}

void ear_talk_free(struct ear_talk *talk)
{
    if (!talk)
        return;
    ear_speak_free(talk->speak);
    ear_listen_free(talk->listen);
    free(talk);
}

static void set_hold(struct ear_talk *talk)
{
    ear_listen_hold(talk->listen, talk->hold_ms * (int64_t)EAR_US_PER_MS, talk->whole);
}

void ear_talk_start(struct ear_talk *talk, int64_t now_us)
{
    talk->config.codec->reset(talk->config.codec->ctx);
    talk->rtt_us = 0;
    talk->start_us = talk->tended_us = now_us;
    talk->hold_asked = false;
    talk->hold_ms = ear_talk_hold_unasked(talk);
    talk->whole = false;
    ear_speak_start(talk->speak, now_us);
    ear_listen_start(talk->listen, now_us);
    set_hold(talk);
}

int64_t ear_talk_end(struct ear_talk *talk, struct ear_unheard *unheard)
{
    ear_listen_end(talk->listen);
    return ear_speak_end(talk->speak, unheard);
}

size_t ear_talk_tx_step(struct ear_talk *talk, int64_t now_us, const struct ear_talk_gate *gate,
                        uint8_t *out, size_t cap)
{
    struct ear_audio *audio = &talk->out;
    *audio = (struct ear_audio){0};
    ear_listen_ride(talk->listen, talk->rtt_us, now_us, audio);
    const struct ear_speak_gate speak = {
        .muted = gate->muted,
        .speech_worth = gate->speech_worth,
        .kept = gate->kept,
        .urges = ear_listen_urges(talk->listen, talk->rtt_us, now_us),
    };
    if (!ear_speak_step(talk->speak, now_us, &speak, audio))
        return 0;
    int len = ear_audio_build(audio, out, cap);
    if (len < 0)
        return 0;
    talk->out_len = (size_t)len;
    return talk->out_len;
}

void ear_talk_sent(struct ear_talk *talk, bool left, int64_t now_us)
{
    if (left) {
        ear_speak_sent(talk->speak, &talk->out, talk->out_len, now_us);
        ear_listen_rode(talk->listen, &talk->out, now_us);
    } else {
        ear_speak_stayed(talk->speak, &talk->out, now_us);
        ear_listen_stayed(talk->listen, now_us);
    }
}

void ear_talk_all_sent(struct ear_talk *talk, int64_t bytes, int64_t now_us)
{
    ear_speak_all_sent(talk->speak, bytes, now_us);
}

int ear_talk_take(struct ear_talk *talk, const uint8_t *data, size_t len, int64_t now_us)
{
    struct ear_audio audio;
    int err = ear_audio_parse(data, len, &audio);
    if (!err)
        err = ear_listen_take(talk->listen, &audio, now_us);
    if (err)
        return err;
    ear_speak_heard(talk->speak, now_us);
    ear_speak_told(talk->speak, &audio, now_us);
    return 0;
}

void ear_talk_rx_step(struct ear_talk *talk, int64_t now_us)
{
    ear_listen_step(talk->listen, talk->rtt_us, now_us);
}

void ear_talk_tend(struct ear_talk *talk, int64_t now_us)
{
    talk->tended_us = now_us;
    if (!talk->hold_asked && talk->hold_ms != ear_talk_hold_unasked(talk)) {
        talk->hold_ms = ear_talk_hold_unasked(talk);
        set_hold(talk);
    }
    struct ear_speak_status speak;
    ear_speak_get_status(talk->speak, &speak);
    talk->rtt_us = (int64_t)(speak.line.rtt_ms * EAR_US_PER_MS);
    struct ear_listen_status listen;
    ear_listen_get_status(talk->listen, &listen);
    const struct ear_ladder_ask ask = {
        .budget_bps = talk->config.budget_bps,
        .concealed = listen.play.loss,
        .mouth_to_ear_rtt_ms = speak.line.rtt_ms > 0
                                   ? speak.line.rtt_ms + listen.play.delay_ms +
                                         speak.line.playout_ms + 2 * speak.plan.packet_ms
                                   : 0,
        .forced = talk->forced,
        .rung = talk->forced_rung,
        .answers = true,
    };
    ear_speak_tend(talk->speak, &ask, now_us);
}

struct ear_ladder_say ear_talk_ladder(const struct ear_talk *talk)
{
    struct ear_speak_status speak;
    ear_speak_get_status(talk->speak, &speak);
    return speak.ladder;
}

void ear_talk_force(struct ear_talk *talk, bool forced, enum ear_rung rung)
{
    talk->forced = forced;
    talk->forced_rung = rung;
}

void ear_talk_set_whole(struct ear_talk *talk, bool whole)
{
    if (talk->whole == whole)
        return;
    talk->whole = whole;
    set_hold(talk);
}

void ear_talk_hold(struct ear_talk *talk, int hold_ms)
{
    talk->hold_asked = true;
    talk->hold_ms = hold_ms;
    set_hold(talk);
}

int ear_talk_hold_unasked(const struct ear_talk *talk)
{
    bool early = talk->tended_us - talk->start_us < EAR_PLANNER_HOLD_FIRST_US;
    return early ? EAR_PLANNER_HOLD_FIRST_MS : 0;
}

bool ear_talk_repairs_wideband(const struct ear_talk *talk)
{
    return talk->config.codec->enhances_wideband;
}

void ear_talk_they_repair_wideband(struct ear_talk *talk, bool repair)
{
    ear_speak_repairs_wideband(talk->speak, repair);
}

int ear_talk_hold_there(const struct ear_talk *talk)
{
    struct ear_speak_status speak;
    ear_speak_get_status(talk->speak, &speak);
    return speak.plan.hold_ms;
}

void ear_talk_skip(struct ear_talk *talk)
{
    ear_listen_skip(talk->listen);
}

void ear_talk_play_missed(struct ear_talk *talk, bool on)
{
    ear_listen_play_missed(talk->listen, on);
}

void ear_talk_move(struct ear_talk *talk, int64_t now_us)
{
    ear_speak_move(talk->speak, now_us);
}

void ear_talk_hurry(struct ear_talk *talk)
{
    ear_speak_hurry(talk->speak);
}

int64_t ear_talk_due_us(const struct ear_talk *talk, int64_t now_us)
{
    int64_t due =
        ear_min64(ear_speak_due_us(talk->speak, now_us), ear_listen_due_us(talk->listen, now_us));
    return ear_max64(due, now_us);
}

void ear_talk_get_status(const struct ear_talk *talk, int64_t now_us, struct ear_talk_status *ret)
{
    struct ear_speak_status out;
    struct ear_listen_status in;
    ear_speak_get_status(talk->speak, &out);
    ear_listen_get_status(talk->listen, &in);
    *ret = (struct ear_talk_status){
        .play = in.play,
        .journal_t0_us = out.journal_t0_us,
        .next_us = out.next_us,
        .packets_sent = out.packets_sent,
        .silences_sent = out.silences_sent,
        .repairs_sent = out.repairs_sent,
        .spoken_us = out.spoken_us,
        .withheld_us = out.withheld_us,
        .mic_gone = out.mic_gone,
        .mic_dead = out.mic_dead,
        .speaker_gone = in.speaker_gone,
        .mic_level_db = out.mic_level_db,
        .heard_level_db = in.level_db,
        .hears_me = out.line.known && now_us - out.line.acked_sent_us < HEARS_FRESH_US,
        .rtt_ms = out.line.rtt_ms,
        .loss_there = out.line.loss_slow,
        .playout_there_ms = out.line.playout_ms,
        .catching_up_us = in.catching_up_us,
        .fetching_us = in.fetching_us,
        .missed_us = in.missed_us,
        .lost_us = in.lost_us,
        .plays_missed = in.plays_missed,
        .lost_count = in.lost_count,
        .line = out.line,
        .ladder = out.ladder,
        .plan = out.plan,
    };
    memcpy(ret->lost, in.lost, sizeof ret->lost);
}
