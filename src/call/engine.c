/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One end of a call, from command and datagram to event and datagram. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "call/engine_inside.h"
#include "call/event.h"
#include "call/say.h"

/* Twenty calls get an answer at 50 % loss each way but for one in 300; who has answered is there
 * and is given more. */
#define UNREACHABLE_US (20 * (int64_t)EAR_US_PER_S)
#define NO_ANSWER_US (60 * (int64_t)EAR_US_PER_S)
/* An incoming call whose caller has not been heard for this long has gone away. */
#define CALLER_GONE_US (30 * (int64_t)EAR_US_PER_S)
/* Our goodbye is resent for this long; the other side would notice our silence anyway. */
#define GOODBYE_US (3 * (int64_t)EAR_US_PER_S)
/* ENet's own timers are looked at this often when nothing else wakes the engine. */
#define TICK_US (20 * EAR_US_PER_MS)
#define IDLE_TICK_US (200 * EAR_US_PER_MS)
#define SNAPSHOT_US (100 * EAR_US_PER_MS)

int64_t ear_engine_now_us(const struct ear_engine *e)
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
    e->has_binding = config->binding != NULL;
    if (config->binding)
        memcpy(e->binding, config->binding, sizeof e->binding);
    ear_lookout_init(&e->lookout, &e->board, &e->mail);
    ear_mail_way_init(&e->post, &e->board, &e->mail);
    const struct ear_talk_config talk = {.mic = config->mic,
                                         .speaker = config->speaker,
                                         .codec = config->codec,
                                         .again = config->again,
                                         .always = config->send_silence,
                                         .budget_bps = config->wire_budget_bps,
                                         .known_bps = config->known_bps,
                                         .on_event = config->on_play,
                                         .ctx = config->ctx};
    int err = ear_talk_new(&e->talk, &talk);
    if (!err)
        err = ear_mailbox_init(&e->mail);
    const struct ear_switchboard_config board = {.net = config->net,
                                                 .guests = config->guests,
                                                 .stamps = config->stamps,
                                                 .chance = config->chance,
                                                 .accept = config->accept,
                                                 .meetings = config->meetings,
                                                 .meeting_count = config->meeting_count};
    e->config.meetings = NULL;
    if (!err)
        err = ear_switchboard_init(&e->board, &board);
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
    ear_switchboard_fini(&e->board);
    ear_mailbox_fini(&e->mail);
    ear_talk_free(e->talk);
    free(e);
}

struct ear_mailbox *ear_engine_mailbox(struct ear_engine *e)
{
    return &e->mail;
}

/* ---- telling ---- */

void ear_engine_tell_change(struct ear_engine *e, enum ear_event_kind kind, bool *told, bool is)
{
    if (*told == is)
        return;
    *told = is;
    ear_mailbox_tell(&e->mail, &(struct ear_event){.kind = kind, .on = is});
}

/* ---- the call's phases ---- */

static void begin_talk(struct ear_engine *e, int64_t now_us)
{
    e->talk_us = now_us;
    e->outages.count = 0;
    e->rungs.count = 0;
    e->they_muted = e->their_mic_dead = false;
    e->mic_dead = e->mic_gone = e->mic_echoes = e->speaker_gone = e->relayed = false;
    e->way = e->current->address;
    ear_liveness_start(&e->liveness, now_us);
    ear_accord_begin(&e->accord, !e->current->caller);
    ear_talk_start(e->talk, now_us);
    if (e->muted)
        ear_say(e->current, EAR_SIGNAL_MUTE, true);
    ear_mail_way_begin(&e->post, e->current, now_us);
}

static void end_talk(struct ear_engine *e)
{
    uint32_t guest = e->current ? e->current->guest : 0;
    ear_unheard_set_guest(e->mail.unheard, guest);
    struct ear_event event = {.kind = EAR_EVENT_UNHEARD,
                              .guest = guest,
                              .unheard_us = ear_talk_end(e->talk, e->mail.unheard)};
    if (event.unheard_us > 0 && !ear_mailbox_tell(&e->mail, &event))
        ear_unheard_drop(e->mail.unheard);
}

