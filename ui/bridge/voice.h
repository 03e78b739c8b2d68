/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Voice messages: spoken here, and heard. One at a time, never in a call. */
#ifndef EARSHOT_VOICE_H
#define EARSHOT_VOICE_H

#include "bridge/message.h"

G_BEGIN_DECLS

typedef enum {
    EARSHOT_VOICE_IDLE,
    EARSHOT_VOICE_RECORDING, /* each word is on disk within 200 ms */
    EARSHOT_VOICE_PLAYING,
} EarshotVoiceState;
#define EARSHOT_TYPE_VOICE_STATE (earshot_voice_state_get_type())
GType earshot_voice_state_get_type(void);

/* Properties (notify):
 *   state    EarshotVoiceState  read only
 *   person   uint               RECORDING: for whom; read only
 *   seconds  uint               recorded or played; read only
 *   level    double 0 to 1      of the microphone; read only
 *   problem  string             why it ended, or ""; read only
 *   speed    double             1 to 2, of what is played
 *   unheard  uint               seconds of the last call that were never heard there, and can be
 *                               sent as a message; 0: none; read only */
#define EARSHOT_TYPE_VOICE (earshot_voice_get_type())
G_DECLARE_FINAL_TYPE(EarshotVoice, earshot_voice, EARSHOT, VOICE, GObject)

EarshotVoiceState earshot_voice_get_state(EarshotVoice *voice);
void earshot_voice_record(EarshotVoice *voice, guint person);
/* RECORDING: what was said is sent, or is gone for good. */
void earshot_voice_finish(EarshotVoice *voice, gboolean send);
/* From a place on, 0 to 1; the message's "playing" and "played" follow. */
void earshot_voice_play(EarshotVoice *voice, EarshotMessage *message, double from);
/* What was not heard in the call goes as a message, or is gone. */
void earshot_voice_send_unheard(EarshotVoice *voice);
/* What the call that ends now leaves unheard goes without a question. */
void earshot_voice_leave_unheard(EarshotVoice *voice, gboolean leave);
void earshot_voice_forget_unheard(EarshotVoice *voice);
/* PLAYING: stops. RECORDING: keeps what was said, unsent. */
void earshot_voice_stop(EarshotVoice *voice);

G_END_DECLS

#endif
