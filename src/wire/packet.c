/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parsing and building of what packet.h lays out. */
#include "wire/packet.h"

#include <assert.h>
#include <errno.h>

#include "wire/pad.h"

#define FLAG_SPURT_START 0x8000
#define FLAG_RIDER 0x4000
#define INDEX_MASK (EAR_INDEX_MODULO - 1)
#define NOISE_MASK 0x7f
#define PARCEL_MASK 0xf0 /* clear: a parcel, of the four below */
#define PARCEL_REPORT 0x08
#define PARCEL_END 0x04
#define PARCEL_WANTS 0x02
#define PARCEL_BLOCKS 0x01
#define WANT_RANGE 0x8000
#define WANT_BEHIND 0x4000
#define BARE 0x80 /* in place of the level of silence */

static_assert(-EAR_SPURT_END_DB_MAX == (PARCEL_MASK ^ 0xff) + 1, "no level looks like a parcel");
static_assert((FLAG_SPURT_START | FLAG_RIDER | INDEX_MASK) == 0xffff, "the header fills its bytes");

static void report_parse(struct ear_reader *r, uint8_t first, struct ear_audio *ret)
{
    ret->has_report = true;
    ear_link_report_read(r, first, &ret->report);
}

static bool end_parse(uint8_t level, struct ear_audio *ret)
{
    ret->spurt_end = true;
    ret->noise_db = (int8_t)-level;
    return level >= -EAR_SPURT_END_DB_MAX && level <= NOISE_MASK;
}

static void end_build(struct ear_writer *w, int8_t noise_db)
{
    ear_writer_u8(w,
                  (uint8_t) - (noise_db < EAR_SPURT_END_DB_MAX ? noise_db : EAR_SPURT_END_DB_MAX));
}

static bool wants_parse(struct ear_reader *r, struct ear_audio *ret)
{
    ret->wants_count = ear_reader_u8(r);
    if (ret->wants_count == 0 || ret->wants_count > EAR_WANTS_MAX)
        return false;
    for (int i = 0; i < ret->wants_count; i++) {
        uint16_t bits = ear_reader_u16(r);
        bool range = bits & WANT_RANGE;
        struct ear_want *want = &ret->wants[i];
        want->index = bits & INDEX_MASK;
        want->units = range ? ear_reader_u16(r) : 0;
        want->behind = bits & WANT_BEHIND;
        if (range && want->units == 0)
            return false;
    }
    return true;
}

static void wants_build(struct ear_writer *w, const struct ear_audio *audio)
{
    ear_writer_u8(w, audio->wants_count);
    for (int i = 0; i < audio->wants_count; i++) {
        const struct ear_want *want = &audio->wants[i];
        ear_writer_u16(w,
                       (uint16_t)((want->units > 0 ? WANT_RANGE : 0) |
                                  (want->behind ? WANT_BEHIND : 0) | (want->index & INDEX_MASK)));
        if (want->units > 0)
            ear_writer_u16(w, want->units);
    }
}

static size_t wants_bytes(const struct ear_audio *audio)
{
    size_t bytes = audio->wants_count > 0 ? 1 : 0;
    for (int i = 0; i < audio->wants_count; i++)
        bytes += audio->wants[i].units > 0 ? 4 : 2;
    return bytes;
}

static size_t report_bytes(const struct ear_audio *audio)
{
    if (!audio->has_report)
        return 0;
    return ear_link_report_bytes(&audio->report);
}

/* What a parcel would say of it; one thing alone that a rider of its own can say needs none. */
static uint8_t parcel_of(const struct ear_audio *audio, bool has_blocks)
{
    unsigned parcel =
        (audio->has_report ? PARCEL_REPORT : 0u) | (audio->spurt_end ? PARCEL_END : 0u) |
        (audio->wants_count > 0 ? PARCEL_WANTS : 0u) | (has_blocks ? PARCEL_BLOCKS : 0u);
    return parcel == PARCEL_REPORT || parcel == PARCEL_END ? 0 : (uint8_t)parcel;
}

/* The payload's length and the payload, and all blocks, of which none may be nonsense. */
static bool blocks_parse(struct ear_reader *r, struct ear_audio *ret)
{
    ret->payload_len = ear_block_read_length(r);
    ret->payload = ear_reader_bytes(r, ret->payload_len);
    ret->blocks_len = ear_reader_left(r);
    if (ret->blocks_len == 0)
        return false;
    ret->blocks = ear_reader_bytes(r, ret->blocks_len);
    struct ear_reader blocks = ear_reader_on(ret->blocks, ret->blocks_len);
    struct ear_block block;
    int more;
    do
        more = ear_block_next(&blocks, &block);
    while (more == 1);
    return more == 0;
}

static bool parcel_parse(struct ear_reader *r, uint8_t parcel, struct ear_audio *ret)
{
    if (parcel & PARCEL_REPORT) {
        uint8_t first = ear_reader_u8(r);
        if (!(first & EAR_LINK_REPORT_FLAG))
            return false;
        report_parse(r, first, ret);
    }
    if (parcel & PARCEL_END && !end_parse(ear_reader_u8(r), ret))
        return false;
    if (parcel & PARCEL_WANTS && !wants_parse(r, ret))
        return false;
    if (parcel & PARCEL_BLOCKS && !blocks_parse(r, ret))
        return false;
    return parcel_of(ret, ret->blocks_len > 0) != 0;
}

static bool rider_parse(struct ear_reader *r, struct ear_audio *ret)
{
    uint8_t first = ear_reader_u8(r);
    if (!(first & PARCEL_MASK))
        return parcel_parse(r, first, ret);
    if (!(first & EAR_LINK_REPORT_FLAG))
        return end_parse(first, ret);
    report_parse(r, first, ret);
    return true;
}

