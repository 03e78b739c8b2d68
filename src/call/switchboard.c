/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Datagrams to sessions and back; who is who by address and caller id. */
#include "call/switchboard.h"

#include <errno.h>
#include <string.h>

/* Last words are resent for this long; the other side would notice our silence anyway. */
#define LINGER_US (3 * (int64_t)EAR_US_PER_S)
/* Whoever connected and did not ring by then does not want to. */
#define STRANGER_US (15 * (int64_t)EAR_US_PER_S)
/* ENet's own timers are looked at this often when nothing comes. */
#define SERVE_US (20 * EAR_US_PER_MS)
/* Under a flood speech goes on: no more datagrams than this are taken in one step. */
#define TAKEN_MAX 256

int ear_switchboard_init(struct ear_switchboard *board, const struct ear_switchboard_config *config)
{
    *board = (struct ear_switchboard){
        .config = *config,
        .random = ear_random_seeded(config->seed),
        .receive = {.net = config->net},
        .send = {.net = config->net},
    };
    int err = 0;
    for (size_t i = 0; !err && i < EAR_SWITCHBOARD_SESSIONS; i++)
        err = ear_session_init(&board->sessions[i]);
    if (err)
        ear_switchboard_fini(board);
    return err;
}

void ear_switchboard_fini(struct ear_switchboard *board)
{
    for (size_t i = 0; i < EAR_SWITCHBOARD_SESSIONS; i++)
        ear_session_fini(&board->sessions[i]);
}

static struct ear_session *free_session(struct ear_switchboard *board)
{
    struct ear_session *lingering = NULL;
    for (size_t i = 0; i < EAR_SWITCHBOARD_SESSIONS; i++) {
        if (!board->sessions[i].open)
            return &board->sessions[i];
        if (board->sessions[i].close_at_us)
            lingering = &board->sessions[i];
    }
    return lingering;
}

/* An address has one session: what comes from there would else reach an old one. */
static void close_at(struct ear_switchboard *board, const struct ear_address *address,
                     const struct ear_session *except)
{
    for (size_t i = 0; i < EAR_SWITCHBOARD_SESSIONS; i++) {
        struct ear_session *session = &board->sessions[i];
        if (session != except && session->open && ear_address_equal(&session->address, address))
            ear_session_close(session);
    }
}

struct ear_session *ear_switchboard_call(struct ear_switchboard *board,
                                         const struct ear_address *to, int64_t now_us)
{
    close_at(board, to, NULL);
    struct ear_session *session = free_session(board);
    const struct ear_hello self = {.version = EAR_WIRE_VERSION,
                                   .caller_id = board->config.self_id,
                                   .attempt = (uint32_t)ear_random_u64(&board->random)};
    if (!session || ear_session_call(session, to, &self, now_us) < 0)
        return NULL;
    return session;
}

void ear_switchboard_release(struct ear_session *session, int64_t now_us)
{
    if (!session->connected)
        ear_session_close(session);
    else if (!session->close_at_us)
        session->close_at_us = now_us + LINGER_US;
}

static struct ear_session *session_at(struct ear_switchboard *board,
                                      const struct ear_address *address)
{
    for (size_t i = 0; i < EAR_SWITCHBOARD_SESSIONS; i++)
        if (board->sessions[i].open && ear_address_equal(&board->sessions[i].address, address))
            return &board->sessions[i];
    return NULL;
}

/* The session that this caller had before, by id or at this address; NULL with *ret_again for a
 * hello said once more. */
static struct ear_session *session_before(struct ear_switchboard *board,
                                          const struct ear_address *from,
                                          const struct ear_hello *hello, bool *ret_again)
{
    struct ear_session *before = NULL;
    *ret_again = false;
    for (size_t i = 0; i < EAR_SWITCHBOARD_SESSIONS; i++) {
        struct ear_session *known = &board->sessions[i];
        if (!known->open)
            continue;
        bool same = !known->caller && known->other_id == hello->caller_id;
        if (same && known->attempt == hello->attempt)
            *ret_again = true;
        else if (same || ear_address_equal(&known->address, from))
            before = known;
    }
    return *ret_again ? NULL : before;
}

/* The session in which we are calling whoever sends this hello. */
static struct ear_session *crossing_session(struct ear_switchboard *board,
                                            const struct ear_address *from)
{
    struct ear_session *session = session_at(board, from);
    return session && session->caller && !session->connected ? session : NULL;
}

static void accept(struct ear_switchboard *board, struct ear_session *session,
                   const struct ear_address *from, const struct ear_hello *hello, int64_t now_us)
{
    if (!session || ear_session_accept(session, from, hello, now_us) < 0)
        board->refused++;
}

