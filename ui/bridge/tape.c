/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looks every 50 ms at the ring: what was said goes to disk, what is to be heard comes from it. */
#include "bridge/tape.h"

#include <errno.h>
#include <stdlib.h>

#include "bridge/mail_jobs.h"
#include "mail/player.h"
#include "mail/recorder.h"

#define TICK_MS 50
/* Held ready for the card: more than two looks. */
#define AHEAD_FRAMES 20

struct earshot_tape *earshot_tape_new(struct ear_ring *frames)
{
    struct earshot_tape *tape = g_atomic_rc_box_new0(struct earshot_tape);
    tape->frames = frames;
    tape->speed_percent = 100;
    return tape;
}

static void clear(gpointer data)
{
    struct earshot_tape *tape = data;
    ear_recorder_free(tape->recorder);
    ear_player_free(tape->player);
    if (tape->voice)
        ear_voice_close(tape->voice);
    g_free(tape->voice);
    ear_codec_opus_free(tape->codec);
}

void earshot_tape_unref(struct earshot_tape *tape)
{
    g_atomic_rc_box_release_full(tape, clear);
}

static void end(struct earshot_tape *tape, int err)
{
    g_atomic_int_set(&tape->error, err < 0 ? err : 0);
    g_atomic_int_set(&tape->ended, TRUE);
}

static void watch(struct earshot_tape *tape, GSourceFunc look)
{
    tape->tick = g_timeout_source_new(TICK_MS);
    g_source_set_callback(tape->tick, look, g_atomic_rc_box_acquire(tape),
                          (GDestroyNotify)earshot_tape_unref);
    g_source_attach(tape->tick, g_main_context_get_thread_default());
}

static void stop_watching(struct earshot_tape *tape)
{
    GSource *tick = g_steal_pointer(&tape->tick);
    if (!tick)
        return;
    g_source_destroy(tick);
    g_source_unref(tick);
}

/* ---- recording ---- */

static int take_frame(struct earshot_tape *tape, int *loudest)
{
    int16_t frame[EAR_FRAME];
    (void)ear_ring_take(tape->frames, frame, 1);
    for (int i = 0; i < EAR_FRAME; i++)
        *loudest = MAX(*loudest, abs(frame[i]));
    int err = ear_recorder_put(tape->recorder, frame);
    ear_sodium_wipe(frame, sizeof frame);
    return err;
}

static gboolean look_at_speech(gpointer data)
{
    struct earshot_tape *tape = data;
    int err = 0, loudest = 0;
    while (!err && ear_ring_level(tape->frames) > 0)
        err = take_frame(tape, &loudest);
    g_atomic_int_set(&tape->ms, (gint)ear_recorder_ms(tape->recorder));
    g_atomic_int_set(&tape->level, loudest);
    if (!err)
        return G_SOURCE_CONTINUE;
    end(tape, err);
    return G_SOURCE_REMOVE;
}

static int open_recorder(struct earshot_tape *tape, struct ear_store *store)
{
    int err = ear_codec_opus_new(&tape->codec, &ear_codec_opus_usual);
    const struct ear_recorder_config config = {.store = store,
                                               .codec = tape->codec,
                                               .person = tape->person,
                                               .written_s = g_get_real_time() / G_USEC_PER_SEC,
                                               .rate_bps = EAR_RECORDER_BPS_MIN};
    return err ? err : ear_recorder_new(&tape->recorder, &config);
}

void earshot_job_record(struct earshot_mail_desk *desk, GTask *task)
{
    struct earshot_tape *tape = g_task_get_task_data(task);
    (void)ear_ring_take(tape->frames, NULL, ear_ring_level(tape->frames));
    int err = open_recorder(tape, desk->store);
    if (!err)
        watch(tape, look_at_speech);
    earshot_job_finish(task, err);
}

