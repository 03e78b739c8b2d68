/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a message costs on the wire, before it is sent, and what an urgent one says. */
#include <string.h>

#include "mail/inside.h"
#include "port/datagrams.h"
#include "wire/packet.h"

/* ENet's headers: of a datagram with a reliable command (identifier, time sent, command, channel,
 * number, length), and of one that acknowledges it. */
#define ENET_RELIABLE_BYTES (4 + 4 + 2)
#define ENET_ACK_BYTES (4 + 8)
#define DATAGRAM_BYTES (EAR_DATAGRAM_OVERHEAD + EAR_SEALED_CONTROL_BYTES + EAR_KIND_BYTES)
/* One frame there and its acknowledgement back: 122. */
#define FRAME_BYTES (DATAGRAM_BYTES + ENET_RELIABLE_BYTES + DATAGRAM_BYTES + ENET_ACK_BYTES)

#define LABEL_BYTES 19
#define BEGIN_BYTES (1 + LABEL_BYTES + 4 + EAR_MAIL_HASH_BYTES)
#define HOLD_BYTES 10
#define TOLD_BYTES 10

uint64_t ear_mail_price_bytes(enum ear_message_kind kind, uint64_t size, const char *name)
{
    struct ear_mail_label label = {.what = (enum ear_mail_what)(kind + 1)};
    size_t name_bytes = 0;
    if (kind == EAR_MESSAGE_FILE && name) {
        name_bytes = strnlen(name, EAR_MAIL_NAME_MAX);
        memcpy(label.name, name, name_bytes);
    }
    size_t room = ear_mail_frame_room(&label);
    uint64_t told = FRAME_BYTES + TOLD_BYTES;
    if (size <= room)
        return FRAME_BYTES + EAR_MAIL_FRAME_MAX - room + size + told;
    uint64_t pieces = (size + EAR_MAIL_PIECE_MAX - 1) / EAR_MAIL_PIECE_MAX;
    uint64_t holds = 1 + (pieces - 1) / EAR_MAIL_KEPT_PIECES;
    return FRAME_BYTES + BEGIN_BYTES + 5 + name_bytes + holds * (FRAME_BYTES + HOLD_BYTES) +
           pieces * (FRAME_BYTES + EAR_MAIL_PIECE_BYTES) + size + told;
}

/* As much of a text as fits, at a whole character. */
static size_t cut(const char *text, size_t room)
{
    size_t len = strlen(text);
    if (len <= room)
        return len;
    while (room > 0 && ((uint8_t)text[room] & 0xc0) == 0x80)
        room--;
    return room;
}

size_t ear_mail_urgent_text(const char *place, const char *number,
                            char ret[static EAR_MESSAGE_TEXT_MAX + 1])
{
    size_t number_len = cut(number, EAR_MESSAGE_TEXT_MAX / 4);
    size_t len = cut(place, EAR_MESSAGE_TEXT_MAX - number_len - 1);
    memcpy(ret, place, len);
    if (number_len > 0) {
        ret[len++] = '\n';
        memcpy(ret + len, number, number_len);
        len += number_len;
    }
    ret[len] = '\0';
    return len;
}
