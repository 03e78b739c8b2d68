/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Datagrams to sessions and back; who is who by keys alone. */
#include "call/switchboard.h"

#include <errno.h>
#include <string.h>

#include "call/ways.h"

/* Last words are resent for this long; the other side would notice our silence anyway. */
#define LINGER_US (3 * (int64_t)EAR_US_PER_S)
/* Whoever connected and did not ring by then does not want to. */
#define STRANGER_US (60 * (int64_t)EAR_US_PER_S)
/* ENet's own timers are looked at this often when nothing comes. */
#define SERVE_US (20 * EAR_US_PER_MS)
/* Under a flood speech goes on: no more datagrams than this are taken in one step. */
#define TAKEN_MAX 256

/* The door asks: may this key call, and with which secret? */
static bool lookup(void *ctx, const uint8_t peer[static EAR_KEY_BYTES], const struct ear_call *call,
                   struct ear_door_peer *ret)
{
    struct ear_switchboard *board = ctx;
    board->knock = ear_guests_decide(&board->guests, peer, ear_session_psk_id(call));
    if (!board->knock.psk)
        return false;
    const struct ear_guest *guest = ear_guests_numbered(&board->guests, board->knock.number);
    memcpy(ret->psk, board->knock.psk->secret, EAR_KEY_BYTES);
    ret->clock_ms = guest->newest_stamp;
    return true;
}

static struct ear_keypair own_keys(const struct ear_switchboard *board)
{
    struct ear_keypair self;
    memcpy(self.secret, board->guests.static_secret, EAR_KEY_BYTES);
    memcpy(self.public, board->guests.static_public, EAR_KEY_BYTES);
    return self;
}

int ear_switchboard_init(struct ear_switchboard *board, const struct ear_switchboard_config *config)
{
    memset(board, 0, sizeof *board);
    board->config = *config;
    board->guests = *config->guests;
    board->config.guests = NULL;
    board->stamps = config->stamps;
    ear_meetings_init(&board->meetings, &config->net, config->accept);
    for (size_t i = 0; i < config->meeting_count; i++)
        if (ear_meetings_add(&board->meetings, &config->meetings[i]) < 0)
            break;
    board->config.meetings = NULL;
    board->receive.net = board->send.net = ear_meetings_datagrams(&board->meetings);
    struct ear_door_config door = {
        .self = own_keys(board),
        .lookup = lookup,
        .ctx = board,
        .chance = config->chance,
        .calls_per_s = EAR_DOOR_CALLS_PER_S,
        .cookies_per_s = EAR_DOOR_COOKIES_PER_S,
    };
    ear_door_init(&board->door, &door);
    ear_sodium_wipe(&door, sizeof door);
    ear_switchboard_begin_flares(board);
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
    ear_flares_fini(&board->flares);
    ear_door_fini(&board->door);
    ear_meetings_fini(&board->meetings);
    ear_guests_wipe(&board->guests);
}

/* A session's tunnel uses later stamps as time goes on: those of the next must be later still. */
static void close_session(struct ear_switchboard *board, struct ear_session *session)
{
    if (session->open && session->tunnel.clock_ms > board->stamps.last)
        board->stamps.last = session->tunnel.clock_ms;
    if (session->open)
        ear_meetings_want(&board->meetings, session->guest, false);
    ear_session_close(session);
}

static struct ear_session *free_session(struct ear_switchboard *board)
{
    struct ear_session *lingering = NULL, *quiet = NULL;
    for (size_t i = 0; i < EAR_SWITCHBOARD_SESSIONS; i++) {
        struct ear_session *session = &board->sessions[i];
        if (!session->open)
            return session;
        if (session->close_at_us)
            lingering = session;
        if (session->quiet && (!quiet || session->opened_us < quiet->opened_us))
            quiet = session;
    }
    return lingering ? lingering : quiet;
}

/* An address has one session: what comes from there would else reach an old one. */
static void close_at(struct ear_switchboard *board, const struct ear_address *address,
                     const struct ear_session *except)
{
    for (size_t i = 0; i < EAR_SWITCHBOARD_SESSIONS; i++) {
        struct ear_session *session = &board->sessions[i];
        if (session != except && session->open && ear_address_equal(&session->address, address))
            close_session(board, session);
    }
}

static struct ear_tunnel_config tunnel_config(struct ear_switchboard *board)
{
    return (struct ear_tunnel_config){
        .self = own_keys(board),
        .clock_ms = ++board->stamps.last,
        .chance = board->config.chance,
        .limits = ear_tunnel_limits_usual,
    };
}

