/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the lock takes from a station, and what it gets back: the engine goes on all the while. */
#include <malloc.h>

#include "bridge/call_private.h"
#include "bridge/station_state.h"
#include "bridge/unseen.h"

/* Any value but 0: glibc fills what is freed with its complement. */
#define FILL 0x5a
/* glibc keeps 7 of each size up to 1,032 bytes in each cache; texts are shorter than that. */
#define PIECES 64
#define PIECE_STEP 16
#define PIECE_MOST 1040

/* What was freed before, or lies in a cache of small pieces that glibc does not fill, is taken once
 * and overwritten. */
static void overwrite_freed(void)
{
    void *pieces[PIECES];
    for (size_t size = PIECE_STEP; size <= PIECE_MOST; size += PIECE_STEP) {
        for (guint i = 0; i < PIECES; i++) {
            pieces[i] = g_malloc(size);
            ear_sodium_wipe(pieces[i], size);
        }
        for (guint i = 0; i < PIECES; i++)
            g_free(pieces[i]);
    }
}

static void stop_awaiting(EarshotStation *self)
{
    self->awaited_numbers = g_array_new(FALSE, FALSE, sizeof(guint));
    for (guint i = 0; i < self->awaited->len; i++) {
        const guint number = earshot_person_get_number(self->awaited->pdata[i]);
        g_array_append_val(self->awaited_numbers, number);
    }
    g_ptr_array_set_size(self->awaited, 0);
}

static void await_again(EarshotStation *self)
{
    for (guint i = 0; i < self->awaited_numbers->len; i++) {
        EarshotPerson *person =
            earshot_profile_find(self->profile, g_array_index(self->awaited_numbers, guint, i));
        if (person)
            earshot_call_await(self->call, person, TRUE);
    }
    g_clear_pointer(&self->awaited_numbers, g_array_unref);
}

/* The windows are gone by now. */
static void lock(EarshotStation *self)
{
    if (self->dialling)
        g_cancellable_cancel(self->dialling);
    earshot_sound_check_stop(self->sound_check);
    earshot_voice_stop(self->voice);
    earshot_voice_offer_unheard(self->voice, NULL, 0, 0);
    earshot_call_forget(self->call);
    stop_awaiting(self);
    earshot_mail_lock(self->mail);
    if (!earshot_profile_lock(self->profile))
        g_message("lock: not enough memory to forget the people");
    earshot_whereabouts_update(self->where, self->profile);
    mallopt(M_PERTURB, 0);
    overwrite_freed();
    malloc_trim(0);
}

static void unlock(EarshotStation *self)
{
    earshot_whereabouts_update(self->where, self->profile);
    if (!earshot_mail_unlock(self->mail, earshot_profile_store(self->profile)))
        g_message("lock: not enough memory for the messages");
    earshot_unseen_count(self->profile, self->mail);
    await_again(self);
    if (self->engine)
        earshot_relays_look_up(self->relays);
    else
        earshot_station_open_engine(self);
}

static void on_locked(EarshotStation *self)
{
    if (earshot_privacy_is_locked(self->privacy))
        lock(self);
    else
        unlock(self);
}

/* From here on what is freed is overwritten: pages, their texts, the lists behind them. */
static void on_locking(void)
{
    mallopt(M_PERTURB, FILL);
}

void earshot_station_follow_lock(EarshotStation *self)
{
    g_signal_connect(self->privacy, "locking", G_CALLBACK(on_locking), NULL);
    g_signal_connect_object(self->privacy, "notify::locked", G_CALLBACK(on_locked), self,
                            G_CONNECT_SWAPPED);
}

void earshot_station_lock_tick(EarshotStation *self)
{
    EarshotCallPhase phase = earshot_call_get_phase(self->call);
    gboolean talks = phase != EARSHOT_CALL_IDLE && phase != EARSHOT_CALL_ENDED;
    if (phase == EARSHOT_CALL_ENDED && earshot_privacy_is_locked(self->privacy))
        earshot_call_forget(self->call); /* a call that was answered while locked */
    earshot_privacy_tick(self->privacy,
                         talks || earshot_voice_get_state(self->voice) != EARSHOT_VOICE_IDLE);
}
