/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the drawn widgets share: the theme's colour of a widget, old GTK or new. */
#ifndef EARSHOT_PAINT_H
#define EARSHOT_PAINT_H

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* The CSS colour of the widget: the style sheet names it, so dark and high contrast follow. */
static inline void earshot_paint_get_color(GtkWidget *widget, GdkRGBA *ret_color)
{
#if GTK_CHECK_VERSION(4, 10, 0)
    gtk_widget_get_color(widget, ret_color);
#else
    gtk_style_context_get_color(gtk_widget_get_style_context(widget), ret_color);
#endif
}

/* A cairo context over the whole widget; the caller destroys it. */
static inline cairo_t *earshot_paint_begin(GtkWidget *widget, GtkSnapshot *snapshot)
{
    graphene_rect_t area = GRAPHENE_RECT_INIT(0, 0, (float)gtk_widget_get_width(widget),
                                              (float)gtk_widget_get_height(widget));
    return gtk_snapshot_append_cairo(snapshot, &area);
}

G_END_DECLS

#endif