static struct ear_session *session_with(struct ear_switchboard *board,
                                        const uint8_t peer[static EAR_KEY_BYTES])
{
    for (size_t i = 0; i < EAR_SWITCHBOARD_SESSIONS; i++)
        if (board->sessions[i].open &&
            memcmp(board->sessions[i].tunnel.config.peer, peer, EAR_KEY_BYTES) == 0)
            return &board->sessions[i];
    return NULL;
}

static void close_with(struct ear_switchboard *board, const uint8_t peer[static EAR_KEY_BYTES])
{
    struct ear_session *session;
    while ((session = session_with(board, peer)) != NULL)
        close_session(board, session);
}

/* One address more that leads to the person of a session; whoever else is there makes room. */
static void add_address(struct ear_switchboard *board, struct ear_session *session,
                        const struct ear_address *to)
{
    if (to->len == 0)
        return;
    close_at(board, to, session);
    ear_paths_add(&session->paths, to, false);
}

struct ear_session *ear_switchboard_call(struct ear_switchboard *board, uint32_t guest,
                                         const struct ear_address *to,
                                         const struct ear_address *others, int64_t now_us)
{
    const struct ear_guest *who = ear_guests_numbered(&board->guests, guest);
    const struct ear_session_peer peer = {
        .address = *to,
        .guest = guest,
        .psk = who && who->has_key && !who->blocked ? ear_guests_call_with(who) : NULL,
    };
    if (!peer.psk)
        return NULL;
    close_with(board, who->static_key);
    struct ear_session *session = free_session(board);
    if (!session)
        return NULL;
    struct ear_tunnel_config config = tunnel_config(board);
    memcpy(config.peer, who->static_key, EAR_KEY_BYTES);
    int err = ear_session_call(session, &peer, &config, now_us);
    ear_sodium_wipe(&config, sizeof config);
    if (err)
        return NULL;
    add_address(board, session, to);
    for (int i = 0; others && i < EAR_SWITCHBOARD_OTHERS; i++)
        add_address(board, session, &others[i]);
    ear_ways_open(session, &board->meetings);
    if (session->paths.count == 0) {
        close_session(board, session);
        return NULL;
    }
    session->address = session->paths.at[0].address;
    return session;
}

void ear_switchboard_release(struct ear_switchboard *board, struct ear_session *session,
                             int64_t now_us)
{
    if (!session->connected)
        close_session(board, session);
    else if (!session->close_at_us)
        session->close_at_us = now_us + LINGER_US;
}

/* The session that is answered there; for somebody at a relay, the first one there. */
static struct ear_session *session_at(struct ear_switchboard *board,
                                      const struct ear_address *address)
{
    for (size_t i = 0; i < EAR_SWITCHBOARD_SESSIONS; i++)
        if (board->sessions[i].open &&
            (ear_address_equal(&board->sessions[i].address, address) ||
             ear_meetings_same_relay(&board->sessions[i].address, address)))
            return &board->sessions[i];
    return NULL;
}

/* Where a session's datagram came from, now that it is known whose it is. */
static struct ear_address whole(const struct ear_switchboard *board,
                                const struct ear_session *session, const struct ear_address *from)
{
    return ear_meetings_complete(&board->meetings, from, session->psk_id, session->guest);
}

/* Their call crosses ours, and ours stands. */
static bool ours_stands(const struct ear_switchboard *board, const struct ear_session *before)
{
    return before && before->caller && !before->connected &&
           memcmp(board->guests.static_public, before->tunnel.config.peer, EAR_KEY_BYTES) > 0;
}

