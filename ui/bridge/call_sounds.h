/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is heard of the state of a call: which cards are open, and which tone sounds. */
#ifndef EARSHOT_CALL_SOUNDS_H
#define EARSHOT_CALL_SOUNDS_H

#include "bridge/call.h"
#include "bridge/sound_room.h"

/* 0 at the beginning. */
struct earshot_call_sounds {
    gboolean lost;
    EarshotTurn turn;
};

void earshot_call_sounds_phase(struct earshot_call_sounds *self, struct earshot_sound_room *room,
                               EarshotCallPhase phase);
/* Who looks away hears whose turn it is. */
void earshot_call_sounds_turn(struct earshot_call_sounds *self, struct earshot_sound_room *room,
                              EarshotTurn turn);

#endif
