/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the station does with voice messages. */
#ifndef EARSHOT_VOICE_PRIVATE_H
#define EARSHOT_VOICE_PRIVATE_H

#include "bridge/mail_private.h"
#include "bridge/sound_room.h"
#include "bridge/voice.h"

/* Both are borrowed until earshot_voice_leave. */
EarshotVoice *earshot_voice_new(EarshotMail *mail, struct earshot_sound_room *room);
/* unheard: the engine's, borrowed; so many seconds for this person. NULL: the engine goes. */
void earshot_voice_offer_unheard(EarshotVoice *voice, struct ear_unheard *unheard, guint person,
                                 guint seconds);
/* Some times a second. */
void earshot_voice_tick(EarshotVoice *voice);
/* Nothing is asked of mail and room any more. */
void earshot_voice_leave(EarshotVoice *voice);

#endif
