/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where people were when a line to them stood: what is written to them later is tried there. */
#ifndef EAR_SEEN_AT_H
#define EAR_SEEN_AT_H

#include "call/mailbox.h"
#include "call/switchboard.h"

/* thread: media. Begins as zeros. */
struct ear_seen_at {
    struct {
        uint32_t guest; /* 0: nothing to tell */
        struct ear_address at;
        int64_t since_us;
        bool told;
    } of[EAR_SWITCHBOARD_SESSIONS];
};

/* Tells EAR_EVENT_SEEN_AT of each address without a relay that a line has kept for a second. */
void ear_seen_at_step(struct ear_seen_at *seen, const struct ear_switchboard *board,
                      struct ear_mailbox *mail, int64_t now_us);

#endif
