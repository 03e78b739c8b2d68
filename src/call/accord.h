/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What two ends agree on while they talk: how long playout waits, on which rung they are, and whose
 * turn it is. */
#ifndef EAR_ACCORD_H
#define EAR_ACCORD_H

#include "call/session.h"
#include "call/signal.h"
#include "call/talk.h"
#include "call/turns.h"
#include "line/ladder.h"

/* thread: media. All zero is before the first talk. */
struct ear_accord {
    bool hold_told; /* a wait has been told, this: */
    int hold_told_ms;
    enum ear_rung mine, theirs; /* what either side asks for: the lower one is in force */
    enum ear_ladder_why why;    /* of ours */
    enum ear_rung told;         /* of ours */
    bool begun;                 /* it has been looked at in this talk, and told what we can */
    bool forced;                /* the user holds a rung: */
    enum ear_rung forced_rung;
    struct ear_turns turns;
    bool wants_turn; /* the user wishes to speak */
};

/* A talk begins; lower: it is our wish for the floor that counts where both wish at once. */
void ear_accord_begin(struct ear_accord *accord, bool lower);
/* Looks at the talk and tells the other side what has changed. silent_us: since they were heard. */
void ear_accord_tend(struct ear_accord *accord, struct ear_talk *talk, struct ear_session *session,
                     int64_t silent_us);
/* HOLD, RUNG, TURN, CAN came. */
void ear_accord_take(struct ear_accord *accord, struct ear_talk *talk, struct ear_session *session,
                     const struct ear_signal *signal);
/* The rung in force, and why. */
enum ear_rung ear_accord_rung(const struct ear_accord *accord);
/* Whether our microphone may be heard now: always but while another has the floor. */
bool ear_accord_may_speak(const struct ear_accord *accord);
/* Whether live speech is sent at all: not where only messages get through. */
bool ear_accord_is_live(const struct ear_accord *accord);
/* The user's wishes. */
void ear_accord_want_turn(struct ear_accord *accord, struct ear_session *session, bool wants);
void ear_accord_force(struct ear_accord *accord, bool forced, enum ear_rung rung);

#endif
