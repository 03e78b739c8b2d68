/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The first datagram of a session, with ENet's CONNECT inside, so that a call is up in one round
 * trip. */
#ifndef EAR_HELLO_H
#define EAR_HELLO_H

#include "base/ear.h"

/*  1 byte kind (EAR_KIND_HELLO), 1 byte EAR_WIRE_VERSION, 8 bytes who calls, then the CONNECT
 * datagram. A refusal: 1 byte kind (EAR_KIND_REFUSAL), 1 byte the version of whoever refuses. */
#define EAR_HELLO_HEADER_BYTES 14
#define EAR_HELLO_CONNECT_MAX 64
#define EAR_HELLO_BYTES_MAX (EAR_HELLO_HEADER_BYTES + EAR_HELLO_CONNECT_MAX)
#define EAR_REFUSAL_BYTES 2

struct ear_hello {
    uint8_t version;
    uint64_t caller_id;     /* the same in all calls of one profile */
    uint32_t attempt;       /* another one for each call, the same when a hello is repeated */
    const uint8_t *connect; /* borrowed from the datagram */
    size_t connect_len;
};

/* Returns the length, -ENOBUFS. Pure. */
EAR_CHECK int ear_hello_build(const struct ear_hello *hello, uint8_t *out, size_t cap);
/* Returns 0, -EBADMSG, -EPROTO for another version (only ret->version is set then). Pure. */
EAR_CHECK int ear_hello_parse(const uint8_t *data, size_t len, struct ear_hello *ret);

#endif
