/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One end of the mail's pipe, as a worker thread would have it: numbered frames out, and in again.
 */
#ifndef EAR_LETTERS_H
#define EAR_LETTERS_H

#include "call/engine.h"

struct letters {
    struct ear_engine *engine;
    uint32_t person, session; /* with whom the pipe is; session 0: with nobody */
    uint32_t credit;          /* frames wanted */
    size_t cap;
    int64_t left; /* frames still to be sent; what a broken pipe may have lost goes again */
    uint32_t next, sent_from; /* number of the next, and of the first in this session */
    /* what came */
    int64_t came, came_bytes, doubled, misplaced;
    uint32_t newest;
    int64_t urgent, first_urgent_us; /* frames at once */
    int ups, downs;
};

/* Frames of this length where they may be: 4 bytes of them are the number. */
#define LETTERS_LEN 300

/* Asks the engine for a line to a person. */
void letters_open(struct letters *l, uint32_t person, const struct ear_address *to);
/* What a worker does from time to time. */
void letters_step(struct letters *l, int64_t now_us);
/* One frame at once. */
void letters_press(struct letters *l);

#endif
