/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All keys on one page. */
#ifndef EARSHOT_SHORTCUTS_WINDOW_H
#define EARSHOT_SHORTCUTS_WINDOW_H

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A GtkShortcutsWindow; parent may be NULL. The one that is open already, where there
 * is one. */
GtkWidget *earshot_shortcuts_window_new(GtkWindow *parent);

G_END_DECLS

#endif
