/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One end of a call, from command and datagram to event and datagram. */
#include "call/engine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/random.h"
#include "base/ring.h"
#include "call/liveness.h"
#include "call/meter.h"
#include "call/session.h"
#include "call/signal.h"

/* One call, and three more ends that are being told that we are busy. */
#define SESSIONS 4
#define COMMANDS 64
#define EVENTS 256
#define SNAPSHOTS 4

/* Fifteen hellos get through at 50 % loss each way but for one call in seventy. */
#define UNREACHABLE_US (15 * (int64_t)EAR_US_PER_S)
#define NO_ANSWER_US (60 * (int64_t)EAR_US_PER_S)
/* An incoming call whose caller has not been heard for this long has gone away. */
#define CALLER_GONE_US (30 * (int64_t)EAR_US_PER_S)
/* Our goodbye is resent for this long; the other side would notice our silence anyway. */
#define GOODBYE_US (3 * (int64_t)EAR_US_PER_S)
/* Bounds the loop between network and ENet in one step. */
#define ROUNDS_MAX 32
/* ENet's own timers are looked at this often when nothing else wakes the engine. */
#define TICK_US (20 * EAR_US_PER_MS)
#define IDLE_TICK_US (200 * EAR_US_PER_MS)
#define SNAPSHOT_US (100 * EAR_US_PER_MS)

struct ear_engine {
    struct ear_engine_config config;
    struct ear_random random;
    struct ear_ring commands, events, snapshots;
    struct ear_receive receive;
    struct ear_send send;
    struct ear_session sessions[SESSIONS];
    struct ear_session *current; /* of the call; NULL when there is none */
    struct ear_talk *talk;
    struct ear_codec_format format;
    struct ear_meter sent_meter, received_meter;

    enum ear_phase phase;
    enum ear_ending ending;
    int64_t phase_us;  /* since when */
    int64_t talk_us;   /* when the talk began */
    int64_t talked_us; /* how long the last talk was */
    struct ear_liveness liveness;
    bool muted, they_muted, their_mic_dead;
    bool mic_dead, mic_gone, speaker_gone; /* as told last */
    int64_t outages;
    struct ear_outage outage[EAR_OUTAGES_KEPT];
    int64_t snapshot_us;
    int64_t enet_us; /* when ENet's timers were looked at last */
    int64_t refused;
};

static int64_t engine_now_us(const struct ear_engine *e)
{
    return ear_clock_now_us(e->config.clock);
}

/* ---- making and ending ---- */

int ear_engine_new(struct ear_engine **ret, const struct ear_engine_config *config)
{
    struct ear_engine *e = calloc(1, sizeof *e);
    if (!e)
        return -ENOMEM;
    e->config = *config;
    e->random = ear_random_seeded(config->seed);
    e->receive.net = e->send.net = config->net;
    e->format = ear_rate_format(config->wire_budget_bps);
    const struct ear_talk_config talk = {.mic = config->mic,
                                         .speaker = config->speaker,
                                         .codec = config->codec,
                                         .on_event = config->on_play,
                                         .ctx = config->ctx};
    int err = ear_talk_new(&e->talk, &talk);
    if (!err)
        err = ear_ring_init(&e->commands, sizeof(struct ear_command), COMMANDS);
    if (!err)
        err = ear_ring_init(&e->events, sizeof(struct ear_event), EVENTS);
    if (!err)
        err = ear_ring_init(&e->snapshots, sizeof(struct ear_engine_status), SNAPSHOTS);
    for (size_t i = 0; !err && i < SESSIONS; i++)
        err = ear_session_init(&e->sessions[i]);
    if (err) {
        ear_engine_free(e);
        return err;
    }
    *ret = e;
    return 0;
}

void ear_engine_free(struct ear_engine *e)
{
    if (!e)
        return;
    for (size_t i = 0; i < SESSIONS; i++)
        ear_session_fini(&e->sessions[i]);
    ear_ring_fini(&e->snapshots);
    ear_ring_fini(&e->events);
    ear_ring_fini(&e->commands);
    ear_talk_free(e->talk);
    free(e);
}

bool ear_engine_command(struct ear_engine *e, const struct ear_command *command)
{
    return ear_ring_put(&e->commands, command, 1) == 1;
}

