/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Empties a field so that nothing of it stays in memory. */
#ifndef EARSHOT_FORGET_TEXT_H
#define EARSHOT_FORGET_TEXT_H

#include <gtk/gtk.h>
#include <string.h>

G_BEGIN_DECLS

/* GTK takes a text out of a field's memory by its first letter alone: it is written over first. */
static inline void earshot_forget_text(GtkEditable *field)
{
    g_autofree char *blanks = g_strnfill(strlen(gtk_editable_get_text(field)), ' ');
    gtk_editable_set_text(field, blanks);
    gtk_editable_set_text(field, "");
}

G_END_DECLS

#endif
