/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Nobody speaks and nobody listens, but time passes as at a sound card. */
#include <errno.h>
#include <stdlib.h>

#include "base/random.h"
#include "port/wavfile.h"
#include "port/wavpace.h"

/* -71 dBFS, uniform: the noise of a quiet room and a cheap microphone. */
#define NOISE_STEPS 32
#define NOISE_SEED 1

/* What the caller frees: the mic and the speaker come first. */
struct silence {
    struct ear_mic mic;
    struct ear_wavpace pace;
    struct ear_random random;
};

struct nowhere {
    struct ear_speaker speaker;
    struct ear_wavpace pace;
};

static int silence_read(void *ctx, int64_t now_us, int16_t frame[static EAR_FRAME],
                        int64_t *ret_end_us)
{
    struct silence *s = ctx;
    int64_t end_us = ear_wavpace_due_us(&s->pace, now_us, 1);
    if (now_us < end_us)
        return 0;
    for (int i = 0; i < EAR_FRAME; i++)
        frame[i] = (int16_t)((int)ear_random_below(&s->random, NOISE_STEPS) - NOISE_STEPS / 2);
    s->pace.frames++;
    *ret_end_us = end_us;
    return 1;
}

static int64_t silence_due(void *ctx, int64_t now_us)
{
    const struct silence *s = ctx;
    return ear_wavpace_ask_us(&s->pace, now_us, 1);
}

int ear_wav_silence_new(struct ear_mic **ret)
{
    struct silence *s = calloc(1, sizeof *s);
    if (!s)
        return -ENOMEM;
    s->mic = (struct ear_mic){.read = silence_read, .due_us = silence_due, .ctx = s};
    s->random = ear_random_seeded(NOISE_SEED);
    ear_wavpace_init(&s->pace);
    *ret = &s->mic;
    return 0;
}

static int nowhere_wants(void *ctx, int64_t now_us, int64_t *ret_heard_us)
{
    struct nowhere *n = ctx;
    int64_t heard_us = ear_wavpace_due_us(&n->pace, now_us, 0);
    if (now_us < heard_us)
        return 0;
    *ret_heard_us = heard_us;
    return 1;
}

static void nowhere_write(void *ctx, const int16_t frame[static EAR_FRAME])
{
    struct nowhere *n = ctx;
    (void)frame;
    n->pace.frames++;
}

static int64_t nowhere_due(void *ctx, int64_t now_us)
{
    const struct nowhere *n = ctx;
    return ear_wavpace_ask_us(&n->pace, now_us, 0);
}

int ear_wav_nowhere_new(struct ear_speaker **ret)
{
    struct nowhere *n = calloc(1, sizeof *n);
    if (!n)
        return -ENOMEM;
    n->speaker = (struct ear_speaker){
        .wants = nowhere_wants, .write = nowhere_write, .due_us = nowhere_due, .ctx = n};
    ear_wavpace_init(&n->pace);
    *ret = &n->speaker;
    return 0;
}
