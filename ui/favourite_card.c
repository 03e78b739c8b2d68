/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The person called most, with the one large Call button. */
#include "favourite_card.h"

#include <glib/gi18n.h>

#include "words.h"

struct _EarshotFavouriteCard {
    GtkBox parent_instance;

    /* template children */
    GtkWidget *more_button;
    AdwAvatar *avatar;
    GtkLabel *name;
    GtkLabel *words;
    GtkWidget *call_button;
    GtkLabel *call_label;
    GtkWidget *message_button;

    /* owned */
    EarshotPerson *person;
};

G_DEFINE_FINAL_TYPE(EarshotFavouriteCard, earshot_favourite_card, GTK_TYPE_BOX)

enum { OPENED, SIGNALS };
static guint signals[SIGNALS];

static void update(EarshotFavouriteCard *self)
{
    gtk_widget_set_visible(GTK_WIDGET(self), self->person != NULL);
    if (!self->person)
        return;
    const char *name = earshot_person_get_name(self->person);
    g_autofree char *words = earshot_words_person(self->person);
    /* Translators: the large button; %s is a person's name, the letter after _ is its key */
    g_autofree char *call = earshot_words_mnemonic(_("_Call %s"), name);
    /* Translators: %s is a person's name; opens what is known about them */
    g_autofree char *more = g_strdup_printf(_("More about %s"), name);

    adw_avatar_set_text(self->avatar, name);
    gtk_label_set_text(self->name, name);
    gtk_label_set_text(self->words, words);
    gtk_label_set_label(self->call_label, call);
    gtk_widget_set_tooltip_text(self->more_button, more);
    gtk_accessible_update_property(GTK_ACCESSIBLE(self->more_button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                   more, -1);
    gtk_actionable_set_action_target(GTK_ACTIONABLE(self->call_button), "u",
                                     earshot_person_get_number(self->person));
    gtk_actionable_set_action_target(GTK_ACTIONABLE(self->message_button), "u",
                                     earshot_person_get_number(self->person));
}

static void on_more_clicked(EarshotFavouriteCard *self)
{
    g_signal_emit(self, signals[OPENED], 0);
}

static void earshot_favourite_card_dispose(GObject *object)
{
    EarshotFavouriteCard *self = EARSHOT_FAVOURITE_CARD(object);
    if (self->person)
        g_signal_handlers_disconnect_by_data(self->person, self);
    g_clear_object(&self->person);
    gtk_widget_dispose_template(GTK_WIDGET(self), EARSHOT_TYPE_FAVOURITE_CARD);
    G_OBJECT_CLASS(earshot_favourite_card_parent_class)->dispose(object);
}

static void earshot_favourite_card_class_init(EarshotFavouriteCardClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->dispose = earshot_favourite_card_dispose;
    signals[OPENED] = g_signal_new("opened", EARSHOT_TYPE_FAVOURITE_CARD, G_SIGNAL_RUN_LAST, 0,
                                   NULL, NULL, NULL, G_TYPE_NONE, 0);
    gtk_widget_class_set_template_from_resource(widget_class,
                                                "/org/earshot/Earshot/favourite_card.ui");
    gtk_widget_class_bind_template_child(widget_class, EarshotFavouriteCard, more_button);
    gtk_widget_class_bind_template_child(widget_class, EarshotFavouriteCard, avatar);
    gtk_widget_class_bind_template_child(widget_class, EarshotFavouriteCard, name);
    gtk_widget_class_bind_template_child(widget_class, EarshotFavouriteCard, words);
    gtk_widget_class_bind_template_child(widget_class, EarshotFavouriteCard, call_button);
    gtk_widget_class_bind_template_child(widget_class, EarshotFavouriteCard, call_label);
    gtk_widget_class_bind_template_child(widget_class, EarshotFavouriteCard, message_button);
    gtk_widget_class_bind_template_callback(widget_class, on_more_clicked);
}

static void earshot_favourite_card_init(EarshotFavouriteCard *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
    update(self);
}

void earshot_favourite_card_set_person(EarshotFavouriteCard *self, EarshotPerson *person)
{
    if (self->person == person)
        return;
    if (self->person)
        g_signal_handlers_disconnect_by_data(self->person, self);
    g_set_object(&self->person, person);
    if (person)
        g_signal_connect_swapped(person, "notify", G_CALLBACK(update), self);
    update(self);
}

EarshotPerson *earshot_favourite_card_get_person(EarshotFavouriteCard *self)
{
    return self->person;
}

GtkWidget *earshot_favourite_card_get_button(EarshotFavouriteCard *self)
{
    return self->call_button;
}
