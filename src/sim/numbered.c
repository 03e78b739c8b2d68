/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packets of one byte of length, four bytes of number, and padding. */
#include "sim/numbered.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

#define HEADER_BYTES 5
/* Decoded sound is a triangle wave of 100 Hz: periodic, so that time-scaling can work on it. */
#define WAVE_PERIOD (EAR_RATE_HZ / 100)
#define WAVE_PEAK 4000

struct numbered {
    struct ear_codec codec;
    uint32_t next_out;
    uint32_t next_in;
    bool any_in;
    uint32_t phase;
    struct ear_numbered_counts counts;
};

static int write_packet(uint32_t number, const struct ear_codec_format *format, uint8_t *ret_packet)
{
    size_t len = (size_t)(format->rate_bps * format->packet_ms / 8000);
    if (len > format->max_bytes) /* something rides: a real codec takes what is left */
        len = format->max_bytes;
    if (len < HEADER_BYTES || len > EAR_PAYLOAD_MAX)
        return -EINVAL;
    memset(ret_packet, 0, len);
    struct ear_writer w = ear_writer_on(ret_packet, HEADER_BYTES);
    ear_writer_u8(&w, (uint8_t)(format->packet_ms / EAR_UNIT_MS));
    ear_writer_u32(&w, number);
    return (int)len;
}

static int numbered_encode(void *ctx, const struct ear_codec_format *format, const int16_t *pcm,
                           uint8_t *ret_packet)
{
    (void)pcm;
    struct numbered *n = ctx;
    int len = write_packet(n->next_out, format, ret_packet);
    if (len < 0)
        return len;
    n->next_out++;
    n->counts.encoded++;
    return len;
}

static int numbered_encode_twin(void *ctx, const struct ear_codec_format *format,
                                const int16_t *pcm, uint8_t *ret_packet)
{
    (void)pcm;
    struct numbered *n = ctx;
    return n->next_out > 0 ? write_packet(n->next_out - 1, format, ret_packet) : -EINVAL;
}

static int numbered_packet_samples(const uint8_t *packet, size_t len)
{
    if (len < HEADER_BYTES || packet[0] == 0 || packet[0] > EAR_PACKET_MS_MAX / EAR_UNIT_MS)
        return -EBADMSG;
    return packet[0] * EAR_UNIT;
}

static void make_wave(struct numbered *n, int16_t *pcm, size_t samples)
{
    for (size_t i = 0; i < samples; i++) {
        int position = (int)(n->phase++ % WAVE_PERIOD);
        int folded = position < WAVE_PERIOD / 2 ? position : WAVE_PERIOD - position;
        pcm[i] = (int16_t)(folded * 4 * WAVE_PEAK / WAVE_PERIOD - WAVE_PEAK);
    }
}

static int numbered_decode(void *ctx, const uint8_t *packet, size_t len, int16_t *pcm, size_t cap)
{
    struct numbered *n = ctx;
    int samples = numbered_packet_samples(packet, len);
    if (samples < 0 || (size_t)samples > cap)
        return -EBADMSG;
    struct ear_reader r = ear_reader_on(packet, len);
    ear_reader_u8(&r);
    uint32_t number = ear_reader_u32(&r);
    if (n->any_in && (int32_t)(number - n->next_in) < 0)
        n->counts.repeated++;
    n->any_in = true;
    n->next_in = number + 1;
    n->counts.decoded++;
    make_wave(n, pcm, (size_t)samples);
    return samples;
}

static int numbered_conceal(void *ctx, int16_t *pcm, size_t samples)
{
    struct numbered *n = ctx;
    n->counts.concealed_samples += (int64_t)samples;
    make_wave(n, pcm, samples);
    return (int)samples;
}

static void numbered_reset(void *ctx)
{
    struct numbered *n = ctx;
    n->any_in = false;
    n->next_out = 0;
}

int ear_numbered_new(struct ear_codec **ret)
{
    struct numbered *n = calloc(1, sizeof *n);
    if (!n)
        return -ENOMEM;
    n->codec = (struct ear_codec){
        .encode = numbered_encode,
        .encode_twin = numbered_encode_twin,
        .decode = numbered_decode,
        .conceal = numbered_conceal,
        .packet_samples = numbered_packet_samples,
        .reset = numbered_reset,
        .ctx = n,
    };
    *ret = &n->codec;
    return 0;
}

void ear_numbered_get_counts(const struct ear_codec *codec, struct ear_numbered_counts *ret)
{
    const struct numbered *n = codec->ctx;
    *ret = n->counts;
}
