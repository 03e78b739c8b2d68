/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opus packets of any length: padding after RFC 6716, 3.2.5, and its removal. */
#include "wire/pad.h"

#include <errno.h>
#include <string.h>

/* The low 2 bits of a packet's first byte: one frame, two of one length, two, or so many as the
 * next byte counts (RFC 6716, 3.2). */
#define CODE_MASK 0x03
#define CODE_ONE 0
#define CODE_TWO_EQUAL 1
#define CODE_TWO 2
#define CODE_MANY 3
#define COUNT_VBR 0x80
#define COUNT_PADDED 0x40
#define COUNT_MASK 0x3f
#define PACKET_MIN 2
/* Of a padding's length: so much, and another byte follows. */
#define PAD_STEP 254
#define PAD_MORE 255

/* A packet without its first byte and its padding: what is the same in each code. */
struct content {
    uint8_t count; /* frames, with COUNT_VBR */
    const uint8_t *data;
    size_t len;
};

/* Bytes of padding at the end, *len_bytes those that tell so. Returns false where they do not. */
static bool read_padding(const uint8_t *data, size_t len, size_t *ret_len_bytes, size_t *ret_pad)
{
    size_t at = 0, pad = 0;
    uint8_t byte = PAD_MORE;
    while (byte == PAD_MORE) {
        if (at == len)
            return false;
        byte = data[at++];
        pad += byte == PAD_MORE ? PAD_STEP : byte;
    }
    *ret_len_bytes = at;
    *ret_pad = pad;
    return pad <= len - at;
}

static bool read_many(const uint8_t *packet, size_t len, struct content *ret)
{
    size_t len_bytes = 0, pad = 0;
    uint8_t count = packet[1];
    if ((count & COUNT_MASK) == 0)
        return false;
    if (count & COUNT_PADDED && !read_padding(packet + 2, len - 2, &len_bytes, &pad))
        return false;
    *ret = (struct content){.count = count & (COUNT_VBR | COUNT_MASK),
                            .data = packet + 2 + len_bytes,
                            .len = len - 2 - len_bytes - pad};
    return true;
}

static bool read_content(const uint8_t *packet, size_t len, struct content *ret)
{
    if (len < PACKET_MIN)
        return false;
    *ret = (struct content){.data = packet + 1, .len = len - 1};
    switch (packet[0] & CODE_MASK) {
    case CODE_ONE:
        ret->count = 1;
        return true;
    case CODE_TWO_EQUAL:
        ret->count = 2;
        return ret->len % 2 == 0;
    case CODE_TWO:
        ret->count = 2 | COUNT_VBR;
        return true;
    default:
        return read_many(packet, len, ret);
    }
}

int ear_pad_opus(const uint8_t *packet, size_t len, size_t wanted, uint8_t *out, size_t cap)
{
    struct content content;
    if (wanted < len || wanted > cap)
        return -ENOBUFS;
    if (!read_content(packet, len, &content))
        return -EBADMSG;
    if (wanted == len) {
        memcpy(out, packet, len);
        return 0;
    }
    size_t left = wanted - 2 - content.len; /* for padding and the bytes that tell its length */
    size_t at = 2;
    out[0] = packet[0] | CODE_MANY;
    out[1] = content.count;
    if (left > 0) {
        out[1] |= COUNT_PADDED;
        /* A byte PAD_MORE tells PAD_STEP and is one itself. */
        for (left--; left > PAD_STEP; left -= PAD_STEP + 1)
            out[at++] = PAD_MORE;
        out[at++] = (uint8_t)left;
    }
    memcpy(out + at, content.data, content.len);
    at += content.len;
    memset(out + at, 0, wanted - at);
    return 0;
}

/* The code that says it with fewest bytes. */
static uint8_t shortest_code(const struct content *content)
{
    switch (content->count) {
    case 1:
        return CODE_ONE;
    case 2:
        return content->len % 2 == 0 ? CODE_TWO_EQUAL : CODE_MANY;
    case 2 | COUNT_VBR:
        return CODE_TWO;
    default:
        return CODE_MANY;
    }
}

size_t ear_pad_strip(const uint8_t *packet, size_t len, uint8_t *out)
{
    struct content content;
    if (len < PACKET_MIN || (packet[0] & CODE_MASK) != CODE_MANY ||
        !read_content(packet, len, &content)) {
        memmove(out, packet, len);
        return len;
    }
    /* Empty frames need their count: no packet is shorter than 2 bytes. */
    uint8_t code = content.len > 0 ? shortest_code(&content) : CODE_MANY;
    size_t at = 1;
    out[0] = (uint8_t)((packet[0] & ~CODE_MASK) | code);
    if (code == CODE_MANY)
        out[at++] = content.count;
    memmove(out + at, content.data, content.len);
    return at + content.len;
}
