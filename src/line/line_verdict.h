/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a line that was measured is good for, how late speech will come, and what it will cost. */
#ifndef EAR_LINE_VERDICT_H
#define EAR_LINE_VERDICT_H

#include "base/ear.h"

/* How a check ended. */
enum ear_line_outcome {
    EAR_LINE_MEASURED,
    EAR_LINE_SILENT,  /* nobody answered, or the line broke off at once */
    EAR_LINE_BUSY,    /* the other end talks to somebody, or measures with somebody */
    EAR_LINE_CROSSED, /* a call came first, ours or theirs */
    EAR_LINE_STOPPED, /* as asked for */
};

enum ear_line_rung {
    EAR_LINE_FULL_DUPLEX,
    EAR_LINE_LONGER_PACKETS,
    EAR_LINE_TAKE_TURNS,
    EAR_LINE_MESSAGE_ONLY,
};

enum ear_line_advice { EAR_LINE_TALK, EAR_LINE_TURNS, EAR_LINE_LEAVE_MESSAGE };

/* Seen from the end that measured: up is what it sends. */
struct ear_line_way {
    double loss;      /* share, 0 to 1 */
    int jitter_ms;    /* 95 % of packets come within so much of the fastest */
    int capacity_bps; /* 0: not found out; EAR_LINE_CAPACITY_MOST: that or more */
};

/* More than this is not told apart: a call uses a third of it. */
#define EAR_LINE_CAPACITY_MOST 100000

struct ear_line_measures {
    bool answered;
    int rtt_ms; /* median */
    int rtt_least_ms;
    struct ear_line_way up, down;
};

struct ear_line_check {
    enum ear_line_outcome outcome;
    uint32_t guest;
    struct ear_line_measures line;
    enum ear_line_rung rung;
    enum ear_line_advice advice;
    int mouth_to_ear_ms;    /* expected, most of the time; 0: no talk */
    int wire_bps;           /* one way while speaking, protection included; 0: no talk */
    int64_t bytes_per_hour; /* of a talk, both directions */
    int64_t took_us;
    int64_t bytes; /* that the check itself cost, both directions, as this end saw them */
};

/* Fills rung, advice, mouth_to_ear_ms, wire_bps and bytes_per_hour from line and the user's budget.
 * Pure. */
void ear_line_judge(struct ear_line_check *check, int wire_budget_bps);

/* What a talk of so long costs, both directions. Pure. */
double ear_line_mb(const struct ear_line_check *check, int minutes);
/* "full-duplex", "longer-packets", "take-turns", "message-only"; "talk", "turns", "message". */
const char *ear_line_rung_name(enum ear_line_rung rung);
const char *ear_line_advice_name(enum ear_line_advice advice);

#endif
