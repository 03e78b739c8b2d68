/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the two ends tell each other about the call, reliably and in order. */
#ifndef EAR_SIGNAL_H
#define EAR_SIGNAL_H

#include "base/ear.h"

/* On the wire: one byte of kind, then one byte of value for those that carry one, 96 for KEYS; a
 * number of 2 bytes (network order) for TEXT, with the letters behind it, TEXT_SEEN and TURN
 * (behind its value). Unknown kinds are skipped, so that a later version may say more. */
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
    EAR_SIGNAL_TEXT = 10,   /* number, then 1 to EAR_TEXT_BYTES_MAX bytes of UTF-8 */
    EAR_SIGNAL_TEXT_SEEN = 11, /* number: that text was handed to my user */
    EAR_SIGNAL_KNOCK = 12,     /* I only wanted to know that you are there */
    EAR_SIGNAL_HOLD = 13,      /* value: wait so many times 16 ms for my repairs */
    EAR_SIGNAL_RUNG = 14, /* value: the rung (line/ladder.h) that my side of the line asks for */
    EAR_SIGNAL_TURN = 15, /* value, number: kind and term of a message of call/turns.h */
    EAR_SIGNAL_CAN = 16,  /* value: EAR_CAN bits of what I can; not told where there are none */
    EAR_SIGNAL_MAIL = 17, /* I do not call, I bring mail */
};

/* There is no bit for DRED: no libopus that Earshot runs on has it. Debian 12's 1.3.1 is older, and
 * Debian 13's 1.5.2 is built without: its encoder answers OPUS_SET_DRED_DURATION with
 * OPUS_UNIMPLEMENTED, opus_dred_alloc and opus_dred_parse the same, opus_dred_get_size 0, though
 * all of opus_dred_* can be linked. Where it is built in, libopus gives it bits above 12 kbit/s
 * only. */
/* My decoder repairs wideband of 8.6 kbit/s and more (NoLACE, libopus from 1.5 on). */
#define EAR_CAN_REPAIR_WIDEBAND 1

#define EAR_SIGNAL_KEYS_BYTES 96
/* A message stays below 300 bytes, with ENet's headers and the seal's, so that it does not stand in
 * the way of speech for longer than a packet of it. */
#define EAR_TEXT_BYTES_MAX 280
#define EAR_SIGNAL_BYTES_MAX (1 + 2 + EAR_TEXT_BYTES_MAX)

struct ear_signal {
    enum ear_signal_kind kind;
    bool on;             /* MUTE, DEAD */
    uint8_t value;       /* HOLD, RUNG, TURN, CAN */
    const uint8_t *keys; /* KEYS: borrowed, from the bytes that were parsed */
    uint16_t number;     /* TEXT, TEXT_SEEN: the talker's own; TURN */
    const char *text;    /* TEXT: borrowed likewise, not ended by 0 */
    size_t text_len;
};

/* 1 to EAR_TEXT_BYTES_MAX bytes of plain UTF-8 (base/utf8.h). Pure; thread: any. */
bool ear_text_is_valid(const char *text, size_t len);

/* Returns 0; -EBADMSG for nonsense, -ENOTSUP for a kind of a later version. Pure. */
EAR_CHECK int ear_signal_parse(const uint8_t *data, size_t len, struct ear_signal *ret);
/* Returns the length. Pure. */
size_t ear_signal_build(const struct ear_signal *signal, uint8_t out[static EAR_SIGNAL_BYTES_MAX]);

#endif
