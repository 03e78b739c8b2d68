/* SPDX-License-Identifier: GPL-3.0-or-later */
/* RIFF/WAVE as Microsoft's "Multimedia Programming Interface and Data Specifications 1.0" and
 * WAVEFORMATEXTENSIBLE lay it out; lengths that cannot be true are taken for a recording cut off.
 */
#include "port/wavformat.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#define TAG_PCM 1
#define TAG_FLOAT 3
#define TAG_EXTENSIBLE 0xfffe

#define RIFF_BYTES 12
#define CHUNK_BYTES 8
#define FORMAT_BYTES 16     /* the part that all formats share */
#define EXTENSIBLE_BYTES 40 /* with the true tag at the start of its GUID, byte 24 */
#define EXTENSIBLE_TAG_AT 24

#define RATE_MIN_HZ 4000
#define RATE_MAX_HZ 192000
/* A file of millions of empty chunks is no recording and must not keep us. */
#define CHUNKS_MAX 4096

static uint32_t get16(const uint8_t *p)
{
    return (uint32_t)(p[0] | p[1] << 8);
}

static uint32_t get32(const uint8_t *p)
{
    return get16(p) | get16(p + 2) << 16;
}

static void put16(uint8_t *p, uint32_t value)
{
    p[0] = (uint8_t)value;
    p[1] = (uint8_t)(value >> 8);
}

static void put32(uint8_t *p, uint32_t value)
{
    put16(p, value & 0xffff);
    put16(p + 2, value >> 16);
}

