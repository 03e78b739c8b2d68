/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The call, as properties that widgets bind to; and what the user may do with it. */
#ifndef EARSHOT_CALL_H
#define EARSHOT_CALL_H

#include <gio/gio.h>

#include "bridge/profile.h"

G_BEGIN_DECLS

typedef enum {
    EARSHOT_CALL_IDLE,
    EARSHOT_CALL_CALLING,  /* looking for them */
    EARSHOT_CALL_RINGING,  /* it rings there */
    EARSHOT_CALL_INCOMING, /* it rings here */
    EARSHOT_CALL_TALKING,
    EARSHOT_CALL_LOST, /* the line is gone; the call goes on */
    EARSHOT_CALL_ENDED /* what it was like can be read until dismissed */
} EarshotCallPhase;
#define EARSHOT_TYPE_CALL_PHASE (earshot_call_phase_get_type())
GType earshot_call_phase_get_type(void);

typedef enum {
    EARSHOT_LIGHT_OFF,   /* no call */
    EARSHOT_LIGHT_GOOD,  /* they hear you */
    EARSHOT_LIGHT_LATE,  /* they may not hear you now */
    EARSHOT_LIGHT_GONE,  /* nothing comes */
    EARSHOT_LIGHT_THIN,  /* the line carries little */
    EARSHOT_LIGHT_LOSSY, /* words are missing */
    EARSHOT_LIGHT_FAR    /* sound is long under way, as over a satellite */
} EarshotLight;
#define EARSHOT_TYPE_LIGHT (earshot_light_get_type())
GType earshot_light_get_type(void);

/* Ways of talking over a line, best first. */
typedef enum {
    EARSHOT_RUNG_FULL,    /* both may talk at any time */
    EARSHOT_RUNG_LONGER,  /* the same with more delay and less data */
    EARSHOT_RUNG_TURNS,   /* one talks at a time */
    EARSHOT_RUNG_STREAM,  /* late, but whole */
    EARSHOT_RUNG_MESSAGE, /* nothing live; what is said is kept */
} EarshotRung;
#define EARSHOT_TYPE_RUNG (earshot_rung_get_type())
GType earshot_rung_get_type(void);
#define EARSHOT_HOLD_NONE (-1)

typedef enum {
    EARSHOT_TURN_NONE,   /* nobody takes turns */
    EARSHOT_TURN_FREE,   /* whoever wants may speak */
    EARSHOT_TURN_MINE,   /* they hear us */
    EARSHOT_TURN_THEIRS, /* our microphone waits */
    EARSHOT_TURN_ASKED   /* likewise; it is ours when they are done */
} EarshotTurn;
#define EARSHOT_TYPE_TURN (earshot_turn_get_type())
GType earshot_turn_get_type(void);

/* What the program offers to do about what was missed. */
typedef enum {
    EARSHOT_AID_NONE,
    EARSHOT_AID_CATCHING_UP, /* may be skipped */
    EARSHOT_AID_FETCHING,
    EARSHOT_AID_MISSED, /* may be played, or put off */
    EARSHOT_AID_PLAYS,  /* may be stopped */
    EARSHOT_AID_TURNS   /* taking turns would be better; may be put off */
} EarshotAid;
#define EARSHOT_TYPE_AID (earshot_aid_get_type())
GType earshot_aid_get_type(void);

