/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What holds of every screen, whatever it shows and in whatever language. */
#include "layout.h"

#define HANG_PX 2

void layout_assert_fits(GtkWidget *page, const char *name)
{
    int width, height;
    gtk_widget_measure(page, GTK_ORIENTATION_HORIZONTAL, -1, &width, NULL, NULL, NULL);
    gtk_widget_measure(page, GTK_ORIENTATION_VERTICAL, MAX(width, LAYOUT_NARROW), &height, NULL,
                       NULL, NULL);
    if (width > LAYOUT_NARROW || height > LAYOUT_HIGH)
        g_error("%s needs %d x %d", name, width, height);
}

void layout_assert_inside(GtkWidget *widget, GtkWidget *window, const char *name)
{
    graphene_rect_t place;
    if (!gtk_widget_get_mapped(widget) || GTK_IS_POPOVER(widget) || GTK_IS_SCROLLBAR(widget))
        return;
    if (gtk_widget_compute_bounds(widget, window, &place) &&
        (place.origin.x < -HANG_PX ||
         place.origin.x + place.size.width > gtk_widget_get_width(window) + HANG_PX))
        g_error("%s: a %s is from %g to %g in a window of %d", name, G_OBJECT_TYPE_NAME(widget),
                place.origin.x, place.origin.x + place.size.width, gtk_widget_get_width(window));
    for (GtkWidget *child = gtk_widget_get_first_child(widget); child;
         child = gtk_widget_get_next_sibling(child))
        layout_assert_inside(child, window, name);
}

static void collect_keys(GtkWidget *widget, GHashTable *keys, const char *name)
{
    if (!gtk_widget_get_mapped(widget) || !gtk_widget_is_sensitive(widget))
        return;
    guint key = GTK_IS_LABEL(widget) ? gtk_label_get_mnemonic_keyval(GTK_LABEL(widget))
                                     : GDK_KEY_VoidSymbol;
    if (key != GDK_KEY_VoidSymbol) {
        const char *label = gtk_label_get_label(GTK_LABEL(widget));
        const char *other = g_hash_table_lookup(keys, GUINT_TO_POINTER(key));
        if (other && !g_str_equal(other, label)) /* rows of a list say the same */
            g_error("%s: \"%s\" and \"%s\" have one key", name, other, label);
        g_hash_table_insert(keys, GUINT_TO_POINTER(key), (gpointer)label);
    }
    for (GtkWidget *child = gtk_widget_get_first_child(widget); child;
         child = gtk_widget_get_next_sibling(child))
        collect_keys(child, keys, name);
}

void layout_assert_keys(GtkWidget *window, const char *name)
{
    g_autoptr(GHashTable) keys = g_hash_table_new(NULL, NULL);
    collect_keys(window, keys, name);
}
