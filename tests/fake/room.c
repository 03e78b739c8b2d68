/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sound is resampled from one card's clock to the other's, then convolved with an exponentially
 * fading noise; two microphones hear all of it and who speaks. */
#include "fake/room.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "port/cardmic.h"
#include "port/cardspeaker.h"

#define BLOCK 160
/* As the cards tell. */
#define SPEAKER_LATENCY_US 30000
#define MIC_LATENCY_US 10000
/* The first samples are played and heard then. */
#define BEGIN_US 100000
#define TAPS 32
#define PHASES 1024
#define PI 3.14159265358979323846

enum part { ALL, NEAR, PARTS };

struct fake_room {
    struct fake_room_config config;
    struct ear_mic mic;
    struct ear_speaker speaker;
    struct ear_random random;
    struct ear_cardline_counts counts[PARTS + 1];
    struct ear_cardmic mics[PARTS];
    struct ear_cardspeaker card;
    int16_t parts[PARTS][EAR_FRAME];
    int64_t now_us, speaker_us, mic_us; /* next callbacks */
    int64_t speaker_blocks, mic_blocks;
    float *played; /* all of it */
    int64_t played_count, played_most;
    float *response, *tail; /* of the room; what it still owes */
    int response_count;
    double noise;
    float taps[PHASES + 1][TAPS]; /* of the change from one clock to the other */
};

/* ---- media's side ---- */

static int room_read(void *ctx, int64_t now_us, int16_t frame[static EAR_FRAME],
                     int64_t *ret_end_us)
{
    struct fake_room *r = ctx;
    int64_t ignored_us;
    int got = ear_cardmic_read(&r->mics[ALL], now_us, frame, ret_end_us);
    for (int part = NEAR; got == 1 && part < PARTS; part++)
        (void)!ear_cardmic_read(&r->mics[part], now_us, r->parts[part], &ignored_us);
    return got;
}

static int64_t room_mic_due_us(void *ctx, int64_t now_us)
{
    struct fake_room *r = ctx;
    return ear_cardmic_due_us(&r->mics[ALL], now_us);
}

static int room_wants(void *ctx, int64_t now_us, int64_t *ret_heard_us)
{
    struct fake_room *r = ctx;
    return ear_cardspeaker_wants(&r->card, now_us, ret_heard_us);
}

static void room_write(void *ctx, const int16_t frame[static EAR_FRAME])
{
    struct fake_room *r = ctx;
    ear_cardspeaker_write(&r->card, r->now_us, frame);
}

static int64_t room_speaker_due_us(void *ctx, int64_t now_us)
{
    struct fake_room *r = ctx;
    return ear_cardspeaker_due_us(&r->card, now_us);
}

/* ---- the air ---- */

static int make_response(struct fake_room *r)
{
    double rt60_s = r->config.rt60_s > 0 ? r->config.rt60_s : 0.3, power = 0;
    r->response_count = (int)(rt60_s * EAR_RATE_HZ * 0.7); /* 42 dB */
    r->response = calloc((size_t)r->response_count, sizeof(float));
    r->tail = calloc((size_t)r->response_count + BLOCK, sizeof(float));
    if (!r->response || !r->tail)
        return -ENOMEM;
    for (int i = 1; i < r->response_count; i++) {
        double h = ear_random_normal(&r->random) * exp(-6.9 * i / (rt60_s * EAR_RATE_HZ));
        r->response[i] = (float)h;
        power += h * h;
    }
    r->response[0] = (float)sqrt(power * pow(10, r->config.direct_db / 10));
    power *= 1 + pow(10, r->config.direct_db / 10);
    double gain = pow(10, r->config.echo_db / 20) / sqrt(power);
    for (int i = 0; i < r->response_count; i++)
        r->response[i] *= (float)gain;
    return 0;
}

static void make_taps(struct fake_room *r)
{
    for (int phase = 0; phase <= PHASES; phase++)
        for (int tap = 0; tap < TAPS; tap++) {
            double x = (double)phase / PHASES + TAPS / 2 - 1 - tap;
            double sinc = fabs(x) < 1e-9 ? 1 : sin(PI * x) / (PI * x);
            double window = .5 + .5 * cos(PI * x / (TAPS / 2 + .5));
            r->taps[phase][tap] = (float)(sinc * window);
        }
}

/* What the loudspeaker played at this place between two samples. */
static float played_at(const struct fake_room *r, double at)
{
    int64_t whole = (int64_t)floor(at), first = whole - TAPS / 2 + 1;
    const float *taps = r->taps[(int)lrint((at - (double)whole) * PHASES)];
    float sum = 0;
    if (first < 0 || first + TAPS > r->played_count)
        return 0;
    for (int tap = 0; tap < TAPS; tap++)
        sum += taps[tap] * r->played[first + tap];
    return sum;
}

static int16_t pcm_of(double x)
{
    return (int16_t)lrint(fmax(-32768, fmin(32767, x)));
}

