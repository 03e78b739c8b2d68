/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the program looks, and which keys do what. */
#include "set_up.h"

void earshot_set_up_style(void)
{
    g_autoptr(GtkCssProvider) style = gtk_css_provider_new();
    gtk_css_provider_load_from_resource(style, "/org/earshot/Earshot/style.css");
    gtk_style_context_add_provider_for_display(gdk_display_get_default(), GTK_STYLE_PROVIDER(style),
                                               GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
    gtk_icon_theme_add_resource_path(gtk_icon_theme_get_for_display(gdk_display_get_default()),
                                     "/org/earshot/Earshot/icons");
}

void earshot_set_up_keys(GtkApplication *application)
{
    static const struct {
        const char *action;
        const char *keys[3];
    } keys[] = {
        {"app.quit", {"<Control>q"}},
        {"win.help", {"F1"}},
        {"win.shortcuts", {"<Control>question"}},
        {"win.preferences", {"<Control>comma"}},
        {"win.add-person", {"<Control>n"}},
        {"win.search", {"<Control>f"}},
        {"call.hide", {"F9"}},
        {"win.lock", {"<Control>l"}},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(keys); i++)
        gtk_application_set_accels_for_action(application, keys[i].action, keys[i].keys);
}
