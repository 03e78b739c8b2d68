/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much of the line we may use now, and in which way we talk over it. */
#ifndef EAR_LADDER_H
#define EAR_LADDER_H

#include "base/random.h"
#include "call/line_view.h"

/* Best first. */
enum ear_rung {
    EAR_RUNG_FULL,    /* both may talk at any time */
    EAR_RUNG_LONGER,  /* the same with long packets: more delay, less overhead */
    EAR_RUNG_TURNS,   /* one talks at a time: call/turns */
    EAR_RUNG_STREAM,  /* late, but whole: everything is asked for until it is there */
    EAR_RUNG_MESSAGE, /* voice messages */
    EAR_RUNGS
};

/* Why the rung or the budget is what it is: the screen says each in one sentence. */
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

/* What the ladder asks of the call, beside the line. */
struct ear_ladder_ask {
    int budget_bps; /* the user's, wire rate while speaking */
    bool forced;    /* the user holds this rung: */
    enum ear_rung rung;
    double concealed;           /* share of the last 10 s' speech that stayed missing; the worse
                                 * of both ends */
    double mouth_to_ear_rtt_ms; /* there and back, playout and packets included; 0: unknown */
    double collisions_per_min;  /* both talk at once */
    bool answers;               /* the line answers probes or control, if not speech */
    bool speaking;              /* we are sending speech now, so that the line is under load */
    bool peer_begins;           /* the other side began to speak in the last 500 ms: no probe now */
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

enum ear_ladder_phase {
    EAR_LADDER_STEADY,
    EAR_LADDER_TEST,  /* less load for a second: is the queue ours? */
    EAR_LADDER_DRAIN, /* it is: less than the line carries until it is gone */
    EAR_LADDER_PROBE, /* more load for 3 s: is there room? */
};

/* Fixed memory. thread: media. Pure in time. */
struct ear_ladder {
    enum ear_ladder_phase phase;
    int64_t phase_us;  /* since when */
    double budget_bps; /* of steady times */
    enum ear_ladder_why budget_why;
    double load_bps;      /* budget of this phase */
    int64_t seen_reports; /* of the line */
    /* evidence */
    int64_t rising_us, standing_us, calm_us, lossy_us; /* since when; INT64_MAX: not now */
    double last_queueing_ms;
    int steep; /* reports in a row with a steep rise */
    /* test and probe */
    struct {
        int64_t sent_us, bytes;
        double queueing_ms;
        int samples;
    } first;
    double least_before_ms, least_in_ms;
    double trial_bps, capacity_bps;
    int64_t wait_us; /* calm needed before the next probe */
    bool fast;       /* no probe has failed yet */
    int64_t foreign_until_us, foreign_wait_us, foreign_us;
    double restore_bps; /* where an outage came from */
    int64_t restore_us;
    bool outage, unheard;
    /* the rung */
    enum ear_rung rung;
    enum ear_ladder_why rung_why;
    int64_t rung_us, good_us, bad_us, thin_us;
    int64_t climb_wait_us;
    bool offered;
};

/* known_bps: what this line carried the last time; 0: not known. */
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
