/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Preferences: what is chosen here applies at once. */
#ifndef EARSHOT_PREFERENCES_H
#define EARSHOT_PREFERENCES_H

#include <adwaita.h>

#include "bridge/station.h"

G_BEGIN_DECLS

/* Pages by name: general, sound, data, reach, expert. */
#define EARSHOT_TYPE_PREFERENCES (earshot_preferences_get_type())
G_DECLARE_FINAL_TYPE(EarshotPreferences, earshot_preferences, EARSHOT, PREFERENCES, AdwWindow)

/* parent may be NULL. The one that is open already, where there is one. */
GtkWidget *earshot_preferences_new(GtkWindow *parent, EarshotStation *station);
void earshot_preferences_show_page(EarshotPreferences *self, const char *name);
/* A sentence at the bottom for a few seconds, in the preferences that the widget is in. */
void earshot_preferences_say(GtkWidget *widget, const char *sentence);

G_END_DECLS

#endif
