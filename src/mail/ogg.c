/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A voice message as Ogg Opus: pages of RFC 3533 around the packets, headers of RFC 7845. */
#include <errno.h>
#include <string.h>

#include "mail/voice.h"

/* Written here and not with libogg: nothing of it is read, so no byte from outside passes it, and
 * what RFC 3533 asks of a writer with packets below 64 kB are the sixty lines below. opusinfo,
 * ffprobe and opusdec agree with the result. */

#define SEGMENT_BYTES 255
#define SEGMENTS_MAX 255
/* A second of packets a page, as RFC 7845 (8) recommends. */
#define PAGE_UNITS (1000 / EAR_UNIT_MS)
#define PAGE_HEAD_BYTES 27
#define PAGE_BODY_MAX (60 * EAR_PAYLOAD_MAX)
#define CRC_AT 22
#define CRC_POLYNOMIAL 0x04c11db7u
#define OGG_RATE_HZ 48000
#define OGG_UNIT (OGG_RATE_HZ / 1000 * EAR_UNIT_MS)
/* Silence: 20 ms of narrowband SILK in which nothing was coded (RFC 6716, 3.1 and 3.2.1): the
 * decoder lets its sound fade. */
#define SILENT_TOC 0x08

enum { FLAG_FIRST = 2, FLAG_LAST = 4 };

struct ogg {
    const struct ear_voice_sink *sink;
    uint32_t serial, page;
    uint64_t granule; /* samples at 48 kHz that the page's packets end at */
    uint32_t units;   /* on this page */
    size_t segments, len;
    uint8_t table[SEGMENTS_MAX];
    uint8_t body[PAGE_BODY_MAX];
};

static void put_little(uint8_t *out, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        out[i] = (uint8_t)(value >> (8 * i));
}

static uint32_t crc_over(uint32_t crc, const uint8_t *data, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        crc ^= (uint32_t)data[i] << 24;
        for (int k = 0; k < 8; k++)
            crc = crc << 1 ^ (crc >> 31 ? CRC_POLYNOMIAL : 0);
    }
    return crc;
}

static int write_page(struct ogg *ogg, int flags)
{
    uint8_t head[PAGE_HEAD_BYTES + SEGMENTS_MAX] = {'O', 'g', 'g', 'S'};
    size_t head_len = PAGE_HEAD_BYTES + ogg->segments;
    head[5] = (uint8_t)flags;
    put_little(head + 6, ogg->granule, 8);
    put_little(head + 14, ogg->serial, 4);
    put_little(head + 18, ogg->page++, 4);
    head[PAGE_HEAD_BYTES - 1] = (uint8_t)ogg->segments;
    memcpy(head + PAGE_HEAD_BYTES, ogg->table, ogg->segments);
    uint32_t crc = crc_over(crc_over(0, head, head_len), ogg->body, ogg->len);
    put_little(head + CRC_AT, crc, 4);
    int r = ogg->sink->write(ogg->sink->ctx, head, head_len);
    if (r == 0)
        r = ogg->sink->write(ogg->sink->ctx, ogg->body, ogg->len);
    ogg->segments = ogg->len = ogg->units = 0;
    return r;
}

/* Room for the packet there is: write_page went before. */
static void put_packet(struct ogg *ogg, const uint8_t *packet, size_t len)
{
    memcpy(ogg->body + ogg->len, packet, len);
    ogg->len += len;
    for (; len >= SEGMENT_BYTES; len -= SEGMENT_BYTES)
        ogg->table[ogg->segments++] = SEGMENT_BYTES;
    ogg->table[ogg->segments++] = (uint8_t)len;
}

static int write_headers(struct ogg *ogg, unsigned lag_samples)
{
    static const char vendor[] = "Earshot";
    uint8_t head[19] = "OpusHead", tags[16 + sizeof vendor - 1] = "OpusTags";
    head[8] = 1; /* version */
    head[9] = 1; /* channel */
    put_little(head + 10, lag_samples * (OGG_RATE_HZ / EAR_RATE_HZ), 2);
    put_little(head + 12, EAR_RATE_HZ, 4);
    put_packet(ogg, head, sizeof head);
    int r = write_page(ogg, FLAG_FIRST);
    put_little(tags + 8, sizeof vendor - 1, 4);
    memcpy(tags + 12, vendor, sizeof vendor - 1);
    put_packet(ogg, tags, sizeof tags);
    return r ? r : write_page(ogg, 0);
}

/* Full pages are written when the next packet comes: the last one is told apart. */
static int add_packet(struct ogg *ogg, const uint8_t *packet, size_t len, uint32_t units)
{
    int r = ogg->units + units > PAGE_UNITS ? write_page(ogg, 0) : 0;
    if (r)
        return r;
    put_packet(ogg, packet, len);
    ogg->units += units;
    ogg->granule += (uint64_t)units * OGG_UNIT;
    return 0;
}

static int add_record(struct ogg *ogg, const struct ear_voice_source *source,
                      const struct ear_voice_record *record)
{
    static const uint8_t silent[] = {SILENT_TOC};
    uint8_t packet[EAR_PAYLOAD_MAX];
    int r = 0;
    for (uint32_t i = 0; record->len == 0 && i < record->units && r == 0; i++)
        r = add_packet(ogg, silent, sizeof silent, 1);
    if (record->len == 0)
        return r;
    for (size_t at = 0; at < record->len;) {
        int64_t n = source->read(source->ctx, record->at + at, packet + at, record->len - at);
        if (n <= 0)
            return n < 0 ? (int)n : -EBADMSG;
        at += (size_t)n;
    }
    return add_packet(ogg, packet, record->len, record->units);
}

int ear_voice_export(const struct ear_voice *voice, const struct ear_voice_source *source,
                     uint32_t serial, const struct ear_voice_sink *sink)
{
    struct ogg ogg = {.sink = sink, .serial = serial};
    int r = write_headers(&ogg, voice->lag_samples);
    for (size_t i = 0; i < voice->count && r == 0; i++)
        r = add_record(&ogg, source, &voice->records[i]);
    return r ? r : write_page(&ogg, FLAG_LAST);
}
