/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sends real speech as a plan says, datagram by datagram, and counts what its protection saves. */
#ifndef EAR_BENCH_SENT_H
#define EAR_BENCH_SENT_H

#include "line/plan.h"

struct sent_result {
    double lost;       /* share of datagrams */
    double missed;     /* share of speech that nobody had when its time to be played had come */
    double twins;      /* share that was heard from twins */
    double bytes;      /* of speech in a packet, on the average */
    double wire_kbps;  /* in the worst 10 s */
    size_t body_bytes; /* of the longest datagram */
};

/* So many seconds of speech without a pause. Ends the program where there is no speech to send. */
void sent_measure(const struct ear_plan *plan, const struct ear_plan_line *line, int seconds,
                  uint64_t seed, struct sent_result *ret);

#endif
