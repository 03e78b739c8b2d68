/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames become packets, packets become records of the body on disk. */
#include "mail/recorder.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mail/voice.h"

/* Long packets cost the fewest bytes: 6 kbit/s in packets of 120 ms sound as 6.6 in 60 ms. */
#define PACKET_MS EAR_PACKET_MS_MAX
#define PACKET_SAMPLES EAR_PACKET_SAMPLES_MAX
/* From here on wideband is worth its bits (port/codec.c). */
#define WIDEBAND_FROM_BPS 12000
/* VBR hardly ever goes beyond its aim; a loud moment may. */
#define CAP_PERCENT 130
#define SILENCE_MAX 255

struct ear_recorder {
    struct ear_store *store;
    struct ear_codec *codec;
    struct ear_codec_format format;
    int64_t id;
    uint64_t end;   /* of the body on disk */
    uint64_t units; /* 20 ms on disk */
    int failed;     /* why nothing more is taken */
    size_t samples; /* in pcm */
    int16_t pcm[PACKET_SAMPLES];
};

static int append(struct ear_recorder *rec, const uint8_t *data, size_t len)
{
    int64_t end = ear_messages_append(rec->store, rec->id, rec->end, data, len);
    if (end < 0) {
        rec->failed = (int)end;
        return rec->failed;
    }
    rec->end = (uint64_t)end;
    return 0;
}

int ear_recorder_new(struct ear_recorder **ret, const struct ear_recorder_config *config)
{
    struct ear_codec_format format = {
        .packet_ms = PACKET_MS,
        .rate_bps = config->rate_bps,
        .max_bytes = (size_t)config->rate_bps * PACKET_MS / 8000 * CAP_PERCENT / 100,
        .wideband = config->rate_bps >= WIDEBAND_FROM_BPS,
    };
    if (config->rate_bps < EAR_RECORDER_BPS_MIN || config->rate_bps > EAR_RECORDER_BPS_MAX)
        return -EINVAL;
    size_t least = ear_codec_least_cap(PACKET_MS, format.wideband);
    if (format.max_bytes < least)
        format.max_bytes = least;
    struct ear_recorder *rec = calloc(1, sizeof *rec);
    if (!rec)
        return -ENOMEM;
    *rec = (struct ear_recorder){.store = config->store, .codec = config->codec, .format = format};
    struct ear_message_draft draft = {
        .person = config->person, .kind = EAR_MESSAGE_VOICE, .written_s = config->written_s};
    uint8_t head[EAR_VOICE_HEAD_BYTES];
    int r = ear_messages_begin(rec->store, &draft, &rec->id);
    if (r == 0)
        r = append(rec, head, ear_voice_write_head(head, rec->codec->lookahead_samples));
    if (r)
        free(rec);
    else
        *ret = rec;
    return r;
}

void ear_recorder_free(struct ear_recorder *rec)
{
    if (rec)
        ear_sodium_wipe(rec->pcm, sizeof rec->pcm);
    free(rec);
}

int ear_recorder_put_packet(struct ear_recorder *rec, const uint8_t *packet, size_t len)
{
    if (rec->failed)
        return rec->failed;
    int samples = rec->codec->packet_samples(packet, len);
    if (samples <= 0 || len > EAR_PAYLOAD_MAX)
        return -EBADMSG;
    uint8_t record[EAR_VOICE_RECORD_MAX];
    size_t head = ear_voice_write_length(record, len);
    memcpy(record + head, packet, len);
    int r = append(rec, record, head + len);
    if (r == 0)
        rec->units += (uint64_t)samples / EAR_UNIT;
    return r;
}

int ear_recorder_put_silence(struct ear_recorder *rec, uint32_t units)
{
    int r = rec->failed;
    while (units > 0 && r == 0) {
        uint32_t n = units < SILENCE_MAX ? units : SILENCE_MAX;
        uint8_t record[] = {0, (uint8_t)n};
        r = append(rec, record, sizeof record);
        if (r == 0)
            rec->units += n;
        units -= n;
    }
    return r;
}

static int encode(struct ear_recorder *rec)
{
    uint8_t packet[EAR_PAYLOAD_MAX];
    rec->samples = 0;
    int len = rec->codec->encode(rec->codec->ctx, &rec->format, rec->pcm, packet);
    if (len < 0)
        rec->failed = len;
    return len < 0 ? len : ear_recorder_put_packet(rec, packet, (size_t)len);
}

int ear_recorder_put(struct ear_recorder *rec, const int16_t frame[static EAR_FRAME])
{
    if (rec->failed)
        return rec->failed;
    memcpy(rec->pcm + rec->samples, frame, EAR_FRAME * sizeof *frame);
    rec->samples += EAR_FRAME;
    return rec->samples == PACKET_SAMPLES ? encode(rec) : 0;
}

uint32_t ear_recorder_ms(const struct ear_recorder *rec)
{
    return (uint32_t)(rec->units * EAR_UNIT_MS + rec->samples / EAR_SAMPLES_PER_MS);
}

int64_t ear_recorder_id(const struct ear_recorder *rec)
{
    return rec->id;
}

int ear_recorder_finish(struct ear_recorder *rec)
{
    if (rec->samples > 0 && !rec->failed) {
        memset(rec->pcm + rec->samples, 0, (PACKET_SAMPLES - rec->samples) * sizeof *rec->pcm);
        int r = encode(rec);
        if (r)
            return r;
    }
    if (rec->units == 0)
        return -ENODATA;
    return ear_messages_finish(rec->store, rec->id, (uint32_t)(rec->units * EAR_UNIT_MS));
}
