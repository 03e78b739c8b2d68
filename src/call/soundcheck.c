/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records, weighs, plays back, and hears how much of that comes back. */
#include "call/soundcheck.h"

#include <errno.h>
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "port/sodium.h"
#include "tx/cleaning.h"
#include "tx/echo_return.h"
#include "tx/level.h"
#include "tx/played.h"

#define FRAMES (EAR_SOUNDCHECK_S * 1000 / EAR_FRAME_MS)
/* For a card that gives or takes nothing. */
#define PATIENCE_US (2 * EAR_SOUNDCHECK_S * (int64_t)EAR_US_PER_S)
/* Of the level that is shown. */
#define SHOWN_FRAMES 10
/* A step comes again so soon where the card does not know. */
#define STEP_US (20 * EAR_US_PER_MS)

/* Real speech at a usual distance from a usual microphone lies between -30 and -20 dBFS; below
 * QUIET_DB the noise of cheap converters comes near it. */
#define QUIET_DB (-35.0)
#define SILENT_DB (-60.0)
/* A sample of this size was cut off, and more of them than this are heard. */
#define CLIPPED 32440
#define CLIPPED_MOST 0.001
/* Frames so far below the level of speech are pauses (ITU-T P.56), found in a few rounds. */
#define PAUSE_RATIO 0.0257
#define ROUNDS 8
/* Echo comes that much later than cards tell, at most. */
#define ECHO_US (EAR_ECHO_RETURN_LAGS * (int64_t)EAR_FRAME_US)
/* As loud as the loudspeaker itself: what it says is cut off at its edge, and no canceller follows.
 */
#define LOUD_DB (-3.0f)

struct ear_soundcheck {
    struct ear_mic *mic;
    struct ear_speaker *speaker;
    bool started;
    int64_t since_us; /* when this state began */
    int64_t last_heard_us;
    int recorded, played;
    int16_t pcm[FRAMES * EAR_FRAME];
    struct ear_played back;
    struct ear_echo_return room;
    /* for any thread */
    _Atomic int state, verdict, echo;
    _Atomic float level_db, progress, return_db;
};

int ear_soundcheck_new(struct ear_soundcheck **ret, struct ear_mic *mic,
                       struct ear_speaker *speaker)
{
    struct ear_soundcheck *check = calloc(1, sizeof *check);
    if (!check)
        return -ENOMEM;
    check->mic = mic;
    check->speaker = speaker;
    atomic_init(&check->state, EAR_SOUNDCHECK_RECORDING);
    atomic_init(&check->verdict, EAR_SOUNDCHECK_NONE);
    atomic_init(&check->echo, EAR_SOUNDCHECK_ECHO_UNKNOWN);
    atomic_init(&check->level_db, EAR_LEVEL_DB_MIN);
    atomic_init(&check->progress, 0);
    atomic_init(&check->return_db, 0);
    ear_played_init(&check->back);
    ear_echo_return_init(&check->room);
    *ret = check;
    return 0;
}

void ear_soundcheck_free(struct ear_soundcheck *check)
{
    if (check)
        ear_sodium_wipe(check, sizeof *check);
    free(check);
}

/* ---- the verdict ---- */

static double power(const int16_t *frame)
{
    double sum = 0;
    for (size_t i = 0; i < EAR_FRAME; i++)
        sum += (double)frame[i] * frame[i];
    return sum / EAR_FRAME / (32768.0 * 32768.0);
}

/* Mean power of the frames in which somebody speaks, dBFS. */
static double active_level_db(const int16_t *pcm, int frames)
{
    double level = 0;
    for (int round = 0; round < ROUNDS; round++) {
        double sum = 0;
        int count = 0;
        for (int i = 0; i < frames; i++) {
            double p = power(pcm + i * EAR_FRAME);
            if (p >= level * PAUSE_RATIO) {
                sum += p;
                count++;
            }
        }
        level = count > 0 ? sum / count : 0;
    }
    return level > 0 ? 10 * log10(level) : EAR_LEVEL_DB_MIN;
}

