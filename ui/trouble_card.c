/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every trouble has a sentence of its own; a damaged profile can be put back or begun anew. */
#include "trouble_card.h"

#include <glib/gi18n.h>

#include "name_buttons.h"
#include "passphrase_dialog.h"

struct _EarshotTroubleCard {
    GtkBox parent_instance;

    /* template children */
    GtkLabel *heading;
    GtkLabel *name;
    GtkLabel *sentence;
    GtkLabel *problem;
    GtkWidget *restore;
    GtkWidget *anew;
    GtkWidget *again;
    GtkWidget *other;

    /* owned */
    char *path;
    GFile *file; /* the backup */
    GtkFileChooserNative *chooser;
};

G_DEFINE_FINAL_TYPE(EarshotTroubleCard, earshot_trouble_card, GTK_TYPE_BOX)

enum { AGAIN, OTHER, SIGNALS };
static guint signals[SIGNALS];

static GtkWindow *window_of(EarshotTroubleCard *self)
{
    return GTK_WINDOW(gtk_widget_get_root(GTK_WIDGET(self)));
}

static void show_problem(EarshotTroubleCard *self, const GError *error)
{
    gtk_label_set_text(self->problem, error ? error->message : "");
    gtk_widget_set_visible(GTK_WIDGET(self->problem), error != NULL);
}

static void set_busy(EarshotTroubleCard *self, gboolean busy)
{
    GtkWidget *const buttons[] = {self->restore, self->anew, self->again, self->other};
    for (gsize i = 0; i < G_N_ELEMENTS(buttons); i++)
        gtk_widget_set_sensitive(buttons[i], !busy);
}

/* ---- a backup ---- */

static void on_restored(GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr(EarshotTroubleCard) self = data;
    g_autoptr(GError) error = NULL;
    gboolean restored = earshot_privacy_done(result, &error);
    set_busy(self, FALSE);
    show_problem(self, error);
    if (restored)
        g_signal_emit(self, signals[AGAIN], 0);
}

static void on_passphrase(EarshotTroubleCard *self, const char *passphrase)
{
    if (!self->file)
        return;
    set_busy(self, TRUE);
    show_problem(self, NULL);
    earshot_privacy_restore_async(self->path, self->file, passphrase, on_restored,
                                  g_object_ref(self));
    g_clear_object(&self->file);
}

static void on_file_chosen(EarshotTroubleCard *self, int response, GtkFileChooserNative *chooser)
{
    g_clear_object(&self->file);
    if (response == GTK_RESPONSE_ACCEPT)
        self->file = gtk_file_chooser_get_file(GTK_FILE_CHOOSER(chooser));
    g_clear_object(&self->chooser);
    if (!self->file)
        return;
    GtkWindow *dialog = earshot_passphrase_dialog_new(
        window_of(self), _("Put a backup back"),
        _("The passphrase that was given when the backup was made. What came after the backup is "
          "not in it."),
        _("_Put it back"), FALSE);
    g_signal_connect_object(dialog, "given", G_CALLBACK(on_passphrase), self, G_CONNECT_SWAPPED);
    gtk_window_present(dialog);
}

static void on_restore(EarshotTroubleCard *self)
{
    g_clear_object(&self->chooser);
    self->chooser =
        gtk_file_chooser_native_new(_("Put a backup back"), window_of(self),
                                    GTK_FILE_CHOOSER_ACTION_OPEN, _("_Open"), _("_Cancel"));
    g_signal_connect_object(self->chooser, "response", G_CALLBACK(on_file_chosen), self,
                            G_CONNECT_SWAPPED);
    gtk_native_dialog_show(GTK_NATIVE_DIALOG(self->chooser));
}

/* ---- without one ---- */

static void try_again(gpointer data)
{
    g_autoptr(EarshotTroubleCard) self = data;
    g_signal_emit(self, signals[AGAIN], 0);
}

/* The question is gone before its window may go. */
static void on_anew_response(EarshotTroubleCard *self, const char *response)
{
    g_autoptr(GError) error = NULL;
    if (!g_str_equal(response, "anew"))
        return;
    gboolean begun = earshot_profile_begin_anew(self->path, &error);
    show_problem(self, error);
    if (begun)
        g_idle_add_once(try_again, g_object_ref(self));
}

static void on_anew(EarshotTroubleCard *self)
{
    GtkWidget *dialog = adw_message_dialog_new(
        window_of(self), _("Begin anew?"),
        _("You will have new keys and no people: invites must be exchanged again. The damaged "
          "files stay in the profile's folder; somebody may still save something from them."));
    adw_message_dialog_add_responses(ADW_MESSAGE_DIALOG(dialog), "cancel", _("_Cancel"), "anew",
                                     _("_Begin with nothing"), NULL);
    adw_message_dialog_set_response_appearance(ADW_MESSAGE_DIALOG(dialog), "anew",
                                               ADW_RESPONSE_DESTRUCTIVE);
    adw_message_dialog_set_default_response(ADW_MESSAGE_DIALOG(dialog), "cancel");
    adw_message_dialog_set_close_response(ADW_MESSAGE_DIALOG(dialog), "cancel");
    g_signal_connect_object(dialog, "response", G_CALLBACK(on_anew_response), self,
                            G_CONNECT_SWAPPED);
    earshot_name_buttons(dialog);
    gtk_window_present(GTK_WINDOW(dialog));
}

