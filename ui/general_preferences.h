/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Preferences, first page: name, language, ringing, the small window. */
#ifndef EARSHOT_GENERAL_PREFERENCES_H
#define EARSHOT_GENERAL_PREFERENCES_H

#include <adwaita.h>

#include "bridge/profile.h"

G_BEGIN_DECLS

#define EARSHOT_TYPE_GENERAL_PREFERENCES (earshot_general_preferences_get_type())
G_DECLARE_FINAL_TYPE(EarshotGeneralPreferences, earshot_general_preferences, EARSHOT,
                     GENERAL_PREFERENCES, AdwPreferencesPage)

GtkWidget *earshot_general_preferences_new(EarshotProfile *profile);

G_END_DECLS

#endif
