/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the station does with the sound check. */
#ifndef EARSHOT_SOUND_CHECK_PRIVATE_H
#define EARSHOT_SOUND_CHECK_PRIVATE_H

#include "bridge/sound_check.h"
#include "bridge/sound_room.h"

/* room is borrowed, and left by earshot_sound_check_leave. */
EarshotSoundCheck *earshot_sound_check_new(struct earshot_sound_room *room);
void earshot_sound_check_leave(EarshotSoundCheck *check);
/* Ten times a second. */
void earshot_sound_check_tick(EarshotSoundCheck *check);
/* A call needs the cards. */
gboolean earshot_sound_check_is_on(EarshotSoundCheck *check);

#endif
