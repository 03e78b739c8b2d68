/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Help: one screen a task, in plain words. */
#ifndef EARSHOT_HELP_WINDOW_H
#define EARSHOT_HELP_WINDOW_H

#include <adwaita.h>

G_BEGIN_DECLS

#define EARSHOT_TYPE_HELP_WINDOW (earshot_help_window_get_type())
G_DECLARE_FINAL_TYPE(EarshotHelpWindow, earshot_help_window, EARSHOT, HELP_WINDOW, AdwWindow)

/* parent may be NULL. The one that is open already, where there is one. */
GtkWidget *earshot_help_window_new(GtkWindow *parent);

G_END_DECLS

#endif
