/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a person has chosen: typed properties over one key table, kept as a key file. */
#ifndef EARSHOT_SETTINGS_H
#define EARSHOT_SETTINGS_H

#include <glib-object.h>

G_BEGIN_DECLS

/* Properties (all read-write, notify, saved half a second after the last change):
 *   language          string   "" follows the system, else "fr", "ar", ...
 *   set-up            boolean  the first run is behind us
 *   microphone        string   name of the card; "" follows the system
 *   loudspeaker       string   likewise
 *   volume            double   dB, -30 to 18
 *   quality           string   "least-data", "balanced", "clear"
 *   hide-pattern      boolean  silence is sent too, so that the pattern of speech does not show
 *   ring-in-background boolean rings while the window is closed
 *   start-at-login    boolean
 *   price-per-mb      double   0: not known
 *   currency          string
 *   bundle-mb         double   0: data is not bought in bundles ...
 *   bundle-price      double   ... and what one costs
 *   budget-mb         double   of a month; 0: the bundle, or none
 *   port              double   of our socket; 0 any
 *   addresses         strv     where others reach us: "HOST:PORT"
 *   relays            strv
 *   call-back         string   number asked before the last talk
 *   place             string   of the patient, likewise
 *   urgent-numbers    strv     "label\tnumber\tYYYY-MM-DD checked"
 *   checked           double   when the store was last found whole, Unix time
 *   ended             boolean  the last run of the program came to its end
 *   keyring           boolean  the desktop's keyring holds the profile's key (bridge/keyring.h)
 *   compact           boolean  the small window */
#define EARSHOT_TYPE_SETTINGS (earshot_settings_get_type())
G_DECLARE_FINAL_TYPE(EarshotSettings, earshot_settings, EARSHOT, SETTINGS, GObject)

/* path: of the key file; one that is missing or damaged gives the defaults, and a damaged one is
 * kept aside. What names or says something (call-back, place, urgent-numbers)
 * lies in the store, which is open. */
struct ear_store;
EarshotSettings *earshot_settings_new(const char *path, struct ear_store *store);
/* Before the store closes. */
void earshot_settings_leave_store(EarshotSettings *settings);
/* Forgets what lies in the store, which closes; and is told when it is open again. */
void earshot_settings_lock(EarshotSettings *settings);
void earshot_settings_unlock(EarshotSettings *settings, struct ear_store *store);
/* What waits is written now. */
void earshot_settings_flush(EarshotSettings *settings);

const char *earshot_settings_get_string(EarshotSettings *settings, const char *name);
gboolean earshot_settings_get_bool(EarshotSettings *settings, const char *name);
double earshot_settings_get_number(EarshotSettings *settings, const char *name);
const char *const *earshot_settings_get_strv(EarshotSettings *settings, const char *name);

G_END_DECLS

#endif