/* Properties (notify; read only where not said otherwise):
 *   phase           EarshotCallPhase
 *   person          EarshotPerson or NULL
 *   outgoing        boolean
 *   seconds         uint     of talk
 *   they-hear-you   boolean  the other side acknowledges what is said
 *   they-muted      boolean
 *   their-mic-dead  boolean
 *   mic-dead        boolean  our microphone gives no sound
 *   mic-gone        boolean  pulled out
 *   speaker-gone    boolean
 *   muted           boolean  read-write
 *   volume          double   dB, read-write (settings:volume)
 *   delay-ms        uint     from their mouth to our ear
 *   bytes           int64    both ways, headers included
 *   my-level        double   0 to 1, ten times a second
 *   their-level     double   likewise
 *   lost-seconds    uint     since when the line is gone
 *   light           EarshotLight
 *   sentence        string   one translated sentence: how the line is, what is being done
 *   warning         string   one translated sentence about microphones and muting; "" none
 *   ending          string   in ENDED: one translated sentence
 *   failed          boolean  in ENDED: the call never came about
 *   gaps            uint     outages so far
 *   gap-seconds     uint
 *   money           string   what it cost so far, localised; "" where the price is not known
 *   texts           GListModel of EarshotText
 *   call-back       string   read-write: number on the card of the call
 *   place           string   read-write: where the patient is
 *   hidden          boolean  read-write: muted, and the window shows something neutral
 *   rung            EarshotRung  how we talk over this line now
 *   hold            int      read-write: rung that the user holds, EARSHOT_HOLD_NONE
 *   steadier        boolean  read-write: holds the next safer rung; off: lets go
 *   can-steady      boolean  there is a safer one with live talk, or one is held
 *   turn            EarshotTurn
 *   news            string   what has just changed on the line, one translated sentence; "" none
 *   aid             EarshotAid
 *   aid-sentence    string   translated; "" none
 *   behind-seconds  uint     how late they are heard while it is caught up; 0: they are not
 *   missed-seconds  uint     of an outage, fetched or being fetched, and not heard yet
 *   put-off         boolean  what was missed waits, and can be played at any time
 *   unheard-seconds uint     of their speech, that could not be recovered
 *   unheard         strv     localised times of it within the call, "4:12–4:16", short ones apart
 *   unheard-words-seconds uint of it, in pieces too short to be listed
 * Signals: "figures", "there" (EarshotPerson: whom we asked for is there), "text" (EarshotText). */
#define EARSHOT_TYPE_CALL (earshot_call_get_type())
G_DECLARE_FINAL_TYPE(EarshotCall, earshot_call, EARSHOT, CALL, GObject)

/* One line of the written side. Properties: text, mine (boolean), seen (boolean: it is on their
 * screen; for mine), when (GDateTime). */
#define EARSHOT_TYPE_TEXT (earshot_text_get_type())
G_DECLARE_FINAL_TYPE(EarshotText, earshot_text, EARSHOT, TEXT, GObject)
#define EARSHOT_TEXT_BYTES_MAX 280

EarshotCallPhase earshot_call_get_phase(EarshotCall *call);
gboolean earshot_call_is_talk(EarshotCall *call); /* talking or lost */
EarshotPerson *earshot_call_get_person(EarshotCall *call);

void earshot_call_dial(EarshotCall *call, EarshotPerson *person);
void earshot_call_answer(EarshotCall *call);
void earshot_call_hang_up(EarshotCall *call); /* decline, give up */
void earshot_call_set_muted(EarshotCall *call, gboolean muted);
gboolean earshot_call_send_text(EarshotCall *call, const char *text, GError **error);
/* ENDED to IDLE. */
void earshot_call_dismiss(EarshotCall *call);
/* My turn, or over; only where turns are taken. */
void earshot_call_turn(EarshotCall *call);
/* They are to be heard live at once; what is skipped can be played later. */
void earshot_call_skip(EarshotCall *call);
void earshot_call_play_missed(EarshotCall *call, gboolean play);
/* What is offered now is not wanted now. */
void earshot_call_put_off(EarshotCall *call);
/* "Tell me when they are there": asked again and again until they are, or it is taken back. */
void earshot_call_await(EarshotCall *call, EarshotPerson *person, gboolean await);

/* Live figures, once a second; the last ten minutes are kept. */
struct earshot_figures {
    double at_s; /* since the talk began */
    double delay_ms, rtt_ms;
    double loss_here, loss_there; /* shares */
    double in_kbps, out_kbps;
    double target_ms;
};
/* Borrowed until the next main loop round; oldest first. Signal "figures" says that there is one
 * more. */
const struct earshot_figures *earshot_call_get_figures(EarshotCall *call, gsize *ret_count);

G_END_DECLS

#endif
