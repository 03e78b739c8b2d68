/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A recorded series of delays and losses, replayed in a loop. */
#ifndef EAR_TRACE_H
#define EAR_TRACE_H

#include "base/ear.h"

#define EAR_TRACE_LOST INT64_MIN
/* A day of packets every 20 ms, 12 bytes a row. */
#define EAR_TRACE_BYTES_MAX ((size_t)64 << 20)

/* Immutable once made. thread: any. */
struct ear_trace;

/* Parses CSV rows `t_ms,delay_ms`, or `t_send_ms,t_arrive_ms` where a header's second name says
 * "arrive"; an empty second column is a loss; times do not fall. name is for messages. On failure
 * error holds one sentence for a person. Returns 0, -EINVAL, -ENOMEM. */
EAR_CHECK int ear_trace_parse(struct ear_trace **ret, const char *name, const char *text,
                              size_t len, char *error, size_t error_bytes);
/* The same from a file; also returns -errno where that cannot be read. thread: main. */
EAR_CHECK int ear_trace_load(struct ear_trace **ret, const char *path, char *error,
                             size_t error_bytes);
void ear_trace_free(struct ear_trace *trace);

size_t ear_trace_rows(const struct ear_trace *trace);
/* When a row's packet was sent, since the first one's sending; that was at ear_trace_begin_us on
 * the trace's own clock. */
int64_t ear_trace_sent_us(const struct ear_trace *trace, size_t row);
int64_t ear_trace_begin_us(const struct ear_trace *trace);
/* Time between the rows, as most have it. */
int64_t ear_trace_interval_us(const struct ear_trace *trace);
/* Delay of what is sent so long after the trace's beginning: that of the last row not after it;
 * the trace begins anew one mean interval after its last row. EAR_TRACE_LOST for a loss. */
int64_t ear_trace_delay_us(const struct ear_trace *trace, int64_t since_start_us);
/* Least delay of all rows; 0 when all are lost. */
int64_t ear_trace_least_us(const struct ear_trace *trace);

#endif
