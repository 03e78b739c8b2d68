/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is typed is on disk a moment after the last letter, and when the window closes. */
#include "note_dialog.h"

#include <glib/gi18n.h>
#include <string.h>

/* After the last letter: nobody types on for so long without a pause, and a disk is written seldom.
 */
#define KEEP_AFTER_MS 1500

struct _EarshotNoteDialog {
    AdwWindow parent_instance;

    /* template children */
    GtkTextView *text;
    GtkLabel *state;

    guint person, keep_source;
    guint64 call;
    gint64 id;
    gboolean writing, changed; /* a write is under way; there is something newer than it */
    gboolean showing;          /* the text changes, and nobody types */

    /* owned */
    EarshotMail *mail;
};

G_DEFINE_FINAL_TYPE(EarshotNoteDialog, earshot_note_dialog, ADW_TYPE_WINDOW)

static void keep(EarshotNoteDialog *self);

static void show_state(EarshotNoteDialog *self, const char *sentence)
{
    if (self->state)
        gtk_label_set_text(self->state, sentence);
}

static char *dup_text(EarshotNoteDialog *self)
{
    GtkTextBuffer *buffer = gtk_text_view_get_buffer(self->text);
    GtkTextIter begin, end;
    gtk_text_buffer_get_bounds(buffer, &begin, &end);
    return gtk_text_buffer_get_text(buffer, &begin, &end, FALSE);
}

static void on_kept(GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr(EarshotNoteDialog) self = data;
    g_autoptr(GError) error = NULL;
    gint64 id = earshot_notes_write_finish(EARSHOT_MAIL(source), result, &error);
    self->writing = FALSE;
    if (id >= 0)
        self->id = id;
    show_state(self, error ? error->message : _("Kept on this computer only."));
    if (self->changed && self->text)
        keep(self);
}

/* One write at a time: the id of a new note is known after it. */
static void keep(EarshotNoteDialog *self)
{
    g_clear_handle_id(&self->keep_source, g_source_remove);
    if (self->writing || !self->changed)
        return;
    g_autofree char *text = dup_text(self);
    if (strlen(text) > EARSHOT_NOTE_BYTES_MAX) {
        show_state(self, _("This is too long for one note."));
        return;
    }
    self->writing = TRUE;
    self->changed = FALSE;
    earshot_notes_write_async(self->mail, self->person, self->call, self->id, text, on_kept,
                              g_object_ref(self));
}

static gboolean on_pause(gpointer data)
{
    EarshotNoteDialog *self = data;
    self->keep_source = 0;
    keep(self);
    return G_SOURCE_REMOVE;
}

static void on_typed(EarshotNoteDialog *self)
{
    if (self->showing)
        return;
    self->changed = TRUE;
    show_state(self, "");
    g_clear_handle_id(&self->keep_source, g_source_remove);
    self->keep_source = g_timeout_add(KEEP_AFTER_MS, on_pause, self);
}

static void show_text(EarshotNoteDialog *self, const char *text)
{
    GtkTextBuffer *buffer = gtk_text_view_get_buffer(self->text);
    self->showing = TRUE;
    gtk_text_buffer_set_text(buffer, text, -1);
    self->showing = FALSE;
}

static void on_found(GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr(EarshotNoteDialog) self = data;
    g_autoptr(GError) error = NULL;
    g_autoptr(EarshotNote) note =
        earshot_notes_of_call_finish(EARSHOT_MAIL(source), result, &error);
    if (!self->text)
        return;
    if (error)
        show_state(self, error->message);
    gtk_text_view_set_editable(self->text, error == NULL);
    if (note) {
        self->id = earshot_note_get_id(note);
        show_text(self, earshot_note_get_text(note));
    }
}

static gboolean on_close_request(EarshotNoteDialog *self)
{
    keep(self);
    return GDK_EVENT_PROPAGATE;
}

static void earshot_note_dialog_dispose(GObject *object)
{
    EarshotNoteDialog *self = EARSHOT_NOTE_DIALOG(object);
    g_clear_handle_id(&self->keep_source, g_source_remove);
    g_clear_object(&self->mail);
    gtk_widget_dispose_template(GTK_WIDGET(self), EARSHOT_TYPE_NOTE_DIALOG);
    G_OBJECT_CLASS(earshot_note_dialog_parent_class)->dispose(object);
}

static void earshot_note_dialog_class_init(EarshotNoteDialogClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->dispose = earshot_note_dialog_dispose;
    gtk_widget_class_set_template_from_resource(widget_class,
                                                "/org/earshot/Earshot/note_dialog.ui");
    gtk_widget_class_bind_template_child(widget_class, EarshotNoteDialog, text);
    gtk_widget_class_bind_template_child(widget_class, EarshotNoteDialog, state);
    gtk_widget_class_add_binding_action(widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void earshot_note_dialog_init(EarshotNoteDialog *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
    g_signal_connect_swapped(gtk_text_view_get_buffer(self->text), "changed", G_CALLBACK(on_typed),
                             self);
    g_signal_connect(self, "close-request", G_CALLBACK(on_close_request), NULL);
}

static EarshotNoteDialog *dialog_new(GtkWindow *parent, EarshotMail *mail, guint person,
                                     guint64 call)
{
    EarshotNoteDialog *self = g_object_new(EARSHOT_TYPE_NOTE_DIALOG, "transient-for", parent, NULL);
    self->mail = g_object_ref(mail);
    self->person = person;
    self->call = call;
    return self;
}

GtkWindow *earshot_note_dialog_new(GtkWindow *parent, EarshotMail *mail, guint person, guint64 call)
{
    EarshotNoteDialog *self = dialog_new(parent, mail, person, call);
    if (call) {
        gtk_text_view_set_editable(self->text, FALSE);
        earshot_notes_of_call_async(mail, call, on_found, g_object_ref(self));
    }
    return GTK_WINDOW(self);
}

GtkWindow *earshot_note_dialog_new_for(GtkWindow *parent, EarshotMail *mail, EarshotNote *note)
{
    EarshotNoteDialog *self =
        dialog_new(parent, mail, earshot_note_get_person(note), earshot_note_get_call(note));
    self->id = earshot_note_get_id(note);
    show_text(self, earshot_note_get_text(note));
    return GTK_WINDOW(self);
}
