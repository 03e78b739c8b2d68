/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A way to send datagrams: the UDP socket, or a simulated link. */
#ifndef EAR_DATAGRAMS_H
#define EAR_DATAGRAMS_H

#include "base/ear.h"

/* Bytes that IPv4 and UDP add to each datagram, counted wherever bytes are counted. */
#define EAR_DATAGRAM_OVERHEAD 28

/* No datagram of ours is longer: it must pass a 576 byte path unfragmented. */
#define EAR_DATAGRAM_MAX 548

/* An address as the socket layer knows it, opaque to all others; compared as bytes. */
struct ear_address {
    uint8_t bytes[28];
    uint32_t len;
};

bool ear_address_equal(const struct ear_address *a, const struct ear_address *b);

/* thread: media. */
struct ear_datagrams {
    /* Returns 0, or -errno; a full or missing link loses the datagram as any network may. */
    int (*send)(void *ctx, const struct ear_address *to, const uint8_t *data, size_t len);
    /* Returns the length of the next datagram (at most cap; longer ones are dropped), -EAGAIN. */
    int (*receive)(void *ctx, struct ear_address *ret_from, uint8_t *data, size_t cap);
    void *ctx;
};

#endif
