/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The layouts of mail_frame.h, read and written by one walk each. */
#include "wire/mail_frame.h"

#include <errno.h>
#include <string.h>

#include "base/utf8.h"

bool ear_mail_name_is_valid(const char *name, size_t len)
{
    return len > 0 && len <= EAR_MAIL_NAME_MAX && name[0] != '.' && !memchr(name, '/', len) &&
           !memchr(name, '\\', len) && !memchr(name, '\n', len) && ear_utf8_is_plain(name, len);
}

static void read_bytes(struct ear_reader *r, void *out, size_t len)
{
    const uint8_t *bytes = ear_reader_bytes(r, len);
    if (bytes)
        memcpy(out, bytes, len);
}

static uint64_t read_u40(struct ear_reader *r)
{
    uint64_t high = ear_reader_u8(r);
    return high << 32 | ear_reader_u32(r);
}

static void write_u40(struct ear_writer *w, uint64_t value)
{
    ear_writer_u8(w, (uint8_t)(value >> 32));
    ear_writer_u32(w, (uint32_t)value);
}

static void read_name(struct ear_reader *r, char ret[static EAR_MAIL_NAME_MAX + 1])
{
    size_t len = ear_reader_u8(r);
    const char *name = (const char *)ear_reader_bytes(r, len);
    if (!name || !ear_mail_name_is_valid(name, len))
        r->bad = true;
    else
        memcpy(ret, name, len);
}

static void read_label(struct ear_reader *r, struct ear_mail_label *ret)
{
    read_bytes(r, ret->mark, sizeof ret->mark);
    ret->serial = read_u40(r);
    uint8_t what = ear_reader_u8(r);
    ret->what = (enum ear_mail_what)what;
    ret->written_s = (int64_t)read_u40(r);
    if (what == EAR_MAIL_VOICE)
        ret->duration_ms = ear_reader_u32(r);
    else if (what == EAR_MAIL_FILE)
        read_name(r, ret->name);
    else if (what != EAR_MAIL_TEXT && what != EAR_MAIL_URGENT)
        r->bad = true;
}

static void read_body(struct ear_reader *r, struct ear_mail_frame *ret)
{
    ret->body_len = ear_reader_left(r);
    ret->body = ear_reader_bytes(r, ret->body_len);
    if (ret->body_len == 0)
        r->bad = true;
}

static void read_begin(struct ear_reader *r, struct ear_mail_frame *ret)
{
    read_label(r, &ret->label);
    ret->size = ear_reader_u32(r);
    read_bytes(r, ret->hash, sizeof ret->hash);
    if (ret->size == 0 || ret->label.what == EAR_MAIL_URGENT)
        r->bad = true;
}

static struct ear_mail_hold read_hold(struct ear_reader *r)
{
    uint64_t serial = read_u40(r);
    return (struct ear_mail_hold){.serial = serial, .offset = ear_reader_u32(r)};
}

static struct ear_mail_told read_told(struct ear_reader *r)
{
    struct ear_mail_told told = {.fate = (enum ear_mail_fate)ear_reader_u8(r)};
    read_bytes(r, told.mark, sizeof told.mark);
    if (told.fate < EAR_MAIL_ARRIVED || told.fate > EAR_MAIL_LATER)
        r->bad = true;
    return told;
}

/* One entry after the other, to the end. */
static void read_list(struct ear_reader *r, struct ear_mail_frame *ret)
{
    size_t most = ret->kind == EAR_MAIL_HOLD   ? EAR_MAIL_HOLDS_MAX
                  : ret->kind == EAR_MAIL_TOLD ? EAR_MAIL_TOLDS_MAX
                                               : EAR_MAIL_NOTEDS_MAX;
    while (ear_reader_left(r) > 0 && !r->bad && ret->count < most) {
        if (ret->kind == EAR_MAIL_HOLD)
            ret->holds[ret->count] = read_hold(r);
        else if (ret->kind == EAR_MAIL_TOLD)
            ret->tolds[ret->count] = read_told(r);
        else
            read_bytes(r, ret->marks[ret->count], EAR_MAIL_MARK_BYTES);
        ret->count++;
    }
    if (ret->count == 0)
        r->bad = true;
}