static double clipped_share(const int16_t *pcm, int frames)
{
    int64_t clipped = 0, samples = (int64_t)frames * EAR_FRAME;
    for (int64_t i = 0; i < samples; i++)
        clipped += pcm[i] >= CLIPPED || pcm[i] <= -CLIPPED;
    return samples > 0 ? (double)clipped / (double)samples : 0;
}

static enum ear_soundcheck_verdict judge(const int16_t *pcm, int frames)
{
    double level = active_level_db(pcm, frames);
    if (level < SILENT_DB)
        return EAR_SOUNDCHECK_SILENT;
    if (clipped_share(pcm, frames) > CLIPPED_MOST)
        return EAR_SOUNDCHECK_LOUD;
    return level < QUIET_DB ? EAR_SOUNDCHECK_QUIET : EAR_SOUNDCHECK_GOOD;
}

const char *ear_soundcheck_sentence(enum ear_soundcheck_verdict verdict)
{
    static const char *const sentences[EAR_SOUNDCHECK_VERDICTS] = {
        [EAR_SOUNDCHECK_NONE] = "",
        [EAR_SOUNDCHECK_GOOD] = "Your microphone sounds good.",
        [EAR_SOUNDCHECK_QUIET] = "Your microphone is very quiet: come nearer to it, or turn it up "
                                 "in the sound settings.",
        [EAR_SOUNDCHECK_LOUD] = "Your microphone is too loud and distorts: move away from it, or "
                                "turn it down in the sound settings.",
        [EAR_SOUNDCHECK_SILENT] = "Your microphone gives no sound: check that it is plugged in, "
                                  "switched on and chosen here.",
    };
    return sentences[verdict];
}

/* Between certain bounds: what is neither surely a headset nor surely too loud is cancelled. */
static enum ear_soundcheck_echo judge_echo(const struct ear_echo_verdict *room)
{
    if (room->most_db >= 0 && room->least_db < EAR_CLEANING_HEADSET_DB)
        return EAR_SOUNDCHECK_ECHO_UNKNOWN;
    if (room->most_db < EAR_CLEANING_HEADSET_DB)
        return EAR_SOUNDCHECK_ECHO_NONE;
    return room->least_db > LOUD_DB ? EAR_SOUNDCHECK_ECHO_LOUD : EAR_SOUNDCHECK_ECHO_SOME;
}

const char *ear_soundcheck_echo_sentence(enum ear_soundcheck_echo echo)
{
    static const char *const sentences[EAR_SOUNDCHECK_ECHOES] = {
        [EAR_SOUNDCHECK_ECHO_UNKNOWN] = "",
        [EAR_SOUNDCHECK_ECHO_NONE] = "Your microphone does not hear your loudspeaker: there will "
                                     "be no echo.",
        [EAR_SOUNDCHECK_ECHO_SOME] = "Your microphone hears your loudspeaker: Earshot takes that "
                                     "echo away, but a headset sounds better.",
        [EAR_SOUNDCHECK_ECHO_LOUD] = "Your microphone hears your loudspeaker too well: turn the "
                                     "loudspeaker down, or use a headset.",
    };
    return sentences[echo];
}

/* ---- steps ---- */

/* Shows the level of the last frames up to count, and how far this state has come. */
static void show(struct ear_soundcheck *check, int count, int of)
{
    int frames = count < SHOWN_FRAMES ? count : SHOWN_FRAMES;
    if (frames > 0)
        atomic_store(&check->level_db, ear_level_db(check->pcm + (count - frames) * EAR_FRAME,
                                                    (size_t)frames * EAR_FRAME));
    atomic_store(&check->progress, of > 0 ? (float)count / (float)of : 1);
}

static void enter(struct ear_soundcheck *check, enum ear_soundcheck_state state, int64_t now_us)
{
    check->since_us = now_us;
    atomic_store(&check->level_db, EAR_LEVEL_DB_MIN);
    atomic_store(&check->progress, state == EAR_SOUNDCHECK_DONE ? 1 : 0);
    atomic_store(&check->state, state);
}

/* Silence needs no playing. */
static void finish_recording(struct ear_soundcheck *check, int64_t now_us)
{
    enum ear_soundcheck_verdict verdict = judge(check->pcm, check->recorded);
    atomic_store(&check->verdict, verdict);
    enter(check, verdict == EAR_SOUNDCHECK_SILENT ? EAR_SOUNDCHECK_DONE : EAR_SOUNDCHECK_PLAYING,
          now_us);
}

