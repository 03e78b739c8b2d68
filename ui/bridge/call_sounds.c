/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cards and tones follow the call. */
#include "bridge/call_sounds.h"

void earshot_call_sounds_phase(struct earshot_call_sounds *self, struct earshot_sound_room *room,
                               EarshotCallPhase phase)
{
    gboolean back = self->lost;
    self->lost = phase == EARSHOT_CALL_LOST;
    switch (phase) {
    case EARSHOT_CALL_CALLING:
        earshot_sound_room_use(room, EARSHOT_SOUND_FOR_TALK);
        break;
    case EARSHOT_CALL_RINGING:
        earshot_sound_room_use(room, EARSHOT_SOUND_FOR_TONE);
        earshot_sound_room_play(room, EAR_EARCON_RINGING_OUT);
        break;
    case EARSHOT_CALL_INCOMING:
        earshot_sound_room_use(room, EARSHOT_SOUND_FOR_TONE);
        earshot_sound_room_play(room, EAR_EARCON_INCOMING);
        break;
    case EARSHOT_CALL_TALKING:
        earshot_sound_room_use(room, EARSHOT_SOUND_FOR_TALK);
        earshot_sound_room_play(room, back ? EAR_EARCON_BACK : EAR_EARCON_CONNECTED);
        break;
    case EARSHOT_CALL_LOST:
        earshot_sound_room_play(room, EAR_EARCON_LOST);
        break;
    case EARSHOT_CALL_ENDED:
        earshot_sound_room_use(room, EARSHOT_SOUND_FOR_TONE);
        earshot_sound_room_play(room, EAR_EARCON_ENDED);
        break;
    case EARSHOT_CALL_IDLE:
        earshot_sound_room_use(room, EARSHOT_SOUND_FOR_NONE);
        break;
    }
}

void earshot_call_sounds_turn(struct earshot_call_sounds *self, struct earshot_sound_room *room,
                              EarshotTurn turn)
{
    EarshotTurn before = self->turn;
    self->turn = turn;
    gboolean waited = before == EARSHOT_TURN_THEIRS || before == EARSHOT_TURN_ASKED;
    gboolean waits = self->turn == EARSHOT_TURN_THEIRS || self->turn == EARSHOT_TURN_ASKED;
    if (self->turn == EARSHOT_TURN_MINE && before != EARSHOT_TURN_MINE)
        earshot_sound_room_play(room, EAR_EARCON_MY_TURN);
    if (waits && !waited)
        earshot_sound_room_play(room, EAR_EARCON_YOUR_TURN);
}
