/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What simulation says of each way to protect speech: the chooser's table and its axes. */
#ifndef EAR_PLAN_TABLE_H
#define EAR_PLAN_TABLE_H

#include "line/plan.h"

#define EAR_PLAN_LOSSES 8
#define EAR_PLAN_BURSTS 5
#define EAR_PLAN_PATTERNS 18
#define EAR_PLAN_ANSWERS 2
#define EAR_PLAN_TRIPS 7
#define EAR_PLAN_WAITS 8

/* Shares of lost packets that stay lost, in 1/10000. Between the axes' points it is linear. */
#define EAR_PLAN_WHOLE 10000
struct ear_plan_table {
    uint16_t pattern[EAR_PLAN_PATTERNS][EAR_PLAN_BURSTS][EAR_PLAN_LOSSES];
    uint16_t repair[EAR_PLAN_ANSWERS][EAR_PLAN_TRIPS][EAR_PLAN_WAITS][EAR_PLAN_BURSTS]
                   [EAR_PLAN_LOSSES];
};

/* Made by tests/bench/protection/make_table; test_plan makes it anew and compares. */
extern const struct ear_plan_table ear_plan_table;

extern const double ear_plan_losses[EAR_PLAN_LOSSES]; /* shares of datagrams */
extern const double ear_plan_bursts[EAR_PLAN_BURSTS]; /* mean bad time in packets; 0: by chance */
extern const double ear_plan_trips[EAR_PLAN_TRIPS];   /* packets from an ask to its answer */
extern const double ear_plan_waits[EAR_PLAN_WAITS];   /* packets of hold beyond trip + 1 */
extern const struct ear_protect_pattern ear_plan_patterns[EAR_PLAN_PATTERNS];

/* Packets that a pattern must be waited for. Pure. */
int ear_plan_reach(const struct ear_protect_pattern *pattern);
/* Packets from the ask to the datagram that answers it: the next that the ask can meet. Pure. */
int ear_plan_trip(int rtt_ms, int packet_ms);

#endif
