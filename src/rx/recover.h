/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What copies, XORs and repairs give back of the packets that were lost. */
#ifndef EAR_RECOVER_H
#define EAR_RECOVER_H

#include "wire/packet.h"

/* Bytes of packets are kept for so many units (5.1 s): XORs reach back 255. */
#define EAR_RECOVER_UNITS 256
/* XORs that wait for one of their packets: 2.6 s of 20 ms packets. */
#define EAR_RECOVER_WAITING 128

enum ear_recovered_how {
    EAR_RECOVERED_COPY,
    EAR_RECOVERED_XOR,
    EAR_RECOVERED_REPAIR,
};

struct ear_recovered {
    int64_t index;
    const uint8_t *data; /* valid until the next call */
    size_t len;
    enum ear_recovered_how how;
};

struct ear_recover; /* thread: media; after new nothing allocates */

/* Takes 0.2 MB. */
EAR_CHECK int ear_recover_new(struct ear_recover **ret);
/* Wipes it first. */
void ear_recover_free(struct ear_recover *recover);
/* Forgets and wipes everything: before another call. */
void ear_recover_reset(struct ear_recover *recover);

/* A packet of speech came, padded or not (len 2 to EAR_PAYLOAD_MAX). Indexes are full ones. */
void ear_recover_put(struct ear_recover *recover, int64_t index, const uint8_t *data, size_t len);
/* A block came on the carrier (speech or silence) that begins at `index`. Returns 1 and *ret where
 * a copy or a repair gives back a packet that was missing; 0: nothing so far, ask
 * ear_recover_next. */
int ear_recover_block(struct ear_recover *recover, int64_t index, const struct ear_block *block,
                      struct ear_recovered *ret);
/* The next packet that XORs give back by now: to be asked, after a datagram's packet and blocks
 * were handed in, until it returns false. Each packet is given back once, by block or by next, and
 * never after it came itself; that is known for 2^14 units. */
bool ear_recover_next(struct ear_recover *recover, struct ear_recovered *ret);

#endif
