/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of guests: what the media thread knows of people, and the rule of who comes in. */
#ifndef EAR_GUESTS_H
#define EAR_GUESTS_H

#include "port/sodium.h"
#include "store/invite.h"

#define EAR_GUESTS_MAX 256

struct ear_psk {
    bool present;
    uint8_t id[EAR_PSK_ID_BYTES];
    uint8_t secret[EAR_KEY_BYTES];
};

/* Two people who invited each other share two secrets; the first message of a handshake names the
 * one that it uses. */
enum ear_psk_kind {
    EAR_PSK_TAKEN, /* from the invite that the person gave us */
    EAR_PSK_GIVEN, /* from the invite that we gave, and that the person came with */
    EAR_PSK_OPEN,  /* from an invite that we gave, and that nobody has come with yet */
    EAR_PSK_OLD,   /* taken before: the person uses it until we have called with the new one */
    EAR_PSK_KINDS,
};

/* One person, without pointers: copied to the media thread, and through a ring when it changes. */
struct ear_guest {
    uint32_t number; /* names the person between threads; never used again */
    bool has_key;    /* false: pending */
    bool blocked;
    bool may_replace; /* the open invite may bring another key than the known one */
    uint8_t static_key[EAR_KEY_BYTES];
    uint64_t newest_stamp; /* of the handshakes by this key (store/stamps.h): older is a replay */
    uint64_t flare_stamp;  /* the same of flares in this run, in memory alone */
    struct ear_psk psks[EAR_PSK_KINDS];
};

/* thread: its owner's, the media thread's after start. Nothing here allocates or waits. Wiped and
 * freed by the owner. */
struct ear_guests {
    uint8_t static_secret[EAR_KEY_BYTES];
    uint8_t static_public[EAR_KEY_BYTES];
    uint32_t count;
    struct ear_guest list[EAR_GUESTS_MAX];
};

void ear_guests_wipe(struct ear_guests *guests);

/* A change on its way through a ring. The ring's owner wipes it (ear_sodium_wipe) when taken. */
struct ear_guests_update {
    bool gone; /* only the number counts */
    struct ear_guest guest;
};
/* Adds, replaces or removes one person. Returns 0, -ENOSPC. */
EAR_CHECK int ear_guests_apply(struct ear_guests *guests, const struct ear_guests_update *update);

/* NULL when there is none. */
const struct ear_guest *ear_guests_with_key(const struct ear_guests *guests,
                                            const uint8_t key[static EAR_KEY_BYTES]);
const struct ear_guest *ear_guests_numbered(const struct ear_guests *guests, uint32_t number);
const struct ear_guest *ear_guests_invited(const struct ear_guests *guests,
                                           const uint8_t psk_id[static EAR_PSK_ID_BYTES]);

enum ear_guests_verdict {
    EAR_GUESTS_KNOWN,    /* pinned, and the secret is shared with that key */
    EAR_GUESTS_NEW,      /* comes by an open invite: pin once the caller has proved the secret */
    EAR_GUESTS_STRANGER, /* this and all below: no answer, not even an error */
    EAR_GUESTS_BLOCKED,
    EAR_GUESTS_USED_UP,     /* the invite was used by another key, or is no longer good */
    EAR_GUESTS_KEY_CHANGED, /* our open invite came back with another key than the person's */
};

struct ear_guests_answer {
    enum ear_guests_verdict verdict;
    uint32_t number;           /* of the person; 0 for a stranger */
    const struct ear_psk *psk; /* into the guests, until it changes; NULL when refused */
};

/* What to answer to a first message: static_key is the caller's, as the handshake decrypted it;
 * psk_id is the one that its payload names, or NULL when it names none (a pinned caller's usual
 * one). In IKpsk2 the caller proves the secret only with its first datagram after message 2: an
 * EAR_GUESTS_NEW is pinned (ear_guests_pin, and ear_people_pin on the main thread) then, not
 * before. */
struct ear_guests_answer ear_guests_decide(const struct ear_guests *guests,
                                           const uint8_t static_key[static EAR_KEY_BYTES],
                                           const uint8_t *psk_id);

/* The secret to call a person with; its id goes into the first message. NULL when there is none. */
const struct ear_psk *ear_guests_call_with(const struct ear_guest *guest);

/* The same step as ear_people_pin, at once, so that the invite opens once only. Asks again whether
 * it may; pinned already is right. Returns 0, -ENOENT, -EKEYREJECTED, -EPERM as there. ret_number:
 * the guest that stays. */
EAR_CHECK int ear_guests_pin(struct ear_guests *guests,
                             const uint8_t psk_id[static EAR_PSK_ID_BYTES],
                             const uint8_t static_key[static EAR_KEY_BYTES], uint32_t *ret_number);

/* A handshake of this person with this stamp was accepted (ear_people_heard on the main thread). */
void ear_guests_heard(struct ear_guests *guests, uint32_t number, uint64_t stamp);

/* Flares of before this run are old: they are no newer than the last handshake that was kept. */
void ear_guests_begin_flares(struct ear_guests *guests);
/* A flare of this person with this stamp came. Returns false for a replay. */
bool ear_guests_take_flare(struct ear_guests *guests, uint32_t number, uint64_t stamp);

/* Shared with the people: sets one secret and its id; clears one. */
void ear_psk_set(struct ear_psk *psk, const uint8_t secret[static EAR_KEY_BYTES]);
void ear_psk_clear(struct ear_psk *psk);

#endif
