/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Preferences, sound: microphone, loudspeaker, volume, hear yourself. */
#ifndef EARSHOT_SOUND_PREFERENCES_H
#define EARSHOT_SOUND_PREFERENCES_H

#include <adwaita.h>

#include "bridge/station.h"

G_BEGIN_DECLS

#define EARSHOT_TYPE_SOUND_PREFERENCES (earshot_sound_preferences_get_type())
G_DECLARE_FINAL_TYPE(EarshotSoundPreferences, earshot_sound_preferences, EARSHOT, SOUND_PREFERENCES,
                     AdwPreferencesPage)

GtkWidget *earshot_sound_preferences_new(EarshotStation *station);

G_END_DECLS

#endif
