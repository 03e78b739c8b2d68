/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Preferences, reaching: where others find this laptop, relays, the port. */
#ifndef EARSHOT_REACH_PREFERENCES_H
#define EARSHOT_REACH_PREFERENCES_H

#include <adwaita.h>

#include "bridge/profile.h"

G_BEGIN_DECLS

#define EARSHOT_TYPE_REACH_PREFERENCES (earshot_reach_preferences_get_type())
G_DECLARE_FINAL_TYPE(EarshotReachPreferences, earshot_reach_preferences, EARSHOT, REACH_PREFERENCES,
                     AdwPreferencesPage)

GtkWidget *earshot_reach_preferences_new(EarshotProfile *profile);

G_END_DECLS

#endif
