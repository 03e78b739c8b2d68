/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All lines to other ends: takes what comes from the network to the right session, and back. */
#ifndef EAR_SWITCHBOARD_H
#define EAR_SWITCHBOARD_H

#include "call/flares.h"
#include "call/meetings.h"
#include "call/session.h"
#include "rx/receive.h"
#include "store/stamps.h"

/* One call, and three more ends that are being told that we are busy. */
#define EAR_SWITCHBOARD_SESSIONS 4

struct ear_switchboard_config {
    struct ear_datagrams net;
    const struct ear_guests *guests; /* copied: own keys, and who may call and be called */
    struct ear_stamps stamps;        /* of our handshakes */
    struct ear_chance chance;
    bool accept; /* takes calls, at all meetings too; otherwise every door is shut */
    const struct ear_meeting *meetings; /* copied; those beyond EAR_MEETINGS_MAX are left out */
    size_t meeting_count;
};

/* thread: media. After init nothing allocates but from ENet's pool. */
struct ear_switchboard {
    struct ear_switchboard_config config;
    struct ear_guests guests;
    struct ear_stamps stamps;
    struct ear_meetings meetings;
    struct ear_door door;
    struct ear_guests_answer knock; /* who the door took in last */
    struct ear_receive receive;
    struct ear_send send;
    struct ear_session sessions[EAR_SWITCHBOARD_SESSIONS];
    struct ear_flares flares;
    int64_t served_us; /* when ENet's timers were looked at last */
    int64_t step_us;   /* the time of this step ... */
    int taken;         /* ... and how many datagrams it has taken */
    int64_t refused;   /* datagrams of strangers */
};

enum ear_switchboard_kind {
    EAR_SWITCHBOARD_HEARD,        /* the session's other end is alive */
    EAR_SWITCHBOARD_CONNECTED,    /* messages may be sent */
    EAR_SWITCHBOARD_DISCONNECTED, /* the session is closed */
    EAR_SWITCHBOARD_SPEECH,       /* data */
    EAR_SWITCHBOARD_CONTROL,      /* data */
    EAR_SWITCHBOARD_MAIL,         /* data: a frame of mail; also HEARD */
    EAR_SWITCHBOARD_REPLACED,     /* the same person called anew: the session is theirs, but new */
    EAR_SWITCHBOARD_CALLED,       /* a person's handshake was accepted: stamp is to be kept */
    EAR_SWITCHBOARD_PINNED,       /* who came by an invite proved it: key is that person's now */
    EAR_SWITCHBOARD_RELAY,        /* relay, relay_state; no session */
    EAR_SWITCHBOARD_FLARE,        /* guest, data: call/flares.h; no session */
};

struct ear_switchboard_event {
    enum ear_switchboard_kind kind;
    struct ear_session *session;
    uint32_t guest; /* CALLED, PINNED, FLARE: number of the person */
    uint64_t stamp; /* CALLED */
    struct ear_address relay;
    enum ear_relay_state relay_state;
    size_t len;
    uint8_t data[EAR_ENET_MESSAGE_MAX];
};

EAR_CHECK int ear_switchboard_init(struct ear_switchboard *board,
                                   const struct ear_switchboard_config *config);
void ear_switchboard_fini(struct ear_switchboard *board);

/* A person may have further addresses: so many. */
#define EAR_SWITCHBOARD_OTHERS 3

/* Opens a line to a person at an address (length 0: none), others (EAR_SWITCHBOARD_OTHERS of them,
 * or NULL) and all meetings with that person: the way that is answered first is taken. NULL when
 * nobody of that number may be called, there is no way, all lines are taken or memory is short.
 * Where the other end calls us in the same moment, the call of the larger key stands: the session
 * turns into theirs, and their RING comes over it. */
struct ear_session *ear_switchboard_call(struct ear_switchboard *board, uint32_t guest,
                                         const struct ear_address *to,
                                         const struct ear_address *others, int64_t now_us);
/* Nothing more is wanted of this session; where it was connected it stays for a while, so that our
 * last words arrive. */
void ear_switchboard_release(struct ear_switchboard *board, struct ear_session *session,
                             int64_t now_us);

/* Moves datagrams between network and ENet until something happens: returns true and what, or false
 * when nothing moves any more. */
bool ear_switchboard_next(struct ear_switchboard *board, int64_t now_us,
                          struct ear_switchboard_event *ret);
/* Sends what the session has to send now. Returns whether a datagram of speech left. */
bool ear_switchboard_flush(struct ear_switchboard *board, struct ear_session *session,
                           int64_t now_us);
/* Are you there? Asked again in the same silence, all paths are asked, and the relays. */
void ear_switchboard_probe(struct ear_switchboard *board, struct ear_session *session,
                           int64_t now_us);
/* All that went out and came in, what the relays themselves cost included. */
struct ear_send_counts ear_switchboard_sent(const struct ear_switchboard *board);
struct ear_receive_counts ear_switchboard_received(const struct ear_switchboard *board);
/* Goes on to what is known of a person, or of a meeting. Return 0, -ENOSPC. */
EAR_CHECK int ear_switchboard_update_guest(struct ear_switchboard *board,
                                           const struct ear_guests_update *update);
EAR_CHECK int ear_switchboard_update_meeting(struct ear_switchboard *board,
                                             const struct ear_meeting_update *update);
/* An urgent message for a person, or a TOLD about one of his: one copy, with no session and in
 * none, whatever else goes on (call/flares.h). item: person, data, address, others. */
void ear_switchboard_flare(struct ear_switchboard *board, const struct ear_pipe_item *item,
                           int64_t now_us);
/* Within the switchboard: at its beginning, and for what comes of that form. */
void ear_switchboard_begin_flares(struct ear_switchboard *board);
bool ear_switchboard_take_flare(struct ear_switchboard *board, const struct ear_received *in,
                                int64_t now_us, struct ear_switchboard_event *ret);
/* Closes what was released long enough ago and strangers who never rang; current is left alone. */
void ear_switchboard_tidy(struct ear_switchboard *board, const struct ear_session *current,
                          int64_t now_us);
/* Any session is open, so that ENet's timers want looking at. */
bool ear_switchboard_is_busy(const struct ear_switchboard *board);

#endif
