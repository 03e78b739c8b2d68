/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The people of a profile: who they are, how they are reached, what we share with them. */
#ifndef EAR_PEOPLE_H
#define EAR_PEOPLE_H

#include "store/guests.h"
#include "store/identity.h"
#include "store/invite.h"
#include "store/person_meeting.h"
#include "store/safety_number.h"

#define EAR_PEOPLE_MAX EAR_GUESTS_MAX

/* Holds secrets: never copied about, never printed. Which secrets are there, and what may be done
 * with them, is told in guests.h. */
struct ear_person {
    struct ear_guest guest; /* number, X25519 key, blocked, secrets */
    char name[EAR_NAME_BYTES];
    uint8_t sign_key[EAR_SIGN_PUBLIC_BYTES];
    bool has_sign_key;            /* who came by our invite sends it inside the first call */
    bool verified;                /* the safety numbers were compared */
    struct ear_places at, relays; /* of the person's invite */
    struct ear_places meets;      /* the relays that our newest invite to this person named */
    struct ear_place last;        /* where the person was last reached; empty: not yet */
};

/* thread: main or worker. All functions below work in memory alone, except for load and save, the
 * one door to the disk. Where they fail, error holds one sentence and nothing has changed. */
struct ear_people;

/* Nobody yet. Returns 0, -ENOMEM. */
EAR_CHECK int ear_people_new(struct ear_people **ret);
/* Those of the profile; nobody at first use. Returns 0, -ENOKEY while it is locked, -EBADMSG when
 * damaged, -errno. */
EAR_CHECK int ear_people_load(struct ear_people **ret, struct ear_store *store, char *error,
                              size_t error_bytes);
/* Returns 0, -ENOKEY, -errno; then the disk holds those of before. */
EAR_CHECK int ear_people_save(const struct ear_people *people, struct ear_store *store, char *error,
                              size_t error_bytes);
/* Wipes; NULL is allowed. */
void ear_people_free(struct ear_people *people);

size_t ear_people_count(const struct ear_people *people);
/* Borrowed until the next change. at < count, in the order in which they came. */
const struct ear_person *ear_people_at(const struct ear_people *people, size_t at);
/* NULL when there is none. */
const struct ear_person *ear_people_named(const struct ear_people *people, const char *name);
const struct ear_person *ear_people_numbered(const struct ear_people *people, uint32_t number);
const struct ear_person *ear_people_with_key(const struct ear_people *people,
                                             const uint8_t key[static EAR_KEY_BYTES]);
/* The one who was given the open invite whose secret has this id: a pending person, or a known one
 * who was invited again. */
const struct ear_person *ear_people_invited(const struct ear_people *people,
                                            const uint8_t psk_id[static EAR_PSK_ID_BYTES]);
/* Where to look for a person: where they were last, then what their invite says. */
void ear_person_places(const struct ear_person *person, struct ear_places *ret);
/* Invited, never came, and gave no invite either. */
bool ear_person_is_pending(const struct ear_person *person);
void ear_person_keys(const struct ear_person *person, struct ear_public_keys *ret);

/* Remembers the secret of an invite for this name: a new pending person, or a known one, whose key
 * may change by it only if replace. Returns 0, -EINVAL (name), -EEXIST while an invite for this
 * name is open, -EPERM when blocked, -ENOSPC. */
EAR_CHECK int ear_people_invite(struct ear_people *people, const char *name,
                                const uint8_t psk[static EAR_KEY_BYTES], bool replace, char *error,
                                size_t error_bytes);
/* The invite that is open for this name names these relays: to be called after ear_people_invite,
 * or nobody will meet us there. Returns 0, -ENOENT. */
EAR_CHECK int ear_people_meet_at(struct ear_people *people, const char *name,
                                 const struct ear_places *relays);
/* Closes the open invite of this name; a pending person goes. Returns 0, -ENOENT. */
EAR_CHECK int ear_people_revoke(struct ear_people *people, const char *name, char *error,
                                size_t error_bytes);

