/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Preferences, first page: name, language, ringing, the small window. */
#include "general_preferences.h"

#include <glib/gi18n.h>
#include <string.h>

#include "application.h"
#include "language.h"
#include "preferences.h"

struct _EarshotGeneralPreferences {
    AdwPreferencesPage parent_instance;

    /* template children */
    GtkEditable *name;
    AdwComboRow *language;
    GtkWidget *ring;
    GtkWidget *login;
    GtkWidget *compact;

    /* owned */
    EarshotProfile *profile;
};

G_DEFINE_FINAL_TYPE(EarshotGeneralPreferences, earshot_general_preferences,
                    ADW_TYPE_PREFERENCES_PAGE)

/* Each under its own name, so that everybody finds theirs. */
static const struct {
    const char *code, *name;
} languages[] = {
    {"", N_("As the system")}, {"en", "English"},   {"fr", "Français"}, {"es", "Español"},
    {"pt", "Português"},       {"sw", "Kiswahili"}, {"hi", "हिन्दी"},    {"ar", "العربية"},
};

static void on_name(EarshotGeneralPreferences *self)
{
    g_autoptr(GError) error = NULL;
    const char *name = gtk_editable_get_text(self->name);
    gboolean kept = earshot_profile_set_name(self->profile, name, &error);
    if (kept) {
        gtk_widget_remove_css_class(GTK_WIDGET(self->name), "error");
        return;
    }
    gtk_widget_add_css_class(GTK_WIDGET(self->name), "error");
    earshot_preferences_say(GTK_WIDGET(self), error->message);
}

/* The window, and this one with it, is made anew: not while a row of it is at work. */
static gboolean speak(gpointer code)
{
    GApplication *application = g_application_get_default();
    if (EARSHOT_IS_APPLICATION(application))
        earshot_application_speak(EARSHOT_APPLICATION(application), code);
    return G_SOURCE_REMOVE;
}

static void on_language(EarshotGeneralPreferences *self)
{
    guint selected = adw_combo_row_get_selected(self->language);
    if (!self->profile || selected >= G_N_ELEMENTS(languages))
        return;
    const char *code = languages[selected].code;
    if (strcmp(code, earshot_language_chosen()) == 0)
        return;
    g_object_set(earshot_profile_get_settings(self->profile), "language", code, NULL);
    g_idle_add(speak, (gpointer)code);
}

static void show_language(EarshotGeneralPreferences *self)
{
    g_autoptr(GtkStringList) names = gtk_string_list_new(NULL);
    const char *code = earshot_language_chosen();
    guint selected = 0;
    for (guint i = 0; i < G_N_ELEMENTS(languages); i++) {
        gtk_string_list_append(names, i ? languages[i].name : _(languages[i].name));
        if (strcmp(languages[i].code, code) == 0)
            selected = i;
    }
    adw_combo_row_set_model(self->language, G_LIST_MODEL(names));
    adw_combo_row_set_selected(self->language, selected);
}

static void earshot_general_preferences_dispose(GObject *object)
{
    EarshotGeneralPreferences *self = EARSHOT_GENERAL_PREFERENCES(object);
    g_clear_object(&self->profile);
    gtk_widget_dispose_template(GTK_WIDGET(self), EARSHOT_TYPE_GENERAL_PREFERENCES);
    G_OBJECT_CLASS(earshot_general_preferences_parent_class)->dispose(object);
}

static void earshot_general_preferences_class_init(EarshotGeneralPreferencesClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->dispose = earshot_general_preferences_dispose;
    gtk_widget_class_set_template_from_resource(widget_class,
                                                "/org/earshot/Earshot/general_preferences.ui");
    gtk_widget_class_bind_template_child(widget_class, EarshotGeneralPreferences, name);
    gtk_widget_class_bind_template_child(widget_class, EarshotGeneralPreferences, language);
    gtk_widget_class_bind_template_child(widget_class, EarshotGeneralPreferences, ring);
    gtk_widget_class_bind_template_child(widget_class, EarshotGeneralPreferences, login);
    gtk_widget_class_bind_template_child(widget_class, EarshotGeneralPreferences, compact);
    gtk_widget_class_bind_template_callback(widget_class, on_name);
    gtk_widget_class_bind_template_callback(widget_class, on_language);
}

static void earshot_general_preferences_init(EarshotGeneralPreferences *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWidget *earshot_general_preferences_new(EarshotProfile *profile)
{
    const GBindingFlags both = G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE;
    EarshotGeneralPreferences *self = g_object_new(EARSHOT_TYPE_GENERAL_PREFERENCES, NULL);
    EarshotSettings *settings = earshot_profile_get_settings(profile);
    show_language(self);
    self->profile = g_object_ref(profile);
    gtk_editable_set_text(self->name, earshot_profile_get_name(profile));
    g_object_bind_property(settings, "ring-in-background", self->ring, "active", both);
    g_object_bind_property(settings, "start-at-login", self->login, "active", both);
    g_object_bind_property(settings, "compact", self->compact, "active", both);
    return GTK_WIDGET(self);
}
