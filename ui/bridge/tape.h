/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One voice message being recorded or played, between the sound's thread and the mail's. */
#ifndef EARSHOT_TAPE_H
#define EARSHOT_TAPE_H

#include "base/ring.h"
#include "bridge/mail_room.h"
#include "call/unheard.h"
#include "mail/stored.h"

/* Counted with g_atomic_rc_box: whoever made it and the jobs hold it. The jobs run on the mail's
 * thread; the screen looks at what is atomic. */
struct earshot_tape {
    struct ear_ring *frames;     /* borrowed: EAR_FRAME samples each; outlives the jobs */
    guint person;                /* recording: for whom */
    struct ear_unheard *unheard; /* borrowed, for earshot_job_unheard alone */
    gint64 id;                   /* playing: which */
    gint ms;                     /* atomic: recorded, or where it plays */
    gint duration_ms;            /* atomic: playing: of all */
    gint level;                  /* atomic: recording: loudest of the last 50 ms, 0 to 32768 */
    gint speed_percent;          /* atomic: playing: 100 to 200 */
    gint ended;                  /* atomic: nothing more comes */
    gint error;                  /* atomic: -errno, of what ended it; 0: none */

    /* the mail thread's own */
    struct ear_stored stored;
    struct ear_voice_source source; /* on stored */
    struct ear_codec *codec;
    struct ear_recorder *recorder;
    struct ear_player *player;
    struct ear_voice *voice;
    GSource *tick;
};

struct earshot_tape *earshot_tape_new(struct ear_ring *frames);
void earshot_tape_unref(struct earshot_tape *tape);

/* Jobs; the task's data is the tape. */

/* From here on each frame of the ring goes to disk. TRUE, or one sentence. */
void earshot_job_record(struct earshot_mail_desk *desk, GTask *task);
/* What was said waits to be sent, or is deleted. TRUE, or one sentence. */
void earshot_job_record_send(struct earshot_mail_desk *desk, GTask *task);
void earshot_job_record_drop(struct earshot_mail_desk *desk, GTask *task);
/* What a call did not carry goes as a voice message. TRUE, or one sentence. */
void earshot_job_unheard(struct earshot_mail_desk *desk, GTask *task);
/* From here on the ring is kept full, from ms on. TRUE, or one sentence. */
void earshot_job_play(struct earshot_mail_desk *desk, GTask *task);
/* Nothing is played any more, or recorded: what was said stays, unfinished. */
void earshot_job_stop(struct earshot_mail_desk *desk, GTask *task);

#endif
