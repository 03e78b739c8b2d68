/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parsing and building of what packet.h lays out. */
#include "wire/packet.h"

#include <assert.h>
#include <errno.h>

#define FLAG_SPURT_START 0x8000
#define FLAG_REPORT 0x4000
#define INDEX_MASK (EAR_INDEX_MODULO - 1)

static_assert(14 + 8 + 10 + 8 + 8 == EAR_LINK_REPORT_BYTES * 8, "the link report fills its bytes");
static_assert((FLAG_SPURT_START | FLAG_REPORT | INDEX_MASK) == 0xffff,
              "the header fills its bytes");

static void report_parse(struct ear_reader *r, struct ear_link_report *ret)
{
    uint64_t bits = (uint64_t)ear_reader_u16(r) << 32 | ear_reader_u32(r);
    ret->highest_index = (uint16_t)(bits >> 34 & INDEX_MASK);
    ret->age_4ms = (uint8_t)(bits >> 26);
    ret->queueing_8ms = (uint16_t)(bits >> 16 & 0x3ff);
    ret->loss_255 = (uint8_t)(bits >> 8);
    ret->playout_16ms = (uint8_t)bits;
}

static void report_build(struct ear_writer *w, const struct ear_link_report *report)
{
    uint64_t bits = (uint64_t)(report->highest_index & INDEX_MASK) << 34 |
                    (uint64_t)report->age_4ms << 26 |
                    (uint64_t)(report->queueing_8ms & 0x3ff) << 16 |
                    (uint64_t)report->loss_255 << 8 | report->playout_16ms;
    ear_writer_u16(w, (uint16_t)(bits >> 32));
    ear_writer_u32(w, (uint32_t)bits);
}

int ear_audio_parse(const uint8_t *data, size_t len, struct ear_audio *ret)
{
    struct ear_reader r = ear_reader_on(data, len);
    struct ear_audio audio = {0};
    uint16_t header = ear_reader_u16(&r);
    audio.spurt_start = header & FLAG_SPURT_START;
    audio.has_report = header & FLAG_REPORT;
    audio.index = header & INDEX_MASK;
    if (audio.has_report)
        report_parse(&r, &audio.report);
    audio.payload_len = ear_reader_left(&r);
    if (r.bad || audio.payload_len == 0 || audio.payload_len > EAR_PAYLOAD_MAX)
        return -EBADMSG;
    audio.payload = ear_reader_bytes(&r, audio.payload_len);
    /* An Opus packet of one byte says nothing (RFC 6716, 3.2.1): such a length is ours to use. */
    audio.silence = audio.payload_len == 1;
    if (audio.silence) {
        if (audio.payload[0] > 127)
            return -EBADMSG;
        audio.noise_db = (int8_t)-audio.payload[0];
    }
    *ret = audio;
    return 0;
}

int ear_audio_build(const struct ear_audio *audio, uint8_t *out, size_t cap)
{
    struct ear_writer w = ear_writer_on(out, cap);
    ear_writer_u16(&w,
                   (uint16_t)((audio->spurt_start ? FLAG_SPURT_START : 0) |
                              (audio->has_report ? FLAG_REPORT : 0) | (audio->index & INDEX_MASK)));
    if (audio->has_report)
        report_build(&w, &audio->report);
    if (audio->silence)
        ear_writer_u8(&w, (uint8_t)-audio->noise_db);
    else
        ear_writer_bytes(&w, audio->payload, audio->payload_len);
    return w.bad ? -ENOBUFS : (int)w.at;
}

int64_t ear_index_expand(uint16_t wire_index, int64_t near)
{
    int64_t ahead = ((int64_t)wire_index - near) & INDEX_MASK;
    if (ahead >= EAR_INDEX_MODULO / 2)
        ahead -= EAR_INDEX_MODULO;
    return near + ahead;
}
