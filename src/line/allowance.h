/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much of the wire budget speech may take, and what is left of it for repairs. */
#ifndef EAR_ALLOWANCE_H
#define EAR_ALLOWANCE_H

#include "line/meter.h"

/* thread: media. All zero but the first two is a fresh one. */
struct ear_allowance {
    int user_bps;             /* over any 10 s nothing may be more */
    int64_t since_us;         /* when the call began */
    struct ear_meter speech;  /* wire bytes of datagrams of speech ... */
    struct ear_meter others;  /* ... and of all else */
    int64_t speech_accounted; /* of speech.total, when all was told last */
};

/* A datagram of speech left, so many bytes on the wire. */
void ear_allowance_sent(struct ear_allowance *allowance, int64_t bytes, int64_t now_us);
/* So many bytes left since this was told last, speech included. */
void ear_allowance_all_sent(struct ear_allowance *allowance, int64_t bytes, int64_t now_us);
/* What speech may take of a budget: all that nothing else needs where the user set it and the line
 * is whole, so that repairs need no room. */
int ear_allowance_speech_bps(struct ear_allowance *allowance, double budget_bps, bool whole,
                             int64_t now_us);
/* Bytes that repairs may take now beside speech that is planned with speech_bps; 0 or less: none.
 * budget_bps is what may be used now, steady_bps what usually may. */
double ear_allowance_repair_bytes(struct ear_allowance *allowance, double budget_bps,
                                  double steady_bps, double speech_bps, int64_t now_us);
/* When the next piece of a backlog may leave, where one of so many bytes, due at due_us, leaves
 * now: a backlog goes at the budget's rate. */
int64_t ear_allowance_backlog_us(double budget_bps, int64_t due_us, int64_t bytes, int64_t now_us);

#endif
