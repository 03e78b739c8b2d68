/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parsing and building of what packet.h lays out. */
#include "wire/packet.h"

#include <assert.h>
#include <errno.h>

#define FLAG_SPURT_START 0x8000
#define FLAG_RIDER 0x4000
#define INDEX_MASK (EAR_INDEX_MODULO - 1)
#define RIDER_REPORT 0x80 /* otherwise a spurt's end */
#define RIDER_REPORT_FULL 0x40
#define NOISE_MASK 0x7f
#define BRIEF_INDEX_MASK (EAR_LINK_REPORT_BRIEF_MODULO - 1)
#define BRIEF_AGE_BITS 5
#define BRIEF_AGE_UNKNOWN ((1 << BRIEF_AGE_BITS) - 1)
#define BRIEF_AGE_UNITS 5 /* of 4 ms */

static_assert(2 + 14 + 8 + 8 + 8 + 8 == EAR_LINK_REPORT_BYTES * 8, "the report fills its bytes");
static_assert(2 + 9 + BRIEF_AGE_BITS == EAR_LINK_REPORT_BRIEF_BYTES * 8, "so does the brief one");
static_assert((FLAG_SPURT_START | FLAG_RIDER | INDEX_MASK) == 0xffff, "the header fills its bytes");

static struct ear_link_report brief_parse(uint16_t bits)
{
    int age = bits & BRIEF_AGE_UNKNOWN;
    return (struct ear_link_report){
        .brief = true,
        .highest_index = bits >> BRIEF_AGE_BITS & BRIEF_INDEX_MASK,
        .age_4ms = age == BRIEF_AGE_UNKNOWN ? EAR_LINK_REPORT_AGE_UNKNOWN
                                            : (uint8_t)(age * BRIEF_AGE_UNITS),
    };
}

static uint16_t brief_build(const struct ear_link_report *report)
{
    int age = (report->age_4ms + BRIEF_AGE_UNITS / 2) / BRIEF_AGE_UNITS;
    if (age > BRIEF_AGE_UNKNOWN)
        age = BRIEF_AGE_UNKNOWN;
    return (uint16_t)(RIDER_REPORT << 8 |
                      (report->highest_index & BRIEF_INDEX_MASK) << BRIEF_AGE_BITS | age);
}

static void rider_parse(struct ear_reader *r, struct ear_audio *ret)
{
    uint8_t first = ear_reader_u8(r);
    ret->spurt_end = !(first & RIDER_REPORT);
    ret->has_report = !ret->spurt_end;
    if (ret->spurt_end) {
        ret->noise_db = (int8_t)-first;
        return;
    }
    uint16_t bits = (uint16_t)(first << 8 | ear_reader_u8(r));
    if (!(first & RIDER_REPORT_FULL)) {
        ret->report = brief_parse(bits);
        return;
    }
    ret->report.highest_index = bits & INDEX_MASK;
    ret->report.age_4ms = ear_reader_u8(r);
    ret->report.queueing_16ms = ear_reader_u8(r);
    ret->report.loss_255 = ear_reader_u8(r);
    ret->report.playout_16ms = ear_reader_u8(r);
}

static void rider_build(struct ear_writer *w, const struct ear_audio *audio)
{
    const struct ear_link_report *report = &audio->report;
    if (audio->spurt_end) {
        ear_writer_u8(w, (uint8_t)-audio->noise_db & NOISE_MASK);
        return;
    }
    if (report->brief) {
        ear_writer_u16(w, brief_build(report));
        return;
    }
    ear_writer_u16(w, (uint16_t)((RIDER_REPORT | RIDER_REPORT_FULL) << 8 |
                                 (report->highest_index & INDEX_MASK)));
    ear_writer_u8(w, report->age_4ms);
    ear_writer_u8(w, report->queueing_16ms);
    ear_writer_u8(w, report->loss_255);
    ear_writer_u8(w, report->playout_16ms);
}

int ear_audio_parse(const uint8_t *data, size_t len, struct ear_audio *ret)
{
    struct ear_reader r = ear_reader_on(data, len);
    struct ear_audio audio = {0};
    uint16_t header = ear_reader_u16(&r);
    audio.spurt_start = header & FLAG_SPURT_START;
    audio.index = header & INDEX_MASK;
    if (header & FLAG_RIDER)
        rider_parse(&r, &audio);
    audio.payload_len = ear_reader_left(&r);
    if (r.bad || audio.payload_len == 0 || audio.payload_len > EAR_PAYLOAD_MAX)
        return -EBADMSG;
    audio.payload = ear_reader_bytes(&r, audio.payload_len);
    /* An Opus packet of one byte says nothing (RFC 6716, 3.2.1): such a length is ours to use. */
    audio.silence = audio.payload_len == 1;
    if (audio.silence) {
        if (audio.payload[0] > NOISE_MASK || audio.spurt_end)
            return -EBADMSG;
        audio.noise_db = (int8_t)-audio.payload[0];
    }
    *ret = audio;
    return 0;
}

int ear_audio_build(const struct ear_audio *audio, uint8_t *out, size_t cap)
{
    assert(!audio->spurt_end || (!audio->has_report && !audio->silence));
    struct ear_writer w = ear_writer_on(out, cap);
    bool rider = audio->has_report || audio->spurt_end;
    ear_writer_u16(&w, (uint16_t)((audio->spurt_start ? FLAG_SPURT_START : 0) |
                                  (rider ? FLAG_RIDER : 0) | (audio->index & INDEX_MASK)));
    if (rider)
        rider_build(&w, audio);
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
