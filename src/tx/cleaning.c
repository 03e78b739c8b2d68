/* SPDX-License-Identifier: GPL-3.0-or-later */
/* loudspeaker's frames by time > canceller > microphone's frames; meters of echo on either side. */
#include "tx/cleaning.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "port/sodium.h"
#include "tx/echo_return.h"
#include "tx/played.h"

/* What is left disturbs above this ... */
#define DISTURBS_DB (-32.0f)
/* ... for so many seconds of played speech; it is over when it lies below for as many more. */
#define DISTURBS_S 3
#define CALM_S 10
#define JUDGE_FRAMES (1000 / EAR_FRAME_MS)

struct ear_cleaning {
    struct ear_mic mic;
    struct ear_speaker speaker;
    struct ear_cleaning_config config;
    struct ear_cleaner *cleaner;
    struct ear_played played;
    struct ear_echo_return room, left;
    int64_t heard_us; /* of the frame that the loudspeaker wants */
    int frames;       /* since the last judgement */
    double judged_s;  /* of played speech */
    int disturbed_s, calm_s;

    /* for any thread */
    _Atomic int echo;
    _Atomic bool cancels, echoes, forget;
    _Atomic float return_db, left_db;
    _Atomic int lag_ms;
    _Atomic int64_t missing;
};

/* ---- microphone ---- */

static void judge_left(struct ear_cleaning *c, double spoken_s)
{
    struct ear_echo_verdict left = ear_echo_return_get(&c->left);
    atomic_store(&c->left_db, left.most_db);
    if (spoken_s < JUDGE_FRAMES * EAR_FRAME_MS / 2000.0)
        return;
    bool disturbs = left.least_db > DISTURBS_DB;
    c->disturbed_s = disturbs ? c->disturbed_s + 1 : 0;
    c->calm_s = disturbs ? 0 : c->calm_s + 1;
    if (c->disturbed_s >= DISTURBS_S)
        atomic_store(&c->echoes, true);
    if (c->calm_s >= CALM_S)
        atomic_store(&c->echoes, false);
}

static void start_anew(struct ear_cleaning *c)
{
    ear_echo_return_init(&c->room);
    ear_echo_return_init(&c->left);
    c->judged_s = 0;
    c->disturbed_s = c->calm_s = 0;
    atomic_store(&c->cancels, atomic_load(&c->echo) != EAR_CLEANING_ECHO_NEVER);
    atomic_store(&c->echoes, false);
}

/* Once a second: is there an echo to cancel, and is one left? */
static void judge(struct ear_cleaning *c)
{
    if (++c->frames < JUDGE_FRAMES)
        return;
    c->frames = 0;
    struct ear_echo_verdict room = ear_echo_return_get(&c->room);
    enum ear_cleaning_echo echo = (enum ear_cleaning_echo)atomic_load(&c->echo);
    bool cancels = atomic_load(&c->cancels);
    if (echo != EAR_CLEANING_ECHO_MEASURED)
        cancels = echo == EAR_CLEANING_ECHO_ALWAYS;
    else if (room.most_db < EAR_CLEANING_HEADSET_DB)
        cancels = false;
    else if (room.least_db > EAR_CLEANING_HEADSET_DB)
        cancels = true;
    atomic_store(&c->cancels, cancels);
    atomic_store(&c->return_db, room.most_db);
    atomic_store(&c->lag_ms, room.lag_ms - EAR_CLEANER_LEAD_MS);
    atomic_store(&c->missing, c->played.missing);
    judge_left(c, c->room.played_s - c->judged_s);
    c->judged_s = c->room.played_s;
}

static void clean(struct ear_cleaning *c, int64_t begin_us, int16_t frame[static EAR_FRAME])
{
    int16_t played[EAR_FRAME], heard[EAR_FRAME];
    memcpy(heard, frame, sizeof heard);
    if (atomic_exchange(&c->forget, false))
        start_anew(c);
    (void)ear_played_take(&c->played, begin_us + EAR_CLEANER_LEAD_MS * EAR_US_PER_MS, played);
    ear_cleaner_run(c->cleaner, atomic_load(&c->cancels) ? played : NULL, frame);
    ear_echo_return_put(&c->room, played, heard);
    ear_echo_return_put(&c->left, played, frame);
    judge(c);
}

