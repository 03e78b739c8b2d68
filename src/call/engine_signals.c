/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the other side of a call says, and what follows from it. */
#include "call/engine_inside.h"
#include "call/event.h"
#include "call/say.h"

static void somebody_rings(struct ear_engine *e, struct ear_session *session, int64_t now_us)
{
    if (session == e->current) {
        /* They called us while we called them: nobody needs to be asked. */
        if (e->phase == EAR_PHASE_CALLING) {
            ear_say(session, EAR_SIGNAL_ANSWER, false);
            ear_engine_go(e, EAR_HAPPENING_ANSWER_THERE, EAR_ENDING_NONE, now_us);
        }
        return;
    }
    if (e->current || !e->config.accept) {
        ear_say(session, EAR_SIGNAL_BUSY, false);
        ear_switchboard_release(&e->board, session, now_us);
        ear_mailbox_tell(&e->mail, &(struct ear_event){.kind = EAR_EVENT_TURNED_AWAY});
        return;
    }
    e->current = session;
    session->close_at_us = 0; /* we may have knocked there a moment ago */
    ear_liveness_start(&e->liveness, now_us);
    ear_engine_go(e, EAR_HAPPENING_RING_HERE, EAR_ENDING_NONE, now_us);
    ear_say(session, EAR_SIGNAL_RINGS, false);
    if (e->config.auto_answer)
        ear_engine_answer(e, now_us);
}

/* They only look whether we are there. Where our own call crossed that, it goes over this line. */
static void somebody_knocks(struct ear_engine *e, struct ear_session *session, int64_t now_us)
{
    if (session != e->current)
        ear_switchboard_release(&e->board, session, now_us);
    else if (e->phase == EAR_PHASE_CALLING)
        ear_say_ring(session, e->has_binding ? e->binding : NULL);
}

/* They bring mail. Where our own call crossed that, it goes over this line. */
static void somebody_brings(struct ear_engine *e, struct ear_session *session, int64_t now_us)
{
    if (session == e->current && e->phase == EAR_PHASE_CALLING)
        ear_say_ring(session, e->has_binding ? e->binding : NULL);
    ear_mail_way_greet(&e->post, session, e->current, e->config.accept, now_us);
}

static void read_text(struct ear_engine *e, const struct ear_signal *signal)
{
    const struct ear_event event = ear_event_text(signal);
    const struct ear_signal seen = {.kind = EAR_SIGNAL_TEXT_SEEN, .number = signal->number};
    if ((ear_phase_is_talk(e->phase) || e->phase == EAR_PHASE_ENDING) &&
        ear_mailbox_tell(&e->mail, &event))
        ear_say_signal(e->current, &seen);
}

/* What anybody may say, in a call or not. */
static void take_from_anybody(struct ear_engine *e, struct ear_session *session,
                              const struct ear_signal *signal, int64_t now_us)
{
    if (signal->kind == EAR_SIGNAL_RING && (!session->caller || session != e->current))
        somebody_rings(e, session, now_us);
    if (signal->kind == EAR_SIGNAL_KNOCK)
        somebody_knocks(e, session, now_us);
    if (signal->kind == EAR_SIGNAL_KEYS) {
        const struct ear_event event = ear_event_keys(session, signal);
        ear_mailbox_tell(&e->mail, &event);
    }
    if (signal->kind == EAR_SIGNAL_MAIL)
        somebody_brings(e, session, now_us);
    if (signal->kind == EAR_SIGNAL_BUSY && session != e->current)
        ear_mail_way_refuse(&e->post, session, now_us);
}

/* What the other side of our call says. */
static void take_from_current(struct ear_engine *e, const struct ear_signal *signal, int64_t now_us)
{
    switch (signal->kind) {
    case EAR_SIGNAL_RING:
    case EAR_SIGNAL_KEYS:
    case EAR_SIGNAL_KNOCK:
    case EAR_SIGNAL_MAIL:
        break;
    case EAR_SIGNAL_RINGS:
        ear_engine_go(e, EAR_HAPPENING_RING_THERE, EAR_ENDING_NONE, now_us);
        break;
    case EAR_SIGNAL_ANSWER:
        ear_engine_go(e, EAR_HAPPENING_ANSWER_THERE, EAR_ENDING_NONE, now_us);
        break;
    case EAR_SIGNAL_DECLINE:
        ear_engine_go(e, EAR_HAPPENING_OTHER_LEAVES, EAR_ENDING_DECLINED, now_us);
        break;
    case EAR_SIGNAL_BUSY:
        ear_engine_go(e, EAR_HAPPENING_OTHER_LEAVES, EAR_ENDING_BUSY, now_us);
        break;
    case EAR_SIGNAL_MUTE:
        ear_engine_tell_change(e, EAR_EVENT_THEY_MUTED, &e->they_muted, signal->on);
        break;
    case EAR_SIGNAL_DEAD:
        ear_engine_tell_change(e, EAR_EVENT_THEIR_MIC_DEAD, &e->their_mic_dead, signal->on);
        break;
    case EAR_SIGNAL_HOLD:
    case EAR_SIGNAL_RUNG:
    case EAR_SIGNAL_TURN:
    case EAR_SIGNAL_CAN:
        if (ear_phase_is_talk(e->phase))
            ear_accord_take(&e->accord, e->talk, e->current, signal);
        break;
    case EAR_SIGNAL_BYE:
        ear_engine_go(e, EAR_HAPPENING_OTHER_LEAVES,
                      e->phase == EAR_PHASE_ENDING ? EAR_ENDING_NONE : EAR_ENDING_OTHER_HUNG_UP,
                      now_us);
        break;
    case EAR_SIGNAL_TEXT:
        read_text(e, signal);
        break;
    case EAR_SIGNAL_TEXT_SEEN:
        ear_mailbox_tell(
            &e->mail, &(struct ear_event){.kind = EAR_EVENT_TEXT_SEEN, .number = signal->number});
        break;
    }
}

void ear_engine_take_signal(struct ear_engine *e, struct ear_session *session, const uint8_t *data,
                            size_t len, int64_t now_us)
{
    struct ear_signal signal;
    if (ear_signal_parse(data, len, &signal) < 0)
        return;
    take_from_anybody(e, session, &signal, now_us);
    if (session == e->current)
        take_from_current(e, &signal, now_us);
}
