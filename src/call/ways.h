/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which way a session takes to its other end: what comes is followed, what is silent is left. */
#ifndef EAR_WAYS_H
#define EAR_WAYS_H

#include "call/meetings.h"
#include "call/session.h"

/* All are of the media thread. */

/* Goes to the meetings with the session's person, and adds them to its paths. */
void ear_ways_open(struct ear_session *session, struct ear_meetings *meetings);
/* The call has been answered there: it begins on that way. */
void ear_ways_begin(struct ear_session *session, const struct ear_address *from, int64_t now_us);
/* Something authentic came from there; moves: it says where the other end wants to be answered. */
void ear_ways_follow(struct ear_session *session, struct ear_meetings *meetings,
                     const struct ear_address *from, bool moves, int64_t now_us);
/* While a call of ours goes through a relay, direct ways are measured against it, and taken. */
void ear_ways_choose(struct ear_session *session, struct ear_send *send, int64_t now_us);
/* Asks whether the other end is there; asked again in the same silence, on all ways. */
void ear_ways_probe(struct ear_session *session, struct ear_meetings *meetings,
                    struct ear_send *send, int64_t now_us);

#endif
