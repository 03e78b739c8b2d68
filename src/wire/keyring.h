/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The keys of one tunnel: those in use, those before them, and those that nobody has used yet. */
#ifndef EAR_KEYRING_H
#define EAR_KEYRING_H

#include "wire/noise_state.h"
#include "wire/seal.h"

/* The keys that one handshake made. */
struct ear_epoch {
    struct ear_seal seal;
    int64_t made_us;
    int64_t erase_us; /* INT64_MAX: not before its successor is heard */
    uint16_t number;
    uint32_t name; /* the same on both ends; see ear_handshake_name */
    bool held;
    bool heard; /* something sealed by the other end under these keys was opened */
};

/* Who called uses new keys from the answer on: the answerer has them. Who answered uses them once
 * a datagram opens under them, or the caller says that it uses them: it may never have received the
 * answer. Until then the keys before them are neither aged nor erased, however long that takes.
 * Only the first keys of all are used by the answerer at once, as it has no others; nobody but the
 * true caller can read that. thread: media. */
struct ear_keyring {
    struct ear_epoch previous; /* opens only */
    struct ear_epoch current;  /* seals and opens */
    struct ear_epoch next;     /* answered, and not heard */
    int64_t erase_after_us;    /* previous is erased as long after the first hearing of current */
    uint32_t packets_max;      /* see ear_seal_init */
};

void ear_keyring_init(struct ear_keyring *ring, int64_t erase_after_us, uint32_t packets_max);

/* The name of what this end seals under until new keys are confirmed, or 0. */
uint32_t ear_keyring_name(const struct ear_keyring *ring);
/* The number of keys to propose: it wraps, as only its parity counts. */
uint16_t ear_keyring_next_number(const struct ear_keyring *ring);

/* A message 1 of the other end said what it seals under. If that is next, it has the
 * answer: as if it had been heard. Returns whether it was. */
bool ear_keyring_confirm(struct ear_keyring *ring, uint32_t name, int64_t now_us);
/* Puts the keys of a finished handshake, and wipes noise: this end answered, or it called and the
 * answer said that the other end seals under the keys of that name until it hears the new ones. */
void ear_keyring_put_answered(struct ear_keyring *ring, struct ear_noise_state *noise,
                              uint16_t number, int64_t now_us);
void ear_keyring_put_called(struct ear_keyring *ring, struct ear_noise_state *noise,
                            uint16_t number, uint32_t other_name, int64_t now_us);

/* As ear_seal_seal; -ENOTCONN without keys. */
EAR_CHECK int ear_keyring_seal(struct ear_keyring *ring, enum ear_class class, const uint8_t *body,
                               size_t len, uint8_t *out, size_t cap);
/* As ear_seal_open, under whichever keys it opens; only then anything changes but the counts of
 * failed opens. */
EAR_CHECK int ear_keyring_open(struct ear_keyring *ring, const struct ear_bytes *datagram,
                               int64_t now_us, uint8_t *out, size_t cap, struct ear_opened *ret);
/* Erases what has had its time. */
void ear_keyring_expire(struct ear_keyring *ring, int64_t now_us);

#endif
