/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One flag between media, which never waits for it, and the others, which sleep and try again. */
#include "port/soundswitch.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "port/limiter.h"

/* Media comes again after this when the flag was taken. */
#define AGAIN_US (2 * EAR_US_PER_MS)
/* The others do; media holds it for as long as a frame takes to decode, 1 ms on an old laptop. */
#define NAP_NS (200 * 1000)
/* A time line that nobody asked about for so long goes on at the present: between two calls hours
 * pass, and no sound card would keep more. */
#define BEHIND_US (200 * EAR_US_PER_MS)
/* A loudspeaker that media has not asked for so long is in no talk. */
#define IDLE_US (100 * EAR_US_PER_MS)
/* Frames that a fresh microphone may have collected while it was opened: 1 s. */
#define STALE_FRAMES 100

/* The time line of a card that is not there. */
struct pace {
    bool started;
    int64_t next_us; /* when the present frame begins */
};

struct ear_soundswitch {
    struct ear_mic mic;
    struct ear_speaker speaker;
    const struct ear_clock *clock;
    _Atomic float gain_db;

    atomic_flag taken; /* guards all below */
    struct ear_mic *real_mic;
    struct ear_speaker *real_speaker;
    bool fresh_mic; /* nothing was read from it yet */
    struct pace silence, nowhere;
    int64_t read_us; /* end of the last frame that was handed over */
    int64_t asked_us;
    const int16_t *earcon; /* what is left of it */
    size_t earcon_samples;
    struct ear_limiter limiter;
};

/* ---- the flag ---- */

static bool try_take(struct ear_soundswitch *s)
{
    return !atomic_flag_test_and_set_explicit(&s->taken, memory_order_acquire);
}

static void take(struct ear_soundswitch *s)
{
    const struct timespec nap = {.tv_nsec = NAP_NS};
    while (!try_take(s))
        nanosleep(&nap, NULL);
}

static void give_back(struct ear_soundswitch *s)
{
    atomic_flag_clear_explicit(&s->taken, memory_order_release);
}

/* ---- the card that is not there ---- */

static void catch_up(struct pace *pace, int64_t now_us)
{
    if (!pace->started || now_us - pace->next_us > BEHIND_US)
        *pace = (struct pace){.started = true, .next_us = now_us};
}

static int64_t pace_due_us(const struct pace *pace, int64_t now_us, int64_t late_us)
{
    return pace->started ? ear_max64(pace->next_us + late_us, now_us) : now_us;
}

static int read_silence(struct pace *pace, int64_t now_us, int16_t *frame, int64_t *ret_end_us)
{
    catch_up(pace, now_us);
    if (now_us < pace->next_us + EAR_FRAME_US)
        return 0;
    pace->next_us += EAR_FRAME_US;
    memset(frame, 0, EAR_FRAME * sizeof *frame);
    *ret_end_us = pace->next_us;
    return 1;
}

/* ---- microphone ---- */

/* What a fresh card collected before the end of what was handed over is no news. */
static int read_real(struct ear_soundswitch *s, int64_t now_us, int16_t *frame, int64_t *ret_end_us)
{
    int got = 0;
    for (int i = 0; i < STALE_FRAMES; i++) {
        got = s->real_mic->read(s->real_mic->ctx, now_us, frame, ret_end_us);
        if (got != 1 || !s->fresh_mic || *ret_end_us >= s->read_us + EAR_FRAME_US / 2)
            break;
        got = 0;
    }
    if (got == 1)
        s->fresh_mic = false;
    return got;
}

static int switch_read(void *ctx, int64_t now_us, int16_t frame[static EAR_FRAME],
                       int64_t *ret_end_us)
{
    struct ear_soundswitch *s = ctx;
    if (!try_take(s))
        return 0;
    int got = s->real_mic ? read_real(s, now_us, frame, ret_end_us)
                          : read_silence(&s->silence, now_us, frame, ret_end_us);
    if (got == 1)
        s->read_us = *ret_end_us;
    give_back(s);
    return got;
}

static int64_t switch_mic_due_us(void *ctx, int64_t now_us)
{
    struct ear_soundswitch *s = ctx;
    if (!try_take(s))
        return now_us + AGAIN_US;
    int64_t due = s->real_mic ? s->real_mic->due_us(s->real_mic->ctx, now_us)
                              : pace_due_us(&s->silence, now_us, EAR_FRAME_US);
    give_back(s);
    return due;
}

/* While the cards are exchanged there is none. */
static bool switch_echoes(void *ctx)
{
    struct ear_soundswitch *s = ctx;
    if (!try_take(s))
        return false;
    bool echoes = s->real_mic && s->real_mic->echoes && s->real_mic->echoes(s->real_mic->ctx);
    give_back(s);
    return echoes;
}

/* ---- loudspeaker ---- */