int ear_audio_parse(const uint8_t *data, size_t len, struct ear_audio *ret)
{
    struct ear_reader r = ear_reader_on(data, len);
    struct ear_audio audio = {0};
    if (len > EAR_AUDIO_BYTES_MAX)
        return -EBADMSG;
    uint16_t header = ear_reader_u16(&r);
    audio.spurt_start = header & FLAG_SPURT_START;
    audio.index = header & INDEX_MASK;
    if (header & FLAG_RIDER && !rider_parse(&r, &audio))
        return -EBADMSG;
    if (audio.blocks_len == 0) {
        audio.payload_len = ear_reader_left(&r);
        audio.payload = ear_reader_bytes(&r, audio.payload_len);
    }
    if (r.bad || audio.payload_len == 0 || audio.payload_len > EAR_PAYLOAD_MAX)
        return -EBADMSG;
    /* An Opus packet of one byte says nothing (RFC 6716, 3.2.1): such a length is ours to use. */
    audio.silence = audio.payload_len == 1;
    if (audio.silence) {
        audio.bare = audio.payload[0] == BARE;
        if ((audio.payload[0] > NOISE_MASK && !audio.bare) || audio.spurt_end)
            return -EBADMSG;
        audio.noise_db = audio.bare ? 0 : (int8_t)-audio.payload[0];
    }
    *ret = audio;
    return 0;
}

static size_t payload_bytes(const struct ear_audio *audio)
{
    return audio->silence ? 1 : audio->payload_len;
}

/* All before the payload. */
static size_t head_bytes(const struct ear_audio *audio, bool has_blocks)
{
    size_t bytes = EAR_AUDIO_HEADER_BYTES + report_bytes(audio) + wants_bytes(audio);
    if (parcel_of(audio, has_blocks) != 0)
        bytes += EAR_PARCEL_BYTES;
    if (audio->spurt_end)
        bytes += EAR_SPURT_END_BYTES;
    if (has_blocks)
        bytes += ear_block_length_bytes(payload_bytes(audio));
    return bytes;
}

size_t ear_audio_needs(const struct ear_audio *audio)
{
    return head_bytes(audio, audio->blocks_len > 0);
}

static void head_build(struct ear_writer *w, const struct ear_audio *audio, bool has_blocks)
{
    uint8_t parcel = parcel_of(audio, has_blocks);
    bool rider = parcel != 0 || audio->has_report || audio->spurt_end;
    ear_writer_u16(w, (uint16_t)((audio->spurt_start ? FLAG_SPURT_START : 0) |
                                 (rider ? FLAG_RIDER : 0) | (audio->index & INDEX_MASK)));
    if (parcel != 0)
        ear_writer_u8(w, parcel);
    if (audio->has_report)
        ear_link_report_write(w, &audio->report);
    if (audio->spurt_end)
        end_build(w, audio->noise_db);
    if (audio->wants_count > 0)
        wants_build(w, audio);
    if (has_blocks)
        ear_block_write_length(w, payload_bytes(audio));
}

static void payload_build(struct ear_writer *w, const struct ear_audio *audio)
{
    if (audio->silence)
        ear_writer_u8(w, audio->bare ? BARE : (uint8_t)-audio->noise_db);
    else
        ear_writer_bytes(w, audio->payload, audio->payload_len);
}

/* Builds it with the payload padded as Opus to the whole size, without any block. Returns whether
 * that is possible. */
static bool build_padded(struct ear_writer *w, const struct ear_audio *audio)
{
    size_t head = head_bytes(audio, false);
    if (!audio->is_opus || audio->silence || audio->blocks_len > 0 || audio->size <= head ||
        audio->size - head > EAR_PAYLOAD_MAX)
        return false;
    size_t payload = audio->size - head;
    if (ear_pad_opus(audio->payload, audio->payload_len, payload, w->data + head, payload) != 0)
        return false;
    head_build(w, audio, false);
    assert(w->at == head);
    w->at += payload;
    return true;
}

int ear_audio_build(const struct ear_audio *audio, uint8_t *out, size_t cap)
{
    assert(!audio->spurt_end || !audio->silence);
    assert(audio->wants_count <= EAR_WANTS_MAX);
    struct ear_writer w = ear_writer_on(out, cap);
    if (audio->size > cap)
        return -ENOBUFS;
    if (build_padded(&w, audio))
        return (int)w.at;
    size_t body = payload_bytes(audio) + audio->blocks_len;
    bool padded = head_bytes(audio, true) + body < audio->size;
    bool has_blocks = padded || audio->blocks_len > 0;
    head_build(&w, audio, has_blocks);
    payload_build(&w, audio);
    ear_writer_bytes(&w, audio->blocks, audio->blocks_len);
    if (padded && !w.bad)
        ear_block_build(&w,
                        &(struct ear_block){.kind = EAR_BLOCK_PADDING, .len = audio->size - w.at});
    return w.bad ? -ENOBUFS : (int)w.at;
}

int64_t ear_index_before(uint16_t wire_index, int64_t newest)
{
    return newest - ((newest - (int64_t)wire_index) & INDEX_MASK);
}

int64_t ear_index_expand(uint16_t wire_index, int64_t near)
{
    int64_t ahead = ((int64_t)wire_index - near) & INDEX_MASK;
    if (ahead >= EAR_INDEX_MODULO / 2)
        ahead -= EAR_INDEX_MODULO;
    return near + ahead;
}
