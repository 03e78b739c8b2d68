/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two lines that are known from the settings, and one button. */
#include "urgent_message.h"

#include <glib/gi18n.h>

#include "words.h"

struct _EarshotUrgentMessage {
    AdwPreferencesGroup parent_instance;

    /* template children */
    AdwComboRow *person;
    GtkEditable *place;
    GtkEditable *number;
    GtkLabel *state;
    GtkWidget *send;

    /* owned */
    EarshotStation *station;
    GListModel *people; /* who can be reached */
};

G_DEFINE_FINAL_TYPE(EarshotUrgentMessage, earshot_urgent_message, ADW_TYPE_PREFERENCES_GROUP)

static void show_state(EarshotUrgentMessage *self, const char *sentence)
{
    gtk_label_set_text(self->state, sentence);
    gtk_widget_set_visible(GTK_WIDGET(self->state), *sentence != '\0');
}

/* Empty while nobody can be written to. */
static void update(EarshotUrgentMessage *self)
{
    gboolean anybody = self->people && g_list_model_get_n_items(self->people) > 0;
    gboolean any = *gtk_editable_get_text(self->place) || *gtk_editable_get_text(self->number);
    gtk_widget_set_visible(GTK_WIDGET(self), anybody);
    gtk_widget_set_sensitive(self->send, any && anybody);
}

static void on_written(GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr(EarshotUrgentMessage) self = data;
    g_autoptr(GError) error = NULL;
    gboolean kept = earshot_mail_done(EARSHOT_MAIL(source), result, &error);
    if (self->state)
        show_state(self, kept ? _("It is kept here and sent again and again until it arrives. "
                                  "Among the messages you see when it has, and their answer.")
                              : error->message);
}

static void on_send(EarshotUrgentMessage *self)
{
    EarshotSettings *settings =
        earshot_profile_get_settings(earshot_station_get_profile(self->station));
    const char *place = gtk_editable_get_text(self->place);
    const char *number = gtk_editable_get_text(self->number);
    EarshotPerson *person = adw_combo_row_get_selected_item(self->person);
    if (!person || (!*place && !*number))
        return;
    g_object_set(settings, "place", place, "call-back", number, NULL);
    earshot_mail_write_urgent_async(earshot_station_get_mail(self->station),
                                    earshot_person_get_number(person), place, number, on_written,
                                    g_object_ref(self));
}

static gboolean can_reach(gpointer item, gpointer unused)
{
    return earshot_words_can_call(item) && !earshot_person_is_echo(item);
}

static void earshot_urgent_message_dispose(GObject *object)
{
    EarshotUrgentMessage *self = EARSHOT_URGENT_MESSAGE(object);
    g_clear_object(&self->people);
    g_clear_object(&self->station);
    gtk_widget_dispose_template(GTK_WIDGET(self), EARSHOT_TYPE_URGENT_MESSAGE);
    G_OBJECT_CLASS(earshot_urgent_message_parent_class)->dispose(object);
}

static void earshot_urgent_message_class_init(EarshotUrgentMessageClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->dispose = earshot_urgent_message_dispose;
    gtk_widget_class_set_template_from_resource(widget_class,
                                                "/org/earshot/Earshot/urgent_message.ui");
    gtk_widget_class_bind_template_child(widget_class, EarshotUrgentMessage, person);
    gtk_widget_class_bind_template_child(widget_class, EarshotUrgentMessage, place);
    gtk_widget_class_bind_template_child(widget_class, EarshotUrgentMessage, number);
    gtk_widget_class_bind_template_child(widget_class, EarshotUrgentMessage, state);
    gtk_widget_class_bind_template_child(widget_class, EarshotUrgentMessage, send);
    gtk_widget_class_bind_template_callback(widget_class, update);
    gtk_widget_class_bind_template_callback(widget_class, on_send);
}

static void earshot_urgent_message_init(EarshotUrgentMessage *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWidget *earshot_urgent_message_new(EarshotStation *station)
{
    EarshotUrgentMessage *self = g_object_new(EARSHOT_TYPE_URGENT_MESSAGE, NULL);
    EarshotProfile *profile = earshot_station_get_profile(station);
    EarshotSettings *settings = earshot_profile_get_settings(profile);
    GtkFilter *filter = GTK_FILTER(gtk_custom_filter_new(can_reach, NULL, NULL));
    self->station = g_object_ref(station);
    self->people = G_LIST_MODEL(
        gtk_filter_list_model_new(g_object_ref(earshot_profile_get_people(profile)), filter));
    g_autoptr(GtkExpression) name = gtk_property_expression_new(EARSHOT_TYPE_PERSON, NULL, "name");
    adw_combo_row_set_expression(self->person, name);
    adw_combo_row_set_model(self->person, self->people);
    g_signal_connect_object(self->people, "items-changed", G_CALLBACK(update), self,
                            G_CONNECT_SWAPPED);
    gtk_editable_set_text(self->place, earshot_settings_get_string(settings, "place"));
    gtk_editable_set_text(self->number, earshot_settings_get_string(settings, "call-back"));
    update(self);
    return GTK_WIDGET(self);
}
