/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The line check of one person, on the home page and theirs. */
#include "line_check_card.h"

#include <glib/gi18n.h>

#include "line_light.h"
#include "words.h"

struct _EarshotLineCheckCard {
    GtkBox parent_instance;

    /* template children */
    GtkWidget *result;
    EarshotLineLight *light;
    GtkLabel *sentence;
    GtkLabel *details;
    GtkProgressBar *progress;
    GtkWidget *start;
    GtkLabel *start_label;
    GtkWidget *stop;

    /* owned */
    EarshotLineCheck *check;
    EarshotPerson *person;
};

G_DEFINE_FINAL_TYPE(EarshotLineCheckCard, earshot_line_check_card, GTK_TYPE_BOX)

/* What the check says is about one person alone. */
static gboolean is_ours(EarshotLineCheckCard *self)
{
    return self->check && self->person &&
           earshot_line_check_get_person(self->check) == self->person;
}

static void announce(EarshotLineCheckCard *self, const char *sentence)
{
#if GTK_CHECK_VERSION(4, 14, 0)
    if (*sentence && gtk_widget_get_mapped(GTK_WIDGET(self)))
        gtk_accessible_announce(GTK_ACCESSIBLE(self), sentence,
                                GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM);
#endif
}

static void show_progress(EarshotLineCheckCard *self)
{
    double progress = 0;
    if (!is_ours(self))
        return;
    g_object_get(self->check, "progress", &progress, NULL);
    gtk_progress_bar_set_fraction(self->progress, progress);
}

static void show_result(EarshotLineCheckCard *self)
{
    g_autofree char *sentence = NULL, *details = NULL;
    EarshotLight light = EARSHOT_LIGHT_OFF;
    if (is_ours(self))
        g_object_get(self->check, "sentence", &sentence, "details", &details, "light", &light,
                     NULL);
    gtk_label_set_text(self->sentence, sentence ? sentence : "");
    gtk_label_set_text(self->details, details ? details : "");
    gtk_widget_set_visible(GTK_WIDGET(self->details), details && *details);
    earshot_line_light_set_light(self->light, light);
    gtk_widget_set_visible(GTK_WIDGET(self->light), light != EARSHOT_LIGHT_OFF);
    gtk_widget_set_visible(self->result, sentence && *sentence);
}

/* The focus stays on the button that is there. */
static void show_running(EarshotLineCheckCard *self)
{
    gboolean running = is_ours(self) && earshot_line_check_is_running(self->check);
    GtkWidget *shown = running ? self->stop : self->start;
    GtkWidget *hidden = running ? self->start : self->stop;
    gboolean focused = gtk_widget_has_focus(hidden);
    gtk_widget_set_visible(GTK_WIDGET(self->progress), running);
    gtk_widget_set_visible(shown, TRUE);
    if (focused)
        gtk_widget_grab_focus(shown);
    gtk_widget_set_visible(hidden, FALSE);
}

static void update(EarshotLineCheckCard *self)
{
    gboolean shown = self->person && earshot_words_can_call(self->person) &&
                     !earshot_person_is_echo(self->person);
    gtk_widget_set_visible(GTK_WIDGET(self), shown);
    if (shown) {
        /* Translators: a button; %s is a person's name, the letter after _ is its key */
        g_autofree char *label = earshot_words_mnemonic(_("Check the _line to %s"),
                                                        earshot_person_get_name(self->person));
        gtk_label_set_label(self->start_label, label);
    }
    show_progress(self);
    show_result(self);
    show_running(self);
}

/* The sentence is told last. */
static void on_sentence(EarshotLineCheckCard *self)
{
    show_result(self);
    if (is_ours(self))
        announce(self, gtk_label_get_text(self->sentence));
}

static void on_start(EarshotLineCheckCard *self)
{
    if (self->check && self->person)
        earshot_line_check_start(self->check, self->person);
}

