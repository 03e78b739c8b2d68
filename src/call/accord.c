/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each side says what its own direction needs; the lower of both is in force. */
#include "call/accord.h"

#include "call/say.h"

#define HOLD_STEP_MS 16
#define HOLD_STEPS_MAX UINT8_MAX
/* A wait is told anew where it has changed by this: less is not worth a message. */
#define HOLD_NEWS_MS 32

void ear_accord_begin(struct ear_accord *accord, bool lower)
{
    *accord = (struct ear_accord){.forced = accord->forced, .forced_rung = accord->forced_rung};
    ear_turns_init(&accord->turns, lower);
}

enum ear_rung ear_accord_rung(const struct ear_accord *accord)
{
    return accord->mine > accord->theirs ? accord->mine : accord->theirs;
}

static void send_turns(struct ear_accord *accord, struct ear_session *session)
{
    struct ear_turns_message message;
    while (ear_turns_next(&accord->turns, &message))
        ear_say_signal(session, &(struct ear_signal){.kind = EAR_SIGNAL_TURN,
                                                     .value = (uint8_t)message.kind,
                                                     .number = message.term});
}

static void tell_hold(struct ear_accord *accord, const struct ear_talk *talk,
                      struct ear_session *session)
{
    int hold_ms = ear_talk_hold_there(talk);
    int told_ms = accord->hold_told ? accord->hold_told_ms : ear_talk_hold_unasked(talk);
    int change = hold_ms - told_ms;
    bool lapses = !accord->hold_told && change < 0; /* by itself, soon */
    if (lapses || (change < HOLD_NEWS_MS && -change < HOLD_NEWS_MS))
        return;
    accord->hold_told = true;
    accord->hold_told_ms = hold_ms;
    int steps = (hold_ms + HOLD_STEP_MS - 1) / HOLD_STEP_MS;
    ear_say_signal(session,
                   &(struct ear_signal){.kind = EAR_SIGNAL_HOLD,
                                        .value = (uint8_t)ear_min64(steps, HOLD_STEPS_MAX)});
}

static void tell_rung(struct ear_accord *accord, const struct ear_talk *talk,
                      struct ear_session *session)
{
    const struct ear_ladder_say say = ear_talk_ladder(talk);
    accord->mine = say.rung;
    accord->why = say.rung_why;
    /* With which packets a call begins is the user's own budget: no news, and 130 bytes saved. */
    if (!accord->begun && accord->mine <= EAR_RUNG_LONGER)
        accord->told = accord->mine;
    accord->begun = true;
    if (accord->mine == accord->told)
        return;
    accord->told = accord->mine;
    ear_say_signal(session,
                   &(struct ear_signal){.kind = EAR_SIGNAL_RUNG, .value = (uint8_t)accord->mine});
}

/* Once, and not where there is nothing to tell. */
static void tell_can(const struct ear_accord *accord, const struct ear_talk *talk,
                     struct ear_session *session)
{
    uint8_t can = ear_talk_repairs_wideband(talk) ? EAR_CAN_REPAIR_WIDEBAND : 0;
    if (!accord->begun && can)
        ear_say_signal(session, &(struct ear_signal){.kind = EAR_SIGNAL_CAN, .value = can});
}

void ear_accord_tend(struct ear_accord *accord, struct ear_talk *talk, struct ear_session *session,
                     int64_t silent_us)
{
    tell_can(accord, talk, session);
    tell_hold(accord, talk, session);
    tell_rung(accord, talk, session);
    ear_talk_set_whole(talk, ear_accord_rung(accord) >= EAR_RUNG_STREAM);
    ear_talk_force(talk, accord->forced, accord->forced_rung);
    ear_turns_tick(&accord->turns, silent_us);
    send_turns(accord, session);
}

void ear_accord_take(struct ear_accord *accord, struct ear_talk *talk, struct ear_session *session,
                     const struct ear_signal *signal)
{
    if (signal->kind == EAR_SIGNAL_HOLD)
        ear_talk_hold(talk, signal->value * HOLD_STEP_MS);
    if (signal->kind == EAR_SIGNAL_CAN)
        ear_talk_they_repair_wideband(talk, signal->value & EAR_CAN_REPAIR_WIDEBAND);
    if (signal->kind == EAR_SIGNAL_RUNG && signal->value < EAR_RUNGS)
        accord->theirs = (enum ear_rung)signal->value;
    if (signal->kind == EAR_SIGNAL_TURN && signal->value <= EAR_TURNS_WISH) {
        const struct ear_turns_message message = {.kind = (enum ear_turns_kind)signal->value,
                                                  .term = signal->number};
        ear_turns_take(&accord->turns, &message);
        send_turns(accord, session);
    }
}

bool ear_accord_may_speak(const struct ear_accord *accord)
{
    return ear_accord_rung(accord) != EAR_RUNG_TURNS || ear_turns_may_speak(&accord->turns);
}

bool ear_accord_is_live(const struct ear_accord *accord)
{
    return ear_accord_rung(accord) != EAR_RUNG_MESSAGE;
}

void ear_accord_want_turn(struct ear_accord *accord, struct ear_session *session, bool wants)
{
    accord->wants_turn = wants;
    ear_turns_want(&accord->turns, wants);
    send_turns(accord, session);
}

void ear_accord_force(struct ear_accord *accord, bool forced, enum ear_rung rung)
{
    accord->forced = forced;
    accord->forced_rung = rung;
}