static void on_again(EarshotTroubleCard *self)
{
    g_signal_emit(self, signals[AGAIN], 0);
}

static void on_other(EarshotTroubleCard *self)
{
    g_signal_emit(self, signals[OTHER], 0);
}

/* ---- beginning and end ---- */

static void earshot_trouble_card_dispose(GObject *object)
{
    EarshotTroubleCard *self = EARSHOT_TROUBLE_CARD(object);
    g_clear_object(&self->chooser);
    g_clear_object(&self->file);
    g_clear_pointer(&self->path, g_free);
    gtk_widget_dispose_template(GTK_WIDGET(self), EARSHOT_TYPE_TROUBLE_CARD);
    G_OBJECT_CLASS(earshot_trouble_card_parent_class)->dispose(object);
}

static void earshot_trouble_card_class_init(EarshotTroubleCardClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->dispose = earshot_trouble_card_dispose;
    signals[AGAIN] = g_signal_new("again", EARSHOT_TYPE_TROUBLE_CARD, G_SIGNAL_RUN_LAST, 0, NULL,
                                  NULL, NULL, G_TYPE_NONE, 0);
    signals[OTHER] = g_signal_new("other", EARSHOT_TYPE_TROUBLE_CARD, G_SIGNAL_RUN_LAST, 0, NULL,
                                  NULL, NULL, G_TYPE_NONE, 0);
    gtk_widget_class_set_template_from_resource(widget_class,
                                                "/org/earshot/Earshot/trouble_card.ui");
    gtk_widget_class_bind_template_child(widget_class, EarshotTroubleCard, heading);
    gtk_widget_class_bind_template_child(widget_class, EarshotTroubleCard, name);
    gtk_widget_class_bind_template_child(widget_class, EarshotTroubleCard, sentence);
    gtk_widget_class_bind_template_child(widget_class, EarshotTroubleCard, problem);
    gtk_widget_class_bind_template_child(widget_class, EarshotTroubleCard, restore);
    gtk_widget_class_bind_template_child(widget_class, EarshotTroubleCard, anew);
    gtk_widget_class_bind_template_child(widget_class, EarshotTroubleCard, again);
    gtk_widget_class_bind_template_child(widget_class, EarshotTroubleCard, other);
    gtk_widget_class_bind_template_callback(widget_class, on_restore);
    gtk_widget_class_bind_template_callback(widget_class, on_anew);
    gtk_widget_class_bind_template_callback(widget_class, on_again);
    gtk_widget_class_bind_template_callback(widget_class, on_other);
}

static void earshot_trouble_card_init(EarshotTroubleCard *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
}

static const char *heading_of(const GError *problem)
{
    if (g_error_matches(problem, EARSHOT_ERROR, EARSHOT_ERROR_DAMAGED))
        return _("This profile is damaged");
    if (g_error_matches(problem, EARSHOT_ERROR, EARSHOT_ERROR_NEWER))
        return _("This profile is from a newer Earshot");
    if (g_error_matches(problem, EARSHOT_ERROR, EARSHOT_ERROR_BUSY))
        return _("This profile is in use");
    return _("This profile cannot be opened");
}

GtkWidget *earshot_trouble_card_new(const char *path, const GError *problem)
{
    EarshotTroubleCard *self = g_object_new(EARSHOT_TYPE_TROUBLE_CARD, NULL);
    g_autofree char *name = earshot_profile_name_at(path);
    gboolean damaged = g_error_matches(problem, EARSHOT_ERROR, EARSHOT_ERROR_DAMAGED);
    self->path = g_strdup(path);
    gtk_label_set_text(self->heading, heading_of(problem));
    gtk_label_set_text(self->name, name);
    gtk_label_set_text(self->sentence, problem->message);
    gtk_widget_set_visible(self->restore, damaged);
    gtk_widget_set_visible(self->anew, damaged);
    gtk_widget_set_visible(self->again, !damaged);
    return GTK_WIDGET(self);
}

void earshot_trouble_ask(GtkWindow *parent, GCallback look, gpointer data)
{
    GtkWidget *dialog = adw_message_dialog_new(
        parent, _("Part of what is kept here is damaged"),
        _("The disk may be failing. You can go on with what can still be read, or see what can be "
          "done: put a backup back, or begin anew. The damaged files stay in any case."));
    adw_message_dialog_add_responses(ADW_MESSAGE_DIALOG(dialog), "on", _("_Go on"), "look",
                                     _("_See what can be done"), NULL);
    adw_message_dialog_set_default_response(ADW_MESSAGE_DIALOG(dialog), "on");
    adw_message_dialog_set_close_response(ADW_MESSAGE_DIALOG(dialog), "on");
    g_signal_connect_object(dialog, "response::look", look, data, G_CONNECT_SWAPPED);
    earshot_name_buttons(dialog);
    gtk_window_present(GTK_WINDOW(dialog));
}
