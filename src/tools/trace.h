/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A recorded network: when each packet was sent and when it came. */
#ifndef EAR_REPLAY_TRACE_H
#define EAR_REPLAY_TRACE_H

#include "base/ear.h"

struct ear_replay_trace_row {
    double sent_ms;
    double came_ms; /* INFINITY: lost */
};

struct ear_replay_trace {
    struct ear_replay_trace_row *rows; /* in the order of sending */
    size_t count;
    double spacing_ms; /* median time between two rows */
};

/* Reads t_send_ms,t_arrive_ms or t_ms,delay_ms (named by the header; without one the former); an
 * empty second field is a lost packet. On failure error holds one sentence. Returns 0, -ENOENT,
 * -EINVAL, -ENOMEM. Release with ear_replay_trace_free. */
EAR_CHECK int ear_replay_trace_read(struct ear_replay_trace *ret, const char *path, char *error,
                             size_t error_bytes);
void ear_replay_trace_free(struct ear_replay_trace *trace);

/* The same network with packets of another length: each has the delay of the row in whose time it
 * is sent. Returns 0, -ENOMEM. */
EAR_CHECK int ear_replay_trace_respace(struct ear_replay_trace *trace, double spacing_ms);

#endif