bool ear_engine_event(struct ear_engine *e, struct ear_event *ret)
{
    return ear_ring_take(&e->events, ret, 1) == 1;
}

bool ear_engine_poll_status(struct ear_engine *e, struct ear_engine_status *ret)
{
    bool fresh = false;
    while (ear_ring_take(&e->snapshots, ret, 1) == 1)
        fresh = true;
    return fresh;
}

/* ---- telling ---- */

static void tell(struct ear_engine *e, const struct ear_event *event)
{
    if (ear_ring_put(&e->events, event, 1) != 1)
        ear_log(EAR_LOG_ERROR, "engine: an event was dropped, nobody takes them");
}

static void tell_change(struct ear_engine *e, enum ear_event_kind kind, bool *told, bool is)
{
    if (*told == is)
        return;
    *told = is;
    tell(e, &(struct ear_event){.kind = kind, .on = is});
}

static void say(struct ear_session *session, enum ear_signal_kind kind, bool on)
{
    const struct ear_signal signal = {.kind = kind, .on = on};
    uint8_t bytes[EAR_SIGNAL_BYTES_MAX];
    size_t len = ear_signal_build(&signal, bytes);
    int err = ear_enet_link_send_control(session->link, bytes, len);
    if (err)
        ear_log(EAR_LOG_DEBUG, "signal: %d was not sent (%d)", (int)kind, err);
}

/* ---- the call's phases ---- */

static void begin_talk(struct ear_engine *e, int64_t now_us)
{
    e->talk_us = now_us;
    e->outages = 0;
    e->they_muted = e->their_mic_dead = false;
    e->mic_dead = e->mic_gone = e->speaker_gone = false;
    ear_liveness_start(&e->liveness, now_us);
    ear_talk_start(e->talk, now_us);
    ear_talk_set_format(e->talk, &e->format);
    if (e->muted)
        say(e->current, EAR_SIGNAL_MUTE, true);
}

static void end_outage(struct ear_engine *e, int64_t now_us)
{
    if (e->outages > 0 && e->outages <= EAR_OUTAGES_KEPT) {
        struct ear_outage *last = &e->outage[e->outages - 1];
        last->duration_us = now_us - e->talk_us - last->begin_us;
    }
}

static void begin_outage(struct ear_engine *e)
{
    if (e->outages < EAR_OUTAGES_KEPT)
        e->outage[e->outages] = (struct ear_outage){.begin_us = e->liveness.heard_us - e->talk_us};
    e->outages++;
}

/* The one way from phase to phase: what goes with it happens here. */
static bool go(struct ear_engine *e, enum ear_happening happening, enum ear_ending ending,
               int64_t now_us)
{
    enum ear_phase before = e->phase;
    if (!ear_phase_go(&e->phase, happening))
        return false;
    if (e->phase == before)
        return true;
    e->phase_us = now_us;
    if (ending != EAR_ENDING_NONE)
        e->ending = ending;
    if (before == EAR_PHASE_LOST)
        end_outage(e, now_us);
    if (ear_phase_is_talk(before) && !ear_phase_is_talk(e->phase))
        e->talked_us = now_us - e->talk_us;
    if (before == EAR_PHASE_IDLE)
        e->ending = EAR_ENDING_NONE;
    if (ear_phase_is_talk(e->phase) && !ear_phase_is_talk(before))
        begin_talk(e, now_us);
    if (e->phase == EAR_PHASE_LOST)
        begin_outage(e);
    if (e->current)
        ear_enet_link_path_down(e->current->link, e->phase == EAR_PHASE_LOST);
    if (e->phase == EAR_PHASE_ENDED && e->current) {
        e->current->close_at_us = now_us + GOODBYE_US;
        e->current = NULL;
    }
    tell(e, &(struct ear_event){.kind = EAR_EVENT_PHASE, .phase = e->phase, .ending = e->ending});
    if (e->phase == EAR_PHASE_ENDED)
        return go(e, EAR_HAPPENING_FORGET, EAR_ENDING_NONE, now_us);
    return true;
}

static struct ear_session *free_session(struct ear_engine *e)
{
    struct ear_session *lingering = NULL;
    for (size_t i = 0; i < SESSIONS; i++) {
        if (!e->sessions[i].open)
            return &e->sessions[i];
        if (e->sessions[i].close_at_us)
            lingering = &e->sessions[i];
    }
    return lingering;
}