/* The one way from phase to phase: what goes with it happens here. */
bool ear_engine_go(struct ear_engine *e, enum ear_happening happening, enum ear_ending ending,
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
        ear_outages_end(&e->outages, now_us - e->talk_us);
    if (ear_phase_is_talk(before) && !ear_phase_is_talk(e->phase)) {
        e->talked_us = now_us - e->talk_us;
        end_talk(e);
    }
    if (before == EAR_PHASE_IDLE) {
        e->ending = EAR_ENDING_NONE;
        ear_lookout_drop(&e->lookout, e->current, now_us);
        ear_mail_way_drop(&e->post, e->current, now_us);
    }
    if (ear_phase_is_talk(e->phase) && !ear_phase_is_talk(before))
        begin_talk(e, now_us);
    if (e->phase == EAR_PHASE_LOST)
        ear_outages_begin(&e->outages, e->liveness.heard_us - e->talk_us);
    if (e->current)
        ear_enet_link_path_down(e->current->link, e->phase == EAR_PHASE_LOST);
    if (e->phase == EAR_PHASE_ENDED && e->current) {
        ear_switchboard_release(&e->board, e->current, now_us);
        e->current = NULL;
    }
    ear_mailbox_tell(&e->mail, &(struct ear_event){.kind = EAR_EVENT_PHASE,
                                                   .phase = e->phase,
                                                   .ending = e->ending,
                                                   .guest = e->current ? e->current->guest : 0});
    if (e->phase == EAR_PHASE_ENDED)
        return ear_engine_go(e, EAR_HAPPENING_FORGET, EAR_ENDING_NONE, now_us);
    return true;
}

static void dial(struct ear_engine *e, const struct ear_command *command, int64_t now_us)
{
    if (!ear_engine_go(e, EAR_HAPPENING_DIAL, EAR_ENDING_NONE, now_us))
        return;
    ear_liveness_start(&e->liveness, now_us);
    e->current =
        ear_switchboard_call(&e->board, command->guest, &command->address, command->others, now_us);
    if (!e->current)
        ear_engine_go(e, EAR_HAPPENING_OTHER_LEAVES, EAR_ENDING_UNREACHABLE, now_us);
}

static void hang_up(struct ear_engine *e, int64_t now_us)
{
    struct ear_session *session = e->current;
    bool declines = e->phase == EAR_PHASE_INCOMING;
    if (!ear_engine_go(e, EAR_HAPPENING_HANG_UP,
                       declines ? EAR_ENDING_DECLINED_HERE : EAR_ENDING_HUNG_UP, now_us))
        return;
    if (session && session->connected)
        ear_say(session, declines ? EAR_SIGNAL_DECLINE : EAR_SIGNAL_BYE, false);
}

void ear_engine_answer(struct ear_engine *e, int64_t now_us)
{
    struct ear_session *session = e->current;
    if (e->phase == EAR_PHASE_INCOMING && session)
        ear_say(session, EAR_SIGNAL_ANSWER, false);
    ear_engine_go(e, EAR_HAPPENING_ANSWER_HERE, EAR_ENDING_NONE, now_us);
}

static void set_muted(struct ear_engine *e, bool muted)
{
    if (e->muted == muted)
        return;
    e->muted = muted;
    if (ear_phase_is_talk(e->phase) && e->current)
        ear_say(e->current, EAR_SIGNAL_MUTE, muted);
}

/* What is said while the line is lost arrives once it is back. */
static void write_text(struct ear_engine *e, const struct ear_command *command)
{
    size_t len = strnlen(command->text, sizeof command->text);
    if (ear_phase_is_talk(e->phase) && e->current && ear_text_is_valid(command->text, len))
        ear_say_signal(e->current, &(struct ear_signal){.kind = EAR_SIGNAL_TEXT,
                                                        .number = command->number,
                                                        .text = command->text,
                                                        .text_len = len});
}

