/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What will work today? Measures the line to somebody, in 10 s and 40 kB, without a ring. */
#ifndef EAR_LINKCHECK_H
#define EAR_LINKCHECK_H

#include "call/check_answer.h"
#include "call/mailbox.h"
#include "line/line_verdict.h"

/* From the command to the answer, and both directions together, headers included. */
#define EAR_LINKCHECK_US (10 * (int64_t)EAR_US_PER_S)
#define EAR_LINKCHECK_BYTES 40000

enum ear_linkcheck_stage {
    EAR_LINKCHECK_OFF,
    EAR_LINKCHECK_OPENING,
    EAR_LINKCHECK_STEADY, /* small packets at the pace of speech: loss, delay and its spread */
    EAR_LINKCHECK_TRAIN,  /* trains: a short one for the size of a long one, for capacity */
};

/* thread: media. Zero but for board and mail (borrowed): nothing is measured. */
struct ear_linkcheck {
    struct ear_switchboard *board;
    struct ear_mailbox *mail;
    struct ear_check_answer answer; /* for others who measure the line to us */

    enum ear_linkcheck_stage stage;
    uint32_t guest;
    int wire_budget_bps;
    struct ear_session *session;
    int64_t opened_us; /* the session's, by which it is known to be the same */
    int64_t begin_us, begin_bytes;
    int64_t steady_end_us, ping_us, train_us, ask_us;
    int pings;
    int64_t ping_sent_us[EAR_CHECK_PINGS_MAX];
    bool ponged[EAR_CHECK_PINGS_MAX];
    /* Of each pong: round trip, and the two ways on clocks that differ by a constant. */
    int pongs;
    int64_t rtt_us[EAR_CHECK_PINGS_MAX], up_us[EAR_CHECK_PINGS_MAX], down_us[EAR_CHECK_PINGS_MAX];
    int newest, first, received; /* as the newest pong says of our pings */
    uint8_t train;
    int train_back;
    bool told[EAR_CHECK_TRAINS];
    uint32_t up_bps[EAR_CHECK_TRAINS];
    struct ear_check_arrivals back[EAR_CHECK_TRAINS];
};

/* Measures the line to command's guest and tells EAR_EVENT_CHECKED; command->on false: stops that.
 * talks: there is a call, so that nothing is measured. */
void ear_linkcheck_command(struct ear_linkcheck *check, const struct ear_command *command,
                           bool talks, int wire_budget_bps, int64_t now_us);
/* A call comes first. */
void ear_linkcheck_drop(struct ear_linkcheck *check, int64_t now_us);
bool ear_linkcheck_is_on(const struct ear_linkcheck *check);
/* Sees each event of the switchboard; true: it was the check's alone. current: the call's session,
 * whose speech is never looked at. */
bool ear_linkcheck_take(struct ear_linkcheck *check, const struct ear_switchboard_event *event,
                        const struct ear_session *current, int64_t now_us);
/* Sends and ends what is due; as often as the engine looks at open sessions (20 ms). */
void ear_linkcheck_step(struct ear_linkcheck *check, int64_t now_us);

#endif
