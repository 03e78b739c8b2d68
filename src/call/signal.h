/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the two ends tell each other about the call, reliably and in order. */
#ifndef EAR_SIGNAL_H
#define EAR_SIGNAL_H

#include "base/ear.h"

/* On the wire: one byte of kind, then one byte of value for those that carry one, 96 for KEYS.
 * Unknown kinds are skipped, so that a later version may say more. */
enum ear_signal_kind {
    EAR_SIGNAL_RING = 1,    /* I call you */
    EAR_SIGNAL_RINGS = 2,   /* it rings here */
    EAR_SIGNAL_ANSWER = 3,  /* I am there: talk */
    EAR_SIGNAL_DECLINE = 4, /* nobody takes the call */
    EAR_SIGNAL_BUSY = 5,    /* I talk to somebody else */
    EAR_SIGNAL_MUTE = 6,    /* value: my microphone is switched off (1) or on (0) */
    EAR_SIGNAL_DEAD = 7,    /* value: my microphone gives no sound (1) or does again (0) */
    EAR_SIGNAL_BYE = 8,     /* the call is over */
    EAR_SIGNAL_KEYS = 9,    /* 96 bytes: my Ed25519 key, signed (store/identity.h): who comes by an
                             * invite shows no more than the X25519 key in the handshake */
};

#define EAR_SIGNAL_KEYS_BYTES 96
#define EAR_SIGNAL_BYTES_MAX (1 + EAR_SIGNAL_KEYS_BYTES)

struct ear_signal {
    enum ear_signal_kind kind;
    bool on;
    const uint8_t *keys; /* KEYS: borrowed, from the bytes that were parsed */
};

/* Returns 0; -EBADMSG for nonsense, -ENOTSUP for a kind of a later version. Pure. */
EAR_CHECK int ear_signal_parse(const uint8_t *data, size_t len, struct ear_signal *ret);
/* Returns the length. Pure. */
size_t ear_signal_build(const struct ear_signal *signal, uint8_t out[static EAR_SIGNAL_BYTES_MAX]);

#endif
