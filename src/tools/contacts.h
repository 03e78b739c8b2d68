/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whose call it is: the profile behind listen and dial, the person called, and what a call changes.
 */
#ifndef EAR_CONTACTS_H
#define EAR_CONTACTS_H

#include "call/engine.h"
#include "tools/household.h"

/* A profile, or (profile NULL) an identity for this run alone, in memory. guests is allocated here,
 * given to the engine's config, and wiped by close. thread: main. */
struct ear_contacts {
    struct ear_household household;
    struct ear_guests *guests;
    struct ear_stamps stamps;
    uint8_t binding[EAR_BINDING_BYTES];
    int64_t reserved_us; /* when stamps were reserved last */
    /* Where people are met, with the relays as they were looked up. */
    struct ear_person_meeting *wanted;
    size_t wanted_count;
    struct ear_meeting meetings[EAR_MEETINGS_MAX];
    size_t meeting_count;
    struct ear_contacts_relay {
        struct ear_place place;
        struct ear_address address; /* length 0: not found yet */
        enum ear_relay_state state;
    } relays[EAR_MEETINGS_RELAYS];
    size_t relay_count;
    int64_t looked_us; /* when names were looked up last */
};

/* Complains in one line where that fails. Returns 0 or -errno. */
EAR_CHECK int ear_contacts_open(struct ear_contacts *ret, const char *profile);
/* Finds whom peer names: a person of the profile, an invite as text, or a file with one (which is
 * imported). peer NULL: the only person there is. Complains in one line. Returns 0, -EINVAL. */
EAR_CHECK int ear_contacts_find(struct ear_contacts *contacts, const char *peer,
                                uint32_t *ret_guest);
/* The same for somebody whose call is awaited, who may be without keys until then. */
EAR_CHECK int ear_contacts_find_caller(struct ear_contacts *contacts, const char *peer,
                                       uint32_t *ret_guest);
/* Looks up where a person is reached directly: the addresses of the invite, at most cap. Returns
 * how many. */
size_t ear_contacts_addresses(const struct ear_contacts *contacts, uint32_t guest,
                              struct ear_address *ret, size_t cap);
/* Looks up where people are met, guest alone or (0) all. */
void ear_contacts_look_up(struct ear_contacts *contacts, uint32_t guest);
/* Whether any of those relays is reached by IPv6. */
bool ear_contacts_want_v6(const struct ear_contacts *contacts);
/* Fills meetings for an engine whose socket is bound at `at`, with a sentence for each relay that
 * cannot be used. */
void ear_contacts_meet(struct ear_contacts *contacts, const struct ear_address *at);
/* Looks those up again that were not found, now and then, and tells the engine. */
void ear_contacts_look_again(struct ear_contacts *contacts, const struct ear_address *at,
                             struct ear_engine *engine, int64_t now_us);
/* Keeps what the engine tells of a relay; returns it, or NULL. */
const struct ear_contacts_relay *ear_contacts_hear_relay(struct ear_contacts *contacts,
                                                         const struct ear_event *event);
/* Fills guests and stamps for an engine. Complains in one line. Returns 0 or -errno. */
EAR_CHECK int ear_contacts_prepare(struct ear_contacts *contacts);
/* An invite for whoever is to call at this address, in a listener without a profile. text holds
 * EAR_INVITE_TEXT_BYTES. Returns 0 or -errno. */
EAR_CHECK int ear_contacts_invite(struct ear_contacts *contacts, const char *at, char *text);
/* Writes down what the engine tells of people (CALLED, PINNED, KEYS). */
void ear_contacts_keep(struct ear_contacts *contacts, const struct ear_event *event);
/* Keeps the reserve of stamps ahead of the clock; call now and then. */
void ear_contacts_tend(struct ear_contacts *contacts, int64_t now_us);
/* The person's name, or "Somebody". */
const char *ear_contacts_name(const struct ear_contacts *contacts, uint32_t guest);
void ear_contacts_close(struct ear_contacts *contacts);

#endif
