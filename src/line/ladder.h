/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much of the line we may use now, and in which way we talk over it. */
#ifndef EAR_LADDER_H
#define EAR_LADDER_H

#include "line/budget.h"

/* Best first. */
enum ear_rung {
    EAR_RUNG_FULL,    /* both may talk at any time */
    EAR_RUNG_LONGER,  /* the same with long packets: more delay, less overhead */
    EAR_RUNG_TURNS,   /* one talks at a time: call/turns */
    EAR_RUNG_STREAM,  /* late, but whole: everything is asked for until it is there */
    EAR_RUNG_MESSAGE, /* voice messages */
    EAR_RUNGS
};

/* What the ladder asks of the call, beside the line. */
struct ear_ladder_ask {
    int budget_bps; /* the user's, wire rate while speaking */
    bool forced;    /* the user holds this rung: */
    enum ear_rung rung;
    double concealed;           /* share of the last 10 s' speech that did not come in time to be
                                 * heard live; the worse of both ends */
    double mouth_to_ear_rtt_ms; /* there and back, playout and packets included; 0: unknown */
    double collisions_per_min;  /* both talk at once */
    bool answers;               /* the line answers probes or control, if not speech */
    bool delicate;              /* the other side began to speak in the last 500 ms: no probe now */
};

struct ear_ladder_say {
    enum ear_rung rung;
    enum ear_ladder_why rung_why;
    int budget_bps; /* what may go on the wire while speaking, probe included */
    enum ear_ladder_why budget_why;
    bool passing;       /* a test of a second: leave protection out first, keep packet length */
    int probe_bps;      /* how much of the budget is on trial: spend it on redundancy */
    bool turns_offered; /* TURNS would be better; the user decides */
    enum ear_ladder_why offer_why;
};

/* Fixed memory. thread: media. Pure in time. */
struct ear_ladder {
    struct ear_budget budget;
    enum ear_rung rung;
    enum ear_ladder_why why;
    int64_t rung_us;    /* since when */
    int64_t good_us;    /* evidence for the rung above, since when; EAR_SINCE_NEVER: not now */
    int64_t gaps_us;    /* too much is missing, since when; EAR_SINCE_NEVER: not now */
    int64_t there_us;   /* the other side is heard, since when; EAR_SINCE_NEVER: not now */
    int64_t wait_us;    /* how long it must be good before a step up from TURNS or below */
    int64_t climbed_us; /* the last such step */
    bool offered;
    enum ear_ladder_why offer_why;
};

/* known_bps: what this line is known to carry; 0: not known. */
void ear_ladder_init(struct ear_ladder *ladder, int budget_bps, int known_bps, int64_t now_us);
/* Another network: old failures mean nothing. */
void ear_ladder_move(struct ear_ladder *ladder, int64_t now_us);
/* Once in 50 to 200 ms, and after each report. */
void ear_ladder_step(struct ear_ladder *ladder, const struct ear_line *line,
                     const struct ear_ladder_ask *ask, int64_t now_us, struct ear_ladder_say *ret);

/* Words for logs and reports. */
const char *ear_rung_name(enum ear_rung rung);
const char *ear_ladder_why_name(enum ear_ladder_why why);

#endif
