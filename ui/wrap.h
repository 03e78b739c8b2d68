/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Long words on buttons: they break over lines rather than widen the window. */
#ifndef EARSHOT_WRAP_H
#define EARSHOT_WRAP_H

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* button: one that has a label, which may change later. */
static inline void earshot_wrap_button(GtkWidget *button)
{
    GtkWidget *label = gtk_button_get_child(GTK_BUTTON(button));
    if (!GTK_IS_LABEL(label))
        return;
    gtk_label_set_wrap(GTK_LABEL(label), TRUE);
    gtk_label_set_wrap_mode(GTK_LABEL(label), PANGO_WRAP_WORD_CHAR);
    gtk_label_set_justify(GTK_LABEL(label), GTK_JUSTIFY_CENTER);
}

G_END_DECLS

#endif
