/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The program as the desktop sees it: started once, called by D-Bus, rings without a window. */
#ifndef EARSHOT_APPLICATION_H
#define EARSHOT_APPLICATION_H

#include <adwaita.h>

#include "bridge/station.h"

G_BEGIN_DECLS

#define EARSHOT_APPLICATION_ID "org.earshot.Earshot"

#define EARSHOT_TYPE_APPLICATION (earshot_application_get_type())
G_DECLARE_FINAL_TYPE(EarshotApplication, earshot_application, EARSHOT, APPLICATION, AdwApplication)

EarshotApplication *earshot_application_new(void);
/* Opens a profile and its station, closing the one before; the window follows. */
gboolean earshot_application_open(EarshotApplication *application, const char *path,
                                  GError **error);
/* The user chose a language ("fr"; "" the system's): remembered, and the window is made anew. */
void earshot_application_speak(EarshotApplication *application, const char *language);
/* NULL before a profile is open. */
EarshotStation *earshot_application_get_station(EarshotApplication *application);

G_END_DECLS

#endif
