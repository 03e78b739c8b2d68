/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looks out for others while there is no call: who is there, and how good the line there is. */
#ifndef EAR_LOOKOUT_H
#define EAR_LOOKOUT_H

#include "call/knock.h"
#include "call/linkcheck.h"

/* thread: media. Zero but for the borrowed ones: nothing is looked for. */
struct ear_lookout {
    struct ear_switchboard *board;
    struct ear_mailbox *mail;
    struct ear_knock knock;
    struct ear_linkcheck check; /* never both */
};

void ear_lookout_init(struct ear_lookout *lookout, struct ear_switchboard *board,
                      struct ear_mailbox *mail);
/* KNOCK and CHECK; talks: there is a call, which is not disturbed. */
void ear_lookout_command(struct ear_lookout *lookout, const struct ear_command *command, bool talks,
                         int wire_budget_bps, int64_t now_us);
/* A call comes first; keep: the session that it goes over, if there is one. */
void ear_lookout_drop(struct ear_lookout *lookout, const struct ear_session *keep, int64_t now_us);
/* Sees each event of the switchboard first; true: it was nobody else's. */
bool ear_lookout_take(struct ear_lookout *lookout, const struct ear_switchboard_event *event,
                      const struct ear_session *current, int64_t now_us);
/* As often as the engine looks at open sessions. */
void ear_lookout_step(struct ear_lookout *lookout, int64_t now_us);

#endif
