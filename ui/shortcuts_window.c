/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All keys on one page. */
#include "shortcuts_window.h"

#include "only_one.h"

GtkWidget *earshot_shortcuts_window_new(GtkWindow *parent)
{
    GtkWidget *open = earshot_only_one(GTK_TYPE_SHORTCUTS_WINDOW, parent);
    if (open)
        return open;
    g_autoptr(GtkBuilder) builder =
        gtk_builder_new_from_resource("/org/earshot/Earshot/shortcuts_window.ui");
    GtkWidget *window = GTK_WIDGET(gtk_builder_get_object(builder, "shortcuts"));
    if (parent)
        gtk_window_set_transient_for(GTK_WINDOW(window), parent);
    gtk_window_set_destroy_with_parent(GTK_WINDOW(window), parent != NULL);
    return window;
}
