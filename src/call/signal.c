/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signals to bytes and back. */
#include "call/signal.h"

#include <errno.h>
#include <string.h>

#include "base/bytes.h"
#include "base/utf8.h"

#define NEWEST EAR_SIGNAL_MAIL

bool ear_text_is_valid(const char *text, size_t len)
{
    return len > 0 && len <= EAR_TEXT_BYTES_MAX && ear_utf8_is_plain(text, len);
}

static bool is_switch(uint8_t kind)
{
    return kind == EAR_SIGNAL_MUTE || kind == EAR_SIGNAL_DEAD;
}

static bool carries_value(uint8_t kind)
{
    return is_switch(kind) || kind == EAR_SIGNAL_HOLD || kind == EAR_SIGNAL_RUNG ||
           kind == EAR_SIGNAL_TURN || kind == EAR_SIGNAL_CAN;
}

static bool carries_number(uint8_t kind)
{
    return kind == EAR_SIGNAL_TEXT || kind == EAR_SIGNAL_TEXT_SEEN || kind == EAR_SIGNAL_TURN;
}

static int parse_keys(struct ear_reader *r, struct ear_signal *ret)
{
    const uint8_t *keys = ear_reader_bytes(r, EAR_SIGNAL_KEYS_BYTES);
    if (!keys || ear_reader_left(r) > 0)
        return -EBADMSG;
    *ret = (struct ear_signal){.kind = EAR_SIGNAL_KEYS, .keys = keys};
    return 0;
}

static int parse_numbered(uint8_t kind, struct ear_reader *r, struct ear_signal *ret)
{
    uint8_t value = carries_value(kind) ? ear_reader_u8(r) : 0;
    uint16_t number = ear_reader_u16(r);
    size_t len = ear_reader_left(r);
    const char *text = (const char *)ear_reader_bytes(r, len);
    if (r->bad || !text || (kind == EAR_SIGNAL_TEXT ? !ear_text_is_valid(text, len) : len > 0))
        return -EBADMSG;
    *ret =
        (struct ear_signal){.kind = (enum ear_signal_kind)kind, .value = value, .number = number};
    if (kind == EAR_SIGNAL_TEXT) {
        ret->text = text;
        ret->text_len = len;
    }
    return 0;
}

int ear_signal_parse(const uint8_t *data, size_t len, struct ear_signal *ret)
{
    struct ear_reader r = ear_reader_on(data, len);
    uint8_t kind = ear_reader_u8(&r);
    if (kind == 0)
        return -EBADMSG;
    if (kind > NEWEST)
        return -ENOTSUP;
    if (kind == EAR_SIGNAL_KEYS)
        return parse_keys(&r, ret);
    if (carries_number(kind))
        return parse_numbered(kind, &r, ret);
    uint8_t value = carries_value(kind) ? ear_reader_u8(&r) : 0;
    if (r.bad || ear_reader_left(&r) > 0 || (is_switch(kind) && value > 1))
        return -EBADMSG;
    *ret = (struct ear_signal){.kind = (enum ear_signal_kind)kind};
    if (is_switch(kind))
        ret->on = value == 1;
    else
        ret->value = value;
    return 0;
}

size_t ear_signal_build(const struct ear_signal *signal, uint8_t out[static EAR_SIGNAL_BYTES_MAX])
{
    struct ear_writer w = ear_writer_on(out, EAR_SIGNAL_BYTES_MAX);
    ear_writer_u8(&w, (uint8_t)signal->kind);
    if (signal->kind == EAR_SIGNAL_KEYS)
        ear_writer_bytes(&w, signal->keys, EAR_SIGNAL_KEYS_BYTES);
    if (carries_value((uint8_t)signal->kind))
        ear_writer_u8(&w, is_switch((uint8_t)signal->kind) ? signal->on : signal->value);
    if (carries_number((uint8_t)signal->kind))
        ear_writer_u16(&w, signal->number);
    if (signal->kind == EAR_SIGNAL_TEXT)
        ear_writer_bytes(&w, (const uint8_t *)signal->text, signal->text_len);
    return w.at;
}
