/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One person in a list: name, last call, whether verified, and a button that calls. */
#include "person_row.h"

#include <glib/gi18n.h>

#include "words.h"

struct _EarshotPersonRow {
    AdwActionRow parent_instance;

    /* template children */
    AdwAvatar *avatar;
    GtkWidget *verified;
    GtkWidget *call_button;

    /* owned */
    EarshotPerson *person;
};

G_DEFINE_FINAL_TYPE(EarshotPersonRow, earshot_person_row, ADW_TYPE_ACTION_ROW)

static void update(EarshotPersonRow *self)
{
    const char *name = earshot_person_get_name(self->person);
    g_autofree char *words = earshot_words_person(self->person);
    /* Translators: %s is a person's name */
    g_autofree char *call = g_strdup_printf(_("Call %s"), name);

    adw_preferences_row_set_title(ADW_PREFERENCES_ROW(self), name);
    adw_action_row_set_subtitle(ADW_ACTION_ROW(self), words);
    adw_avatar_set_text(self->avatar, name);
    gtk_widget_set_visible(self->verified, earshot_person_is_verified(self->person));
    gtk_widget_set_visible(self->call_button, earshot_words_can_call(self->person));
    gtk_accessible_update_property(GTK_ACCESSIBLE(self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, words,
                                   -1);
    gtk_widget_set_tooltip_text(self->call_button, call);
    gtk_accessible_update_property(GTK_ACCESSIBLE(self->call_button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                   call, -1);
}

static void earshot_person_row_dispose(GObject *object)
{
    EarshotPersonRow *self = EARSHOT_PERSON_ROW(object);
    g_clear_object(&self->person);
    gtk_widget_dispose_template(GTK_WIDGET(self), EARSHOT_TYPE_PERSON_ROW);
    G_OBJECT_CLASS(earshot_person_row_parent_class)->dispose(object);
}

static void earshot_person_row_class_init(EarshotPersonRowClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->dispose = earshot_person_row_dispose;
    gtk_widget_class_set_template_from_resource(widget_class, "/org/earshot/Earshot/person_row.ui");
    gtk_widget_class_bind_template_child(widget_class, EarshotPersonRow, avatar);
    gtk_widget_class_bind_template_child(widget_class, EarshotPersonRow, verified);
    gtk_widget_class_bind_template_child(widget_class, EarshotPersonRow, call_button);
}

static void earshot_person_row_init(EarshotPersonRow *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWidget *earshot_person_row_new(EarshotPerson *person)
{
    EarshotPersonRow *self = g_object_new(EARSHOT_TYPE_PERSON_ROW, NULL);
    self->person = g_object_ref(person);
    gtk_actionable_set_action_target(GTK_ACTIONABLE(self->call_button), "u",
                                     earshot_person_get_number(person));
    g_signal_connect_object(person, "notify", G_CALLBACK(update), self, G_CONNECT_SWAPPED);
    update(self);
    return GTK_WIDGET(self);
}

EarshotPerson *earshot_person_row_get_person(EarshotPersonRow *self)
{
    return self->person;
}
