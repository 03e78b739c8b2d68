/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages lead to their conversation, notes open. */
#include "search_page.h"

#include <glib/gi18n.h>

#include "bridge/notes.h"
#include "focus_later.h"
#include "note_dialog.h"
#include "words.h"

/* Letters of a text that its row shows. */
#define SHOWN 160

struct _EarshotSearchPage {
    GtkBox parent_instance;

    /* template children */
    GtkEditable *entry;
    GtkLabel *state;
    GtkListBox *list;

    guint number, awaited; /* of this search; answers that are still to come */

    /* owned */
    EarshotStation *station;
};

G_DEFINE_FINAL_TYPE(EarshotSearchPage, earshot_search_page, GTK_TYPE_BOX)

/* An answer to an older search is not looked at. */
struct question {
    EarshotSearchPage *page;
    guint number;
};

static struct question *question_new(EarshotSearchPage *self)
{
    struct question *question = g_new0(struct question, 1);
    *question = (struct question){.page = g_object_ref(self), .number = self->number};
    return question;
}

static void question_free(struct question *question)
{
    g_object_unref(question->page);
    g_free(question);
}

static const char *name_of(EarshotSearchPage *self, guint number)
{
    EarshotPerson *person =
        earshot_profile_find(earshot_station_get_profile(self->station), number);
    return person ? earshot_person_get_name(person) : _("Somebody who was removed");
}

static void add(EarshotSearchPage *self, gpointer item, guint person, GDateTime *when,
                const char *text)
{
    GtkWidget *row = adw_action_row_new();
    g_autofree char *line = g_strdup(text);
    g_strdelimit(line, "\n", ' ');
    g_autofree char *start = g_utf8_substring(line, 0, MIN(SHOWN, g_utf8_strlen(line, -1)));
    g_autofree char *clock = earshot_words_when(when);
    /* Translators: with or about whom, and when */
    g_autofree char *whose = g_strdup_printf(C_("found", "%s, %s"), name_of(self, person), clock);
    adw_preferences_row_set_use_markup(ADW_PREFERENCES_ROW(row), FALSE);
    adw_preferences_row_set_title(ADW_PREFERENCES_ROW(row), start);
    adw_action_row_set_title_lines(ADW_ACTION_ROW(row), 3);
    adw_action_row_set_subtitle(ADW_ACTION_ROW(row), whose);
    gtk_list_box_row_set_activatable(GTK_LIST_BOX_ROW(row), TRUE);
    g_object_set_data_full(G_OBJECT(row), "item", g_object_ref(item), g_object_unref);
    gtk_list_box_append(self->list, row);
}

static void clear(EarshotSearchPage *self)
{
    GtkListBoxRow *row;
    while ((row = gtk_list_box_get_row_at_index(self->list, 0)))
        gtk_list_box_remove(self->list, GTK_WIDGET(row));
    gtk_widget_set_visible(GTK_WIDGET(self->list), FALSE);
}

static void show_state(EarshotSearchPage *self, const GError *error)
{
    gboolean any = gtk_list_box_get_row_at_index(self->list, 0) != NULL;
    gtk_widget_set_visible(GTK_WIDGET(self->list), any);
    if (error)
        gtk_label_set_text(self->state, error->message);
    else
        gtk_label_set_text(self->state,
                           any || self->awaited ? "" : _("Nothing with these words is kept here."));
}

static void on_messages(GObject *source, GAsyncResult *result, gpointer data)
{
    struct question *question = data;
    EarshotSearchPage *self = question->page;
    g_autoptr(GError) error = NULL;
    g_autoptr(GListModel) found = earshot_mail_search_finish(EARSHOT_MAIL(source), result, &error);
    if (self->list && question->number == self->number) {
        self->awaited--;
        for (guint i = 0; found && i < g_list_model_get_n_items(found); i++) {
            g_autoptr(EarshotMessage) message = g_list_model_get_item(found, i);
            g_autoptr(GDateTime) when = NULL;
            const char *text = earshot_message_get_text(message);
            g_object_get(message, "when", &when, NULL);
            add(self, message, earshot_message_get_person(message), when,
                *text ? text : earshot_message_get_name(message));
        }
        show_state(self, error);
    }
    question_free(question);
}

