/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One other end: its address, its ENet on the loopback pair, and the bridge between both. */
#ifndef EAR_SESSION_H
#define EAR_SESSION_H

#include "port/enet_link.h"
#include "rx/receive.h"
#include "tx/send.h"
#include "wire/hello.h"
#include "wire/squeeze.h"

/* thread: media. After new nothing allocates but from ENet's pool. */
struct ear_session {
    struct ear_enet_link *link;
    struct ear_address address;
    uint64_t other_id; /* of a caller */
    uint32_t attempt;
    bool open;
    bool caller;
    bool connected; /* ENet says so */
    struct ear_unsqueeze unsqueeze;
    uint8_t hello[EAR_HELLO_BYTES_MAX];
    size_t hello_len;
    int64_t hello_due_us;
    int64_t opened_us;
    int64_t close_at_us; /* a session that only waits for its last words to arrive; 0: not so */
};

EAR_CHECK int ear_session_init(struct ear_session *session);
void ear_session_fini(struct ear_session *session);

/* Opens towards an address, saying self's id and attempt. Returns 0, -ENOMEM, -EIO. */
EAR_CHECK int ear_session_call(struct ear_session *session, const struct ear_address *to,
                               const struct ear_hello *self, int64_t now_us);
/* Opens for whoever sent this hello. Returns the same. */
EAR_CHECK int ear_session_accept(struct ear_session *session, const struct ear_address *from,
                                 const struct ear_hello *hello, int64_t now_us);
void ear_session_close(struct ear_session *session);

/* Hands ENet what came from the network (kinds ENET and SPEECH). */
void ear_session_take(struct ear_session *session, enum ear_kind kind, const uint8_t *body,
                      size_t len);
/* Sends what ENet wants sent, and the hello until ENet is connected. Returns whether anything
 * went. */
bool ear_session_flush(struct ear_session *session, struct ear_send *send, int64_t now_us);
/* ENet's next event, as ear_enet_link_service. */
enum ear_enet_event ear_session_next(struct ear_session *session, uint8_t *data, size_t *ret_len);

#endif