enum ear_people_change {
    EAR_PEOPLE_ADDED,
    EAR_PEOPLE_UPDATED,  /* the same keys: addresses and secret are the invite's */
    EAR_PEOPLE_REPLACED, /* other keys or another name: verified no more */
};
struct ear_people_import {
    const struct ear_identity *self;
    const struct ear_invite *invite;
    const char *name; /* instead of the invite's; NULL: the invite's */
    bool replace;     /* the user knows that the key or the name changed */
};
/* Takes somebody else's invite. Returns 0, -EINVAL (name), -ELOOP for
 * one's own, -EEXIST for a changed key of a known name or a known key under another name (both
 * need replace), -EPERM for a key blocked under another name, -ENOSPC. */
EAR_CHECK int ear_people_import(struct ear_people *people, const struct ear_people_import *import,
                                enum ear_people_change *ret, char *error, size_t error_bytes);

/* The invite taken at its relays; the one given and the open one at ours. */
#define EAR_PERSON_MEETINGS_MAX (3 * EAR_PLACES_MAX)
/* Where a person is met; own_key: our X25519 key. Returns how many; none with who is blocked. */
size_t ear_person_meetings(const struct ear_person *person,
                           const uint8_t own_key[static EAR_KEY_BYTES],
                           struct ear_person_meeting ret[static EAR_PERSON_MEETINGS_MAX]);

/* All return 0, or -ENOENT when nobody has that name. */
EAR_CHECK int ear_people_rename(struct ear_people *people, const char *name, const char *new_name,
                                char *error, size_t error_bytes); /* also -EINVAL, -EEXIST */
EAR_CHECK int ear_people_block(struct ear_people *people, const char *name, bool block, char *error,
                               size_t error_bytes);
EAR_CHECK int ear_people_remove(struct ear_people *people, const char *name, char *error,
                                size_t error_bytes);
/* -ENOKEY while not both keys are known. */
EAR_CHECK int ear_people_safety_number(const struct ear_people *people, const char *name,
                                       const struct ear_identity *self,
                                       char ret[static EAR_SAFETY_NUMBER_BYTES], char *error,
                                       size_t error_bytes);
EAR_CHECK int ear_people_verify(struct ear_people *people, const char *name, char *error,
                                size_t error_bytes); /* -ENOKEY as above */

/* What the engine reports; the caller then saves, and updates the guests. */

/* After the first datagram of a session opened that ear_guests_decide answered with EAR_GUESTS_NEW:
 * the invite is used up and the key belongs to that person from now on. Where another record has
 * the key already, the two become one; ret_number is the one that stays. Returns 0, -ENOENT when
 * the invite was revoked meanwhile, -EKEYREJECTED when the key changed without leave, -EPERM. */
EAR_CHECK int ear_people_pin(struct ear_people *people,
                             const uint8_t psk_id[static EAR_PSK_ID_BYTES],
                             const uint8_t static_key[static EAR_KEY_BYTES], uint32_t *ret_number);
/* The Ed25519 key of a checked binding. Returns 0, -ENOENT, -EKEYREJECTED when another is known. */
EAR_CHECK int ear_people_learn_sign_key(struct ear_people *people, uint32_t number,
                                        const uint8_t sign_key[static EAR_SIGN_PUBLIC_BYTES]);
/* The same from what the person said in a call: checks the binding first. Returns 0 and whose it
 * is, or the same errors. */
EAR_CHECK int ear_people_learn_binding(struct ear_people *people,
                                       const uint8_t static_key[static EAR_KEY_BYTES],
                                       const uint8_t binding[static EAR_BINDING_BYTES],
                                       uint32_t *ret_number);
/* A handshake with this stamp was accepted: without it on disk, a restart would let it be replayed.
 * Returns 0, -ENOENT. */
EAR_CHECK int ear_people_heard(struct ear_people *people, uint32_t number, uint64_t stamp);
/* A line to that person stood there; it is looked for there first. Returns 0, -EALREADY when that
 * is known, -ENOENT, -EINVAL (place). */
EAR_CHECK int ear_people_reached(struct ear_people *people, uint32_t number, const char *place);

/* After a theft: no secret and no invite is left, nobody is verified; names, keys, addresses stay.
 * To be saved before the identity is renewed. */
void ear_people_forget_secrets(struct ear_people *people);

/* Fills the list with all people and the identity's X25519 keys. */
void ear_people_guests(const struct ear_people *people, const struct ear_identity *self,
                       struct ear_guests *ret);

#endif
