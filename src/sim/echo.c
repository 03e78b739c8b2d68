/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A second and a half of frames between an ear and a mouth. */
#include "sim/echo.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"

#define DELAY_FRAMES (EAR_ECHO_US / EAR_FRAME_US)
/* The loudspeaker may be written ahead of the microphone by what media sleeps at the longest. */
#define RING_FRAMES 256
/* Between two calls, or where media was held up for so long, time goes on without sound. */
#define BEHIND_FRAMES 50
/* -71 dBFS, uniform: a quiet room, so that nobody takes the mouth for a dead microphone. */
#define NOISE_STEPS 32
#define NOISE_SEED 1

static_assert(DELAY_FRAMES + BEHIND_FRAMES < RING_FRAMES, "what is to be said is still there");

/* What was heard in a frame of time. */
struct heard {
    int64_t number; /* of the frame; 0: none */
    int16_t pcm[EAR_FRAME];
};

struct ear_echo {
    struct ear_mic mic;
    struct ear_speaker speaker;
    int64_t start_us;
    int64_t said, listened; /* frames since start, the first is 1 */
    struct ear_random random;
    struct heard ring[RING_FRAMES];
};

static int64_t frame_at(const struct ear_echo *echo, int64_t now_us)
{
    return (now_us - echo->start_us) / EAR_FRAME_US;
}

static void catch_up(int64_t *number, int64_t present)
{
    if (present - *number > BEHIND_FRAMES)
        *number = present;
}

static int16_t add_noise(struct ear_echo *echo, int32_t sample)
{
    sample += (int32_t)ear_random_below(&echo->random, NOISE_STEPS) - NOISE_STEPS / 2;
    return (int16_t)(sample > INT16_MAX ? INT16_MAX : sample < INT16_MIN ? INT16_MIN : sample);
}

static int echo_read(void *ctx, int64_t now_us, int16_t frame[static EAR_FRAME],
                     int64_t *ret_end_us)
{
    struct ear_echo *echo = ctx;
    int64_t present = frame_at(echo, now_us);
    catch_up(&echo->said, present);
    if (echo->said >= present)
        return 0;
    int64_t number = ++echo->said - DELAY_FRAMES;
    const struct heard *heard = &echo->ring[(size_t)(number > 0 ? number : 0) % RING_FRAMES];
    bool there = number > 0 && heard->number == number;
    for (size_t i = 0; i < EAR_FRAME; i++)
        frame[i] = add_noise(echo, there ? heard->pcm[i] : 0);
    *ret_end_us = echo->start_us + echo->said * EAR_FRAME_US;
    return 1;
}

static int64_t echo_mic_due_us(void *ctx, int64_t now_us)
{
    const struct ear_echo *echo = ctx;
    return ear_max64(echo->start_us + (echo->said + 1) * EAR_FRAME_US, now_us);
}

static int echo_wants(void *ctx, int64_t now_us, int64_t *ret_heard_us)
{
    struct ear_echo *echo = ctx;
    int64_t present = frame_at(echo, now_us);
    catch_up(&echo->listened, present);
    if (echo->listened > present)
        return 0;
    *ret_heard_us = echo->start_us + echo->listened * EAR_FRAME_US;
    return 1;
}

static void echo_write(void *ctx, const int16_t frame[static EAR_FRAME])
{
    struct ear_echo *echo = ctx;
    int64_t number = ++echo->listened;
    struct heard *heard = &echo->ring[(size_t)number % RING_FRAMES];
    heard->number = number;
    memcpy(heard->pcm, frame, sizeof heard->pcm);
}

static int64_t echo_speaker_due_us(void *ctx, int64_t now_us)
{
    const struct ear_echo *echo = ctx;
    return ear_max64(echo->start_us + echo->listened * EAR_FRAME_US, now_us);
}

int ear_echo_new(struct ear_echo **ret, const struct ear_clock *clock)
{
    struct ear_echo *echo = calloc(1, sizeof *echo);
    if (!echo)
        return -ENOMEM;
    echo->mic = (struct ear_mic){.read = echo_read, .due_us = echo_mic_due_us, .ctx = echo};
    echo->speaker = (struct ear_speaker){
        .wants = echo_wants, .write = echo_write, .due_us = echo_speaker_due_us, .ctx = echo};
    echo->start_us = ear_clock_now_us(clock);
    echo->random = ear_random_seeded(NOISE_SEED);
    *ret = echo;
    return 0;
}

void ear_echo_free(struct ear_echo *echo)
{
    free(echo);
}

struct ear_mic *ear_echo_mic(struct ear_echo *echo)
{
    return &echo->mic;
}

struct ear_speaker *ear_echo_speaker(struct ear_echo *echo)
{
    return &echo->speaker;
}
