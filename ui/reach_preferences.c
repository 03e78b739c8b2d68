/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Preferences, reaching: where others find this laptop, relays, the port. */
#include "reach_preferences.h"

#include "address_group.h"

struct _EarshotReachPreferences {
    AdwPreferencesPage parent_instance;

    /* template children */
    EarshotAddressGroup *addresses;
    EarshotAddressGroup *relays;
    GtkEditable *port;
    GtkWidget *problem;

    /* owned */
    EarshotSettings *settings;
};

G_DEFINE_FINAL_TYPE(EarshotReachPreferences, earshot_reach_preferences, ADW_TYPE_PREFERENCES_PAGE)

static void on_port(EarshotReachPreferences *self)
{
    guint64 port = 0;
    const char *text = gtk_editable_get_text(self->port);
    gboolean good = !*text || g_ascii_string_to_unsigned(text, 10, 1, 65535, &port, NULL);
    gtk_widget_set_visible(self->problem, !good);
    if (good)
        g_object_set(self->settings, "port", (double)port, NULL);
}

static void show_port(EarshotReachPreferences *self)
{
    int port = (int)earshot_settings_get_number(self->settings, "port");
    g_autofree char *text = port > 0 ? g_strdup_printf("%d", port) : g_strdup("");
    gtk_editable_set_text(self->port, text);
}

static void earshot_reach_preferences_dispose(GObject *object)
{
    EarshotReachPreferences *self = EARSHOT_REACH_PREFERENCES(object);
    g_clear_object(&self->settings);
    gtk_widget_dispose_template(GTK_WIDGET(self), EARSHOT_TYPE_REACH_PREFERENCES);
    G_OBJECT_CLASS(earshot_reach_preferences_parent_class)->dispose(object);
}

static void earshot_reach_preferences_class_init(EarshotReachPreferencesClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->dispose = earshot_reach_preferences_dispose;
    g_type_ensure(EARSHOT_TYPE_ADDRESS_GROUP);
    gtk_widget_class_set_template_from_resource(widget_class,
                                                "/org/earshot/Earshot/reach_preferences.ui");
    gtk_widget_class_bind_template_child(widget_class, EarshotReachPreferences, addresses);
    gtk_widget_class_bind_template_child(widget_class, EarshotReachPreferences, relays);
    gtk_widget_class_bind_template_child(widget_class, EarshotReachPreferences, port);
    gtk_widget_class_bind_template_child(widget_class, EarshotReachPreferences, problem);
    gtk_widget_class_bind_template_callback(widget_class, on_port);
}

static void earshot_reach_preferences_init(EarshotReachPreferences *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWidget *earshot_reach_preferences_new(EarshotProfile *profile)
{
    EarshotReachPreferences *self = g_object_new(EARSHOT_TYPE_REACH_PREFERENCES, NULL);
    self->settings = g_object_ref(earshot_profile_get_settings(profile));
    earshot_address_group_bind(self->addresses, self->settings, "addresses");
    earshot_address_group_bind(self->relays, self->settings, "relays");
    show_port(self);
    return GTK_WIDGET(self);
}
