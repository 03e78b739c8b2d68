/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One row a note: when it was written, and how it begins. */
#include "note_list.h"

#include <glib/gi18n.h>
#include <string.h>

#include "note_dialog.h"
#include "words.h"

/* Letters of a note that its row shows. */
#define SHOWN 80

struct _EarshotNoteList {
    AdwPreferencesGroup parent_instance;

    guint person;
    GPtrArray *rows; /* borrowed widgets */

    /* owned */
    EarshotMail *mail;
};

G_DEFINE_FINAL_TYPE(EarshotNoteList, earshot_note_list, ADW_TYPE_PREFERENCES_GROUP)

static GtkWindow *window_of(EarshotNoteList *self)
{
    return GTK_WINDOW(gtk_widget_get_root(GTK_WIDGET(self)));
}

static void on_activated(EarshotNoteList *self, GtkWidget *row)
{
    EarshotNote *note = g_object_get_data(G_OBJECT(row), "note");
    gtk_window_present(earshot_note_dialog_new_for(window_of(self), self->mail, note));
}

static void on_new(EarshotNoteList *self)
{
    gtk_window_present(earshot_note_dialog_new(window_of(self), self->mail, self->person, 0));
}

static void add_row(EarshotNoteList *self, EarshotNote *note)
{
    GtkWidget *row = adw_action_row_new();
    g_autofree char *line = g_strdup(earshot_note_get_text(note));
    g_strdelimit(line, "\n", ' ');
    g_autofree char *start = g_utf8_substring(line, 0, MIN(SHOWN, g_utf8_strlen(line, -1)));
    g_autofree char *when = earshot_words_when(earshot_note_get_when(note));
    adw_preferences_row_set_use_markup(ADW_PREFERENCES_ROW(row), FALSE);
    adw_preferences_row_set_title(ADW_PREFERENCES_ROW(row), start);
    adw_action_row_set_subtitle(ADW_ACTION_ROW(row), when);
    adw_action_row_set_title_lines(ADW_ACTION_ROW(row), 2);
    gtk_list_box_row_set_activatable(GTK_LIST_BOX_ROW(row), TRUE);
    g_object_set_data_full(G_OBJECT(row), "note", g_object_ref(note), g_object_unref);
    g_signal_connect_object(row, "activated", G_CALLBACK(on_activated), self, G_CONNECT_SWAPPED);
    adw_preferences_group_add(ADW_PREFERENCES_GROUP(self), row);
    g_ptr_array_add(self->rows, row);
}

static void clear(EarshotNoteList *self)
{
    for (guint i = 0; i < self->rows->len; i++)
        adw_preferences_group_remove(ADW_PREFERENCES_GROUP(self), self->rows->pdata[i]);
    g_ptr_array_set_size(self->rows, 0);
}

static void on_listed(GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr(EarshotNoteList) self = data;
    g_autoptr(GListModel) notes = earshot_notes_list_finish(EARSHOT_MAIL(source), result, NULL);
    if (!notes || !self->mail)
        return;
    clear(self);
    for (guint i = 0; i < g_list_model_get_n_items(notes); i++) {
        g_autoptr(EarshotNote) note = g_list_model_get_item(notes, i);
        if (earshot_note_get_person(note) == self->person)
            add_row(self, note);
    }
}

static void load(EarshotNoteList *self)
{
    if (self->person)
        earshot_notes_list_async(self->mail, self->person, NULL, on_listed, g_object_ref(self));
}

void earshot_note_list_set(EarshotNoteList *self, EarshotMail *mail, guint person)
{
    if (self->mail)
        g_signal_handlers_disconnect_by_data(self->mail, self);
    g_set_object(&self->mail, mail);
    g_signal_connect_object(mail, "notes-changed", G_CALLBACK(load), self, G_CONNECT_SWAPPED);
    self->person = person;
    clear(self);
    load(self);
}

static void earshot_note_list_dispose(GObject *object)
{
    EarshotNoteList *self = EARSHOT_NOTE_LIST(object);
    if (self->mail)
        g_signal_handlers_disconnect_by_data(self->mail, self);
    g_clear_object(&self->mail);
    g_clear_pointer(&self->rows, g_ptr_array_unref);
    G_OBJECT_CLASS(earshot_note_list_parent_class)->dispose(object);
}

static void earshot_note_list_class_init(EarshotNoteListClass *klass)
{
    G_OBJECT_CLASS(klass)->dispose = earshot_note_list_dispose;
}

static void earshot_note_list_init(EarshotNoteList *self)
{
    /* Not in the group's header, which is not told on the accessibility bus. */
    GtkWidget *add = gtk_button_new_with_label(_("Write a note"));
    self->rows = g_ptr_array_new();
    gtk_widget_set_halign(add, GTK_ALIGN_START);
    gtk_widget_set_margin_top(add, 6);
    g_signal_connect_swapped(add, "clicked", G_CALLBACK(on_new), self);
    adw_preferences_group_set_title(ADW_PREFERENCES_GROUP(self), _("Notes"));
    adw_preferences_group_add(ADW_PREFERENCES_GROUP(self), add);
}