/* Who calls is known. Returns whether an event came of it. */
static bool admit(struct ear_switchboard *board, const struct ear_address *at,
                  struct ear_door_call *call, int64_t now_us, struct ear_switchboard_event *ret)
{
    uint8_t reply[EAR_ANSWER_BYTES];
    struct ear_session *before = session_with(board, call->peer);
    const uint64_t stamp = call->call.clock_ms;
    const struct ear_guests_answer who = board->knock;
    const struct ear_address from =
        ear_meetings_complete(&board->meetings, at, who.psk->id, who.number);
    int r = -EPERM;
    if (call->call.connect_len == 0 && before) {
        r = ear_tunnel_renew_callee(&before->tunnel, call, now_us, reply);
        ret->kind = EAR_SWITCHBOARD_CALLED; /* the stamp is to be kept, as of any call */
        ret->session = before;
    } else if (board->config.accept && !ours_stands(board, before)) {
        bool crosses = before && before->caller && !before->connected;
        close_at(board, &from, before);
        struct ear_session *session = before ? before : free_session(board);
        struct ear_tunnel_config config = tunnel_config(board);
        if (session)
            close_session(board, session);
        r = session ? ear_session_accept(session, &from, &config, call, now_us, reply) : -ENOMEM;
        ear_sodium_wipe(&config, sizeof config);
        if (r > 0) {
            session->guest = who.number;
            session->pins = who.verdict == EAR_GUESTS_NEW;
            ear_ways_open(session, &board->meetings);
            ear_paths_see(&session->paths, &from, ear_meetings_is_relayed(&from));
        }
        ret->kind = crosses || !before ? EAR_SWITCHBOARD_CALLED : EAR_SWITCHBOARD_REPLACED;
        ret->session = before;
    }
    ear_door_call_wipe(call);
    if (r < 0)
        return false;
    if (r > 0)
        ear_send_handshake(&board->send, &from, reply, (size_t)r);
    ear_guests_heard(&board->guests, who.number, stamp);
    ret->guest = who.number;
    ret->stamp = stamp;
    return true;
}

/* A CALL may be a renewal, the same one again, or somebody new at the door. */
static bool take_call(struct ear_switchboard *board, const struct ear_received *in, int64_t now_us,
                      struct ear_switchboard_event *ret)
{
    uint8_t reply[EAR_ANSWER_BYTES], cookie[EAR_COOKIE_REPLY_BYTES];
    struct ear_door_call call;
    const struct ear_bytes source = {in->from.bytes, in->from.len};
    struct ear_address from = in->from;
    bool relayed = ear_meetings_is_relayed(&from); /* so that it may be anybody's */
    struct ear_session *session = relayed ? NULL : session_at(board, &from);
    int r = session ? ear_tunnel_take_handshake(&session->tunnel, &in->datagram, now_us, reply)
                    : -ECONNRESET;
    for (size_t i = 0; !session && r < 0 && i < EAR_SWITCHBOARD_SESSIONS; i++) {
        if (!board->sessions[i].open ||
            ear_tunnel_repeats(&board->sessions[i].tunnel, &in->datagram, reply) == 0)
            continue;
        r = EAR_ANSWER_BYTES;
        from = whole(board, &board->sessions[i], &from);
    }
    if (r >= 0) {
        if (r > 0)
            ear_send_handshake(&board->send, &from, reply, (size_t)r);
        return false;
    }
    r = ear_door_take(&board->door, &source, &in->datagram, now_us, &call, cookie);
    if (r == 0)
        return admit(board, &in->from, &call, now_us, ret);
    if (r > 0)
        ear_send_handshake(&board->send, &in->from, cookie, (size_t)r);
    else
        board->refused++;
    return false;
}

/* The way that is answered first is the one to begin with. */
static void take_answer(struct ear_switchboard *board, const struct ear_received *in,
                        int64_t now_us)
{
    uint8_t reply[EAR_ANSWER_BYTES];
    bool known = session_at(board, &in->from) != NULL;
    for (size_t i = 0; i < EAR_SWITCHBOARD_SESSIONS; i++) {
        struct ear_session *session = &board->sessions[i];
        bool begins = !ear_session_is_answered(session);
        if (!session->open)
            continue;
        known = known || ear_paths_find(&session->paths, &in->from);
        if (ear_tunnel_take_handshake(&session->tunnel, &in->datagram, now_us, reply) != 0)
            continue;
        const struct ear_address from = whole(board, session, &in->from);
        if (begins && ear_session_is_answered(session))
            ear_ways_begin(session, &from, now_us);
        return;
    }
    /* From where a session is, it is the second answer to a message that was said twice. */
    if (!ear_flares_take_cookie(&board->flares, &in->datagram, now_us) && !known)
        board->refused++;
}

/* Opens a sealed datagram on the session of its source, else on whichever it opens: whoever moved
 * to another network goes on there. */