static void run_commands(struct ear_engine *e, int64_t now_us)
{
    struct ear_command command;
    while (ear_ring_take(&e->mail.commands, &command, 1) == 1) {
        switch (command.kind) {
        case EAR_COMMAND_DIAL:
            dial(e, &command, now_us);
            break;
        case EAR_COMMAND_ANSWER:
            ear_engine_answer(e, now_us);
            break;
        case EAR_COMMAND_HANG_UP:
            hang_up(e, now_us);
            break;
        case EAR_COMMAND_MUTE:
            set_muted(e, command.on);
            break;
        case EAR_COMMAND_TEXT:
            write_text(e, &command);
            break;
        case EAR_COMMAND_TURN:
            if (ear_phase_is_talk(e->phase) && e->current)
                ear_accord_want_turn(&e->accord, e->current, command.on);
            break;
        case EAR_COMMAND_RUNG:
            ear_accord_force(&e->accord, command.on, command.rung);
            break;
        case EAR_COMMAND_PLAY_MISSED:
            ear_talk_play_missed(e->talk, command.on);
            break;
        case EAR_COMMAND_SKIP:
            ear_talk_skip(e->talk);
            break;
        case EAR_COMMAND_KNOCK:
        case EAR_COMMAND_CHECK:
            ear_lookout_command(&e->lookout, &command, e->phase != EAR_PHASE_IDLE,
                                e->config.wire_budget_bps, now_us);
            break;
        }
    }
}

/* ---- network ---- */

static void heard_from(struct ear_engine *e, const struct ear_session *session, int64_t now_us)
{
    if (session != e->current)
        return;
    if (ear_liveness_heard(&e->liveness, now_us) != EAR_LIVENESS_BACK)
        return;
    if (ear_engine_go(e, EAR_HAPPENING_LINE_BACK, EAR_ENDING_NONE, now_us))
        ear_talk_hurry(e->talk);
}

/* Who speaks has answered, be the word of it lost or late: at 800 ms of round trip and 20 % loss
 * that took 2 s more of one call in twenty. */
static void take_as_answer(struct ear_engine *e, const struct ear_switchboard_event *event,
                           int64_t now_us)
{
    struct ear_audio audio;
    bool waits = e->phase == EAR_PHASE_CALLING || e->phase == EAR_PHASE_RINGING;
    if (waits && event->session == e->current &&
        ear_audio_parse(event->data, event->len, &audio) == 0)
        ear_engine_go(e, EAR_HAPPENING_ANSWER_THERE, EAR_ENDING_NONE, now_us);
}

static void take_speech(struct ear_engine *e, const struct ear_switchboard_event *event,
                        int64_t now_us)
{
    take_as_answer(e, event, now_us);
    if (event->session == e->current && ear_phase_is_talk(e->phase) &&
        ear_talk_take(e->talk, event->data, event->len, now_us) < 0)
        e->refused++;
}

/* The session is gone, or belongs to a call that has not rung yet. */
static void lose_session(struct ear_engine *e, const struct ear_session *session,
                         enum ear_ending ending, int64_t now_us)
{
    if (session != e->current)
        return;
    e->current = NULL;
    ear_engine_go(e, EAR_HAPPENING_OTHER_LEAVES, ending, now_us);
}

static void connected(struct ear_engine *e, struct ear_session *session)
{
    if (session->caller && session == e->current)
        ear_say_ring(session, e->has_binding ? e->binding : NULL);
}

static void tell_from(struct ear_engine *e, const struct ear_switchboard_event *from)
{
    const struct ear_event event = ear_event_from(from);
    ear_mailbox_tell(&e->mail, &event);
}

static void take_event(struct ear_engine *e, const struct ear_switchboard_event *event,
                       int64_t now_us)
{
    switch (event->kind) {
    case EAR_SWITCHBOARD_HEARD:
    case EAR_SWITCHBOARD_MAIL:
        heard_from(e, event->session, now_us);
        break;
    case EAR_SWITCHBOARD_CONNECTED:
        connected(e, event->session);
        break;
    case EAR_SWITCHBOARD_SPEECH:
        take_speech(e, event, now_us);
        break;
    case EAR_SWITCHBOARD_CONTROL:
        ear_engine_take_signal(e, event->session, event->data, event->len, now_us);
        break;
    case EAR_SWITCHBOARD_DISCONNECTED:
        lose_session(e, event->session, EAR_ENDING_VANISHED, now_us);
        break;
    case EAR_SWITCHBOARD_REPLACED:
        lose_session(e, event->session, EAR_ENDING_REPLACED, now_us);
        tell_from(e, event);
        break;
    case EAR_SWITCHBOARD_CALLED:
    case EAR_SWITCHBOARD_RELAY:
        tell_from(e, event);
        break;
    case EAR_SWITCHBOARD_FLARE: /* the mail's way has it */
        break;
    case EAR_SWITCHBOARD_PINNED:
        tell_from(e, event);
        heard_from(e, event->session, now_us);
        break;
    }
}

