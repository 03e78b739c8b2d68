/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Puts the focus where a page wants it after the stack has moved it on. */
#ifndef EARSHOT_FOCUS_LATER_H
#define EARSHOT_FOCUS_LATER_H

#include <gtk/gtk.h>

G_BEGIN_DECLS

static inline gboolean earshot_focus_now(gpointer widget)
{
    if (gtk_widget_get_mapped(widget))
        gtk_widget_grab_focus(widget);
    return G_SOURCE_REMOVE;
}

/* For map handlers: a GtkStack that shows another page tabs forward once from whatever has the
 * focus then. */
static inline void earshot_focus_later(GtkWidget *widget)
{
    g_idle_add_full(G_PRIORITY_HIGH_IDLE, earshot_focus_now, g_object_ref(widget), g_object_unref);
}

G_END_DECLS

#endif
