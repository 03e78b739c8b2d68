/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The body of a voice message: Opus packets in a row, found again by time. */
#ifndef EAR_VOICE_H
#define EAR_VOICE_H

#include "port/codec.h"

/* A body is 2 bytes, version (1) and how many samples at 16 kHz the decoder lags behind (as units
 * of 8), then records to its end:
 *    length | packet     1 to 1275 bytes of Opus (RFC 6716), 20 to 120 ms of speech
 *    0 | units           so many times 20 ms of silence, 1 to 255
 * A length below 252 is one byte; else the first byte is 252 to 255 and the length is that plus 4
 * times the second one (as RFC 6716, 3.2.1). A body that was cut off anywhere is played up to
 * there. */
#define EAR_VOICE_HEAD_BYTES 2
#define EAR_VOICE_VERSION 1
#define EAR_VOICE_RECORD_MAX (2 + EAR_PAYLOAD_MAX)
#define EAR_VOICE_LAG_UNIT 8
/* What is longer is not played: two hours. */
#define EAR_VOICE_UNITS_MAX ((int64_t)2 * 3600 * 1000 / EAR_UNIT_MS)

/* Where a body is read from: ear_messages_read, or memory. */
struct ear_voice_source {
    /* Bytes from `at` on. Returns how many, 0 at the end, -errno. */
    int64_t (*read)(void *ctx, uint64_t at, void *out, size_t cap);
    void *ctx;
};

/* One packet or silence of a body. */
struct ear_voice_record {
    uint64_t at;    /* of its packet in the body */
    uint32_t len;   /* 0: silence */
    uint32_t units; /* how long, in 20 ms */
    uint32_t begin; /* units before it */
};

/* All records of a body. thread: its owner. */
struct ear_voice {
    struct ear_voice_record *records; /* owned */
    size_t count;
    uint32_t units;       /* of all */
    unsigned lag_samples; /* that the decoder's sound lags behind */
};

/* Reads through a body; what does not make sense ends it. Returns 0; -EBADMSG when nothing of it
 * can be played, -ENOTSUP for a later version, -ENOMEM, what the source says. */
EAR_CHECK int ear_voice_open(struct ear_voice *ret, const struct ear_voice_source *source,
                             const struct ear_codec *codec);
void ear_voice_close(struct ear_voice *voice);
/* The record at this time; count where it lies behind the end. Pure. */
size_t ear_voice_find(const struct ear_voice *voice, uint32_t unit);

/* The head of a body, and a record's length before its packet (at most 2 bytes). Return bytes
 * written. Pure. */
size_t ear_voice_write_head(uint8_t ret[static EAR_VOICE_HEAD_BYTES], int lag_samples);
size_t ear_voice_write_length(uint8_t ret[static 2], size_t len);

/* The loudest sample of each of `count` equal parts, 0 to 255, as a waveform shows it. Decodes all
 * of it: a minute takes 30 ms. Returns 0, what the source says. */
EAR_CHECK int ear_voice_peaks(const struct ear_voice *voice, const struct ear_voice_source *source,
                              struct ear_codec *codec, uint8_t *ret, size_t count);

/* Takes the finished bytes of what is written outside. Returns 0, -errno. */
struct ear_voice_sink {
    int (*write)(void *ctx, const void *data, size_t len);
    void *ctx;
};

/* The same speech as Ogg Opus (RFC 7845), which every player knows; nothing in it says who spoke
 * or when. serial: any number. Returns 0, what source and sink say. */
EAR_CHECK int ear_voice_export(const struct ear_voice *voice, const struct ear_voice_source *source,
                               uint32_t serial, const struct ear_voice_sink *sink);

#endif