static int cleaning_read(void *ctx, int64_t now_us, int16_t frame[static EAR_FRAME],
                         int64_t *ret_end_us)
{
    struct ear_cleaning *c = ctx;
    int got = c->config.mic->read(c->config.mic->ctx, now_us, frame, ret_end_us);
    if (got == 1)
        clean(c, *ret_end_us - EAR_FRAME_US, frame);
    return got;
}

static int64_t cleaning_mic_due_us(void *ctx, int64_t now_us)
{
    struct ear_cleaning *c = ctx;
    return c->config.mic->due_us(c->config.mic->ctx, now_us);
}

static bool cleaning_echoes(void *ctx)
{
    struct ear_cleaning *c = ctx;
    return atomic_load(&c->echoes);
}

/* ---- loudspeaker ---- */

static int cleaning_wants(void *ctx, int64_t now_us, int64_t *ret_heard_us)
{
    struct ear_cleaning *c = ctx;
    int wants = c->config.speaker->wants(c->config.speaker->ctx, now_us, ret_heard_us);
    if (wants == 1)
        c->heard_us = *ret_heard_us;
    return wants;
}

static void cleaning_write(void *ctx, const int16_t frame[static EAR_FRAME])
{
    struct ear_cleaning *c = ctx;
    ear_played_put(&c->played, frame, c->heard_us);
    c->config.speaker->write(c->config.speaker->ctx, frame);
}

static int64_t cleaning_speaker_due_us(void *ctx, int64_t now_us)
{
    struct ear_cleaning *c = ctx;
    return c->config.speaker->due_us(c->config.speaker->ctx, now_us);
}

/* ---- both ---- */

int ear_cleaning_new(struct ear_cleaning **ret, const struct ear_cleaning_config *config)
{
    struct ear_cleaning *c = calloc(1, sizeof *c);
    if (!c)
        return -ENOMEM;
    int err = ear_cleaner_new(&c->cleaner, &config->cleaner);
    if (err) {
        free(c);
        return err;
    }
    c->config = *config;
    c->mic = (struct ear_mic){
        .read = cleaning_read, .due_us = cleaning_mic_due_us, .echoes = cleaning_echoes, .ctx = c};
    c->speaker = (struct ear_speaker){.wants = cleaning_wants,
                                      .write = cleaning_write,
                                      .due_us = cleaning_speaker_due_us,
                                      .ctx = c};
    ear_played_init(&c->played);
    ear_echo_return_init(&c->room);
    ear_echo_return_init(&c->left);
    atomic_init(&c->echo, config->echo);
    bool rests = config->echo == EAR_CLEANING_ECHO_MEASURED && config->no_echo;
    atomic_init(&c->cancels, config->echo != EAR_CLEANING_ECHO_NEVER && !rests);
    atomic_init(&c->echoes, false);
    atomic_init(&c->forget, false);
    atomic_init(&c->return_db, 0);
    atomic_init(&c->left_db, 0);
    atomic_init(&c->lag_ms, 0);
    atomic_init(&c->missing, 0);
    *ret = c;
    return 0;
}

void ear_cleaning_free(struct ear_cleaning *c)
{
    if (!c)
        return;
    ear_cleaner_free(c->cleaner);
    ear_sodium_wipe(c, sizeof *c);
    free(c);
}

struct ear_mic *ear_cleaning_mic(struct ear_cleaning *c)
{
    return &c->mic;
}

struct ear_speaker *ear_cleaning_speaker(struct ear_cleaning *c)
{
    return &c->speaker;
}

void ear_cleaning_get_status(const struct ear_cleaning *c, struct ear_cleaning_status *ret)
{
    *ret = (struct ear_cleaning_status){
        .cancels = atomic_load(&c->cancels),
        .echoes = atomic_load(&c->echoes),
        .return_db = atomic_load(&c->return_db),
        .left_db = atomic_load(&c->left_db),
        .missing = atomic_load(&c->missing),
        .lag_ms = atomic_load(&c->lag_ms),
    };
}

void ear_cleaning_set_echo(struct ear_cleaning *c, enum ear_cleaning_echo echo)
{
    atomic_store(&c->echo, echo);
}

void ear_cleaning_forget(struct ear_cleaning *c)
{
    atomic_store(&c->forget, true);
}