static void dial(struct ear_engine *e, const struct ear_address *to, int64_t now_us)
{
    struct ear_session *session = free_session(e);
    if (!session || !go(e, EAR_HAPPENING_DIAL, EAR_ENDING_NONE, now_us))
        return;
    const struct ear_hello self = {.version = EAR_WIRE_VERSION,
                                   .caller_id = e->config.self_id,
                                   .attempt = (uint32_t)ear_random_u64(&e->random)};
    e->current = session;
    ear_liveness_start(&e->liveness, now_us);
    if (ear_session_call(session, to, &self, now_us) < 0)
        go(e, EAR_HAPPENING_OTHER_LEAVES, EAR_ENDING_UNREACHABLE, now_us);
}

static void hang_up(struct ear_engine *e, int64_t now_us)
{
    struct ear_session *session = e->current;
    bool declines = e->phase == EAR_PHASE_INCOMING;
    if (!go(e, EAR_HAPPENING_HANG_UP, declines ? EAR_ENDING_DECLINED_HERE : EAR_ENDING_HUNG_UP,
            now_us))
        return;
    if (session && session->connected)
        say(session, declines ? EAR_SIGNAL_DECLINE : EAR_SIGNAL_BYE, false);
}

static void answer(struct ear_engine *e, int64_t now_us)
{
    struct ear_session *session = e->current;
    if (e->phase == EAR_PHASE_INCOMING && session)
        say(session, EAR_SIGNAL_ANSWER, false);
    go(e, EAR_HAPPENING_ANSWER_HERE, EAR_ENDING_NONE, now_us);
}

static void set_muted(struct ear_engine *e, bool muted)
{
    if (e->muted == muted)
        return;
    e->muted = muted;
    if (ear_phase_is_talk(e->phase) && e->current)
        say(e->current, EAR_SIGNAL_MUTE, muted);
}

static void run_commands(struct ear_engine *e, int64_t now_us)
{
    struct ear_command command;
    while (ear_ring_take(&e->commands, &command, 1) == 1) {
        switch (command.kind) {
        case EAR_COMMAND_DIAL:
            dial(e, &command.address, now_us);
            break;
        case EAR_COMMAND_ANSWER:
            answer(e, now_us);
            break;
        case EAR_COMMAND_HANG_UP:
            hang_up(e, now_us);
            break;
        case EAR_COMMAND_MUTE:
            set_muted(e, command.on);
            break;
        }
    }
}

/* ---- what the other side says ---- */

static void somebody_rings(struct ear_engine *e, struct ear_session *session, int64_t now_us)
{
    if (session == e->current)
        return;
    if (e->current || !e->config.accept) {
        say(session, EAR_SIGNAL_BUSY, false);
        session->close_at_us = now_us + GOODBYE_US;
        tell(e, &(struct ear_event){.kind = EAR_EVENT_TURNED_AWAY});
        return;
    }
    e->current = session;
    ear_liveness_start(&e->liveness, now_us);
    go(e, EAR_HAPPENING_RING_HERE, EAR_ENDING_NONE, now_us);
    say(session, EAR_SIGNAL_RINGS, false);
    if (e->config.auto_answer)
        answer(e, now_us);
}

