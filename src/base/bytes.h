/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bounded reading and writing of bytes in network order. */
#ifndef EAR_BYTES_H
#define EAR_BYTES_H

#include "base/ear.h"

/* Reads a borrowed buffer. Past its end every read gives 0 and bad stays true: check once. */
struct ear_reader {
    const uint8_t *data;
    size_t len;
    size_t at;
    bool bad;
};

/* Writes a borrowed buffer. Past its end nothing is written and bad stays true: check once. */
struct ear_writer {
    uint8_t *data;
    size_t cap;
    size_t at;
    bool bad;
};

struct ear_reader ear_reader_on(const uint8_t *data, size_t len);
uint8_t ear_reader_u8(struct ear_reader *r);
uint16_t ear_reader_u16(struct ear_reader *r);
uint32_t ear_reader_u32(struct ear_reader *r);
uint64_t ear_reader_u64(struct ear_reader *r);
/* The next len bytes in place, or NULL. */
const uint8_t *ear_reader_bytes(struct ear_reader *r, size_t len);
size_t ear_reader_left(const struct ear_reader *r);

struct ear_writer ear_writer_on(uint8_t *data, size_t cap);
void ear_writer_u8(struct ear_writer *w, uint8_t value);
void ear_writer_u16(struct ear_writer *w, uint16_t value);
void ear_writer_u32(struct ear_writer *w, uint32_t value);
void ear_writer_u64(struct ear_writer *w, uint64_t value);
void ear_writer_bytes(struct ear_writer *w, const uint8_t *data, size_t len);

#endif
