/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The first stage of the way in: datagrams from the network, sorted by kind, and counted. */
#ifndef EAR_RECEIVE_H
#define EAR_RECEIVE_H

#include "port/datagrams.h"
#include "wire/packet.h"

struct ear_receive_counts {
    int64_t datagrams;
    int64_t bytes;   /* with EAR_DATAGRAM_OVERHEAD */
    int64_t refused; /* of no kind that we know */
};

/* thread: media. */
struct ear_receive {
    struct ear_datagrams net;
    struct ear_receive_counts counts;
    uint8_t data[EAR_DATAGRAM_MAX];
};

struct ear_received {
    struct ear_address from;
    enum ear_kind kind;
    const uint8_t *whole; /* with the kind; valid until the next call */
    size_t whole_len;
    const uint8_t *body; /* behind the kind */
    size_t len;
};

/* The next datagram of a known kind: returns whether there was one. */
bool ear_receive_next(struct ear_receive *receive, struct ear_received *ret);

#endif