static void run_network(struct ear_engine *e, int64_t now_us)
{
    struct ear_switchboard_event event;
    while (ear_switchboard_next(&e->board, now_us, &event)) {
        ear_mail_way_take(&e->post, &event, e->current, now_us);
        if (!ear_lookout_take(&e->lookout, &event, e->current, now_us))
            take_event(e, &event, now_us);
    }
}

/* ---- time ---- */

/* Whoever hears us yet is not to wait for as long again. */
static void give_up(struct ear_engine *e, int64_t now_us)
{
    if (e->current->connected)
        ear_say(e->current, EAR_SIGNAL_BYE, false);
    ear_engine_go(e, EAR_HAPPENING_OTHER_LEAVES, EAR_ENDING_VANISHED, now_us);
}

static void run_liveness(struct ear_engine *e, int64_t now_us)
{
    if (!e->current || e->phase == EAR_PHASE_CALLING)
        return;
    enum ear_liveness_verdict verdict = ear_liveness_tick(&e->liveness, now_us);
    if (verdict == EAR_LIVENESS_LOST && e->phase == EAR_PHASE_TALKING)
        ear_engine_go(e, EAR_HAPPENING_LINE_LOST, EAR_ENDING_NONE, now_us);
    else if (verdict == EAR_LIVENESS_GONE)
        give_up(e, now_us);
    if (e->current && ear_liveness_probe(&e->liveness, now_us))
        ear_switchboard_probe(&e->board, e->current, now_us);
}

static void run_timeouts(struct ear_engine *e, int64_t now_us)
{
    int64_t waited = now_us - e->phase_us;
    bool answered = e->current && ear_session_is_answered(e->current);
    if (e->phase == EAR_PHASE_CALLING && waited >= (answered ? NO_ANSWER_US : UNREACHABLE_US)) {
        if (e->current && e->current->connected)
            ear_say(e->current, EAR_SIGNAL_BYE, false); /* our ring may be on its way yet */
        ear_engine_go(e, EAR_HAPPENING_OTHER_LEAVES, EAR_ENDING_UNREACHABLE, now_us);
    } else if (e->phase == EAR_PHASE_RINGING && waited >= NO_ANSWER_US) {
        if (e->current)
            ear_say(e->current, EAR_SIGNAL_BYE, false);
        ear_engine_go(e, EAR_HAPPENING_OTHER_LEAVES, EAR_ENDING_NO_ANSWER, now_us);
    } else if (e->phase == EAR_PHASE_INCOMING && now_us - e->liveness.heard_us >= CALLER_GONE_US) {
        ear_engine_go(e, EAR_HAPPENING_OTHER_LEAVES, EAR_ENDING_VANISHED, now_us);
    } else if (e->phase == EAR_PHASE_ENDING &&
               (waited >= GOODBYE_US || !e->current || !e->current->connected ||
                ear_enet_link_is_settled(e->current->link))) {
        ear_engine_go(e, EAR_HAPPENING_GOODBYE_DONE, EAR_ENDING_NONE, now_us);
    }
    ear_lookout_step(&e->lookout, now_us);
    ear_seen_at_step(&e->seen, &e->board, &e->mail, now_us);
    ear_switchboard_tidy(&e->board, e->current, now_us);
}

static void watch_sound(struct ear_engine *e)
{
    struct ear_talk_status status;
    ear_talk_get_status(e->talk, ear_engine_now_us(e), &status);
    bool dead = status.mic_dead && !e->muted;
    if (dead != e->mic_dead && e->current)
        ear_say(e->current, EAR_SIGNAL_DEAD, dead);
    ear_engine_tell_change(e, EAR_EVENT_MIC_DEAD, &e->mic_dead, dead);
    ear_engine_tell_change(e, EAR_EVENT_MIC_GONE, &e->mic_gone, status.mic_gone);
    const struct ear_mic *mic = e->config.mic;
    bool echoes = mic->echoes && !e->muted && mic->echoes(mic->ctx);
    ear_engine_tell_change(e, EAR_EVENT_MIC_ECHOES, &e->mic_echoes, echoes);
    ear_engine_tell_change(e, EAR_EVENT_SPEAKER_GONE, &e->speaker_gone, status.speaker_gone);
    ear_engine_tell_change(e, EAR_EVENT_RELAYED, &e->relayed, ear_engine_is_relayed(e));
}