/* What the card collected before the check is not taken. */
static int64_t record(struct ear_soundcheck *check, int64_t now_us)
{
    struct ear_mic *mic = check->mic;
    int64_t end_us;
    while (check->recorded < FRAMES &&
           mic->read(mic->ctx, now_us, check->pcm + check->recorded * EAR_FRAME, &end_us) == 1)
        if (end_us - EAR_FRAME_US / 2 >= check->since_us)
            check->recorded++;
    show(check, check->recorded, FRAMES);
    if (check->recorded == FRAMES || now_us - check->since_us >= PATIENCE_US) {
        finish_recording(check, now_us);
        return now_us;
    }
    return mic->due_us(mic->ctx, now_us);
}

static void hear_back(struct ear_soundcheck *check, int64_t now_us)
{
    struct ear_mic *mic = check->mic;
    int16_t heard[EAR_FRAME], played[EAR_FRAME];
    int64_t end_us;
    while (mic->read(mic->ctx, now_us, heard, &end_us) == 1) {
        int64_t begin_us = end_us - EAR_FRAME_US;
        if (ear_played_take(&check->back, begin_us + EAR_CLEANER_LEAD_MS * EAR_US_PER_MS, played))
            ear_echo_return_put(&check->room, played, heard);
    }
    ear_sodium_wipe(heard, sizeof heard);
}

static void finish(struct ear_soundcheck *check, int64_t now_us)
{
    struct ear_echo_verdict room = ear_echo_return_get(&check->room);
    enum ear_soundcheck_echo echo = judge_echo(&room);
    atomic_store(&check->echo, echo);
    atomic_store(&check->return_db, echo ? (room.most_db + room.least_db) / 2 : 0);
    enter(check, EAR_SOUNDCHECK_DONE, now_us);
}

static int64_t play(struct ear_soundcheck *check, int64_t now_us)
{
    struct ear_speaker *speaker = check->speaker;
    int64_t heard_us;
    while (check->played < check->recorded &&
           speaker->wants(speaker->ctx, now_us, &heard_us) == 1) {
        const int16_t *frame = check->pcm + check->played * EAR_FRAME;
        ear_played_put(&check->back, frame, heard_us);
        speaker->write(speaker->ctx, frame);
        check->played++;
        check->last_heard_us = heard_us + EAR_FRAME_US;
    }
    hear_back(check, now_us);
    show(check, check->played, check->recorded);
    bool heard = check->played == check->recorded && now_us >= check->last_heard_us + ECHO_US;
    if (heard || now_us - check->since_us >= PATIENCE_US) {
        finish(check, now_us);
        return INT64_MAX;
    }
    return check->played < check->recorded ? speaker->due_us(speaker->ctx, now_us)
                                           : check->last_heard_us + ECHO_US;
}

int64_t ear_soundcheck_step(struct ear_soundcheck *check, int64_t now_us)
{
    if (!check->started) {
        check->started = true;
        check->since_us = now_us;
    }
    int64_t due = INT64_MAX;
    if (atomic_load(&check->state) == EAR_SOUNDCHECK_RECORDING)
        due = record(check, now_us);
    if (atomic_load(&check->state) == EAR_SOUNDCHECK_PLAYING)
        due = play(check, now_us);
    if (atomic_load(&check->state) == EAR_SOUNDCHECK_DONE)
        return INT64_MAX;
    return ear_max64(now_us + EAR_US_PER_MS, ear_min64(due, now_us + STEP_US));
}

void ear_soundcheck_get_status(const struct ear_soundcheck *check,
                               struct ear_soundcheck_status *ret)
{
    *ret = (struct ear_soundcheck_status){
        .state = (enum ear_soundcheck_state)atomic_load(&check->state),
        .verdict = (enum ear_soundcheck_verdict)atomic_load(&check->verdict),
        .level_db = atomic_load(&check->level_db),
        .progress = atomic_load(&check->progress),
        .echo = (enum ear_soundcheck_echo)atomic_load(&check->echo),
        .return_db = atomic_load(&check->return_db),
    };
}
