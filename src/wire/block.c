/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parsing and building of the blocks that block.h lays out. */
#include "wire/block.h"

#include <assert.h>
#include <errno.h>

#define KIND_BITS 2
#define KIND_SHIFT (8 - KIND_BITS)
#define SIX_BITS 0x3f
#define WIRE_PADDING 0
#define WIRE_COPY 1
#define WIRE_XOR 2
#define WIRE_REPAIR 3
#define XOR_LENGTHS_BYTES 2
/* An Opus packet of one byte says nothing (RFC 6716, 3.2.1). */
#define PACKET_MIN 2
#define FORGOTTEN 0x8000
#define LENGTH_TWO_BYTES 252 /* from here on: 4 * second + first */
#define LENGTH_MAX (255 * 4 + 255)

static_assert(EAR_BLOCK_DISTANCE_MAX == SIX_BITS && EAR_BLOCK_SECOND_MAX == 0xff, "distances");
static_assert(EAR_PAYLOAD_MAX + XOR_LENGTHS_BYTES <= LENGTH_MAX, "every packet has a length");

size_t ear_block_length_bytes(size_t len)
{
    return len < LENGTH_TWO_BYTES ? 1 : 2;
}

size_t ear_block_read_length(struct ear_reader *r)
{
    size_t first = ear_reader_u8(r);
    if (first < LENGTH_TWO_BYTES)
        return first;
    return 4 * (size_t)ear_reader_u8(r) + first;
}

void ear_block_write_length(struct ear_writer *w, size_t len)
{
    assert(len <= LENGTH_MAX);
    if (len < LENGTH_TWO_BYTES) {
        ear_writer_u8(w, (uint8_t)len);
        return;
    }
    size_t first = LENGTH_TWO_BYTES + (len & 3);
    ear_writer_u8(w, (uint8_t)first);
    ear_writer_u8(w, (uint8_t)((len - first) / 4));
}

static bool is_packet_length(size_t len)
{
    return len >= PACKET_MIN && len <= EAR_PAYLOAD_MAX;
}

/* Reads that much of a packet. */
static bool read_packet(struct ear_reader *r, size_t len, struct ear_block *block)
{
    block->len = len;
    block->data = is_packet_length(len) ? ear_reader_bytes(r, len) : NULL;
    return block->data != NULL;
}

static bool read_padding(struct ear_reader *r, uint8_t six, struct ear_block *block)
{
    block->kind = EAR_BLOCK_PADDING;
    block->len = 1 + ear_reader_left(r);
    const uint8_t *zeros = ear_reader_bytes(r, block->len - 1);
    for (size_t i = 0; zeros && i < block->len - 1; i++)
        if (zeros[i] != 0)
            return false;
    return six == 0;
}

static bool read_copy(struct ear_reader *r, uint8_t six, struct ear_block *block)
{
    block->kind = EAR_BLOCK_COPY;
    block->distance = six;
    return six > 0 && read_packet(r, ear_block_read_length(r), block);
}

/* The shorter one's length shows in the XOR of both; it cannot be the longer one's. */
static bool lengths_fit(const struct ear_block *block)
{
    if (block->second == 0)
        return block->lengths == block->len;
    size_t other = block->len ^ block->lengths;
    return is_packet_length(other) && other <= block->len;
}

static bool read_xor(struct ear_reader *r, uint8_t six, struct ear_block *block)
{
    block->kind = EAR_BLOCK_XOR;
    block->distance = six;
    block->second = ear_reader_u8(r);
    size_t len = ear_block_read_length(r);
    block->lengths = ear_reader_u16(r);
    return six > 0 && (block->second == 0 || block->second > six) && len > XOR_LENGTHS_BYTES &&
           read_packet(r, len - XOR_LENGTHS_BYTES, block) && lengths_fit(block);
}