/* Reads exactly count bytes; -EINVAL where the file ends before. */
static int read_at(int fd, int64_t at, uint8_t *into, size_t count)
{
    while (count > 0) {
        ssize_t got = pread(fd, into, count, at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got < 0 ? -EIO : -EINVAL;
        into += got;
        at += got;
        count -= (size_t)got;
    }
    return 0;
}

static int parse_format(struct ear_wavformat *f, const uint8_t *chunk, size_t len,
                        const char **ret_wrong)
{
    if (len < FORMAT_BYTES) {
        *ret_wrong = "is not a wav recording";
        return -EINVAL;
    }
    uint32_t tag = get16(chunk);
    if (tag == TAG_EXTENSIBLE && len >= EXTENSIBLE_BYTES)
        tag = get16(chunk + EXTENSIBLE_TAG_AT);
    f->channels = get16(chunk + 2);
    f->rate_hz = get32(chunk + 4);
    uint32_t block = get16(chunk + 12);
    f->bits = get16(chunk + 14);
    f->is_float = tag == TAG_FLOAT;
    bool coded = (tag != TAG_PCM && tag != TAG_FLOAT) || (tag == TAG_FLOAT && f->bits != 32) ||
                 f->bits % 8 != 0 || f->bits < 8 || f->bits > 32;
    if (coded) {
        *ret_wrong = "is coded in a way that cannot be read; save it as 16 bit PCM";
        return -EINVAL;
    }
    if (f->channels == 0 || f->channels > EAR_WAVFORMAT_CHANNELS_MAX || f->rate_hz < RATE_MIN_HZ ||
        f->rate_hz > RATE_MAX_HZ || (block && block != f->channels * f->bits / 8)) {
        *ret_wrong = "has a damaged header; save it anew as 16 bit PCM";
        return -EINVAL;
    }
    return 0;
}

/* Whether what follows an empty data chunk is a chunk of its own: then the recording is really
 * empty, else its length was never filled in. */
static bool chunk_follows(int fd, int64_t at, int64_t file_bytes)
{
    uint8_t head[CHUNK_BYTES];
    if (read_at(fd, at, head, sizeof head))
        return false;
    for (int i = 0; i < 4; i++)
        if (head[i] < ' ' || head[i] > '~')
            return false;
    return at + CHUNK_BYTES + (int64_t)get32(head + 4) <= file_bytes;
}

static int read_format_chunk(struct ear_wavformat *f, int fd, int64_t at, int64_t size,
                             const char **ret_wrong)
{
    uint8_t chunk[EXTENSIBLE_BYTES];
    size_t len = (size_t)ear_min64(size, sizeof chunk);
    int rc = read_at(fd, at, chunk, len);
    return rc ? rc : parse_format(f, chunk, len, ret_wrong);
}

/* Walks the chunks until both the format and the sound are found. */
static int walk(struct ear_wavformat *f, int fd, int64_t file_bytes, int64_t *ret_data_bytes,
                const char **ret_wrong)
{
    bool format_found = false, data_found = false;
    int64_t at = RIFF_BYTES;
    for (int n = 0; n < CHUNKS_MAX && !(format_found && data_found); n++) {
        uint8_t head[CHUNK_BYTES];
        if (at + CHUNK_BYTES > file_bytes)
            break;
        int rc = read_at(fd, at, head, sizeof head);
        if (rc)
            return rc;
        at += CHUNK_BYTES;
        int64_t size = get32(head + 4), left = file_bytes - at;
        if (memcmp(head, "fmt ", 4) == 0 && !format_found) {
            rc = read_format_chunk(f, fd, at, ear_min64(size, left), ret_wrong);
            if (rc)
                return rc;
            format_found = true;
        } else if (memcmp(head, "data", 4) == 0 && !data_found) {
            bool cut_off = size > left || (size == 0 && !chunk_follows(fd, at, file_bytes));
            size = cut_off ? left : size;
            f->data_at = at;
            *ret_data_bytes = size;
            data_found = true;
        }
        at += size + (size & 1);
    }
    return format_found && data_found ? 0 : -EINVAL;
}

int ear_wavformat_read(struct ear_wavformat *ret, int fd, int64_t file_bytes,
                       const char **ret_wrong)
{
    struct ear_wavformat f = {0};
    uint8_t riff[RIFF_BYTES];
    int64_t data_bytes = 0;
    *ret_wrong = "is not a wav recording";
    int rc = read_at(fd, 0, riff, sizeof riff);
    /* RF64 is RIFF past 4 GB: its lengths say 0xffffffff, which means up to the file's end. */
    if (rc == 0 && ((memcmp(riff, "RIFF", 4) != 0 && memcmp(riff, "RF64", 4) != 0) ||
                    memcmp(riff + 8, "WAVE", 4) != 0))
        rc = -EINVAL;
    if (rc == 0)
        rc = walk(&f, fd, file_bytes, &data_bytes, ret_wrong);
    if (rc == -EIO)
        *ret_wrong = "cannot be read: the disk reports an error";
    if (rc)
        return rc;
    f.blocks = data_bytes / (int64_t)ear_wavformat_block_bytes(&f);
    if (f.blocks == 0) {
        *ret_wrong = "holds no sound";
        return -EINVAL;
    }
    *ret = f;
    return 0;
}

int ear_wavformat_read_raw(struct ear_wavformat *ret, int64_t file_bytes, const char **ret_wrong)
{
    if (file_bytes < 2) {
        *ret_wrong = "holds no sound";
        return -EINVAL;
    }
    *ret = (struct ear_wavformat){
        .rate_hz = EAR_RATE_HZ, .channels = 1, .bits = 16, .blocks = file_bytes / 2};
    return 0;
}

size_t ear_wavformat_block_bytes(const struct ear_wavformat *f)
{
    return f->channels * f->bits / 8;
}

/* One sample in units of 16 bit. */
static float sample_of(const struct ear_wavformat *f, const uint8_t *p)
{
    if (f->is_float) {
        uint32_t bits = get32(p);
        float value;
        memcpy(&value, &bits, sizeof value);
        return isfinite(value) ? fmaxf(-1, fminf(1, value)) * 32768 : 0;
    }
    switch (f->bits) {
    case 8: /* the only unsigned one */
        return (float)(p[0] - 128) * 256;
    case 16:
        return (float)(int16_t)get16(p);
    case 24:
        return (float)(int32_t)(get16(p) << 8 | (uint32_t)p[2] << 24) / 65536;
    default:
        return (float)(int32_t)get32(p) / 65536;
    }
}

void ear_wavformat_to_mono(const struct ear_wavformat *f, const uint8_t *in, size_t blocks,
                           int16_t *out)
{
    size_t sample_bytes = f->bits / 8;
    for (size_t i = 0; i < blocks; i++) {
        float sum = 0;
        for (uint32_t c = 0; c < f->channels; c++, in += sample_bytes)
            sum += sample_of(f, in);
        long mean = lrintf(sum / (float)f->channels);
        out[i] = (int16_t)(mean > INT16_MAX ? INT16_MAX : mean < INT16_MIN ? INT16_MIN : mean);
    }
}

void ear_wavformat_header(uint8_t ret[static EAR_WAVFORMAT_HEADER_BYTES], uint32_t data_bytes)
{
    memcpy(ret, "RIFF", 4);
    put32(ret + 4, data_bytes + EAR_WAVFORMAT_HEADER_BYTES - CHUNK_BYTES);
    memcpy(ret + 8, "WAVEfmt ", 8);
    put32(ret + 16, FORMAT_BYTES);
    put16(ret + 20, TAG_PCM);
    put16(ret + 22, 1);
    put32(ret + 24, EAR_RATE_HZ);
    put32(ret + 28, EAR_RATE_HZ * 2);
    put16(ret + 32, 2);
    put16(ret + 34, 16);
    memcpy(ret + 36, "data", 4);
    put32(ret + 40, data_bytes);
}
