/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hear yourself: records three seconds and plays them back. */
#ifndef EARSHOT_SOUND_CHECK_H
#define EARSHOT_SOUND_CHECK_H

#include <glib-object.h>

G_BEGIN_DECLS

typedef enum {
    EARSHOT_SOUND_CHECK_IDLE,
    EARSHOT_SOUND_CHECK_RECORDING,
    EARSHOT_SOUND_CHECK_PLAYING,
    EARSHOT_SOUND_CHECK_DONE,
    EARSHOT_SOUND_CHECK_FAILED
} EarshotSoundCheckState;
#define EARSHOT_TYPE_SOUND_CHECK_STATE (earshot_sound_check_state_get_type())
GType earshot_sound_check_state_get_type(void);

/* Properties (notify): state, level (double 0 to 1), sentence (string: what to do or what came of
 * it, translated), good (boolean: in DONE). */
#define EARSHOT_TYPE_SOUND_CHECK (earshot_sound_check_get_type())
G_DECLARE_FINAL_TYPE(EarshotSoundCheck, earshot_sound_check, EARSHOT, SOUND_CHECK, GObject)

void earshot_sound_check_start(EarshotSoundCheck *check);
void earshot_sound_check_stop(EarshotSoundCheck *check);

G_END_DECLS

#endif
