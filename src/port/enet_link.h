/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ENet on its loopback pair: it never sees the network. */
#ifndef EAR_ENET_LINK_H
#define EAR_ENET_LINK_H

#include "base/ear.h"

/* ENet's memory comes from one fixed pool, because its callbacks carry no context: started once in
 * a program, used by one thread (media). Start may be called again; each start wants its stop. */
EAR_CHECK int ear_enet_start(void);
void ear_enet_stop(void);
/* Bytes of the pool that are in use. */
size_t ear_enet_memory_used(void);

/* One ENet host of one peer, and the two sockets between it and the bridge. thread: media. */
struct ear_enet_link;

enum ear_enet_event {
    EAR_ENET_NOTHING,
    EAR_ENET_CONNECTED,
    EAR_ENET_DISCONNECTED,
    EAR_ENET_SPEECH,  /* data, as ear_enet_link_send_speech took it */
    EAR_ENET_CONTROL, /* data, in order and whole */
    EAR_ENET_MAIL,    /* likewise, and apart from control: neither waits for the other */
};

/* Longest message: with ENet's and the seal's headers it stays within one datagram. */
#define EAR_ENET_MESSAGE_MAX 500

/* Only memory; sockets and host come with open. */
EAR_CHECK int ear_enet_link_new(struct ear_enet_link **ret);
void ear_enet_link_free(struct ear_enet_link *link);

/* Makes host and loopback pair; caller says who sends the CONNECT. Returns 0, -ENOMEM, -EIO. */
EAR_CHECK int ear_enet_link_open(struct ear_enet_link *link, bool caller);
void ear_enet_link_close(struct ear_enet_link *link);
bool ear_enet_link_is_open(const struct ear_enet_link *link);

/* Lets ENet read, resend and time out, then takes its next event; with data, *ret_len and data
 * (EAR_ENET_MESSAGE_MAX bytes) hold it. now_us only for the back-off's cap. */
enum ear_enet_event ear_enet_link_service(struct ear_enet_link *link, uint8_t *data,
                                          size_t *ret_len);
/* Sends unsequenced on its own datagram. Returns 0, -ENOTCONN, -ENOMEM, -EMSGSIZE. */
int ear_enet_link_send_speech(struct ear_enet_link *link, const uint8_t *data, size_t len);
/* Sends reliably and in order. Returns the same. */
int ear_enet_link_send_control(struct ear_enet_link *link, const uint8_t *data, size_t len);

/* Most messages of mail that may be under way, and that may be sent behind one that is. */
#define EAR_ENET_MAILS 64
#define EAR_ENET_MAILS_AHEAD 128

/* A message of mail that has arrived: how long it was, and its round trip, which tells nothing
 * where it was sent again. */
struct ear_enet_ack {
    size_t len;
    bool again;
    uint32_t sent_ms; /* on ENet's clock: two of one moment left together */
    uint32_t took_ms;
};

/* Sends reliably and in order, apart from control. Returns 0, -ENOTCONN, -ENOMEM, -EMSGSIZE;
 * -EAGAIN when as many are under way as may be, -ENOTSUP when the other end takes none. */
int ear_enet_link_send_mail(struct ear_enet_link *link, const uint8_t *data, size_t len);
/* What of it arrived since the last time, one each; false: no more. */
bool ear_enet_link_mail_ack(struct ear_enet_link *link, struct ear_enet_ack *ret);
/* How long what is sent now has to arrive before it is overdue. */
void ear_enet_link_mail_patience(struct ear_enet_link *link, uint32_t ms);
/* The length of the oldest that is overdue; 0: none is. ENet sends none again by itself, for it
 * would stand in the way of speech ... */
size_t ear_enet_link_mail_overdue(const struct ear_enet_link *link);
/* ... but this does. */
void ear_enet_link_mail_again(struct ear_enet_link *link);
/* What of it is under way. */
size_t ear_enet_link_mail_count(const struct ear_enet_link *link);
size_t ear_enet_link_mail_bytes(const struct ear_enet_link *link);

/* All that was sent reliably has been acknowledged. */
bool ear_enet_link_is_settled(const struct ear_enet_link *link);
/* Round trip as ENet measures it on its reliable commands, ms. */
uint32_t ear_enet_link_rtt_ms(const struct ear_enet_link *link);

/* The bridge's side of the pair. Outgoing: the next datagram ENet wants sent, its length, -EAGAIN.
 * Incoming: hands ENet one datagram. */
int ear_enet_link_outgoing(struct ear_enet_link *link, uint8_t *data, size_t cap);
int ear_enet_link_incoming(struct ear_enet_link *link, const uint8_t *data, size_t len);
/* The first two bytes of a datagram that this end's ENet takes as its peer's. */
uint16_t ear_enet_link_peer_and_session(const struct ear_enet_link *link);
uint8_t ear_enet_link_speech_channel(void);

/* The network is known to be silent: resend seldom. Back: resend at once. */
void ear_enet_link_path_down(struct ear_enet_link *link, bool down);

#endif
