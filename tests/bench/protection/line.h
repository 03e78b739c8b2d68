/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Simulates which packets of speech reach the listener, and how much later than their own. */
#ifndef EAR_BENCH_LINE_H
#define EAR_BENCH_LINE_H

#include "base/random.h"
#include "line/plan.h"

/* Delays are counted in packets; what takes longer counts as lost. */
#define LINE_DELAY_MAX 120

/* One direction: what share is lost, and how long in one go all that is sent is (Gilbert in
 * continuous time; 0: each datagram by itself). */
struct line_chain {
    double loss, burst_ms, until_ms;
    bool bad;
    struct ear_random random;
};

struct line_chain line_chain_of(double loss, double burst_ms, uint64_t seed);
/* Whether what is sent at t_ms is lost; t_ms never falls. */
bool line_loses(struct line_chain *chain, double t_ms);

struct line_run {
    double loss;     /* each way, 0 to 1 */
    double burst_ms; /* as in a chain */
    int rtt_ms;
    int packet_ms;
    int packets;
    struct ear_protect_pattern pattern;
    int answers; /* how many datagrams carry the packet that was asked for; 0: no repair */
    double most; /* blocks of repair that the budget allows a packet over 10 s; 0: any */
    int give_up; /* packets after which the listener asks no more and the talker sends none */
    uint64_t seed;
};

struct line_result {
    double later[LINE_DELAY_MAX + 1]; /* share of packets that come by more packets later */
    double blocks;                    /* of repair, a packet */
    double blocks_worst;              /* in the worst 10 s */
    double asks;                      /* datagrams that ask, a packet */
};

void line_simulate(const struct line_run *run, struct line_result *ret);

#endif
