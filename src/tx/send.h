/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The last stage of the way out: what ENet wants sent, squeezed and sealed, onto the network, and
 * counted. Nothing leaves here that is neither sealed nor a handshake. */
#ifndef EAR_SEND_H
#define EAR_SEND_H

#include "port/datagrams.h"
#include "wire/packet.h"
#include "wire/tunnel.h"

/* What left; bytes with EAR_DATAGRAM_OVERHEAD. */
struct ear_send_counts {
    int64_t datagrams;
    int64_t bytes;
    int64_t speech_datagrams;
    int64_t speech_bytes;
    int64_t errors;   /* the network layer refused */
    int64_t unsealed; /* kept back for want of keys */
};

/* thread: media. */
struct ear_send {
    struct ear_datagrams net;
    struct ear_send_counts counts;
};

/* Sends a message of a handshake (which seals itself) as it is. False while there is no way there
 * yet (-ENOTCONN): then it is to be tried again, and nothing is counted. */
bool ear_send_handshake(struct ear_send *send, const struct ear_address *to, const uint8_t *message,
                        size_t len);
/* Seals kind and body into one datagram and sends it; what the network refuses is lost as on any
 * bad link, what cannot be sealed is not sent. */
void ear_send_sealed(struct ear_send *send, struct ear_tunnel *tunnel, const struct ear_address *to,
                     enum ear_kind kind, const uint8_t *body, size_t len);
/* Sends one datagram of ENet's: speech in it goes squeezed and alone, the rest as it is. The
 * datagram is used up. */
void ear_send_enet(struct ear_send *send, struct ear_tunnel *tunnel, const struct ear_address *to,
                   uint8_t *datagram, size_t len);

#endif
