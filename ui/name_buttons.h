/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names for the buttons that libadwaita makes. */
#ifndef EARSHOT_NAME_BUTTONS_H
#define EARSHOT_NAME_BUTTONS_H

#include <glib/gi18n.h>
#include <gtk/gtk.h>

G_BEGIN_DECLS

/* GTK 4.8 reads "_Undo Undo" for a button whose label has a mnemonic: the label in it names it
 * well enough. A cross alone has no name. */
static inline void earshot_name_buttons(GtkWidget *root)
{
    g_auto(GStrv) close = g_strsplit(_("_Close"), "_", -1);
    g_autofree char *name = g_strjoinv("", close);
    if (GTK_IS_BUTTON(root) && gtk_button_get_use_underline(GTK_BUTTON(root)))
        gtk_accessible_reset_property(GTK_ACCESSIBLE(root), GTK_ACCESSIBLE_PROPERTY_LABEL);
    else if (GTK_IS_BUTTON(root) && gtk_button_get_icon_name(GTK_BUTTON(root)))
        gtk_accessible_update_property(GTK_ACCESSIBLE(root), GTK_ACCESSIBLE_PROPERTY_LABEL, name,
                                       -1);
    for (GtkWidget *child = gtk_widget_get_first_child(root); child;
         child = gtk_widget_get_next_sibling(child))
        earshot_name_buttons(child);
}

G_END_DECLS

#endif