static void take_signal(struct ear_engine *e, struct ear_session *session, const uint8_t *data,
                        size_t len, int64_t now_us)
{
    struct ear_signal signal;
    if (ear_signal_parse(data, len, &signal) < 0)
        return;
    if (signal.kind == EAR_SIGNAL_RING && !session->caller) {
        somebody_rings(e, session, now_us);
        return;
    }
    if (session != e->current)
        return;
    switch (signal.kind) {
    case EAR_SIGNAL_RING:
        break;
    case EAR_SIGNAL_RINGS:
        go(e, EAR_HAPPENING_RING_THERE, EAR_ENDING_NONE, now_us);
        break;
    case EAR_SIGNAL_ANSWER:
        if (session->caller)
            go(e, EAR_HAPPENING_ANSWER_THERE, EAR_ENDING_NONE, now_us);
        break;
    case EAR_SIGNAL_DECLINE:
        go(e, EAR_HAPPENING_OTHER_LEAVES, EAR_ENDING_DECLINED, now_us);
        break;
    case EAR_SIGNAL_BUSY:
        go(e, EAR_HAPPENING_OTHER_LEAVES, EAR_ENDING_BUSY, now_us);
        break;
    case EAR_SIGNAL_MUTE:
        tell_change(e, EAR_EVENT_THEY_MUTED, &e->they_muted, signal.on);
        break;
    case EAR_SIGNAL_DEAD:
        tell_change(e, EAR_EVENT_THEIR_MIC_DEAD, &e->their_mic_dead, signal.on);
        break;
    case EAR_SIGNAL_BYE:
        go(e, EAR_HAPPENING_OTHER_LEAVES,
           e->phase == EAR_PHASE_ENDING ? EAR_ENDING_NONE : EAR_ENDING_OTHER_HUNG_UP, now_us);
        break;
    }
}

/* ---- network ---- */

static struct ear_session *session_at(struct ear_engine *e, const struct ear_address *address)
{
    for (size_t i = 0; i < SESSIONS; i++)
        if (e->sessions[i].open && ear_address_equal(&e->sessions[i].address, address))
            return &e->sessions[i];
    return NULL;
}

static void close_session(struct ear_engine *e, struct ear_session *session, int64_t now_us)
{
    if (session == e->current) {
        go(e, EAR_HAPPENING_OTHER_LEAVES, EAR_ENDING_REPLACED, now_us);
        e->current = NULL;
    }
    ear_session_close(session);
}

static void take_hello(struct ear_engine *e, const struct ear_received *in, int64_t now_us)
{
    struct ear_hello hello;
    int err = ear_hello_parse(in->whole, in->whole_len, &hello);
    if (err == -EPROTO && e->config.accept) {
        const uint8_t version = EAR_WIRE_VERSION;
        ear_send_datagram(&e->send, &in->from, EAR_KIND_REFUSAL, &version, 1);
    }
    if (err || !e->config.accept) {
        e->refused++;
        return;
    }
    for (size_t i = 0; i < SESSIONS; i++) {
        struct ear_session *known = &e->sessions[i];
        if (!known->open || known->caller || known->other_id != hello.caller_id)
            continue;
        if (known->attempt == hello.attempt)
            return;
        close_session(e, known, now_us);
    }
    struct ear_session *session = free_session(e);
    if (!session || ear_session_accept(session, &in->from, &hello, now_us) < 0)
        e->refused++;
}

static void heard_from(struct ear_engine *e, const struct ear_session *session, int64_t now_us)
{
    if (session != e->current)
        return;
    if (ear_liveness_heard(&e->liveness, now_us) != EAR_LIVENESS_BACK)
        return;
    if (go(e, EAR_HAPPENING_LINE_BACK, EAR_ENDING_NONE, now_us))
        ear_talk_hurry(e->talk);
}

static void take_datagram(struct ear_engine *e, const struct ear_received *in, int64_t now_us)
{
    if (in->kind == EAR_KIND_HELLO) {
        take_hello(e, in, now_us);
        return;
    }
    struct ear_session *session = session_at(e, &in->from);
    if (!session) {
        e->refused++;
        return;
    }
    if (in->kind == EAR_KIND_REFUSAL) {
        if (session == e->current && session->caller && !session->heard)
            go(e, EAR_HAPPENING_OTHER_LEAVES, EAR_ENDING_VERSION, now_us);
        return;
    }
    if (in->kind == EAR_KIND_PROBE)
        ear_send_datagram(&e->send, &in->from, EAR_KIND_PROBE_ANSWER, NULL, 0);
    else if (in->kind == EAR_KIND_ENET || in->kind == EAR_KIND_SPEECH)
        ear_session_take(session, in->kind, in->body, in->len);
    heard_from(e, session, now_us);
}