/* Returns whether an event came of it. */
static bool take_hello(struct ear_switchboard *board, const struct ear_received *in, int64_t now_us,
                       struct ear_switchboard_event *ret)
{
    struct ear_hello hello;
    bool again;
    int err = ear_hello_parse(in->whole, in->whole_len, &hello);
    struct ear_session *crossing = err ? NULL : crossing_session(board, &in->from);
    if (crossing) {
        if (board->config.self_id < hello.caller_id)
            accept(board, crossing, &in->from, &hello, now_us);
        return false;
    }
    if (err == -EPROTO && board->config.accept) {
        const uint8_t version = EAR_WIRE_VERSION;
        ear_send_datagram(&board->send, &in->from, EAR_KIND_REFUSAL, &version, 1);
    }
    if (err || !board->config.accept) {
        board->refused++;
        return false;
    }
    struct ear_session *before = session_before(board, &in->from, &hello, &again);
    if (again)
        return false;
    close_at(board, &in->from, before);
    accept(board, before ? before : free_session(board), &in->from, &hello, now_us);
    ret->kind = EAR_SWITCHBOARD_REPLACED;
    ret->session = before;
    return before != NULL;
}

static bool take_datagram(struct ear_switchboard *board, const struct ear_received *in,
                          int64_t now_us, struct ear_switchboard_event *ret)
{
    if (in->kind == EAR_KIND_HELLO)
        return take_hello(board, in, now_us, ret);
    struct ear_session *session = session_at(board, &in->from);
    if (!session) {
        board->refused++;
        return false;
    }
    ret->session = session;
    ret->kind = EAR_SWITCHBOARD_HEARD;
    if (in->kind == EAR_KIND_REFUSAL) {
        ret->kind = EAR_SWITCHBOARD_VERSION;
        return session->caller && !session->connected;
    }
    if (in->kind == EAR_KIND_PROBE)
        ear_send_datagram(&board->send, &in->from, EAR_KIND_PROBE_ANSWER, NULL, 0);
    else if (in->kind == EAR_KIND_ENET || in->kind == EAR_KIND_SPEECH)
        ear_session_take(session, in->kind, in->body, in->len);
    return true;
}

static bool next_of_session(struct ear_session *session, struct ear_switchboard_event *ret)
{
    static const enum ear_switchboard_kind kinds[] = {
        [EAR_ENET_CONNECTED] = EAR_SWITCHBOARD_CONNECTED,
        [EAR_ENET_DISCONNECTED] = EAR_SWITCHBOARD_DISCONNECTED,
        [EAR_ENET_SPEECH] = EAR_SWITCHBOARD_SPEECH,
        [EAR_ENET_CONTROL] = EAR_SWITCHBOARD_CONTROL,
    };
    enum ear_enet_event event = ear_session_next(session, ret->data, &ret->len);
    if (event == EAR_ENET_NOTHING)
        return false;
    if (event == EAR_ENET_DISCONNECTED)
        ear_session_close(session);
    ret->kind = kinds[event];
    ret->session = session;
    return true;
}

/* Lets all ENets speak; returns whether there is an event. */
static bool serve(struct ear_switchboard *board, int64_t now_us, bool *ret_moved,
                  struct ear_switchboard_event *ret)
{
    board->served_us = now_us;
    for (size_t i = 0; i < EAR_SWITCHBOARD_SESSIONS; i++) {
        struct ear_session *session = &board->sessions[i];
        if (!session->open)
            continue;
        bool event = next_of_session(session, ret);
        if (session->open && ear_session_flush(session, &board->send, now_us))
            *ret_moved = true;
        if (event)
            return true;
    }
    return false;
}

static bool receive(struct ear_switchboard *board, int64_t now_us, struct ear_received *ret)
{
    if (board->step_us != now_us) {
        board->step_us = now_us;
        board->taken = 0;
    }
    return board->taken < TAKEN_MAX && ear_receive_next(&board->receive, ret) && ++board->taken;
}

bool ear_switchboard_next(struct ear_switchboard *board, int64_t now_us,
                          struct ear_switchboard_event *ret)
{
    struct ear_received in;
    bool moved = now_us - board->served_us >= SERVE_US;
    for (;;) {
        if (receive(board, now_us, &in)) {
            board->served_us = INT64_MIN / 2;
            if (take_datagram(board, &in, now_us, ret))
                return true;
            continue;
        }
        moved = moved || board->served_us < 0;
        if (!moved)
            return false;
        moved = false;
        if (serve(board, now_us, &moved, ret)) {
            board->served_us = INT64_MIN / 2;
            return true;
        }
    }
}

void ear_switchboard_flush(struct ear_switchboard *board, struct ear_session *session,
                           int64_t now_us)
{
    ear_session_flush(session, &board->send, now_us);
}

void ear_switchboard_probe(struct ear_switchboard *board, const struct ear_session *session)
{
    ear_send_datagram(&board->send, &session->address, EAR_KIND_PROBE, NULL, 0);
}

void ear_switchboard_tidy(struct ear_switchboard *board, const struct ear_session *current,
                          int64_t now_us)
{
    for (size_t i = 0; i < EAR_SWITCHBOARD_SESSIONS; i++) {
        struct ear_session *session = &board->sessions[i];
        if (!session->open || session == current)
            continue;
        int64_t close_at_us =
            session->close_at_us ? session->close_at_us : session->opened_us + STRANGER_US;
        if (now_us >= close_at_us)
            ear_session_close(session);
    }
}

bool ear_switchboard_is_busy(const struct ear_switchboard *board)
{
    for (size_t i = 0; i < EAR_SWITCHBOARD_SESSIONS; i++)
        if (board->sessions[i].open)
            return true;
    return false;
}
