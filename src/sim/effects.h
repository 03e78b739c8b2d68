/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What one direction of a link does to datagrams, as plain numbers. */
#ifndef EAR_EFFECTS_H
#define EAR_EFFECTS_H

#include "sim/trace.h"

/* A length drawn evenly from least to most, in us. */
struct ear_span {
    int64_t least_us;
    int64_t most_us;
};

/* Something that happens now and then. */
struct ear_now_and_then {
    struct ear_span length;
    int64_t every_us;
};

/* Zero switches an effect off. Every field is an int64_t and each group stands in the order of its
 * line in a profile: the parser fills them in turn. Shares are in millionths (ppm). */
struct ear_effects {
    int64_t delay_us;
    /* Half of a normal distribution on top of the delay, with this standard deviation (its mean is
     * 1.32 times that), correlated over 100 ms. */
    int64_t jitter_us;
    /* An extra delay that begins at once and decays to 0 within its own length; exponential
     * spacing. */
    struct ear_now_and_then spike;
    /* Nothing arrives for so long, then all at once; exponential spacing. */
    struct ear_now_and_then stall;
    /* Each datagram on its own. */
    int64_t loss_ppm;
    /* Runs of lost datagrams of this mean length, so often that their share is burst.ppm. */
    struct {
        int64_t ppm;
        int64_t datagrams_ppm; /* millionths of a datagram */
    } burst;
    /* Gilbert-Elliott in continuous time: mean length of a fade, mean time from one to the next,
     * share lost inside. */
    struct {
        int64_t length_us;
        int64_t every_us;
        int64_t losing_ppm;
    } fade;
    /* Bottleneck; 0: none. What would wait longer than queue_us is dropped. */
    int64_t rate_bps;
    int64_t queue_us;
    /* Mean of other people's traffic through the same bottleneck. */
    int64_t cross_bps;
    /* Both directions dead at the end of each period. */
    struct ear_now_and_then outage;
    /* Extra delay that grows, stays and shrinks again at the end of each period. */
    struct {
        int64_t peak_us;
        int64_t rise_us;
        int64_t hold_us;
        int64_t fall_us;
        int64_t every_us;
    } ramp;
    int64_t duplicate_ppm;
    struct {
        int64_t ppm;
        struct ear_span held;
    } reorder;
    const struct ear_trace *trace; /* NULL: none; the profile owns it */
};

#endif
