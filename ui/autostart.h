/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Starts with the session, to be called: an entry in the user's autostart folder. */
#ifndef EARSHOT_AUTOSTART_H
#define EARSHOT_AUTOSTART_H

#include <glib.h>

gboolean earshot_autostart_set(gboolean on, GError **error);

#endif