void earshot_job_record_send(struct earshot_mail_desk *desk, GTask *task)
{
    struct earshot_tape *tape = g_task_get_task_data(task);
    stop_watching(tape);
    if (tape->recorder && !g_atomic_int_get(&tape->error))
        (void)look_at_speech(tape); /* what came since */
    int err = tape->recorder ? ear_recorder_finish(tape->recorder) : -ENODATA;
    if (!err)
        earshot_mail_desk_posted(desk, tape->person);
    else if (err == -ENODATA && tape->recorder)
        (void)!ear_messages_delete(desk->store, ear_recorder_id(tape->recorder));
    earshot_job_finish(task, err);
}

void earshot_job_record_drop(struct earshot_mail_desk *desk, GTask *task)
{
    struct earshot_tape *tape = g_task_get_task_data(task);
    stop_watching(tape);
    earshot_job_finish(task, tape->recorder
                                 ? ear_messages_delete(desk->store, ear_recorder_id(tape->recorder))
                                 : 0);
}

static int put_unheard(struct earshot_tape *tape)
{
    struct ear_unheard_piece piece;
    int err = 0;
    while (!err && ear_unheard_next(tape->unheard, &piece))
        err = piece.packet ? ear_recorder_put_packet(tape->recorder, piece.packet, piece.len)
                           : ear_recorder_put_silence(tape->recorder, piece.silence_units);
    return err;
}

void earshot_job_unheard(struct earshot_mail_desk *desk, GTask *task)
{
    struct earshot_tape *tape = g_task_get_task_data(task);
    int err = open_recorder(tape, desk->store);
    if (!err)
        err = put_unheard(tape);
    if (!err)
        err = ear_recorder_finish(tape->recorder);
    if (!err)
        earshot_mail_desk_posted(desk, tape->person);
    earshot_job_finish(task, err);
}

/* ---- playing ---- */

static gboolean fill(gpointer data)
{
    struct earshot_tape *tape = data;
    int16_t frame[EAR_FRAME];
    int more = 1;
    ear_player_set_speed(tape->player, g_atomic_int_get(&tape->speed_percent) / 100.0);
    while (more > 0 && ear_ring_level(tape->frames) < AHEAD_FRAMES) {
        more = ear_player_take(tape->player, frame);
        if (more > 0)
            (void)ear_ring_put(tape->frames, frame, 1);
    }
    ear_sodium_wipe(frame, sizeof frame);
    g_atomic_int_set(&tape->ms, (gint)ear_player_ms(tape->player));
    if (more > 0)
        return G_SOURCE_CONTINUE;
    if (ear_ring_level(tape->frames) > 0 && more == 0)
        return G_SOURCE_CONTINUE; /* until the last of it was heard */
    end(tape, more);
    return G_SOURCE_REMOVE;
}

void earshot_job_play(struct earshot_mail_desk *desk, GTask *task)
{
    struct earshot_tape *tape = g_task_get_task_data(task);
    tape->stored = (struct ear_stored){.store = desk->store, .id = tape->id};
    tape->source = ear_stored_source(&tape->stored);
    int err = ear_codec_opus_new(&tape->codec, &ear_codec_opus_usual);
    if (!err) {
        tape->voice = g_new0(struct ear_voice, 1);
        err = ear_voice_open(tape->voice, &tape->source, tape->codec);
    }
    if (err)
        g_clear_pointer(&tape->voice, g_free);
    else
        err = ear_player_new(&tape->player, tape->voice, &tape->source, tape->codec);
    if (!err) {
        ear_player_seek(tape->player, (uint32_t)g_atomic_int_get(&tape->ms));
        g_atomic_int_set(&tape->duration_ms, (gint)ear_player_duration_ms(tape->player));
        watch(tape, fill);
    }
    earshot_job_finish(task, err);
}

void earshot_job_stop(struct earshot_mail_desk *desk, GTask *task)
{
    stop_watching(g_task_get_task_data(task));
    earshot_job_finish(task, 0);
}
