/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A codec for tests: packets are a tag and a length, their sound is an unbroken tone. */
#ifndef EAR_TONE_CODEC_H
#define EAR_TONE_CODEC_H

#include <errno.h>
#include <math.h>
#include <string.h>

#include "port/codec.h"

/* 200 Hz: whole periods in every packet. Its steepest step is 628. */
#define TONE_PERIOD 80
#define TONE_AMPLITUDE 8000
#define TONE_STEP 629
#define TONE_TAG 0x7e

struct tone {
    struct ear_codec codec;
    size_t at; /* sample of the tone that comes next */
    int decoded;
    int concealed;
};

static inline int16_t tone_sample(size_t at)
{
    return (int16_t)lrint(TONE_AMPLITUDE *
                          sin(2 * M_PI * (double)(at % TONE_PERIOD) / TONE_PERIOD));
}

static inline int tone_fill(struct tone *tone, int16_t *pcm, size_t samples)
{
    for (size_t i = 0; i < samples; i++)
        pcm[i] = tone_sample(tone->at++);
    return (int)samples;
}

static inline int tone_packet_samples(const uint8_t *packet, size_t len)
{
    bool fits = len >= 2 && packet[0] == TONE_TAG && packet[1] >= 1 && packet[1] <= 6;
    return fits ? packet[1] * EAR_UNIT : -EBADMSG;
}

/* A third byte makes it look right and decode to nothing. */
static inline int tone_decode(void *ctx, const uint8_t *packet, size_t len, int16_t *pcm,
                              size_t cap)
{
    struct tone *tone = ctx;
    int samples = tone_packet_samples(packet, len);
    if (samples < 0 || (size_t)samples > cap || len > 2)
        return -EBADMSG;
    tone->at = 0;
    tone->decoded++;
    return tone_fill(tone, pcm, (size_t)samples);
}

static inline int tone_conceal(void *ctx, int16_t *pcm, size_t samples)
{
    struct tone *tone = ctx;
    tone->concealed += (int)samples;
    return tone_fill(tone, pcm, samples);
}

static inline void tone_reset(void *ctx)
{
    (void)ctx;
}

static inline void tone_init(struct tone *tone)
{
    *tone = (struct tone){.codec = {.decode = tone_decode,
                                    .conceal = tone_conceal,
                                    .packet_samples = tone_packet_samples,
                                    .reset = tone_reset}};
    tone->codec.ctx = tone;
}

static inline size_t tone_packet(uint8_t *ret, int units)
{
    ret[0] = TONE_TAG;
    ret[1] = (uint8_t)units;
    return 2;
}

/* The largest difference of two neighbours. */
static inline int steepest(const int16_t *pcm, size_t samples)
{
    int most = 0;
    for (size_t i = 1; i < samples; i++) {
        int step = pcm[i] > pcm[i - 1] ? pcm[i] - pcm[i - 1] : pcm[i - 1] - pcm[i];
        most = step > most ? step : most;
    }
    return most;
}

#endif