int ear_mail_frame_parse(const uint8_t *data, size_t len, struct ear_mail_frame *ret)
{
    struct ear_reader r = ear_reader_on(data, len < EAR_MAIL_FRAME_MAX ? len : EAR_MAIL_FRAME_MAX);
    uint8_t kind = ear_reader_u8(&r);
    if (len == 0 || len > EAR_MAIL_FRAME_MAX || kind == 0)
        return -EBADMSG;
    if (kind > EAR_MAIL_DROP)
        return -ENOTSUP;
    struct ear_mail_frame frame = {.kind = (enum ear_mail_kind)kind};
    switch (frame.kind) {
    case EAR_MAIL_READY:
        break;
    case EAR_MAIL_WHOLE:
        read_label(&r, &frame.label);
        read_body(&r, &frame);
        break;
    case EAR_MAIL_BEGIN:
        read_begin(&r, &frame);
        break;
    case EAR_MAIL_PIECE:
        frame.piece = read_hold(&r);
        read_body(&r, &frame);
        break;
    case EAR_MAIL_DROP:
        read_bytes(&r, frame.marks[0], EAR_MAIL_MARK_BYTES);
        break;
    case EAR_MAIL_HOLD:
    case EAR_MAIL_TOLD:
    case EAR_MAIL_NOTED:
        read_list(&r, &frame);
        break;
    }
    if (r.bad || ear_reader_left(&r) > 0)
        return -EBADMSG;
    *ret = frame;
    return 0;
}

static void write_label(struct ear_writer *w, const struct ear_mail_label *label)
{
    ear_writer_bytes(w, label->mark, sizeof label->mark);
    write_u40(w, label->serial);
    ear_writer_u8(w, (uint8_t)label->what);
    write_u40(w, (uint64_t)label->written_s);
    if (label->what == EAR_MAIL_VOICE)
        ear_writer_u32(w, label->duration_ms);
    if (label->what != EAR_MAIL_FILE)
        return;
    size_t len = strlen(label->name);
    ear_writer_u8(w, (uint8_t)len);
    ear_writer_bytes(w, (const uint8_t *)label->name, len);
}

static void write_hold(struct ear_writer *w, const struct ear_mail_hold *hold)
{
    write_u40(w, hold->serial);
    ear_writer_u32(w, hold->offset);
}

static void write_list(struct ear_writer *w, const struct ear_mail_frame *frame)
{
    for (size_t i = 0; i < frame->count; i++)
        if (frame->kind == EAR_MAIL_HOLD) {
            write_hold(w, &frame->holds[i]);
        } else if (frame->kind == EAR_MAIL_TOLD) {
            ear_writer_u8(w, (uint8_t)frame->tolds[i].fate);
            ear_writer_bytes(w, frame->tolds[i].mark, EAR_MAIL_MARK_BYTES);
        } else {
            ear_writer_bytes(w, frame->marks[i], EAR_MAIL_MARK_BYTES);
        }
}

size_t ear_mail_frame_build(const struct ear_mail_frame *frame, uint8_t *out, size_t cap)
{
    struct ear_writer w = ear_writer_on(out, cap < EAR_MAIL_FRAME_MAX ? cap : EAR_MAIL_FRAME_MAX);
    ear_writer_u8(&w, (uint8_t)frame->kind);
    switch (frame->kind) {
    case EAR_MAIL_READY:
        break;
    case EAR_MAIL_WHOLE:
        write_label(&w, &frame->label);
        ear_writer_bytes(&w, frame->body, frame->body_len);
        break;
    case EAR_MAIL_BEGIN:
        write_label(&w, &frame->label);
        ear_writer_u32(&w, frame->size);
        ear_writer_bytes(&w, frame->hash, sizeof frame->hash);
        break;
    case EAR_MAIL_PIECE:
        write_hold(&w, &frame->piece);
        ear_writer_bytes(&w, frame->body, frame->body_len);
        break;
    case EAR_MAIL_DROP:
        ear_writer_bytes(&w, frame->marks[0], EAR_MAIL_MARK_BYTES);
        break;
    case EAR_MAIL_HOLD:
    case EAR_MAIL_TOLD:
    case EAR_MAIL_NOTED:
        write_list(&w, frame);
        break;
    }
    return w.bad ? 0 : w.at;
}

size_t ear_mail_frame_room(const struct ear_mail_label *label)
{
    uint8_t out[EAR_MAIL_FRAME_MAX];
    struct ear_writer w = ear_writer_on(out, sizeof out);
    write_label(&w, label);
    return EAR_MAIL_FRAME_MAX - 1 - w.at;
}

bool ear_mail_frame_is_urgent(const uint8_t *data, size_t len)
{
    struct ear_mail_frame frame;
    return ear_mail_frame_parse(data, len, &frame) == 0 && frame.kind == EAR_MAIL_WHOLE &&
           frame.label.what == EAR_MAIL_URGENT;
}
