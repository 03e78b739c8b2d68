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
    EARSHOT_LIGHT_OFF,  /* no call */
    EARSHOT_LIGHT_GOOD, /* they hear you */
    EARSHOT_LIGHT_LATE, /* sound comes late or with gaps */
    EARSHOT_LIGHT_GONE  /* nothing comes */
} EarshotLight;
#define EARSHOT_TYPE_LIGHT (earshot_light_get_type())
GType earshot_light_get_type(void);

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