static void note_rung(struct ear_engine *e, int64_t now_us)
{
    struct ear_talk_status talk;
    ear_talk_get_status(e->talk, now_us, &talk);
    const struct ear_codec_format format = ear_plan_format(&talk.plan);
    ear_rung_log_note(&e->rungs, ear_accord_rung(&e->accord), &talk.ladder, &format,
                      now_us - e->talk_us);
}

static void run_snapshot(struct ear_engine *e, int64_t now_us)
{
    if (now_us - e->snapshot_us < SNAPSHOT_US)
        return;
    e->snapshot_us = now_us;
    if (ear_phase_is_talk(e->phase)) {
        ear_talk_tend(e->talk, now_us);
        if (e->current)
            ear_accord_tend(&e->accord, e->talk, e->current, now_us - e->liveness.heard_us);
        note_rung(e, now_us);
        watch_sound(e);
    }
    if (ear_ring_room(&e->mail.snapshots) == 0)
        return;
    struct ear_engine_status status;
    ear_engine_get_status(e, &status);
    ear_ring_put(&e->mail.snapshots, &status, 1);
}

/* ---- speech ---- */

static void follow_way(struct ear_engine *e, int64_t now_us)
{
    if (!e->current || ear_address_equal(&e->way, &e->current->address))
        return;
    e->way = e->current->address;
    ear_talk_move(e->talk, now_us);
}

static void tx_step(struct ear_engine *e, int64_t now_us)
{
    uint8_t packet[EAR_ENET_MESSAGE_MAX];
    const struct ear_talk_gate gate = {
        .muted = e->muted || !ear_accord_may_speak(&e->accord),
        .speech_worth = ear_liveness_speech_worth(&e->liveness, now_us),
        .kept = !ear_accord_is_live(&e->accord),
    };
    size_t len;
    while ((len = ear_talk_tx_step(e->talk, now_us, &gate, packet, sizeof packet)) > 0) {
        bool left = e->current && ear_enet_link_send_speech(e->current->link, packet, len) == 0 &&
                    ear_switchboard_flush(&e->board, e->current, now_us);
        ear_talk_sent(e->talk, left, now_us);
    }
}

static void rx_step(struct ear_engine *e, int64_t now_us)
{
    ear_talk_rx_step(e->talk, now_us);
}

static void mail_step(struct ear_engine *e, int64_t now_us)
{
    struct ear_talk_status talk;
    if (!ear_mail_way_is_due(&e->post, now_us))
        return;
    struct ear_mail_way_call call = {.current = e->current,
                                     .user_bps = e->config.wire_budget_bps,
                                     .busy = e->lookout.knock.on ||
                                             ear_linkcheck_is_on(&e->lookout.check)};
    if (e->phase == EAR_PHASE_TALKING) {
        ear_talk_get_status(e->talk, now_us, &talk);
        call.talk = &talk;
    }
    ear_mail_way_step(&e->post, &call, now_us);
}

int64_t ear_engine_step(struct ear_engine *e)
{
    int64_t now_us = ear_engine_now_us(e);
    int64_t sent = ear_switchboard_sent(&e->board).bytes;
    int64_t received = ear_switchboard_received(&e->board).bytes;
    ear_mailbox_update(&e->mail, &e->board);
    run_commands(e, now_us);
    run_network(e, now_us);
    run_liveness(e, now_us);
    run_timeouts(e, now_us);
    if (ear_phase_is_talk(e->phase)) {
        follow_way(e, now_us);
        tx_step(e, now_us);
        rx_step(e, now_us);
    }
    mail_step(e, now_us);
    sent = ear_switchboard_sent(&e->board).bytes - sent;
    if (ear_phase_is_talk(e->phase))
        ear_talk_all_sent(e->talk, sent, now_us);
    ear_meter_add(&e->sent_meter, now_us, sent);
    ear_meter_add(&e->received_meter, now_us, ear_switchboard_received(&e->board).bytes - received);
    run_snapshot(e, now_us);

    int64_t due = ear_min64(now_us + IDLE_TICK_US, ear_mail_way_due_us(&e->post, now_us));
    if (ear_switchboard_is_busy(&e->board))
        due = ear_min64(due, now_us + TICK_US);
    if (ear_phase_is_talk(e->phase))
        due = ear_min64(due, ear_talk_due_us(e->talk, now_us));
    return due;
}
