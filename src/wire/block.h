/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Blocks: what rides behind the newest packet of speech, to mend the loss of earlier ones. */
#ifndef EAR_BLOCK_H
#define EAR_BLOCK_H

#include "base/bytes.h"

/* A block's first byte: 2 bits kind, 6 bits more.
 *   00  padding     000000; all bytes to the end of the datagram are zero
 *   01  copy        6 bits distance | length | that packet, or its twin of a lower rate
 *   10  XOR         6 bits distance, nearer packet | 1 byte distance, farther packet (0: none) |
 *                   length | 2 bytes XOR of both lengths | XOR of both packets, the shorter one
 *                   padded with zeros
 *   11  repair      6 + 8 bits journal index, modulo 2^14 | length | that packet
 *   11  nothing     6 + 8 bits journal index, modulo 2^14 | length 0 | 2 bytes: bit 15 no longer
 *                   kept (clear: nothing was said there), bits 14-0 so many units from index on
 * Distances are in units from the beginning of the carrying packet back to that of the packet
 * meant. A length counts what follows it: one byte below 252, otherwise two (RFC 6716, 3.2.1).
 * A copy may be a twin: no XOR can be solved with it. The XOR of one packet alone is exact. */
enum ear_block_kind {
    EAR_BLOCK_PADDING,
    EAR_BLOCK_COPY,
    EAR_BLOCK_XOR,
    EAR_BLOCK_REPAIR,
    EAR_BLOCK_NOTHING,
};

#define EAR_BLOCK_DISTANCE_MAX 63
#define EAR_BLOCK_SECOND_MAX 255
#define EAR_BLOCK_UNITS_MAX 0x7fff

struct ear_block {
    enum ear_block_kind kind;
    uint8_t distance; /* of a copy, or the nearer one of an XOR: 1 to 63 units */
    uint8_t second;   /* the farther one of an XOR, more than distance; 0: the nearer one alone */
    uint16_t lengths; /* of an XOR: those of both packets, XORed */
    uint16_t index;   /* of a repair or nothing: modulo 2^14 */
    uint16_t units;   /* of nothing: 1 to EAR_BLOCK_UNITS_MAX */
    bool forgotten;   /* of nothing: no longer kept; otherwise nothing was said there */
    const uint8_t *data; /* of a copy, XOR, repair: borrowed */
    size_t len;          /* 2 to EAR_PAYLOAD_MAX; of padding: all of its bytes, from 1 */
};

/* The next block: returns 1, 0 at the end, -EBADMSG for nonsense (and *ret is not touched). Blocks
 * that came out of ear_audio_parse are never nonsense. Pure. */
int ear_block_next(struct ear_reader *r, struct ear_block *ret);
/* Appends a block whole, or nothing and w->bad is set. Pure. */
void ear_block_build(struct ear_writer *w, const struct ear_block *block);
/* How many bytes it takes on the wire. Pure. */
size_t ear_block_bytes(const struct ear_block *block);

/* The length of what follows, in one or two bytes: at most 1275. Each length has one form. Pure. */
size_t ear_block_read_length(struct ear_reader *r);
void ear_block_write_length(struct ear_writer *w, size_t len);
size_t ear_block_length_bytes(size_t len);

#endif
