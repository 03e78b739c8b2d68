/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One queue of frames serves twice: in silence it is the pre-roll, in a spurt the packet. */
#include "tx/encode.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FRAMES_PER_UNIT (EAR_UNIT_MS / EAR_FRAME_MS)
#define PREROLL_FRAMES 4 /* 40 ms: the detector's delay and a soft beginning before it */
#define QUEUE_FRAMES (EAR_PACKET_MS_MAX / EAR_FRAME_MS + PREROLL_FRAMES)

/* Narrowband is clear (ESTOI >= 0.92) from here on; see codec.c. */
static const struct ear_codec_format usual_format = {
    .packet_ms = 60, .rate_bps = 10000, .max_bytes = 75, .wideband = false};

struct ear_encode {
    struct ear_codec *codec; /* borrowed */
    struct ear_codec_format format;
    struct ear_codec_format twin; /* packet_ms 0: none */
    bool always;
    bool in_spurt;
    bool start_pending;  /* the spurt's first packet is not out yet */
    int64_t next;        /* number of the next frame */
    int64_t last_speech; /* number of the newest frame of speech, -1: none */
    int queued;          /* frames; the newest is number next - 1 */
    int16_t queue[QUEUE_FRAMES * EAR_FRAME];
};

int ear_encode_new(struct ear_encode **ret, struct ear_codec *codec)
{
    struct ear_encode *encode = calloc(1, sizeof *encode);
    if (!encode)
        return -ENOMEM;
    encode->codec = codec;
    encode->format = usual_format;
    ear_encode_reset(encode);
    *ret = encode;
    return 0;
}

void ear_encode_reset(struct ear_encode *encode)
{
    encode->in_spurt = encode->start_pending = false;
    encode->next = 0;
    encode->last_speech = -1;
    encode->queued = 0;
}

void ear_encode_free(struct ear_encode *encode)
{
    free(encode);
}

void ear_encode_set_format(struct ear_encode *encode, const struct ear_codec_format *format)
{
    assert(format->packet_ms >= EAR_UNIT_MS && format->packet_ms <= EAR_PACKET_MS_MAX &&
           format->packet_ms % EAR_UNIT_MS == 0);
    assert(format->max_bytes > 0 && format->max_bytes <= EAR_PAYLOAD_MAX);
    encode->format = *format;
}

void ear_encode_set_twin(struct ear_encode *encode, const struct ear_codec_format *format)
{
    encode->twin = format ? *format : (struct ear_codec_format){0};
}

void ear_encode_set_always(struct ear_encode *encode, bool always)
{
    encode->always = always;
}

int64_t ear_encode_index(const struct ear_encode *encode)
{
    return encode->next / FRAMES_PER_UNIT;
}

bool ear_encode_is_nearly_full(const struct ear_encode *encode)
{
    return (encode->queued + 1) * EAR_FRAME_MS >= encode->format.packet_ms;
}

int64_t ear_encode_due_us(const struct ear_encode *encode, int64_t t0_us)
{
    int queued = encode->queued;
    if (!encode->in_spurt && queued > PREROLL_FRAMES)
        queued = PREROLL_FRAMES;
    return t0_us + (encode->next - queued) * EAR_FRAME_US +
           encode->format.packet_ms * (int64_t)EAR_US_PER_MS;
}

static int64_t first_queued(const struct ear_encode *encode)
{
    return encode->next - encode->queued;
}

static void drop_oldest(struct ear_encode *encode, int frames)
{
    encode->queued -= frames;
    memmove(encode->queue, encode->queue + frames * EAR_FRAME,
            (size_t)encode->queued * EAR_FRAME * sizeof *encode->queue);
}

static void append(struct ear_encode *encode, const int16_t *frame)
{
    assert(encode->queued < QUEUE_FRAMES);
    memcpy(encode->queue + encode->queued * EAR_FRAME, frame, EAR_FRAME * sizeof *frame);
    encode->queued++;
    encode->next++;
}

/* The newest frame is speech after silence: keep the pre-roll that fits whole units. What the
 * spurt before has sent is no longer queued and cannot be sent twice. */
static void start_spurt(struct ear_encode *encode)
{
    if (encode->queued > PREROLL_FRAMES + 1)
        drop_oldest(encode, encode->queued - PREROLL_FRAMES - 1);
    if (first_queued(encode) % FRAMES_PER_UNIT != 0)
        drop_oldest(encode, 1);
    encode->in_spurt = true;
    encode->start_pending = true;
}

static int8_t to_level(float noise_db)
{
    return (int8_t)lrintf(fmaxf(-127, fminf(0, noise_db)));
}

static void end_spurt(struct ear_encode *encode, float noise_db, struct ear_encode_packet *ret,
                      int64_t index)
{
    encode->in_spurt = false;
    encode->start_pending = false;
    memset(ret, 0, sizeof *ret);
    ret->index = index;
    ret->noise_db = to_level(noise_db);
}

/* A packet without its twin is still a packet. */
static void encode_twin(struct ear_encode *encode, struct ear_encode_packet *packet)
{
    const struct ear_codec_format *twin = &encode->twin;
    bool alike = twin->packet_ms == encode->format.packet_ms &&
                 twin->wideband == encode->format.wideband &&
                 twin->max_bytes < encode->format.max_bytes;
    if (!alike || !encode->codec->encode_twin)
        return;
    int len = encode->codec->encode_twin(encode->codec->ctx, twin, encode->queue, packet->twin);
    packet->twin_len = len > 0 ? (size_t)len : 0;
}

/* The queue holds a whole packet: it leaves the queue even where it cannot be encoded, for later
 * speech matters more. */
static int encode_packet(struct ear_encode *encode, float noise_db, struct ear_encode_packet *ret)
{
    struct ear_encode_packet packet = {
        .index = first_queued(encode) / FRAMES_PER_UNIT,
        .units = encode->format.packet_ms / EAR_UNIT_MS,
        .spurt_start = encode->start_pending,
    };
    int len =
        encode->codec->encode(encode->codec->ctx, &encode->format, encode->queue, packet.data);
    if (len > 0)
        encode_twin(encode, &packet);
    drop_oldest(encode, encode->format.packet_ms / EAR_FRAME_MS);
    if (len <= 0)
        return -EIO;
    encode->start_pending = false;
    packet.len = (size_t)len;
    packet.spurt_end = encode->queued == 0 && encode->last_speech < encode->next - 1;
    if (packet.spurt_end) {
        encode->in_spurt = false;
        packet.noise_db = to_level(noise_db);
    }
    *ret = packet;
    return 1;
}

int ear_encode_frame(struct ear_encode *encode, const int16_t frame[static EAR_FRAME], bool speech,
                     float noise_db, struct ear_encode_packet *ret)
{
    /* A queue that is full in silence holds pre-roll alone. */
    if (!encode->in_spurt && encode->queued > PREROLL_FRAMES)
        drop_oldest(encode, encode->queued - PREROLL_FRAMES);
    int64_t free_frame = first_queued(encode);
    append(encode, frame);
    speech = speech || encode->always;
    if (speech)
        encode->last_speech = encode->next - 1;
    if (encode->in_spurt && encode->last_speech < free_frame) {
        end_spurt(encode, noise_db, ret, free_frame / FRAMES_PER_UNIT);
        return 1;
    }
    if (speech && !encode->in_spurt)
        start_spurt(encode);
    if (!encode->in_spurt || encode->queued * EAR_FRAME_MS < encode->format.packet_ms)
        return 0;
    return encode_packet(encode, noise_db, ret);
}