static void take_event(struct ear_engine *e, struct ear_session *session, enum ear_enet_event event,
                       const uint8_t *data, size_t len, int64_t now_us)
{
    switch (event) {
    case EAR_ENET_NOTHING:
        break;
    case EAR_ENET_CONNECTED:
        if (session->caller && session == e->current)
            say(session, EAR_SIGNAL_RING, false);
        break;
    case EAR_ENET_DISCONNECTED:
        if (session == e->current)
            go(e, EAR_HAPPENING_OTHER_LEAVES, EAR_ENDING_VANISHED, now_us);
        ear_session_close(session);
        break;
    case EAR_ENET_SPEECH:
        if (session == e->current && ear_phase_is_talk(e->phase) &&
            ear_talk_take(e->talk, data, len, now_us) < 0)
            e->refused++;
        break;
    case EAR_ENET_CONTROL:
        take_signal(e, session, data, len, now_us);
        break;
    }
}

static bool run_sessions(struct ear_engine *e, int64_t now_us)
{
    uint8_t data[EAR_ENET_MESSAGE_MAX];
    size_t len = 0;
    bool moved = false;
    for (size_t i = 0; i < SESSIONS; i++) {
        struct ear_session *session = &e->sessions[i];
        enum ear_enet_event event;
        while (session->open &&
               (event = ear_session_next(session, data, &len)) != EAR_ENET_NOTHING) {
            take_event(e, session, event, data, len, now_us);
            moved = true;
        }
        if (session->open && ear_session_flush(session, &e->send, now_us))
            moved = true;
    }
    return moved;
}

/* Network and ENet, until nothing moves. */
static void run_network(struct ear_engine *e, int64_t now_us)
{
    struct ear_received in;
    bool moved = true;
    bool timers = now_us - e->enet_us >= TICK_US;
    for (int round = 0; moved && round < ROUNDS_MAX; round++) {
        moved = false;
        while (ear_receive_next(&e->receive, &in)) {
            take_datagram(e, &in, now_us);
            moved = true;
        }
        if (moved || timers || round > 0) {
            e->enet_us = now_us;
            moved |= run_sessions(e, now_us);
        }
        timers = false;
    }
}

/* ---- time ---- */

static void run_liveness(struct ear_engine *e, int64_t now_us)
{
    if (!e->current || e->phase == EAR_PHASE_CALLING)
        return;
    enum ear_liveness_verdict verdict = ear_liveness_tick(&e->liveness, now_us);
    if (verdict == EAR_LIVENESS_LOST && e->phase == EAR_PHASE_TALKING)
        go(e, EAR_HAPPENING_LINE_LOST, EAR_ENDING_NONE, now_us);
    else if (verdict == EAR_LIVENESS_GONE)
        go(e, EAR_HAPPENING_OTHER_LEAVES, EAR_ENDING_VANISHED, now_us);
    if (e->current && ear_liveness_probe(&e->liveness, now_us))
        ear_send_datagram(&e->send, &e->current->address, EAR_KIND_PROBE, NULL, 0);
}

static void run_timeouts(struct ear_engine *e, int64_t now_us)
{
    int64_t waited = now_us - e->phase_us;
    if (e->phase == EAR_PHASE_CALLING && waited >= UNREACHABLE_US) {
        go(e, EAR_HAPPENING_OTHER_LEAVES, EAR_ENDING_UNREACHABLE, now_us);
    } else if (e->phase == EAR_PHASE_RINGING && waited >= NO_ANSWER_US) {
        if (e->current)
            say(e->current, EAR_SIGNAL_BYE, false);
        go(e, EAR_HAPPENING_OTHER_LEAVES, EAR_ENDING_NO_ANSWER, now_us);
    } else if (e->phase == EAR_PHASE_INCOMING && now_us - e->liveness.heard_us >= CALLER_GONE_US) {
        go(e, EAR_HAPPENING_OTHER_LEAVES, EAR_ENDING_VANISHED, now_us);
    } else if (e->phase == EAR_PHASE_ENDING &&
               (waited >= GOODBYE_US || !e->current || !e->current->connected ||
                ear_enet_link_is_settled(e->current->link))) {
        go(e, EAR_HAPPENING_GOODBYE_DONE, EAR_ENDING_NONE, now_us);
    }
    for (size_t i = 0; i < SESSIONS; i++) {
        struct ear_session *session = &e->sessions[i];
        bool stranger = session != e->current && !session->close_at_us;
        if (session->open && ((session->close_at_us && now_us >= session->close_at_us) ||
                              (stranger && now_us - session->opened_us >= UNREACHABLE_US)))
            ear_session_close(session);
    }
}