static struct ear_session *open_sealed(struct ear_switchboard *board, const struct ear_received *in,
                                       int64_t now_us, uint8_t out[static EAR_DATAGRAM_MAX],
                                       int *ret_len, struct ear_address *ret_from)
{
    struct ear_session *first = session_at(board, &in->from);
    struct ear_opened opened;
    for (size_t i = 0; i <= EAR_SWITCHBOARD_SESSIONS; i++) {
        struct ear_session *session = i == 0 ? first : &board->sessions[i - 1];
        if (!session || !session->open || (i > 0 && session == first))
            continue;
        *ret_len = ear_tunnel_open(&session->tunnel, &in->datagram, now_us, out, EAR_DATAGRAM_MAX,
                                   &opened);
        if (*ret_len < EAR_KIND_BYTES)
            continue;
        bool measures = out[0] == EAR_KIND_PATH_PROBE || out[0] == EAR_KIND_PATH_ANSWER;
        *ret_from = whole(board, session, &in->from);
        ear_ways_follow(session, &board->meetings, ret_from, opened.newest && !measures, now_us);
        return session;
    }
    return NULL;
}

/* The first datagram under the new keys proves that the caller has the invite's secret. */
static bool pin(struct ear_switchboard *board, struct ear_session *session,
                struct ear_switchboard_event *ret)
{
    uint32_t number;
    session->pins = false;
    if (ear_guests_pin(&board->guests, session->psk_id, session->tunnel.config.peer, &number) < 0)
        return false;
    session->guest = number;
    ear_meetings_rename(&board->meetings, session->psk_id, number);
    ret->kind = EAR_SWITCHBOARD_PINNED;
    ret->guest = number;
    ret->session = session;
    return true;
}

static void take_opened(struct ear_switchboard *board, struct ear_session *session,
                        const struct ear_address *from, const struct ear_bytes *plain,
                        int64_t now_us)
{
    const uint8_t kind = *(const uint8_t *)plain->data;
    const uint8_t *body = (const uint8_t *)plain->data + EAR_KIND_BYTES;
    size_t len = plain->len - EAR_KIND_BYTES;
    if (kind == EAR_KIND_PROBE)
        ear_send_sealed(&board->send, &session->tunnel, from, EAR_KIND_PROBE_ANSWER, NULL, 0);
    else if (kind == EAR_KIND_PATH_PROBE && len == EAR_PATH_NUMBER_BYTES)
        ear_send_sealed(&board->send, &session->tunnel, from, EAR_KIND_PATH_ANSWER, body, len);
    else if (kind == EAR_KIND_PATH_ANSWER && len == EAR_PATH_NUMBER_BYTES)
        ear_paths_answered(&session->paths, from, (uint16_t)(body[0] << 8 | body[1]), now_us);
    else if (kind == EAR_KIND_ENET || kind == EAR_KIND_SPEECH)
        ear_session_take(session, (enum ear_kind)kind, body, len);
}

static bool take_sealed(struct ear_switchboard *board, const struct ear_received *in,
                        int64_t now_us, struct ear_switchboard_event *ret)
{
    uint8_t plain[EAR_DATAGRAM_MAX];
    int len = 0;
    struct ear_address from;
    struct ear_session *session = open_sealed(board, in, now_us, plain, &len, &from);
    if (!session) {
        board->refused++;
        return false;
    }
    take_opened(board, session, &from, &(struct ear_bytes){plain, (size_t)len}, now_us);
    ret->kind = EAR_SWITCHBOARD_HEARD;
    ret->session = session;
    if (!session->pins && plain[0] == EAR_KIND_MAIL && (size_t)len <= sizeof ret->data) {
        ret->kind = EAR_SWITCHBOARD_MAIL;
        ret->len = (size_t)len - EAR_KIND_BYTES;
        memcpy(ret->data, plain + EAR_KIND_BYTES, ret->len);
    }
    ear_sodium_wipe(plain, (size_t)len);
    return !session->pins || pin(board, session, ret);
}

static bool take_datagram(struct ear_switchboard *board, const struct ear_received *in,
                          int64_t now_us, struct ear_switchboard_event *ret)
{
    switch (in->form) {
    case EAR_RECEIVED_SEALED:
        return take_sealed(board, in, now_us, ret);
    case EAR_RECEIVED_CALL:
        return take_call(board, in, now_us, ret);
    case EAR_RECEIVED_ANSWER:
        take_answer(board, in, now_us);
        break;
    case EAR_RECEIVED_FLARE:
        return ear_switchboard_take_flare(board, in, now_us, ret);
    }
    return false;
}

