/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chooses how speech is packed and protected for a line, from what simulation says is heard. */
#ifndef EAR_PLAN_H
#define EAR_PLAN_H

#include "port/codec.h"
#include "tx/protect.h"

/* What is known of the way to the listener. */
struct ear_plan_line {
    int budget_bps; /* wire rate of speech while speaking, EAR_SPEECH_FIXED_BYTES a packet and what
                     * repair adds in the worst 10 s included, or as much of that as the least
                     * speech leaves; all else is the caller's to leave */
    double loss;    /* share of datagrams, 0 to 1 */
    int burst_ms;   /* mean time that the line stays bad; 0: losses do not hang together */
    int rtt_ms;     /* of the network, without queues of our own */
    int jitter_ms;  /* how long the listener holds packets anyway */
    int delay_ms;   /* most mouth-to-ear delay; 0: as the loss demands, 500 to 1500 */
    bool breaks;    /* outages come, and what they take is brought behind them */
    bool no_repair; /* the listener cannot ask, or asks in vain */
    bool no_low_copy;       /* the talker encodes once */
    bool enhances_wideband; /* the listener's decoder repairs wideband from 8.6 kbit/s on */
};

struct ear_plan {
    int packet_ms;
    int rate_bps;      /* of the primary packets */
    size_t body_bytes; /* of each datagram: all but the EAR_SPEECH_FIXED_BYTES */
    bool wideband;
    struct ear_protect_pattern pattern;
    bool repair; /* the listener asks for what it misses; datagrams grow by what it gets */
    int answers; /* datagrams in a row that carry what was asked for: 1 or 2; 0 without repair */
    int hold_ms; /* how long it waits for what protection and repair give back, beyond the
                  * packet's own arrival */
};

/* Always finds one: the leanest where the budget is below all. Pure; 0.1 ms. */
void ear_plan_choose(const struct ear_plan_line *line, struct ear_plan *ret);
/* The same packets, protection and hold with what the budget leaves for them now. Returns whether
 * Opus can; otherwise *ret is not touched. Pure. */
bool ear_plan_refit(const struct ear_plan_line *line, const struct ear_plan *plan,
                    struct ear_plan *ret);
/* What the chooser expects of a plan on a line: ESTOI, less what loss and delay cost. A plan in use
 * is worth leaving when another promises clearly more, .02 say; it may miss budget and delay by
 * what estimates waver before this is -INFINITY. Pure. */
double ear_plan_expect(const struct ear_plan_line *line, const struct ear_plan *plan);
/* Share of speech that a plan leaves lost on a line. Pure. */
double ear_plan_residual(const struct ear_plan_line *line, const struct ear_plan *plan);
/* Blocks of repair for each packet that are asked for in the worst 10 s. Pure. */
double ear_plan_repair_load(const struct ear_plan_line *line, const struct ear_plan *plan);

/* How its primary packets are encoded: max_bytes is what fits beside full protection. Pure. */
struct ear_codec_format ear_plan_format(const struct ear_plan *plan);
/* The cap of a packet where its datagram has `left` bytes for it: no more than its share where it
 * is to ride whole on later ones, which have no room for more. Pure. */
size_t ear_plan_cap(const struct ear_plan *plan, size_t left);
/* How their twins are (EAR_PROTECT_LOW_COPY): the least there is in the same band. Pure. */
struct ear_codec_format ear_plan_low_format(const struct ear_plan *plan);
/* Wire rate of its datagrams while speaking, repairs apart, bit/s. Pure. */
int ear_plan_wire_bps(const struct ear_plan *plan);

#endif
