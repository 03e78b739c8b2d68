/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How many bits a second may go on the wire now. */
#ifndef EAR_BUDGET_H
#define EAR_BUDGET_H

#include "line/line_view.h"

/* Why the budget or the rung is what it is: the screen says each in one sentence. */
enum ear_ladder_why {
    EAR_LADDER_START,      /* nothing is known of the line yet */
    EAR_LADDER_USER,       /* the user chose this rung */
    EAR_LADDER_BUDGET,     /* the user allows no more data */
    EAR_LADDER_FULL_LINE,  /* our speech queued up: the line carries less */
    EAR_LADDER_QUEUE_LOSS, /* a full queue threw our speech away */
    EAR_LADDER_UNHEARD,    /* nothing of ours arrived for seconds though they are heard */
    EAR_LADDER_OUTAGE,     /* the line was gone both ways; we begin carefully */
    EAR_LADDER_SHARED,     /* other people fill the line; we keep a fair share */
    EAR_LADDER_TOO_THIN,   /* even the leanest speech both ways overfills the line */
    EAR_LADDER_SLOW_ECHO,  /* words take so long that both talk into each other (offered only) */
    EAR_LADDER_GAPS,       /* too much of the speech was missing */
    EAR_LADDER_NOTHING,    /* nothing got through for half a minute */
    EAR_LADDER_ROOM,       /* the line has had room for a while */
    EAR_LADDER_WHYS
};

enum ear_budget_phase {
    EAR_BUDGET_STEADY,
    EAR_BUDGET_TEST,  /* less load for a second: is the queue ours? */
    EAR_BUDGET_DRAIN, /* it is: less than the line carries until it is gone */
    EAR_BUDGET_PROBE, /* more load for 3 s: is there room? */
};

/* One report as it is kept. */
struct ear_budget_sample {
    int64_t sent_us; /* of the packet that it speaks of */
    int64_t sent_bytes, arrived_bytes;
    double queueing_ms;
};

#define EAR_BUDGET_SAMPLES 4 /* 2 s of reports */

/* Fixed memory. thread: media. Pure in time. */
struct ear_budget {
    enum ear_budget_phase phase;
    int64_t phase_us;  /* since when */
    double steady_bps; /* outside of TEST, DRAIN and PROBE ... */
    double load_bps;   /* ... and in them */
    enum ear_ladder_why why;
    /* evidence */
    int64_t reports;                                      /* of the line, seen so far */
    struct ear_budget_sample samples[EAR_BUDGET_SAMPLES]; /* newest first */
    size_t sample_count;
    int64_t rising_us, standing_us, lossy_us; /* since when; EAR_SINCE_NEVER: not now */
    int64_t thin_us; /* since when even the least overfills the line; EAR_SINCE_NEVER: not now */
    int64_t stepped_us;
    int64_t calm_us; /* how long there was no queue under load */
    /* TEST */
    enum ear_ladder_why test_why;
    struct ear_budget_sample first; /* under the lesser load */
    bool has_first;
    double carried_bps;    /* what the line seemed to carry when the test began */
    int64_t hold_until_us; /* no test before */
    int64_t hold_us;       /* how long the next hold lasts */
    int64_t let_be_us;     /* the last one that found nothing of ours */
    int64_t suspected_us;  /* the last that found it, but must be made again */
    int64_t drained_us;    /* the last time that one was gone at once under the lesser load */
    int64_t foreign_us;    /* the last time that a queue was another's */
    double peak_ms;        /* of a queue that stands while our load stays */
    int64_t peak_us;       /* the last that went by itself */
    /* PROBE */
    double before_ms; /* queueing delay before */
    int over;         /* reports in a row above it */
    int64_t wait_us;  /* calm that the next needs */
    bool fast;        /* none has failed yet */
    /* outages */
    double restore_bps; /* the budget before; 0: all is as before */
    bool outage, unheard;
    int64_t back_us; /* end of the last outage */
};

/* user_bps: what the user allows. known_bps: what this line is known to carry; 0: not known. */
void ear_budget_init(struct ear_budget *budget, int user_bps, int known_bps, int64_t now_us);
/* Another network: old failures mean nothing. */
void ear_budget_move(struct ear_budget *budget, int64_t now_us);
/* may_probe: a second of more delay would not hurt now. */
void ear_budget_step(struct ear_budget *budget, const struct ear_line *line, int user_bps,
                     bool may_probe, int64_t now_us);
/* Wire rate now, and of it what is on trial. */
double ear_budget_bps(const struct ear_budget *budget);
double ear_budget_probe_bps(const struct ear_budget *budget);

#endif
