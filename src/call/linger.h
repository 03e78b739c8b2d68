/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How long a spurt goes on after its last speech, where bits are to be had. */
#ifndef EAR_LINGER_H
#define EAR_LINGER_H

#include "base/ear.h"

/* Over longer lines (gprs) what waits in queues needs the pauses: more than the budget went out. */
#define EAR_LINGER_RTT_MS 900

/* thread: media. All zero lingers not. Pure in time. */
struct ear_linger {
    bool generous;     /* so many bits that short pauses may be sent too */
    int64_t speech_us; /* the last frame of speech */
    int64_t rest_us;   /* until then the listener needs pauses to come back to a small delay */
};

/* user_bps, known_bps: see ear_budget_init. */
void ear_linger_init(struct ear_linger *linger, int user_bps, int known_bps, int64_t now_us);
/* The listener asked for so much speech. */
void ear_linger_asked(struct ear_linger *linger, int64_t units, int64_t now_us);
/* Whether a frame belongs to a spurt. speech: it is some; whole: nothing else waits for the room
 * that a pause would leave, and losses do not hang together. */
bool ear_linger_on(struct ear_linger *linger, bool speech, bool whole, int64_t now_us);

#endif
