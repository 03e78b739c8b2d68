/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Decoding, concealment that fades into the room's noise, and the way back without a click. */
#include "rx/decode.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* Concealment is believed for 60 ms, is 30 dB down at 200 ms and gone 20 ms later: longer it sounds
 * like a machine (reference: section 7.4). */
static const double full_ms = 60;
static const double fade_ms = 140;
static const double fade_db = -30;
static const double end_ms = 20;
/* Speech that ends by the talker's word gives way to the room within this. */
static const double rest_ms = 20;
/* From concealment back to speech. */
#define JOIN (5 * EAR_SAMPLES_PER_MS)
/* Gains move in steps of 2.5 ms, linear inside. */
#define STEP 40

void ear_decode_init(struct ear_decode *decode, struct ear_codec *codec)
{
    *decode = (struct ear_decode){.codec = codec};
    ear_comfort_init(&decode->comfort);
}

bool ear_decode_faded(const struct ear_decode *decode)
{
    return decode->gain <= 0;
}

static double faded_gain(size_t made_up)
{
    double ms = (double)made_up / EAR_SAMPLES_PER_MS;
    if (ms <= full_ms)
        return 1;
    double gain = pow(10, fade_db / 20 * fmin(1, (ms - full_ms) / fade_ms));
    return gain * fmax(0, fmin(1, 1 - (ms - full_ms - fade_ms) / end_ms));
}

/* Codecs conceal whole 10 ms (SILK makes 10 ms whatever is asked for and throws the rest away), so
 * what is not used yet is kept. */
static void make_more(struct ear_decode *decode)
{
    int16_t *at = decode->made;
    memmove(at + EAR_FRAME - decode->spare, at + 2 * EAR_FRAME - decode->spare,
            decode->spare * sizeof(*at));
    int made = decode->codec->conceal(decode->codec->ctx, at + EAR_FRAME, EAR_FRAME);
    if (made != EAR_FRAME)
        memset(at + EAR_FRAME, 0, EAR_FRAME * sizeof(*at));
    decode->spare += EAR_FRAME;
}

static const int16_t *spare(const struct ear_decode *decode)
{
    return decode->made + EAR_COUNT(decode->made) - decode->spare;
}

static void take_made(struct ear_decode *decode, int16_t *pcm, size_t samples)
{
    for (size_t done = 0; done < samples;) {
        if (!decode->spare)
            make_more(decode);
        size_t n = samples - done < decode->spare ? samples - done : decode->spare;
        memcpy(pcm + done, spare(decode), n * sizeof(*pcm));
        decode->spare -= n;
        done += n;
    }
}

/* The noise fills what the codec's sound leaves, so that the sum keeps its power. */
static double noise_gain(double gain)
{
    return sqrt(fmax(0, 1 - gain * gain));
}

static void make_step(struct ear_decode *decode, int16_t *pcm, size_t samples, double gain_to)
{
    double from = decode->gain;
    if (from <= 0 && gain_to <= 0) {
        memset(pcm, 0, samples * sizeof(*pcm));
        decode->spare = 0;
    } else {
        take_made(decode, pcm, samples);
        for (size_t i = 0; i < samples; i++) {
            double gain = from + (gain_to - from) * (double)i / (double)samples;
            pcm[i] = (int16_t)lrint(gain * pcm[i]);
        }
    }
    ear_comfort_add(&decode->comfort, pcm, samples, noise_gain(from), noise_gain(gain_to));
    decode->gain = gain_to;
    decode->made_up += samples;
}

void ear_decode_conceal(struct ear_decode *decode, int16_t *pcm, size_t samples)
{
    for (size_t done = 0; done < samples;) {
        size_t n = samples - done < STEP ? samples - done : STEP;
        double to = fmin(decode->gain, faded_gain(decode->made_up + n));
        make_step(decode, pcm + done, n, to);
        done += n;
    }
}

void ear_decode_rest(struct ear_decode *decode, int16_t *pcm, size_t samples)
{
    for (size_t done = 0; done < samples;) {
        size_t n = samples - done < STEP ? samples - done : STEP;
        double to = decode->gain - (double)n / (rest_ms * EAR_SAMPLES_PER_MS);
        make_step(decode, pcm + done, n, fmax(0, to));
        done += n;
    }
}

/* Speech fades in over what concealment is left, and out of the noise. */
static void join(struct ear_decode *decode, int16_t *pcm, size_t samples)
{
    size_t n = samples < JOIN ? samples : JOIN;
    size_t left = decode->gain > 0 ? decode->spare : 0;
    size_t length = left && left < n ? left : n;
    const int16_t *made = spare(decode);
    bool needed = left > 0 || decode->gain < 1;
    for (size_t i = 0; needed && i < length; i++) {
        double in = ((double)i + 1) / (double)(length + 1);
        double old = left ? (1 - in) * decode->gain * made[i] : 0;
        double least = left ? 0 : decode->gain * (1 - in);
        pcm[i] = ear_comfort_clip((in + least) * pcm[i] + old);
    }
    if (decode->gain < 1)
        ear_comfort_add(&decode->comfort, pcm, length, noise_gain(decode->gain), 0);
    decode->spare = 0;
    decode->gain = 1;
    decode->made_up = 0;
}

int ear_decode_late(struct ear_decode *decode, const uint8_t *packet, size_t len, size_t skip,
                    int16_t *pcm, size_t samples)
{
    /* Within a chunk of concealment the decoder is ahead of what was heard: fade over enough. */
    if (decode->gain > 0 && decode->spare && decode->spare < JOIN)
        make_more(decode);
    int n = decode->codec->decode(decode->codec->ctx, packet, len, pcm, samples);
    if (n <= 0) {
        ear_decode_conceal(decode, pcm, samples - skip);
        return -EBADMSG;
    }
    ear_comfort_listen(&decode->comfort, pcm, (size_t)n);
    size_t heard = (size_t)n > skip ? (size_t)n - skip : 0;
    memmove(pcm, pcm + skip, heard * sizeof *pcm);
    join(decode, pcm, heard);
    if (skip + heard < samples)
        ear_decode_conceal(decode, pcm + heard, samples - skip - heard);
    return 0;
}

int ear_decode_packet(struct ear_decode *decode, const uint8_t *packet, size_t len, int16_t *pcm,
                      size_t samples)
{
    return ear_decode_late(decode, packet, len, 0, pcm, samples);
}