static bool read_repair(struct ear_reader *r, uint8_t six, struct ear_block *block)
{
    block->kind = EAR_BLOCK_REPAIR;
    block->index = (uint16_t)(six << 8 | ear_reader_u8(r));
    size_t len = ear_block_read_length(r);
    if (len > 0)
        return read_packet(r, len, block);
    uint16_t bits = ear_reader_u16(r);
    block->kind = EAR_BLOCK_NOTHING;
    block->forgotten = bits & FORGOTTEN;
    block->units = bits & EAR_BLOCK_UNITS_MAX;
    return block->units > 0;
}

int ear_block_next(struct ear_reader *r, struct ear_block *ret)
{
    static bool (*const read[])(struct ear_reader *, uint8_t, struct ear_block *) = {
        [WIRE_PADDING] = read_padding,
        [WIRE_COPY] = read_copy,
        [WIRE_XOR] = read_xor,
        [WIRE_REPAIR] = read_repair,
    };
    if (r->bad)
        return -EBADMSG;
    if (ear_reader_left(r) == 0)
        return 0;
    struct ear_block block = {0};
    uint8_t first = ear_reader_u8(r);
    bool sound = read[first >> KIND_SHIFT](r, first & SIX_BITS, &block);
    if (!sound || r->bad) {
        r->bad = true;
        return -EBADMSG;
    }
    *ret = block;
    return 1;
}

size_t ear_block_bytes(const struct ear_block *block)
{
    switch (block->kind) {
    case EAR_BLOCK_COPY:
        return 1 + ear_block_length_bytes(block->len) + block->len;
    case EAR_BLOCK_XOR:
        return 2 + ear_block_length_bytes(XOR_LENGTHS_BYTES + block->len) + XOR_LENGTHS_BYTES +
               block->len;
    case EAR_BLOCK_REPAIR:
        return 2 + ear_block_length_bytes(block->len) + block->len;
    case EAR_BLOCK_NOTHING:
        return 2 + 1 + 2;
    case EAR_BLOCK_PADDING:
    default:
        return block->len;
    }
}

static void write_first(struct ear_writer *w, int kind, unsigned six)
{
    ear_writer_u8(w, (uint8_t)((unsigned)kind << KIND_SHIFT | (six & SIX_BITS)));
}

static void write_zeros(struct ear_writer *w, size_t len)
{
    for (; len > 0; len--)
        ear_writer_u8(w, 0);
}

void ear_block_build(struct ear_writer *w, const struct ear_block *block)
{
    assert(block->kind == EAR_BLOCK_PADDING || block->kind == EAR_BLOCK_NOTHING ||
           is_packet_length(block->len));
    if (w->bad || ear_block_bytes(block) > w->cap - w->at) {
        w->bad = true;
        return;
    }
    switch (block->kind) {
    case EAR_BLOCK_COPY:
        write_first(w, WIRE_COPY, block->distance);
        ear_block_write_length(w, block->len);
        break;
    case EAR_BLOCK_XOR:
        write_first(w, WIRE_XOR, block->distance);
        ear_writer_u8(w, block->second);
        ear_block_write_length(w, XOR_LENGTHS_BYTES + block->len);
        ear_writer_u16(w, block->lengths);
        break;
    case EAR_BLOCK_REPAIR:
        write_first(w, WIRE_REPAIR, block->index >> 8);
        ear_writer_u8(w, (uint8_t)block->index);
        ear_block_write_length(w, block->len);
        break;
    case EAR_BLOCK_NOTHING:
        write_first(w, WIRE_REPAIR, block->index >> 8);
        ear_writer_u8(w, (uint8_t)block->index);
        ear_block_write_length(w, 0);
        ear_writer_u16(w, (uint16_t)((block->forgotten ? FORGOTTEN : 0) |
                                     (block->units & EAR_BLOCK_UNITS_MAX)));
        return;
    case EAR_BLOCK_PADDING:
    default:
        write_zeros(w, block->len);
        return;
    }
    ear_writer_bytes(w, block->data, block->len);
}
