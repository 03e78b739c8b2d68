/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chooses how speech is packed and protected for a line: one row of a table made offline. */
#ifndef EAR_PLAN_H
#define EAR_PLAN_H

#include "port/codec.h"
#include "tx/protect.h"

/* What is known of the way to the listener. */
struct ear_plan_line {
    int budget_bps;         /* wire rate while speaking, EAR_SPEECH_FIXED_BYTES a packet included */
    double loss;            /* share of datagrams, 0 to 1 */
    int burst_ms;           /* mean time that a loss lasts; 0: losses do not hang together */
    int rtt_ms;             /* of the network alone, without queues of our own */
    int jitter_ms;          /* how long the listener holds packets anyway */
    int delay_ms;           /* most mouth-to-ear delay; 0: as the loss demands, 500 to 1500 */
    bool no_repair;         /* the listener cannot ask, or asks in vain */
    bool enhances_wideband; /* the listener's decoder repairs wideband from 8.6 kbit/s */
};

struct ear_plan {
    int packet_ms;
    int rate_bps;      /* what the encoder aims at */
    size_t body_bytes; /* of each datagram: all but the EAR_SPEECH_FIXED_BYTES */
    bool wideband;
    struct ear_protect_pattern pattern;
    bool repair; /* the listener asks for what it misses; datagrams grow by what it gets */
    int hold_ms; /* how long it waits for what protection and repair give back, beyond the
                  * packet's own arrival */
};

/* Always finds one: the leanest where the budget is below all. Pure. */
void ear_plan_choose(const struct ear_plan_line *line, struct ear_plan *ret);
/* How its packets are encoded, where nothing but the primary is in the body. Pure. */
struct ear_codec_format ear_plan_format(const struct ear_plan *plan);
/* Wire rate of its datagrams while speaking, repairs apart, bit/s. Pure. */
int ear_plan_wire_bps(const struct ear_plan *plan);

#endif
