/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The first stage of the way in: datagrams from the network, sorted by what may be done with them,
 * and counted. Nothing of them is trusted yet. */
#ifndef EAR_RECEIVE_H
#define EAR_RECEIVE_H

#include "port/datagrams.h"
#include "wire/packet.h"

struct ear_receive_counts {
    int64_t datagrams;
    int64_t bytes;   /* with EAR_DATAGRAM_OVERHEAD */
    int64_t refused; /* of no form that we know */
};

/* thread: media. */
struct ear_receive {
    struct ear_datagrams net;
    struct ear_receive_counts counts;
    uint8_t data[EAR_DATAGRAM_MAX];
};

enum ear_received_form {
    EAR_RECEIVED_SEALED, /* for ear_tunnel_open */
    EAR_RECEIVED_ANSWER, /* for ear_tunnel_take_handshake: ANSWER, COOKIE */
    EAR_RECEIVED_CALL,   /* for the door, or a tunnel: CALL, CALL_COOKIE */
    EAR_RECEIVED_FLARE,  /* for call/flares.h: FLARE, FLARE_COOKIE, FLARE_ANSWER */
};

struct ear_received {
    struct ear_address from;
    enum ear_received_form form;
    struct ear_bytes datagram; /* valid until the next call */
};

/* The next datagram of a known form: returns whether there was one. */
bool ear_receive_next(struct ear_receive *receive, struct ear_received *ret);

#endif
