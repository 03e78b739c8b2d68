/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bridge: network to tunnel to ENet's loopback pair and back. */
#include "call/session.h"

#include <errno.h>
#include <string.h>

/* Until the caller proves that it has our answer, it goes again with whatever ENet says again:
 * those words cannot be opened without it. 12 copies are 1200 bytes and 9 s; whoever has none of
 * them asks again. */
#define ANSWER_COPIES 12
#define ANSWER_AGAIN_US (200 * EAR_US_PER_MS)

int ear_session_init(struct ear_session *session)
{
    memset(session, 0, sizeof *session);
    return ear_enet_link_new(&session->link);
}

void ear_session_fini(struct ear_session *session)
{
    ear_session_close(session);
    ear_enet_link_free(session->link);
    session->link = NULL;
}

static int open_link(struct ear_session *session, const struct ear_address *address, bool caller,
                     int64_t now_us)
{
    struct ear_enet_link *link = session->link;
    ear_session_close(session);
    int err = ear_enet_link_open(link, caller);
    if (err)
        return err;
    memset(session, 0, sizeof *session);
    session->link = link;
    session->address = *address;
    session->caller = caller;
    session->opened_us = now_us;
    session->unsqueeze.channel = ear_enet_link_speech_channel();
    return 0;
}

/* ENet's CONNECT, so that it may ride inside message 1, behind the name of the secret. */
static int take_connect(struct ear_session *session, uint8_t out[static EAR_CALL_CONNECT_MAX])
{
    uint8_t data[EAR_ENET_MESSAGE_MAX];
    size_t len;
    ear_enet_link_service(session->link, data, &len);
    memcpy(out, session->psk_id, EAR_PSK_ID_BYTES);
    int got = ear_enet_link_outgoing(session->link, out + EAR_PSK_ID_BYTES,
                                     EAR_CALL_CONNECT_MAX - EAR_PSK_ID_BYTES);
    return got > 0 ? got + EAR_PSK_ID_BYTES : -EIO;
}

int ear_session_call(struct ear_session *session, const struct ear_session_peer *peer,
                     const struct ear_tunnel_config *config, int64_t now_us)
{
    uint8_t connect[EAR_CALL_CONNECT_MAX];
    struct ear_tunnel_config tunnel = *config;
    int r = open_link(session, &peer->address, true, now_us);
    if (r == 0) {
        session->guest = peer->guest;
        memcpy(session->psk_id, peer->psk->id, EAR_PSK_ID_BYTES);
        memcpy(tunnel.psk, peer->psk->secret, EAR_KEY_BYTES);
        r = take_connect(session, connect);
    }
    if (r > 0) {
        const struct ear_bytes piece = {connect, (size_t)r};
        r = ear_tunnel_init_caller(&session->tunnel, &tunnel, &piece, now_us);
    }
    ear_sodium_wipe(&tunnel, sizeof tunnel);
    session->open = true;
    if (r < 0)
        ear_session_close(session);
    return r;
}

const uint8_t *ear_session_psk_id(const struct ear_call *call)
{
    return call->connect_len > EAR_PSK_ID_BYTES ? call->connect : NULL;
}

int ear_session_accept(struct ear_session *session, const struct ear_address *from,
                       const struct ear_tunnel_config *config, struct ear_door_call *call,
                       int64_t now_us, uint8_t reply[static EAR_ANSWER_BYTES])
{
    uint8_t connect[EAR_CALL_CONNECT_MAX];
    size_t len = call->call.connect_len;
    int r = len > EAR_PSK_ID_BYTES ? open_link(session, from, false, now_us) : -EBADMSG;
    if (r == 0) {
        memcpy(session->psk_id, call->call.connect, EAR_PSK_ID_BYTES);
        memcpy(connect, call->call.connect, len);
        r = ear_tunnel_init_callee(&session->tunnel, config, call, now_us, reply);
        session->open = true;
    }
    ear_door_call_wipe(call);
    if (r > 0) {
        memcpy(session->answer, reply, EAR_ANSWER_BYTES);
        session->answers_left = ANSWER_COPIES;
        session->answered_us = now_us;
        ear_enet_link_incoming(session->link, connect + EAR_PSK_ID_BYTES, len - EAR_PSK_ID_BYTES);
    } else {
        ear_session_close(session);
    }
    return r;
}

bool ear_session_is_answered(const struct ear_session *session)
{
    return session->open && session->tunnel.keys.current.held;
}

void ear_session_close(struct ear_session *session)
{
    if (session->open)
        ear_tunnel_fini(&session->tunnel);
    if (session->link)
        ear_enet_link_close(session->link);
    session->open = false;
    session->connected = false;
}

void ear_session_take(struct ear_session *session, enum ear_kind kind, const uint8_t *body,
                      size_t len)
{
    session->answers_left = 0;
    if (kind == EAR_KIND_ENET) {
        /* Speech may only come squeezed, or its group would upset the receiver's count. */
        if (!ear_squeeze_holds_speech(body, len))
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

/* A path that was not there when the call was made gets it as soon as it is. */
static void send_call(struct ear_session *session, struct ear_send *send)
{
    struct ear_paths *paths = &session->paths;
    for (uint32_t i = 0; session->message_len > 0 && i < paths->count; i++)
        if (!paths->at[i].told)
            paths->at[i].told = ear_send_handshake(send, &paths->at[i].address, session->message,
                                                   session->message_len);
}

static void send_handshakes(struct ear_session *session, struct ear_send *send, int64_t now_us)
{
    uint8_t message[EAR_CALL_BYTES_MAX];
    size_t len = ear_tunnel_next_handshake(&session->tunnel, now_us, message);
    bool searching = session->caller && !ear_session_is_answered(session);
    if (!searching)
        session->message_len = 0;
    if (len > 0 && (!searching || session->paths.count == 0)) {
        ear_send_handshake(send, &session->address, message, len);
    } else if (len > 0) {
        memcpy(session->message, message, len);
        session->message_len = len;
        for (uint32_t i = 0; i < session->paths.count; i++)
            session->paths.at[i].told = false;
    }
    send_call(session, send);
}

static void answer_again(struct ear_session *session, struct ear_send *send, int64_t now_us)
{
    if (session->answers_left == 0 || now_us - session->answered_us < ANSWER_AGAIN_US)
        return;
    session->answers_left--;
    session->answered_us = now_us;
    ear_send_handshake(send, &session->address, session->answer, sizeof session->answer);
}

bool ear_session_flush(struct ear_session *session, struct ear_send *send, int64_t now_us)
{
    uint8_t datagram[EAR_DATAGRAM_MAX];
    send_handshakes(session, send, now_us);
    bool moved = false;
    int len;
    while ((len = ear_enet_link_outgoing(session->link, datagram, sizeof datagram)) > 0) {
        answer_again(session, send, now_us);
        ear_send_enet(send, &session->tunnel, &session->address, datagram, (size_t)len);
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