static void watch_sound(struct ear_engine *e)
{
    struct ear_talk_status status;
    ear_talk_get_status(e->talk, engine_now_us(e), &status);
    bool dead = status.mic_dead && !e->muted;
    if (dead != e->mic_dead && e->current)
        say(e->current, EAR_SIGNAL_DEAD, dead);
    tell_change(e, EAR_EVENT_MIC_DEAD, &e->mic_dead, dead);
    tell_change(e, EAR_EVENT_MIC_GONE, &e->mic_gone, status.mic_gone);
    tell_change(e, EAR_EVENT_SPEAKER_GONE, &e->speaker_gone, status.speaker_gone);
}

static void run_snapshot(struct ear_engine *e, int64_t now_us)
{
    if (now_us - e->snapshot_us < SNAPSHOT_US)
        return;
    e->snapshot_us = now_us;
    if (ear_phase_is_talk(e->phase))
        watch_sound(e);
    if (ear_ring_room(&e->snapshots) == 0)
        return;
    struct ear_engine_status status;
    ear_engine_get_status(e, &status);
    ear_ring_put(&e->snapshots, &status, 1);
}

/* ---- speech ---- */

static void tx_step(struct ear_engine *e, int64_t now_us)
{
    uint8_t packet[EAR_ENET_MESSAGE_MAX];
    const struct ear_talk_gate gate = {
        .muted = e->muted, .speech_worth = ear_liveness_speech_worth(&e->liveness, now_us)};
    size_t len;
    while ((len = ear_talk_tx_step(e->talk, now_us, &gate, packet, sizeof packet)) > 0) {
        if (e->current && ear_enet_link_send_speech(e->current->link, packet, len) == 0)
            ear_session_flush(e->current, &e->send, now_us);
    }
}

static void rx_step(struct ear_engine *e, int64_t now_us)
{
    ear_talk_rx_step(e->talk, now_us);
}

int64_t ear_engine_step(struct ear_engine *e)
{
    int64_t now_us = engine_now_us(e);
    int64_t sent = e->send.counts.bytes, received = e->receive.counts.bytes;
    run_commands(e, now_us);
    run_network(e, now_us);
    run_liveness(e, now_us);
    run_timeouts(e, now_us);
    if (ear_phase_is_talk(e->phase)) {
        tx_step(e, now_us);
        rx_step(e, now_us);
    }
    ear_meter_add(&e->sent_meter, now_us, e->send.counts.bytes - sent);
    ear_meter_add(&e->received_meter, now_us, e->receive.counts.bytes - received);
    run_snapshot(e, now_us);

    int64_t due = now_us + IDLE_TICK_US;
    for (size_t i = 0; i < SESSIONS; i++)
        if (e->sessions[i].open)
            due = ear_min64(due, now_us + TICK_US);
    if (ear_phase_is_talk(e->phase))
        due = ear_min64(due, ear_talk_due_us(e->talk, now_us));
    return due;
}

void ear_engine_get_status(struct ear_engine *e, struct ear_engine_status *ret)
{
    int64_t now_us = engine_now_us(e);
    bool talks = ear_phase_is_talk(e->phase);
    *ret = (struct ear_engine_status){
        .phase = e->phase,
        .ending = e->ending,
        .talk_us = talks ? now_us - e->talk_us : e->talked_us,
        .muted = e->muted,
        .they_muted = e->they_muted,
        .their_mic_dead = e->their_mic_dead,
        .format = e->format,
        .sent = e->send.counts,
        .received_datagrams = e->receive.counts.datagrams,
        .received_bytes = e->receive.counts.bytes,
        .sent_bps = 8 * ear_meter_rate(&e->sent_meter, now_us, 3),
        .received_bps = 8 * ear_meter_rate(&e->received_meter, now_us, 3),
        .sent_peak_bps = (double)e->sent_meter.peak_10s * 8 / 10,
        .lost_us = e->phase == EAR_PHASE_LOST ? now_us - e->liveness.heard_us : 0,
        .outages = e->outages,
        .refused_datagrams = e->refused + e->receive.counts.refused,
    };
    memcpy(ret->outage, e->outage, sizeof e->outage);
    ear_talk_get_status(e->talk, now_us, &ret->talk);
}
