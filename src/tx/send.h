/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The last stage of the way out: what ENet wants sent, squeezed, onto the network, and counted. */
#ifndef EAR_SEND_H
#define EAR_SEND_H

#include "port/datagrams.h"
#include "wire/packet.h"

/* Bytes with EAR_DATAGRAM_OVERHEAD. */
struct ear_send_counts {
    int64_t datagrams;
    int64_t bytes;
    int64_t speech_datagrams;
    int64_t speech_bytes;
    int64_t errors; /* the network layer refused */
};

/* thread: media. */
struct ear_send {
    struct ear_datagrams net;
    struct ear_send_counts counts;
};

/* Sends kind and body as one datagram; what the network refuses is lost as on any bad link. */
void ear_send_datagram(struct ear_send *send, const struct ear_address *to, enum ear_kind kind,
                       const uint8_t *body, size_t len);
/* Sends bytes that carry their kind already (hello, refusal). */
void ear_send_raw(struct ear_send *send, const struct ear_address *to, const uint8_t *data,
                  size_t len);
/* Sends one datagram of ENet's: speech in it goes squeezed and alone, the rest as it is. The
 * datagram is used up. */
void ear_send_enet(struct ear_send *send, const struct ear_address *to, uint8_t *datagram,
                   size_t len);

#endif
