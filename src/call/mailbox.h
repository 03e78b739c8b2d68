/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the main thread and the media thread of an engine meet. */
#ifndef EAR_MAILBOX_H
#define EAR_MAILBOX_H

#include "base/ring.h"
#include "call/engine.h"
#include "call/switchboard.h"

struct ear_mailbox {
    struct ear_ring commands, events, snapshots;
    struct ear_ring guests, meetings;      /* updates; they hold secrets */
    struct ear_ring frames_in, frames_out; /* struct ear_pipe_item; they hold what is private */
    struct ear_unheard *unheard;
};

/* An engine's own: for engine_doors.c alone. */
struct ear_mailbox *ear_engine_mailbox(struct ear_engine *engine);

/* Returns 0, -ENOMEM; fini may follow in any case, if the mailbox was zero. thread: main. */
EAR_CHECK int ear_mailbox_init(struct ear_mailbox *mailbox);
void ear_mailbox_fini(struct ear_mailbox *mailbox);

/* Carries the updates that wait out. thread: media. */
void ear_mailbox_update(struct ear_mailbox *mailbox, struct ear_switchboard *board);
/* Returns whether there was room; logs where not. thread: media. */
bool ear_mailbox_tell(struct ear_mailbox *mailbox, const struct ear_event *event);
/* The newest snapshot; false when there is none. thread: main. */
bool ear_mailbox_newest(struct ear_mailbox *mailbox, struct ear_engine_status *ret);

#endif
