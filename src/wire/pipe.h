/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What passes between an engine and the mail: frames, and whom they can reach. */
#ifndef EAR_PIPE_H
#define EAR_PIPE_H

#include "port/datagrams.h"

/* A longer one would stand in the way of speech. */
#define EAR_PIPE_FRAME_MAX 300
/* On thin lines frames may be no longer than this beside speech; none is refused for less. */
#define EAR_PIPE_FRAME_LEAST 100
/* Further addresses of a person, as in call/switchboard.h. */
#define EAR_PIPE_OTHERS 3
/* So many frames may wait for the worker: who sends more than that unanswered loses the pipe. */
#define EAR_PIPE_WAITING 256

enum ear_pipe_kind {
    /* To the engine. */
    EAR_PIPE_OPEN, /* person, address, others: bring mail there. Nobody is rung. UP or DOWN follows:
                    * DOWN at once while there is a call, or no way to that person */
    /* Both ways. */
    EAR_PIPE_FRAME, /* person, session, data; at_once: see there */
    EAR_PIPE_FLARE, /* person, data; to the engine also address, others: an urgent message, or what
                     * became of one, apart from any session (call/flares.h). Each goes once */
    /* From the engine. */
    EAR_PIPE_UP,   /* person, session: frames pass from now on, in order, each once */
    EAR_PIPE_DOWN, /* person, session (0: none was opened): what was not answered may be lost */
    EAR_PIPE_WANT, /* person, session, count, cap: so many frames more than were wanted so far, and
                    * from now on none longer than cap. Others are lost */
};

struct ear_pipe_item {
    enum ear_pipe_kind kind;
    uint32_t person;
    uint32_t session; /* never used again: a frame of an old one goes nowhere */
    /* Goes now, past all others, and is neither repeated nor put in order: for what is said again
     * and again on a dying line. Needs no WANT. */
    bool at_once;
    uint16_t count, cap;
    uint16_t len;
    uint8_t data[EAR_PIPE_FRAME_MAX];
    struct ear_address address; /* OPEN, FLARE; length 0: relays alone */
    struct ear_address others[EAR_PIPE_OTHERS];
};

#endif
