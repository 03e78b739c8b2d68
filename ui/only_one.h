/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A second press of the same key shows the window that is open, not another. */
#ifndef EARSHOT_ONLY_ONE_H
#define EARSHOT_ONLY_ONE_H

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* The open window of this type that belongs to parent, borrowed, or NULL. */
static inline GtkWidget *earshot_only_one(GType type, GtkWindow *parent)
{
    GListModel *windows = gtk_window_get_toplevels();
    for (guint i = 0; i < g_list_model_get_n_items(windows); i++) {
        g_autoptr(GtkWindow) window = g_list_model_get_item(windows, i);
        if (G_TYPE_CHECK_INSTANCE_TYPE(window, type) &&
            gtk_window_get_transient_for(window) == parent)
            return GTK_WIDGET(window); /* the list keeps it */
    }
    return NULL;
}

G_END_DECLS

#endif
