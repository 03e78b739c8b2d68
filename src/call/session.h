/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One other end: its address, its tunnel, its ENet on the loopback pair, and the bridge between. */
#ifndef EAR_SESSION_H
#define EAR_SESSION_H

#include "call/paths.h"
#include "port/enet_link.h"
#include "store/guests.h"
#include "tx/send.h"
#include "wire/squeeze.h"
#include "wire/tunnel.h"

/* thread: media. After init nothing allocates but from ENet's pool. */
struct ear_session {
    struct ear_enet_link *link;
    struct ear_tunnel tunnel;
    struct ear_address address;          /* where the newest authentic datagram came from */
    struct ear_paths paths;              /* and where else the other end may be */
    int64_t path_heard_us;               /* when something authentic came from address last */
    int64_t doubted_us;                  /* when we last asked whether it is there ... */
    int doubts;                          /* ... and how often in this silence */
    uint8_t message[EAR_CALL_BYTES_MAX]; /* our call, until each path has it */
    size_t message_len;
    uint32_t guest; /* number of the person */
    uint8_t psk_id[EAR_PSK_ID_BYTES];
    bool pins; /* came by an open invite: its first sealed datagram proves the secret */
    bool open;
    bool caller;
    bool connected; /* ENet says so */
    bool quiet;     /* brings mail: gives place to any other */
    struct ear_unsqueeze unsqueeze;
    uint8_t answer[EAR_ANSWER_BYTES]; /* to the call that opened this session ... */
    int answers_left;                 /* ... and how often it may be said again */
    int64_t answered_us;              /* when it was said last */
    int64_t opened_us;
    int64_t close_at_us; /* a session that only waits for its last words to arrive; 0: not so */
};

/* Whom to call. */
struct ear_session_peer {
    struct ear_address address;
    uint32_t guest;
    const struct ear_psk *psk; /* borrowed for the call of the function */
};

EAR_CHECK int ear_session_init(struct ear_session *session);
/* Wipes. */
void ear_session_fini(struct ear_session *session);

/* Opens towards a peer; config is complete but for psk. Returns 0, -ENOMEM, -EIO, -EBADMSG. */
EAR_CHECK int ear_session_call(struct ear_session *session, const struct ear_session_peer *peer,
                               const struct ear_tunnel_config *config, int64_t now_us);
/* Opens for whoever called at the door, and wipes the call; reply is to be sent back. Returns
 * EAR_ANSWER_BYTES, or the same errors. */
EAR_CHECK int ear_session_accept(struct ear_session *session, const struct ear_address *from,
                                 const struct ear_tunnel_config *config, struct ear_door_call *call,
                                 int64_t now_us, uint8_t reply[static EAR_ANSWER_BYTES]);
void ear_session_close(struct ear_session *session);

/* The other end has answered our call: there are keys. */
bool ear_session_is_answered(const struct ear_session *session);
/* Hands ENet what a sealed datagram held (kinds ENET and SPEECH). */
void ear_session_take(struct ear_session *session, enum ear_kind kind, const uint8_t *body,
                      size_t len);
/* Sends what the tunnel and ENet want sent; a call that nobody has answered yet goes out on all
 * paths. Returns whether anything of ENet's went. */
bool ear_session_flush(struct ear_session *session, struct ear_send *send, int64_t now_us);
/* ENet's next event, as ear_enet_link_service. */
enum ear_enet_event ear_session_next(struct ear_session *session, uint8_t *data, size_t *ret_len);

/* What a CALL's payload says: the name of the secret, and ENet's CONNECT. NULL for a renewal. */
const uint8_t *ear_session_psk_id(const struct ear_call *call);

#endif
