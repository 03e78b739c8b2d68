/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Walks ENet's commands (protocol.h of ENet 1.3) to take out and put back unsequenced ones. */
#include "wire/squeeze.h"

#include <errno.h>
#include <string.h>

#include "base/bytes.h"

#define HEADER_SENT_TIME 0x8000
#define HEADER_COMPRESSED 0x4000
#define COMMAND_MASK 0x0f
#define COMMAND_UNSEQUENCED 9
#define COMMAND_UNSEQUENCED_FLAGGED 0x49

/* Bytes of each command with its header, and whether data follow (their length is its last field
 * but for fragments, whose length lies at offset 6). */
struct command_shape {
    uint8_t bytes;
    uint8_t length_at; /* offset of the data length, 0: no data follow */
};

static const struct command_shape command_shapes[] = {
    {0, 0},  /* none */
    {8, 0},  /* acknowledge */
    {48, 0}, /* connect */
    {44, 0}, /* verify connect */
    {8, 0},  /* disconnect */
    {4, 0},  /* ping */
    {6, 4},  /* send reliable */
    {8, 6},  /* send unreliable */
    {24, 6}, /* send fragment */
    {8, 6},  /* send unsequenced */
    {12, 0}, /* bandwidth limit */
    {16, 0}, /* throttle configure */
    {24, 6}, /* send unreliable fragment */
};

/* One step of the walk: the command at r, with its data. Returns its whole length, 0 when bad. */
static size_t command_bytes(const uint8_t *command, size_t left)
{
    if (left < 4)
        return 0;
    size_t number = command[0] & COMMAND_MASK;
    if (number >= EAR_COUNT(command_shapes) || command_shapes[number].bytes == 0)
        return 0;
    const struct command_shape *shape = &command_shapes[number];
    if (left < shape->bytes)
        return 0;
    size_t bytes = shape->bytes;
    if (shape->length_at)
        bytes += (size_t)command[shape->length_at] << 8 | command[shape->length_at + 1];
    return bytes <= left ? bytes : 0;
}

/* Offset of the first command; 0 for what is not a plain ENet datagram. */
static size_t first_command(const uint8_t *datagram, size_t len)
{
    if (len < 2)
        return 0;
    uint16_t header = (uint16_t)(datagram[0] << 8 | datagram[1]);
    if (header & HEADER_COMPRESSED)
        return 0;
    return header & HEADER_SENT_TIME ? 4 : 2;
}

int ear_squeeze(uint8_t *datagram, size_t *len, uint8_t *speech, size_t cap)
{
    size_t at = first_command(datagram, *len);
    if (at == 0)
        return -EBADMSG;
    size_t first = at;
    while (at < *len) {
        size_t bytes = command_bytes(datagram + at, *len - at);
        if (bytes == 0)
            return -EBADMSG;
        if ((datagram[at] & COMMAND_MASK) != COMMAND_UNSEQUENCED) {
            at += bytes;
            continue;
        }
        size_t speech_len = bytes - 8;
        if (speech_len > cap || speech_len == 0)
            return -EBADMSG;
        memcpy(speech, datagram + at + 8, speech_len);
        memmove(datagram + at, datagram + at + bytes, *len - at - bytes);
        *len -= bytes;
        if (*len == first)
            *len = 0;
        return (int)speech_len;
    }
    return 0;
}

bool ear_squeeze_holds_speech(const uint8_t *datagram, size_t len)
{
    size_t at = first_command(datagram, len);
    while (at > 0 && at < len) {
        size_t bytes = command_bytes(datagram + at, len - at);
        if (bytes == 0)
            return false;
        if ((datagram[at] & COMMAND_MASK) == COMMAND_UNSEQUENCED)
            return true;
        at += bytes;
    }
    return false;
}

int ear_unsqueeze(struct ear_unsqueeze *state, const uint8_t *speech, size_t len, uint8_t *out,
                  size_t cap)
{
    struct ear_writer w = ear_writer_on(out, cap);
    ear_writer_u16(&w, state->peer_and_session);
    ear_writer_u8(&w, COMMAND_UNSEQUENCED_FLAGGED);
    ear_writer_u8(&w, state->channel);
    ear_writer_u16(&w, 0);
    ear_writer_u16(&w, (uint16_t)(state->group + 1));
    ear_writer_u16(&w, (uint16_t)len);
    ear_writer_bytes(&w, speech, len);
    if (w.bad)
        return -ENOBUFS;
    state->group++;
    return (int)w.at;
}