static void on_stop(EarshotLineCheckCard *self)
{
    if (is_ours(self))
        earshot_line_check_stop(self->check);
}

static void stop_by_key(GtkWidget *widget, const char *action, GVariant *parameter)
{
    on_stop(EARSHOT_LINE_CHECK_CARD(widget));
}

static void earshot_line_check_card_dispose(GObject *object)
{
    EarshotLineCheckCard *self = EARSHOT_LINE_CHECK_CARD(object);
    if (self->person)
        g_signal_handlers_disconnect_by_data(self->person, self);
    if (self->check)
        g_signal_handlers_disconnect_by_data(self->check, self);
    g_clear_object(&self->person);
    g_clear_object(&self->check);
    gtk_widget_dispose_template(GTK_WIDGET(self), EARSHOT_TYPE_LINE_CHECK_CARD);
    G_OBJECT_CLASS(earshot_line_check_card_parent_class)->dispose(object);
}

static void earshot_line_check_card_class_init(EarshotLineCheckCardClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->dispose = earshot_line_check_card_dispose;
    g_type_ensure(EARSHOT_TYPE_LINE_LIGHT);
    gtk_widget_class_set_template_from_resource(widget_class,
                                                "/org/earshot/Earshot/line_check_card.ui");
    gtk_widget_class_bind_template_child(widget_class, EarshotLineCheckCard, result);
    gtk_widget_class_bind_template_child(widget_class, EarshotLineCheckCard, light);
    gtk_widget_class_bind_template_child(widget_class, EarshotLineCheckCard, sentence);
    gtk_widget_class_bind_template_child(widget_class, EarshotLineCheckCard, details);
    gtk_widget_class_bind_template_child(widget_class, EarshotLineCheckCard, progress);
    gtk_widget_class_bind_template_child(widget_class, EarshotLineCheckCard, start);
    gtk_widget_class_bind_template_child(widget_class, EarshotLineCheckCard, start_label);
    gtk_widget_class_bind_template_child(widget_class, EarshotLineCheckCard, stop);
    gtk_widget_class_bind_template_callback(widget_class, on_start);
    gtk_widget_class_bind_template_callback(widget_class, on_stop);
    gtk_widget_class_install_action(widget_class, "line.stop", NULL, stop_by_key);
    gtk_widget_class_add_binding_action(widget_class, GDK_KEY_Escape, 0, "line.stop", NULL);
}

static void earshot_line_check_card_init(EarshotLineCheckCard *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
    update(self);
}

void earshot_line_check_card_set_person(EarshotLineCheckCard *self, EarshotPerson *person)
{
    if (self->person == person)
        return;
    if (self->person)
        g_signal_handlers_disconnect_by_data(self->person, self);
    g_set_object(&self->person, person);
    if (person) {
        g_signal_connect_object(person, "notify::blocked", G_CALLBACK(update), self,
                                G_CONNECT_SWAPPED);
        g_signal_connect_object(person, "notify::name", G_CALLBACK(update), self,
                                G_CONNECT_SWAPPED);
        g_signal_connect_object(person, "notify::pending", G_CALLBACK(update), self,
                                G_CONNECT_SWAPPED);
    }
    update(self);
}

GtkWidget *earshot_line_check_card_new(EarshotStation *station)
{
    static const struct {
        const char *name;
        void (*changed)(EarshotLineCheckCard *);
    } wires[] = {{"notify::sentence", on_sentence},
                 {"notify::progress", show_progress},
                 {"notify::running", show_running},
                 {"notify::person", update}};
    EarshotLineCheckCard *self = g_object_new(EARSHOT_TYPE_LINE_CHECK_CARD, NULL);
    self->check = g_object_ref(earshot_station_get_line_check(station));
    for (gsize i = 0; i < G_N_ELEMENTS(wires); i++)
        g_signal_connect_object(self->check, wires[i].name, G_CALLBACK(wires[i].changed), self,
                                G_CONNECT_SWAPPED);
    return GTK_WIDGET(self);
}
