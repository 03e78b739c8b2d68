/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bounded reading and writing of bytes in network order. */
#include "base/bytes.h"

#include <string.h>

struct ear_reader ear_reader_on(const uint8_t *data, size_t len)
{
    return (struct ear_reader){.data = data, .len = len};
}

size_t ear_reader_left(const struct ear_reader *r)
{
    return r->bad ? 0 : r->len - r->at;
}

const uint8_t *ear_reader_bytes(struct ear_reader *r, size_t len)
{
    if (r->bad || len > r->len - r->at) {
        r->bad = true;
        return NULL;
    }
    const uint8_t *p = r->data + r->at;
    r->at += len;
    return p;
}

static uint64_t read_number(struct ear_reader *r, size_t bytes)
{
    const uint8_t *p = ear_reader_bytes(r, bytes);
    uint64_t value = 0;
    for (size_t i = 0; p && i < bytes; i++)
        value = value << 8 | p[i];
    return value;
}

uint8_t ear_reader_u8(struct ear_reader *r)
{
    return (uint8_t)read_number(r, 1);
}

uint16_t ear_reader_u16(struct ear_reader *r)
{
    return (uint16_t)read_number(r, 2);
}

uint32_t ear_reader_u32(struct ear_reader *r)
{
    return (uint32_t)read_number(r, 4);
}

uint64_t ear_reader_u64(struct ear_reader *r)
{
    return read_number(r, 8);
}

struct ear_writer ear_writer_on(uint8_t *data, size_t cap)
{
    return (struct ear_writer){.data = data, .cap = cap};
}

void ear_writer_bytes(struct ear_writer *w, const uint8_t *data, size_t len)
{
    if (w->bad || len > w->cap - w->at) {
        w->bad = true;
        return;
    }
    if (len > 0)
        memcpy(w->data + w->at, data, len);
    w->at += len;
}

static void write_number(struct ear_writer *w, uint64_t value, size_t bytes)
{
    uint8_t b[8];
    for (size_t i = 0; i < bytes; i++)
        b[i] = (uint8_t)(value >> (8 * (bytes - 1 - i)));
    ear_writer_bytes(w, b, bytes);
}

void ear_writer_u8(struct ear_writer *w, uint8_t value)
{
    write_number(w, value, 1);
}

void ear_writer_u16(struct ear_writer *w, uint16_t value)
{
    write_number(w, value, 2);
}

void ear_writer_u32(struct ear_writer *w, uint32_t value)
{
    write_number(w, value, 4);
}

void ear_writer_u64(struct ear_writer *w, uint64_t value)
{
    write_number(w, value, 8);
}
