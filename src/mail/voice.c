/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records of a voice message: written, read through, and looked at. */
#include "mail/voice.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LENGTH_ONE_BYTE 252
/* Read at once. */
#define WINDOW_BYTES 4096
#define RECORDS_FIRST 256

size_t ear_voice_write_head(uint8_t ret[static EAR_VOICE_HEAD_BYTES], int lag_samples)
{
    ret[0] = EAR_VOICE_VERSION;
    ret[1] = (uint8_t)((lag_samples + EAR_VOICE_LAG_UNIT / 2) / EAR_VOICE_LAG_UNIT);
    return EAR_VOICE_HEAD_BYTES;
}

size_t ear_voice_write_length(uint8_t ret[static 2], size_t len)
{
    if (len < LENGTH_ONE_BYTE) {
        ret[0] = (uint8_t)len;
        return 1;
    }
    ret[0] = (uint8_t)(LENGTH_ONE_BYTE + len % 4);
    ret[1] = (uint8_t)((len - ret[0]) / 4);
    return 2;
}

/* A window on the source that moves forward. */
struct window {
    const struct ear_voice_source *source;
    uint64_t from;
    size_t len;
    int error;
    uint8_t bytes[WINDOW_BYTES];
};

/* len bytes at `at`, or NULL: the end, or an error. */
static const uint8_t *look(struct window *window, uint64_t at, size_t len)
{
    if (at >= window->from && at + len <= window->from + window->len)
        return window->bytes + (at - window->from);
    window->from = at;
    window->len = 0;
    while (window->len < len) {
        int64_t n = window->source->read(window->source->ctx, at + window->len,
                                         window->bytes + window->len, WINDOW_BYTES - window->len);
        if (n < 0)
            window->error = (int)n;
        if (n <= 0)
            return NULL;
        window->len += (size_t)n;
    }
    return window->bytes;
}

/* The record that begins at `at`, and where the next does. Returns false at the end of what makes
 * sense. */
static bool read_record(struct window *window, uint64_t *at, const struct ear_codec *codec,
                        struct ear_voice_record *ret)
{
    const uint8_t *head = look(window, *at, 2);
    if (!head)
        return false;
    if (head[0] == 0) {
        *ret = (struct ear_voice_record){.at = *at, .units = head[1]};
        *at += 2;
        return ret->units > 0;
    }
    bool one = head[0] < LENGTH_ONE_BYTE;
    uint64_t from = *at + (one ? 1 : 2);
    size_t len = one ? head[0] : head[0] + 4 * (size_t)head[1];
    const uint8_t *packet = len <= EAR_PAYLOAD_MAX ? look(window, from, len) : NULL;
    int samples = packet ? codec->packet_samples(packet, len) : 0;
    if (samples <= 0)
        return false;
    *ret = (struct ear_voice_record){
        .at = from, .len = (uint32_t)len, .units = (uint32_t)samples / EAR_UNIT};
    *at = from + len;
    return true;
}

static int add(struct ear_voice *voice, size_t *cap, struct ear_voice_record record)
{
    if (voice->count == *cap) {
        size_t more = *cap ? 2 * *cap : RECORDS_FIRST;
        struct ear_voice_record *records = realloc(voice->records, more * sizeof *records);
        if (!records)
            return -ENOMEM;
        voice->records = records;
        *cap = more;
    }
    record.begin = voice->units;
    voice->units += record.units;
    voice->records[voice->count++] = record;
    return 0;
}

static int read_head(struct window *window, struct ear_voice *voice)
{
    const uint8_t *head = look(window, 0, EAR_VOICE_HEAD_BYTES);
    if (!head)
        return window->error ? window->error : -EBADMSG;
    voice->lag_samples = head[1] * EAR_VOICE_LAG_UNIT;
    return head[0] == EAR_VOICE_VERSION ? 0 : -ENOTSUP;
}

int ear_voice_open(struct ear_voice *ret, const struct ear_voice_source *source,
                   const struct ear_codec *codec)
{
    struct ear_voice voice = {0};
    struct ear_voice_record record;
    struct window window = {.source = source};
    size_t cap = 0;
    int r = read_head(&window, &voice);
    uint64_t at = EAR_VOICE_HEAD_BYTES;
    while (r == 0 && read_record(&window, &at, codec, &record) &&
           voice.units + record.units <= EAR_VOICE_UNITS_MAX)
        r = add(&voice, &cap, record);
    if (r == 0)
        r = window.error ? window.error : voice.units > 0 ? 0 : -EBADMSG;
    if (r)
        free(voice.records);
    else
        *ret = voice;
    return r;
}

void ear_voice_close(struct ear_voice *voice)
{
    free(voice->records);
    *voice = (struct ear_voice){0};
}

size_t ear_voice_find(const struct ear_voice *voice, uint32_t unit)
{
    size_t low = 0, high = voice->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct ear_voice_record *record = &voice->records[middle];
        if (record->begin + record->units <= unit)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Enters samples that begin at this place of all into the peaks. */
static void enter_peaks(uint8_t *peaks, size_t count, uint64_t all, uint64_t from,
                        const int16_t *pcm, size_t samples)
{
    for (size_t i = 0; i < samples; i++) {
        size_t part = (size_t)((from + i) * count / all);
        int level = (pcm[i] < 0 ? -(pcm[i] + 1) : pcm[i]) >> 7;
        if (level > peaks[part])
            peaks[part] = (uint8_t)level;
    }
}

int ear_voice_peaks(const struct ear_voice *voice, const struct ear_voice_source *source,
                    struct ear_codec *codec, uint8_t *ret, size_t count)
{
    struct window window = {.source = source};
    int16_t pcm[EAR_PACKET_SAMPLES_MAX];
    uint64_t all = (uint64_t)voice->units * EAR_UNIT;
    memset(ret, 0, count);
    codec->reset(codec->ctx);
    for (size_t i = 0; i < voice->count; i++) {
        const struct ear_voice_record *record = &voice->records[i];
        const uint8_t *packet = record->len ? look(&window, record->at, record->len) : NULL;
        if (record->len && !packet)
            return window.error ? window.error : -EBADMSG;
        int n = packet ? codec->decode(codec->ctx, packet, record->len, pcm, EAR_COUNT(pcm)) : 0;
        if (n > 0)
            enter_peaks(ret, count, all, (uint64_t)record->begin * EAR_UNIT, pcm, (size_t)n);
    }
    return 0;
}
