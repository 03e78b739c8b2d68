/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Preferences, data and privacy: quality, price, speaking pattern, what is kept. */
#ifndef EARSHOT_DATA_PREFERENCES_H
#define EARSHOT_DATA_PREFERENCES_H

#include <adwaita.h>

#include "bridge/station.h"

G_BEGIN_DECLS

#define EARSHOT_TYPE_DATA_PREFERENCES (earshot_data_preferences_get_type())
G_DECLARE_FINAL_TYPE(EarshotDataPreferences, earshot_data_preferences, EARSHOT, DATA_PREFERENCES,
                     AdwPreferencesPage)

GtkWidget *earshot_data_preferences_new(EarshotStation *station);

G_END_DECLS

#endif
