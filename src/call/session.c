/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bridge: network to ENet's loopback pair and back. */
#include "call/session.h"

#include <string.h>

/* The hello is said again until somebody answers. */
#define HELLO_EVERY_US (1000 * EAR_US_PER_MS)

int ear_session_init(struct ear_session *session)
{
    memset(session, 0, sizeof *session);
    return ear_enet_link_new(&session->link);
}

void ear_session_fini(struct ear_session *session)
{
    ear_enet_link_free(session->link);
    session->link = NULL;
    session->open = false;
}

static int open_link(struct ear_session *session, const struct ear_address *address, bool caller,
                     int64_t now_us)
{
    ear_session_close(session);
    int err = ear_enet_link_open(session->link, caller);
    if (err)
        return err;
    struct ear_enet_link *link = session->link;
    *session = (struct ear_session){
        .link = link,
        .address = *address,
        .open = true,
        .caller = caller,
        .opened_us = now_us,
        .unsqueeze = {.channel = ear_enet_link_speech_channel()},
    };
    return 0;
}

int ear_session_call(struct ear_session *session, const struct ear_address *to,
                     const struct ear_hello *self, int64_t now_us)
{
    int err = open_link(session, to, true, now_us);
    if (err)
        return err;
    int len = ear_hello_build(self, session->hello, sizeof session->hello);
    session->hello_len = len > 0 ? (size_t)len : 0;
    session->hello_due_us = now_us;
    return 0;
}

int ear_session_accept(struct ear_session *session, const struct ear_address *from,
                       const struct ear_hello *hello, int64_t now_us)
{
    int err = open_link(session, from, false, now_us);
    if (err)
        return err;
    session->other_id = hello->caller_id;
    session->attempt = hello->attempt;
    ear_enet_link_incoming(session->link, hello->connect, hello->connect_len);
    return 0;
}

void ear_session_close(struct ear_session *session)
{
    ear_enet_link_close(session->link);
    session->open = false;
    session->connected = false;
}

void ear_session_take(struct ear_session *session, enum ear_kind kind, const uint8_t *body,
                      size_t len)
{
    if (kind == EAR_KIND_ENET) {
        /* Speech may only come squeezed, or its group would upset the receiver's count. */
        if (ear_squeeze_holds_speech(body, len))
            return;
        ear_enet_link_incoming(session->link, body, len);
        return;
    }
    uint8_t datagram[EAR_DATAGRAM_MAX + EAR_SQUEEZE_HEADER_BYTES];
    if (!session->connected)
        return;
    session->unsqueeze.peer_and_session = ear_enet_link_peer_and_session(session->link);
    int whole = ear_unsqueeze(&session->unsqueeze, body, len, datagram, sizeof datagram);
    if (whole > 0)
        ear_enet_link_incoming(session->link, datagram, (size_t)whole);
}

/* Keeps ENet's CONNECT for the hello, which says it at its own pace. */
static void keep_connect(struct ear_session *session, const uint8_t *datagram, size_t len)
{
    if (len > EAR_HELLO_CONNECT_MAX)
        return;
    memcpy(session->hello + EAR_HELLO_HEADER_BYTES, datagram, len);
    session->hello_len = EAR_HELLO_HEADER_BYTES + len;
}

bool ear_session_flush(struct ear_session *session, struct ear_send *send, int64_t now_us)
{
    uint8_t datagram[EAR_DATAGRAM_MAX];
    bool moved = false;
    int len;
    while ((len = ear_enet_link_outgoing(session->link, datagram, sizeof datagram)) > 0) {
        if (session->caller && !session->connected) {
            keep_connect(session, datagram, (size_t)len);
            continue;
        }
        ear_send_enet(send, &session->address, datagram, (size_t)len);
        moved = true;
    }
    if (session->caller && !session->connected && now_us >= session->hello_due_us &&
        session->hello_len > EAR_HELLO_HEADER_BYTES) {
        ear_send_raw(send, &session->address, session->hello, session->hello_len);
        session->hello_due_us = now_us + HELLO_EVERY_US;
        moved = true;
    }
    return moved;
}

enum ear_enet_event ear_session_next(struct ear_session *session, uint8_t *data, size_t *ret_len)
{
    enum ear_enet_event event = ear_enet_link_service(session->link, data, ret_len);
    if (event == EAR_ENET_CONNECTED)
        session->connected = true;
    if (event == EAR_ENET_DISCONNECTED)
        session->connected = false;
    return event;
}