static int ask(struct ear_soundswitch *s, int64_t now_us, int64_t *ret_heard_us)
{
    if (s->real_speaker)
        return s->real_speaker->wants(s->real_speaker->ctx, now_us, ret_heard_us);
    catch_up(&s->nowhere, now_us);
    *ret_heard_us = s->nowhere.next_us;
    return now_us >= s->nowhere.next_us;
}

static void hand_over(struct ear_soundswitch *s, const int16_t frame[static EAR_FRAME])
{
    int16_t out[EAR_FRAME], extra[EAR_FRAME] = {0};
    size_t n = (size_t)ear_min64((int64_t)s->earcon_samples, EAR_FRAME);
    memcpy(out, frame, sizeof out);
    if (n > 0) {
        memcpy(extra, s->earcon, n * sizeof *extra);
        s->earcon += n;
        s->earcon_samples -= n;
    }
    ear_limiter_run(&s->limiter, atomic_load_explicit(&s->gain_db, memory_order_relaxed),
                    n > 0 ? extra : NULL, out);
    if (s->real_speaker)
        s->real_speaker->write(s->real_speaker->ctx, out);
    else
        s->nowhere.next_us += EAR_FRAME_US;
}

/* Where it is 1, the flag is kept until write: both go to the same loudspeaker. */
static int switch_wants(void *ctx, int64_t now_us, int64_t *ret_heard_us)
{
    struct ear_soundswitch *s = ctx;
    if (!try_take(s))
        return 0;
    s->asked_us = now_us;
    int wants = ask(s, now_us, ret_heard_us);
    if (wants != 1)
        give_back(s);
    return wants;
}

static void switch_write(void *ctx, const int16_t frame[static EAR_FRAME])
{
    struct ear_soundswitch *s = ctx;
    hand_over(s, frame);
    give_back(s);
}

static int64_t switch_speaker_due_us(void *ctx, int64_t now_us)
{
    struct ear_soundswitch *s = ctx;
    if (!try_take(s))
        return now_us + AGAIN_US;
    int64_t due = s->real_speaker ? s->real_speaker->due_us(s->real_speaker->ctx, now_us)
                                  : pace_due_us(&s->nowhere, now_us, 0);
    give_back(s);
    return due;
}

/* ---- the others ---- */

int ear_soundswitch_new(struct ear_soundswitch **ret, const struct ear_clock *clock)
{
    struct ear_soundswitch *s = calloc(1, sizeof *s);
    if (!s)
        return -ENOMEM;
    s->mic = (struct ear_mic){
        .read = switch_read, .due_us = switch_mic_due_us, .echoes = switch_echoes, .ctx = s};
    s->speaker = (struct ear_speaker){
        .wants = switch_wants, .write = switch_write, .due_us = switch_speaker_due_us, .ctx = s};
    s->clock = clock;
    s->read_us = s->asked_us = INT64_MIN / 2;
    atomic_init(&s->gain_db, 0);
    atomic_flag_clear(&s->taken);
    ear_limiter_init(&s->limiter);
    *ret = s;
    return 0;
}

void ear_soundswitch_free(struct ear_soundswitch *s)
{
    free(s);
}

struct ear_mic *ear_soundswitch_mic(struct ear_soundswitch *s)
{
    return &s->mic;
}

struct ear_speaker *ear_soundswitch_speaker(struct ear_soundswitch *s)
{
    return &s->speaker;
}

void ear_soundswitch_set(struct ear_soundswitch *s, struct ear_mic *mic,
                         struct ear_speaker *speaker)
{
    take(s);
    if (mic != s->real_mic) {
        s->real_mic = mic;
        s->fresh_mic = true;
        s->silence.started = false;
    }
    if (speaker != s->real_speaker) {
        s->real_speaker = speaker;
        s->nowhere.started = false;
    }
    give_back(s);
}

void ear_soundswitch_set_gain_db(struct ear_soundswitch *s, float db)
{
    if (!(db > EAR_SOUNDSWITCH_GAIN_DB_MIN))
        db = EAR_SOUNDSWITCH_GAIN_DB_MIN;
    if (db > EAR_SOUNDSWITCH_GAIN_DB_MAX)
        db = EAR_SOUNDSWITCH_GAIN_DB_MAX;
    atomic_store_explicit(&s->gain_db, db, memory_order_relaxed);
}

void ear_soundswitch_play(struct ear_soundswitch *s, const int16_t *earcon, size_t samples)
{
    take(s);
    s->earcon = earcon;
    s->earcon_samples = earcon ? samples : 0;
    give_back(s);
}

bool ear_soundswitch_pump(struct ear_soundswitch *s)
{
    static const int16_t silence[EAR_FRAME];
    int64_t heard_us, now_us = ear_clock_now_us(s->clock);
    if (!try_take(s))
        return true;
    if (now_us - s->asked_us >= IDLE_US)
        while (s->earcon_samples > 0 && ask(s, now_us, &heard_us) == 1)
            hand_over(s, silence);
    bool more = s->earcon_samples > 0;
    give_back(s);
    return more;
}