/* The microphone's next block, and what of it is echo and speech. */
static void hear_block(struct fake_room *r, int16_t blocks[PARTS][BLOCK])
{
    const struct fake_room_config *c = &r->config;
    int64_t first = r->mic_blocks * BLOCK;
    for (int i = 0; i < BLOCK; i++) {
        double s = (double)(first + i) / EAR_RATE_HZ / (1 + c->mic_ppm * 1e-6);
        double late_s =
            (c->bulk_ms + (c->jump_at_s > 0 && s >= c->jump_at_s ? c->jump_ms : 0)) / 1000;
        float x = played_at(r, (s - late_s) * EAR_RATE_HZ * (1 + c->speaker_ppm * 1e-6));
        for (int tap = 0; tap < r->response_count; tap++)
            r->tail[i + tap] += x * r->response[tap];
    }
    for (int i = 0; i < BLOCK; i++) {
        size_t at = (size_t)(first + i);
        double echo = (double)r->tail[i], near = c->near && at < c->near_samples ? c->near[at] : 0;
        blocks[NEAR][i] = pcm_of(near);
        blocks[ALL][i] = pcm_of(echo + near + r->noise * ear_random_normal(&r->random));
    }
    memmove(r->tail, r->tail + BLOCK, (size_t)r->response_count * sizeof(float));
    memset(r->tail + r->response_count, 0, BLOCK * sizeof(float));
}

/* ---- callbacks ---- */

static double lateness_us(struct fake_room *r)
{
    return ear_random_exponential(&r->random, r->config.jitter_us > 0 ? r->config.jitter_us : 200);
}

static double block_us(double blocks, double ppm)
{
    return BEGIN_US + blocks * BLOCK * EAR_US_PER_S / (EAR_RATE_HZ * (1 + ppm * 1e-6));
}

static void call_speaker(struct fake_room *r)
{
    int16_t sound[BLOCK];
    struct ear_cardline_block block = {.sound = sound,
                                       .channels = 1,
                                       .frames = BLOCK,
                                       .now_us = r->now_us,
                                       .latency_us = SPEAKER_LATENCY_US};
    ear_cardspeaker_play(&r->card, &block);
    float most = r->config.clip > 0 ? (float)(r->config.clip * 32768) : 32768;
    for (int i = 0; i < BLOCK && r->played_count < r->played_most; i++)
        r->played[r->played_count++] = fmaxf(-most, fminf(most, sound[i]));
    r->speaker_blocks++;
    double on_time_us = block_us((double)r->speaker_blocks, r->config.speaker_ppm);
    r->speaker_us = (int64_t)(on_time_us - SPEAKER_LATENCY_US + lateness_us(r));
}

static void call_mic(struct fake_room *r)
{
    int16_t blocks[PARTS][BLOCK];
    hear_block(r, blocks);
    for (int part = 0; part < PARTS; part++) {
        struct ear_cardline_block block = {.sound = blocks[part],
                                           .channels = 1,
                                           .frames = BLOCK,
                                           .now_us = r->now_us,
                                           .latency_us = MIC_LATENCY_US};
        ear_cardmic_hear(&r->mics[part], &block);
    }
    r->mic_blocks++;
    double on_time_us = block_us((double)r->mic_blocks + 1, r->config.mic_ppm);
    r->mic_us = (int64_t)(on_time_us + MIC_LATENCY_US + lateness_us(r));
}

void fake_room_run(struct fake_room *r, int64_t until_us)
{
    while (ear_min64(r->speaker_us, r->mic_us) <= until_us) {
        r->now_us = ear_max64(r->now_us, ear_min64(r->speaker_us, r->mic_us));
        if (r->speaker_us <= r->mic_us)
            call_speaker(r);
        else
            call_mic(r);
    }
    r->now_us = until_us;
}

/* ---- life ---- */

int fake_room_new(struct fake_room **ret, const struct fake_room_config *config)
{
    struct fake_room *r = calloc(1, sizeof *r);
    if (!r)
        return -ENOMEM;
    r->config = *config;
    r->random = ear_random_seeded(config->seed);
    r->noise = 32768 * pow(10, config->noise_db / 20);
    make_taps(r);
    r->played_most = (int64_t)(config->seconds * EAR_RATE_HZ) + EAR_RATE_HZ;
    r->played = calloc((size_t)r->played_most, sizeof(float));
    r->mic = (struct ear_mic){.read = room_read, .due_us = room_mic_due_us, .ctx = r};
    r->speaker = (struct ear_speaker){
        .wants = room_wants, .write = room_write, .due_us = room_speaker_due_us, .ctx = r};
    r->speaker_us = BEGIN_US - SPEAKER_LATENCY_US;
    r->mic_us = (int64_t)block_us(1, config->mic_ppm) + MIC_LATENCY_US;
    int err = r->played ? make_response(r) : -ENOMEM;
    for (int part = 0; part < PARTS && !err; part++)
        err = ear_cardmic_init(&r->mics[part], EAR_RATE_HZ, 0, &r->counts[part]);
    if (!err)
        err = ear_cardspeaker_init(&r->card, EAR_RATE_HZ, 0, &r->counts[PARTS]);
    if (err) {
        fake_room_free(r);
        return err;
    }
    *ret = r;
    return 0;
}

void fake_room_free(struct fake_room *r)
{
    if (!r)
        return;
    for (int part = 0; part < PARTS; part++)
        ear_cardmic_fini(&r->mics[part]);
    ear_cardspeaker_fini(&r->card);
    free(r->played);
    free(r->response);
    free(r->tail);
    free(r);
}

struct ear_mic *fake_room_mic(struct fake_room *r)
{
    return &r->mic;
}

struct ear_speaker *fake_room_speaker(struct fake_room *r)
{
    return &r->speaker;
}

const int16_t *fake_room_near(const struct fake_room *r)
{
    return r->parts[NEAR];
}
