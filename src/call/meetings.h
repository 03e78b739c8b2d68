/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Meetings at relays: a network that reaches people by way of relays as it reaches addresses. */
#ifndef EAR_MEETINGS_H
#define EAR_MEETINGS_H

#include "port/datagrams.h"
#include "store/person_meeting.h"
#include "wire/rendezvous.h"

/* Stands between the socket and the switchboard, and is a network itself. Whoever is met at a relay
 * has an address there, made up here, which no socket has. The relay forwards with nothing added,
 * so what comes from it comes from "somebody there": once it has proved authentic, complete() says
 * by which meeting its sender is reached. */

#define EAR_MEETINGS_MAX 64
#define EAR_MEETINGS_RELAYS 8

/* One invite at one of its relays. Holds a secret. */
struct ear_meeting {
    uint32_t guest; /* number of the person */
    uint8_t psk_id[EAR_PSK_ID_BYTES];
    struct ear_address relay;
    uint8_t role; /* enum ear_rendezvous_role */
    uint8_t secret[EAR_KEY_BYTES];
};

/* Where the relay's name has been looked up. Pure. */
struct ear_meeting ear_meeting_at(const struct ear_person_meeting *meeting,
                                  const struct ear_address *relay);

/* A change on its way through a ring, whose owner wipes it. gone: that invite at that relay; relay
 * of length 0: at all relays. */
struct ear_meeting_update {
    bool gone;
    struct ear_meeting meeting;
};

enum ear_relay_state {
    EAR_RELAY_ANSWERS, /* or has not been silent for long enough to say so */
    EAR_RELAY_SILENT,
    EAR_RELAY_REFUSES, /* it is full, or of another version */
};

/* What the relays themselves cost, with EAR_DATAGRAM_OVERHEAD. */
struct ear_meetings_counts {
    int64_t sent_datagrams, sent_bytes; /* bytes: those that SAY adds as well */
    int64_t received_datagrams, received_bytes;
};

struct ear_meetings_relay {
    struct ear_address address; /* length 0: this place is free */
    uint32_t speaker;           /* serial of the meeting that we speak from; 0: not known */
    enum ear_relay_state state, told;
    int64_t asked_us; /* the oldest question without an answer */
    bool asked;
};

struct ear_meetings_entry {
    uint32_t serial; /* 0: this place is free */
    bool wanted;
    uint32_t relay;
    uint32_t guest;
    uint8_t psk_id[EAR_PSK_ID_BYTES];
    struct ear_rendezvous rendezvous;
    int said;          /* sealed datagrams with SAY since it was proved */
    int64_t proved_us; /* when we last asked to speak from here */
};

/* thread: media. Nothing allocates or waits. */
struct ear_meetings {
    struct ear_datagrams net;
    bool keeps_all; /* who waits for calls is at all meetings; others where they are wanted */
    int64_t now_us;
    uint32_t serials, count;
    struct ear_meetings_relay relays[EAR_MEETINGS_RELAYS];
    struct ear_meetings_entry list[EAR_MEETINGS_MAX];
    struct ear_meetings_counts counts;
};

void ear_meetings_init(struct ear_meetings *meetings, const struct ear_datagrams *net,
                       bool keeps_all);
/* Wipes. */
void ear_meetings_fini(struct ear_meetings *meetings);
/* The network as it is with the relays. send: -ENOTCONN while the relay has no place for us,
 * -EMSGSIZE. Valid while meetings stays where it is. */
struct ear_datagrams ear_meetings_datagrams(struct ear_meetings *meetings);

/* Adds one; one that is there stays as it is, but for its guest. Returns 0, -ENOSPC. */
EAR_CHECK int ear_meetings_add(struct ear_meetings *meetings, const struct ear_meeting *meeting);
void ear_meetings_remove(struct ear_meetings *meetings,
                         const uint8_t psk_id[static EAR_PSK_ID_BYTES],
                         const struct ear_address *relay);
/* All of one person. */
void ear_meetings_forget(struct ear_meetings *meetings, uint32_t guest);
/* The invite turned out to be that person's. */
void ear_meetings_rename(struct ear_meetings *meetings,
                         const uint8_t psk_id[static EAR_PSK_ID_BYTES], uint32_t guest);
/* Where not all are kept: goes to the meetings with that person, or leaves them. */
void ear_meetings_want(struct ear_meetings *meetings, uint32_t guest, bool wanted);

/* Asks and keeps what is due; the time holds for all that follows. */
void ear_meetings_tend(struct ear_meetings *meetings, int64_t now_us);
/* A relay whose state has changed since it was told last: returns whether there is one. */
bool ear_meetings_news(struct ear_meetings *meetings, struct ear_address *ret_relay,
                       enum ear_relay_state *ret);

/* The addresses at which a person is met; returns how many, at most cap. */
size_t ear_meetings_with(const struct ear_meetings *meetings, uint32_t guest,
                         struct ear_address *ret, size_t cap);
bool ear_meetings_is_relayed(const struct ear_address *address);
/* By way of the same relay. */
bool ear_meetings_same_relay(const struct ear_address *a, const struct ear_address *b);
/* Somebody at a relay, who proved to be that person, and came by that invite: the address by which
 * to answer. All other addresses come back as they are. */
struct ear_address ear_meetings_complete(const struct ear_meetings *meetings,
                                         const struct ear_address *from,
                                         const uint8_t psk_id[static EAR_PSK_ID_BYTES],
                                         uint32_t guest);
/* Something authentic came from there. */
void ear_meetings_heard(struct ear_meetings *meetings, const struct ear_address *from);
/* Nothing has come from there for a while: asks whether the relay still knows us. */
void ear_meetings_doubt(struct ear_meetings *meetings, const struct ear_address *address);

#endif