static bool next_of_session(struct ear_switchboard *board, struct ear_session *session,
                            struct ear_switchboard_event *ret)
{
    static const enum ear_switchboard_kind kinds[] = {
        [EAR_ENET_CONNECTED] = EAR_SWITCHBOARD_CONNECTED,
        [EAR_ENET_DISCONNECTED] = EAR_SWITCHBOARD_DISCONNECTED,
        [EAR_ENET_SPEECH] = EAR_SWITCHBOARD_SPEECH,
        [EAR_ENET_CONTROL] = EAR_SWITCHBOARD_CONTROL,
        [EAR_ENET_MAIL] = EAR_SWITCHBOARD_MAIL,
    };
    enum ear_enet_event event = ear_session_next(session, ret->data, &ret->len);
    if (event == EAR_ENET_NOTHING)
        return false;
    if (event == EAR_ENET_DISCONNECTED)
        close_session(board, session);
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
        bool event = next_of_session(board, session, ret);
        if (session->open && ear_session_flush(session, &board->send, now_us))
            *ret_moved = true;
        if (event)
            return true;
    }
    return false;
}

/* Once in each step. */
static void tend(struct ear_switchboard *board, int64_t now_us)
{
    ear_meetings_tend(&board->meetings, now_us);
    ear_flares_step(&board->flares, now_us);
    for (size_t i = 0; i < EAR_SWITCHBOARD_SESSIONS; i++) {
        struct ear_session *session = &board->sessions[i];
        if (session->open && session->caller && session->connected && !session->close_at_us)
            ear_ways_choose(session, &board->send, now_us);
    }
}

static bool receive(struct ear_switchboard *board, int64_t now_us, struct ear_received *ret)
{
    if (board->step_us != now_us) {
        board->step_us = now_us;
        board->taken = 0;
        tend(board, now_us);
    }
    return board->taken < TAKEN_MAX && ear_receive_next(&board->receive, ret) && ++board->taken;
}

static bool take_news(struct ear_switchboard *board, struct ear_switchboard_event *ret)
{
    ret->kind = EAR_SWITCHBOARD_RELAY;
    ret->session = NULL;
    return ear_meetings_news(&board->meetings, &ret->relay, &ret->relay_state);
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
            return take_news(board, ret);
        moved = false;
        if (serve(board, now_us, &moved, ret)) {
            board->served_us = INT64_MIN / 2;
            return true;
        }
    }
}

bool ear_switchboard_flush(struct ear_switchboard *board, struct ear_session *session,
                           int64_t now_us)
{
    int64_t before = board->send.counts.speech_datagrams;
    ear_session_flush(session, &board->send, now_us);
    return board->send.counts.speech_datagrams > before;
}

void ear_switchboard_probe(struct ear_switchboard *board, struct ear_session *session,
                           int64_t now_us)
{
    ear_ways_probe(session, &board->meetings, &board->send, now_us);
}

struct ear_send_counts ear_switchboard_sent(const struct ear_switchboard *board)
{
    struct ear_send_counts counts = board->send.counts;
    counts.datagrams += board->meetings.counts.sent_datagrams;
    counts.bytes += board->meetings.counts.sent_bytes;
    return counts;
}

struct ear_receive_counts ear_switchboard_received(const struct ear_switchboard *board)
{
    struct ear_receive_counts counts = board->receive.counts;
    counts.datagrams += board->meetings.counts.received_datagrams;
    counts.bytes += board->meetings.counts.received_bytes;
    return counts;
}

int ear_switchboard_update_guest(struct ear_switchboard *board,
                                 const struct ear_guests_update *update)
{
    if (update->gone)
        ear_meetings_forget(&board->meetings, update->guest.number);
    return ear_guests_apply(&board->guests, update);
}

int ear_switchboard_update_meeting(struct ear_switchboard *board,
                                   const struct ear_meeting_update *update)
{
    if (!update->gone)
        return ear_meetings_add(&board->meetings, &update->meeting);
    ear_meetings_remove(&board->meetings, update->meeting.psk_id, &update->meeting.relay);
    return 0;
}

void ear_switchboard_tidy(struct ear_switchboard *board, const struct ear_session *current,
                          int64_t now_us)
{
    for (size_t i = 0; i < EAR_SWITCHBOARD_SESSIONS; i++) {
        struct ear_session *session = &board->sessions[i];
        if (!session->open || session == current || (session->quiet && !session->close_at_us))
            continue;
        int64_t close_at_us =
            session->close_at_us ? session->close_at_us : session->opened_us + STRANGER_US;
        if (now_us >= close_at_us)
            close_session(board, session);
    }
}

bool ear_switchboard_is_busy(const struct ear_switchboard *board)
{
    if (ear_flares_wait(&board->flares))
        return true;
    for (size_t i = 0; i < EAR_SWITCHBOARD_SESSIONS; i++)
        if (board->sessions[i].open)
            return true;
    return false;
}
