/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Preferences, data and privacy: quality, price, speaking pattern, what is kept. */
#include "data_preferences.h"

#include <glib/gi18n.h>
#include <string.h>

#include "bridge/format.h"
#include "data_plan_group.h"
#include "name_buttons.h"
#include "privacy_group.h"

struct _EarshotDataPreferences {
    AdwPreferencesPage parent_instance;

    /* template children */
    GtkCheckButton *least_data;
    GtkCheckButton *balanced;
    GtkCheckButton *clear;
    GtkEditable *price;
    GtkEditable *currency;
    GtkBox *plan;
    GtkBox *privacy;
    GtkWidget *hide_pattern;
    GtkLabel *kept;

    /* owned */
    EarshotProfile *profile; /* NULL while the page is filled */
};

G_DEFINE_FINAL_TYPE(EarshotDataPreferences, earshot_data_preferences, ADW_TYPE_PREFERENCES_PAGE)

static const char *chosen_quality(EarshotDataPreferences *self)
{
    if (gtk_check_button_get_active(self->least_data))
        return "least-data";
    return gtk_check_button_get_active(self->clear) ? "clear" : "balanced";
}

static void on_quality(EarshotDataPreferences *self, GtkCheckButton *button)
{
    if (self->profile && gtk_check_button_get_active(button))
        g_object_set(earshot_profile_get_settings(self->profile), "quality", chosen_quality(self),
                     NULL);
}

static void show_quality(EarshotDataPreferences *self, const char *quality)
{
    GtkCheckButton *button = self->balanced;
    if (strcmp(quality, "least-data") == 0)
        button = self->least_data;
    if (strcmp(quality, "clear") == 0)
        button = self->clear;
    gtk_check_button_set_active(button, TRUE);
}

static void on_price(EarshotDataPreferences *self)
{
    double price;
    gboolean good = earshot_data_read_number(gtk_editable_get_text(self->price), &price);
    if (good)
        gtk_widget_remove_css_class(GTK_WIDGET(self->price), "error");
    else
        gtk_widget_add_css_class(GTK_WIDGET(self->price), "error");
    gtk_accessible_update_state(GTK_ACCESSIBLE(self->price), GTK_ACCESSIBLE_STATE_INVALID,
                                good ? GTK_ACCESSIBLE_INVALID_FALSE : GTK_ACCESSIBLE_INVALID_TRUE,
                                -1);
    if (self->profile && good)
        g_object_set(earshot_profile_get_settings(self->profile), "price-per-mb", price, NULL);
}

static void show_price(EarshotDataPreferences *self, double price)
{
    if (price <= 0)
        return;
    g_autofree char *text = earshot_format_number(price, 2);
    gtk_editable_set_text(self->price, text);
}

static void show_kept(EarshotDataPreferences *self, EarshotProfile *profile)
{
    /* Translators: %s is a folder */
    g_autofree char *text = g_strdup_printf(
        _("Your name and keys, the people you know, the list of calls (who, when, how long, the "
          "number and the place on the card), messages, voice messages, files, notes, numbers for "
          "urgent help, and these settings. What is said or written in a call is not kept. All of "
          "it is in the folder %s. Messages and files are with the other person, too."),
        earshot_profile_get_path(profile));
    gtk_label_set_text(self->kept, text);
}

static void on_forget_answer(EarshotDataPreferences *self, const char *response)
{
    if (self->profile && strcmp(response, "delete") == 0)
        earshot_profile_forget_history(self->profile);
}

static void on_forget(EarshotDataPreferences *self)
{
    GtkWidget *dialog = adw_message_dialog_new(
        GTK_WINDOW(gtk_widget_get_root(GTK_WIDGET(self))), _("Delete the list of calls?"),
        _("Who called when, how long, and the cards of all calls are deleted. This cannot be taken "
          "back. People stay."));
    adw_message_dialog_add_responses(ADW_MESSAGE_DIALOG(dialog), "cancel", _("_Keep"), "delete",
                                     _("_Delete"), NULL);
    adw_message_dialog_set_response_appearance(ADW_MESSAGE_DIALOG(dialog), "delete",
                                               ADW_RESPONSE_DESTRUCTIVE);
    adw_message_dialog_set_default_response(ADW_MESSAGE_DIALOG(dialog), "cancel");
    adw_message_dialog_set_close_response(ADW_MESSAGE_DIALOG(dialog), "cancel");
    g_signal_connect_object(dialog, "response", G_CALLBACK(on_forget_answer), self,
                            G_CONNECT_SWAPPED);
    earshot_name_buttons(dialog);
    gtk_window_present(GTK_WINDOW(dialog));
}

static void earshot_data_preferences_dispose(GObject *object)
{
    EarshotDataPreferences *self = EARSHOT_DATA_PREFERENCES(object);
    g_clear_object(&self->profile);
    gtk_widget_dispose_template(GTK_WIDGET(self), EARSHOT_TYPE_DATA_PREFERENCES);
    G_OBJECT_CLASS(earshot_data_preferences_parent_class)->dispose(object);
}

static void earshot_data_preferences_class_init(EarshotDataPreferencesClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->dispose = earshot_data_preferences_dispose;
    gtk_widget_class_set_template_from_resource(widget_class,
                                                "/org/earshot/Earshot/data_preferences.ui");
    gtk_widget_class_bind_template_child(widget_class, EarshotDataPreferences, least_data);
    gtk_widget_class_bind_template_child(widget_class, EarshotDataPreferences, balanced);
    gtk_widget_class_bind_template_child(widget_class, EarshotDataPreferences, clear);
    gtk_widget_class_bind_template_child(widget_class, EarshotDataPreferences, price);
    gtk_widget_class_bind_template_child(widget_class, EarshotDataPreferences, currency);
    gtk_widget_class_bind_template_child(widget_class, EarshotDataPreferences, plan);
    gtk_widget_class_bind_template_child(widget_class, EarshotDataPreferences, privacy);
    gtk_widget_class_bind_template_child(widget_class, EarshotDataPreferences, hide_pattern);
    gtk_widget_class_bind_template_child(widget_class, EarshotDataPreferences, kept);
    gtk_widget_class_bind_template_callback(widget_class, on_quality);
    gtk_widget_class_bind_template_callback(widget_class, on_price);
    gtk_widget_class_bind_template_callback(widget_class, on_forget);
}

static void earshot_data_preferences_init(EarshotDataPreferences *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWidget *earshot_data_preferences_new(EarshotStation *station)
{
    EarshotProfile *profile = earshot_station_get_profile(station);
    const GBindingFlags both = G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE;
    EarshotDataPreferences *self = g_object_new(EARSHOT_TYPE_DATA_PREFERENCES, NULL);
    EarshotSettings *settings = earshot_profile_get_settings(profile);
    show_quality(self, earshot_settings_get_string(settings, "quality"));
    show_price(self, earshot_settings_get_number(settings, "price-per-mb"));
    show_kept(self, profile);
    gtk_box_append(self->plan, earshot_data_plan_group_new(profile));
    gtk_box_append(self->privacy, earshot_privacy_group_new(station));
    self->profile = g_object_ref(profile);
    g_object_bind_property(settings, "currency", self->currency, "text", both);
    g_object_bind_property(settings, "hide-pattern", self->hide_pattern, "active", both);
    return GTK_WIDGET(self);
}
