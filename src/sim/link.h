/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A bad link between two ends, in real or virtual time. */
#ifndef EAR_LINK_H
#define EAR_LINK_H

#include "base/clock.h"
#include "port/datagrams.h"
#include "sim/profile.h"

/* Both directions of one link. Datagrams between the ends are delayed, queued, lost, doubled and
 * reordered as the profile says; each counts EAR_DATAGRAM_OVERHEAD bytes more than its payload.
 * Send returns -EMSGSIZE above EAR_DATAGRAM_MAX, and -EHOSTUNREACH to what never was an address of
 * this link's other end; neither is counted. What is sent to an address that the other end has left
 * is lost. thread: one (media). After new nothing allocates. */
struct ear_link;

/* sent + duplicated = lost + overflowed + delivered + what is on its way. */
struct ear_link_counts {
    int64_t sent;       /* datagrams handed in */
    int64_t sent_bytes; /* with overhead */
    int64_t lost;       /* by chance, fade, outage */
    int64_t overflowed; /* by a full queue */
    int64_t duplicated; /* second copies made */
    int64_t delivered;
    int64_t delivered_bytes;
    int64_t peak_bytes_10s; /* most bytes handed in during any 10 s, to 100 ms */
};

/* profile and clock are borrowed for the link's life. Returns 0, -ENOMEM, -EINVAL. */
EAR_CHECK int ear_link_new(struct ear_link **ret, const struct ear_profile *profile,
                           const struct ear_clock *clock, uint64_t seed);
void ear_link_free(struct ear_link *link);

/* The link as end 0 or end 1 sees it: what it sends, the other receives. Valid while link lives. */
struct ear_datagrams ear_link_end(struct ear_link *link, int end);
/* The address that stands for an end until it moves. */
struct ear_address ear_link_address(int end);
/* Gives an end another address, as a laptop has on another network: tests of roaming. Returns it.
 * What is on its way to the old one is lost. */
struct ear_address ear_link_move(struct ear_link *link, int end);

/* When the next datagram arrives at either end; INT64_MAX when none is on its way. */
int64_t ear_link_next_us(const struct ear_link *link);
/* Cuts the link by hand until told otherwise: tests of outages and of ends that vanish. */
void ear_link_cut(struct ear_link *link, bool cut);
/* Counters of the direction that starts at end. */
void ear_link_get_counts(const struct ear_link *link, int end, struct ear_link_counts *ret);

#endif