static void on_notes(GObject *source, GAsyncResult *result, gpointer data)
{
    struct question *question = data;
    EarshotSearchPage *self = question->page;
    g_autoptr(GError) error = NULL;
    g_autoptr(GListModel) found = earshot_notes_list_finish(EARSHOT_MAIL(source), result, &error);
    if (self->list && question->number == self->number) {
        self->awaited--;
        for (guint i = 0; found && i < g_list_model_get_n_items(found); i++) {
            g_autoptr(EarshotNote) note = g_list_model_get_item(found, i);
            add(self, note, earshot_note_get_person(note), earshot_note_get_when(note),
                earshot_note_get_text(note));
        }
        show_state(self, error);
    }
    question_free(question);
}

static void on_search(EarshotSearchPage *self)
{
    EarshotMail *mail = earshot_station_get_mail(self->station);
    const char *words = gtk_editable_get_text(self->entry);
    self->number++;
    self->awaited = 0;
    clear(self);
    gtk_label_set_text(self->state, "");
    if (!*words)
        return;
    self->awaited = 2;
    earshot_mail_search_async(mail, words, NULL, on_messages, question_new(self));
    earshot_notes_list_async(mail, 0, words, on_notes, question_new(self));
}

static void on_activated(EarshotSearchPage *self, GtkListBoxRow *row)
{
    GObject *item = g_object_get_data(G_OBJECT(row), "item");
    if (EARSHOT_IS_NOTE(item))
        gtk_window_present(earshot_note_dialog_new_for(
            GTK_WINDOW(gtk_widget_get_root(GTK_WIDGET(self))),
            earshot_station_get_mail(self->station), EARSHOT_NOTE(item)));
    else
        gtk_widget_activate_action(GTK_WIDGET(self), "win.messages", "u",
                                   earshot_message_get_person(EARSHOT_MESSAGE(item)));
}

static void earshot_search_page_map(GtkWidget *widget)
{
    GTK_WIDGET_CLASS(earshot_search_page_parent_class)->map(widget);
    earshot_focus_later(GTK_WIDGET(EARSHOT_SEARCH_PAGE(widget)->entry));
}

static void earshot_search_page_dispose(GObject *object)
{
    EarshotSearchPage *self = EARSHOT_SEARCH_PAGE(object);
    g_clear_object(&self->station);
    gtk_widget_dispose_template(GTK_WIDGET(self), EARSHOT_TYPE_SEARCH_PAGE);
    G_OBJECT_CLASS(earshot_search_page_parent_class)->dispose(object);
}

static void earshot_search_page_class_init(EarshotSearchPageClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->dispose = earshot_search_page_dispose;
    widget_class->map = earshot_search_page_map;
    gtk_widget_class_set_template_from_resource(widget_class,
                                                "/org/earshot/Earshot/search_page.ui");
    gtk_widget_class_bind_template_child(widget_class, EarshotSearchPage, entry);
    gtk_widget_class_bind_template_child(widget_class, EarshotSearchPage, state);
    gtk_widget_class_bind_template_child(widget_class, EarshotSearchPage, list);
    gtk_widget_class_bind_template_callback(widget_class, on_search);
    gtk_widget_class_bind_template_callback(widget_class, on_activated);
    gtk_widget_class_add_binding_action(widget_class, GDK_KEY_Left, GDK_ALT_MASK, "win.home", NULL);
}

static void earshot_search_page_init(EarshotSearchPage *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWidget *earshot_search_page_new(EarshotStation *station)
{
    EarshotSearchPage *self = g_object_new(EARSHOT_TYPE_SEARCH_PAGE, NULL);
    self->station = g_object_ref(station);
    return GTK_WIDGET(self);
}
