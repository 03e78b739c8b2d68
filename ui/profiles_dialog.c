/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Several people on one laptop: whose Earshot is shown. */
#include "profiles_dialog.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>

#include "bridge/privacy.h"
#include "passphrase_dialog.h"

struct _EarshotProfilesDialog {
    AdwWindow parent_instance;

    /* template children */
    GtkListBox *profiles;
    GtkEditable *name_row;
    GtkWidget *add_button;
    GtkWidget *restore_button;
    GtkLabel *problem;

    /* owned */
    char **paths;
    GFile *file;    /* the backup */
    char *restored; /* where it goes */
    GtkFileChooserNative *chooser;
};

G_DEFINE_FINAL_TYPE(EarshotProfilesDialog, earshot_profiles_dialog, ADW_TYPE_WINDOW)

enum { CHOSEN, SIGNALS };
static guint signals[SIGNALS];

/* The receiver may close the program's windows: nothing of the dialog is touched afterwards. */
static void choose(EarshotProfilesDialog *self, const char *path)
{
    g_autoptr(EarshotProfilesDialog) kept = g_object_ref(self);
    g_autofree char *chosen = g_strdup(path);
    gtk_window_close(GTK_WINDOW(self));
    g_signal_emit(kept, signals[CHOSEN], 0, chosen);
}

static void on_row_activated(EarshotProfilesDialog *self, GtkListBoxRow *row)
{
    choose(self, self->paths[gtk_list_box_row_get_index(row)]);
}

static char *dup_new_name(EarshotProfilesDialog *self)
{
    return g_strstrip(g_strdup(gtk_editable_get_text(self->name_row)));
}

static void on_name_changed(EarshotProfilesDialog *self)
{
    g_autofree char *name = dup_new_name(self);
    gtk_widget_set_sensitive(self->add_button, *name != '\0');
}

static void on_add_clicked(EarshotProfilesDialog *self)
{
    g_autofree char *name = dup_new_name(self);
    if (!*name)
        return;
    g_autofree char *path = earshot_profile_new_path(name);
    choose(self, path);
}

/* ---- a backup, as a profile of its own ---- */

static void show_problem(EarshotProfilesDialog *self, const char *sentence)
{
    gtk_label_set_text(self->problem, sentence);
    gtk_widget_set_visible(GTK_WIDGET(self->problem), *sentence != '\0');
}

/* What came to nothing leaves no profile behind. */
static void clear_up(EarshotProfilesDialog *self)
{
    g_autofree char *lock = g_build_filename(self->restored, "lock", NULL);
    g_unlink(lock);
    g_rmdir(self->restored); /* only if nothing is in it */
}

static void on_restored(GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr(EarshotProfilesDialog) self = data;
    g_autoptr(GError) error = NULL;
    gboolean restored = earshot_privacy_done(result, &error);
    gtk_widget_set_sensitive(self->restore_button, TRUE);
    if (restored) {
        choose(self, self->restored);
        return;
    }
    clear_up(self);
    show_problem(self, error->message);
}

static void on_passphrase(EarshotProfilesDialog *self, const char *passphrase)
{
    g_autofree char *name = self->file ? g_file_get_basename(self->file) : NULL;
    if (!name)
        return;
    g_free(self->restored);
    self->restored = earshot_profile_new_path(name);
    gtk_widget_set_sensitive(self->restore_button, FALSE);
    show_problem(self, "");
    earshot_privacy_restore_async(self->restored, self->file, passphrase, on_restored,
                                  g_object_ref(self));
    g_clear_object(&self->file);
}

static void on_file_chosen(EarshotProfilesDialog *self, int response, GtkFileChooserNative *chooser)
{
    g_clear_object(&self->file);
    if (response == GTK_RESPONSE_ACCEPT)
        self->file = gtk_file_chooser_get_file(GTK_FILE_CHOOSER(chooser));
    g_clear_object(&self->chooser);
    if (!self->file)
        return;
    GtkWindow *dialog = earshot_passphrase_dialog_new(
        GTK_WINDOW(self), _("Put a backup back"),
        _("The passphrase that was given when the backup was made. What came after the backup is "
          "not in it."),
        _("_Put it back"), FALSE);
    g_signal_connect_object(dialog, "given", G_CALLBACK(on_passphrase), self, G_CONNECT_SWAPPED);
    gtk_window_present(dialog);
}

static void on_restore_clicked(EarshotProfilesDialog *self)
{
    g_clear_object(&self->chooser);
    self->chooser =
        gtk_file_chooser_native_new(_("Put a backup back"), GTK_WINDOW(self),
                                    GTK_FILE_CHOOSER_ACTION_OPEN, _("_Open"), _("_Cancel"));
    g_signal_connect_object(self->chooser, "response", G_CALLBACK(on_file_chosen), self,
                            G_CONNECT_SWAPPED);
    gtk_native_dialog_show(GTK_NATIVE_DIALOG(self->chooser));
}

/* ---- beginning and end ---- */

static GtkWidget *row_new(const char *path, gboolean open)
{
    g_autofree char *name = earshot_profile_name_at(path);
    GtkWidget *row = adw_action_row_new();
    GtkWidget *avatar = adw_avatar_new(40, name, TRUE);
    adw_preferences_row_set_use_markup(ADW_PREFERENCES_ROW(row), FALSE);
    adw_preferences_row_set_title(ADW_PREFERENCES_ROW(row), name);
    if (open)
        adw_action_row_set_subtitle(ADW_ACTION_ROW(row), _("Open now"));
    adw_action_row_add_prefix(ADW_ACTION_ROW(row), avatar);
    gtk_list_box_row_set_activatable(GTK_LIST_BOX_ROW(row), !open);
    return row;
}

static void earshot_profiles_dialog_dispose(GObject *object)
{
    EarshotProfilesDialog *self = EARSHOT_PROFILES_DIALOG(object);
    g_clear_pointer(&self->paths, g_strfreev);
    g_clear_pointer(&self->restored, g_free);
    g_clear_object(&self->file);
    g_clear_object(&self->chooser);
    gtk_widget_dispose_template(GTK_WIDGET(self), EARSHOT_TYPE_PROFILES_DIALOG);
    G_OBJECT_CLASS(earshot_profiles_dialog_parent_class)->dispose(object);
}

static void earshot_profiles_dialog_class_init(EarshotProfilesDialogClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->dispose = earshot_profiles_dialog_dispose;
    signals[CHOSEN] = g_signal_new("chosen", EARSHOT_TYPE_PROFILES_DIALOG, G_SIGNAL_RUN_LAST, 0,
                                   NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
    gtk_widget_class_set_template_from_resource(widget_class,
                                                "/org/earshot/Earshot/profiles_dialog.ui");
    gtk_widget_class_bind_template_child(widget_class, EarshotProfilesDialog, profiles);
    gtk_widget_class_bind_template_child(widget_class, EarshotProfilesDialog, name_row);
    gtk_widget_class_bind_template_child(widget_class, EarshotProfilesDialog, add_button);
    gtk_widget_class_bind_template_child(widget_class, EarshotProfilesDialog, restore_button);
    gtk_widget_class_bind_template_child(widget_class, EarshotProfilesDialog, problem);
    gtk_widget_class_bind_template_callback(widget_class, on_row_activated);
    gtk_widget_class_bind_template_callback(widget_class, on_restore_clicked);
    gtk_widget_class_bind_template_callback(widget_class, on_name_changed);
    gtk_widget_class_bind_template_callback(widget_class, on_add_clicked);
    gtk_widget_class_add_binding_action(widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void earshot_profiles_dialog_init(EarshotProfilesDialog *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWindow *earshot_profiles_dialog_new(GtkWindow *parent, const char *open_path)
{
    EarshotProfilesDialog *self =
        g_object_new(EARSHOT_TYPE_PROFILES_DIALOG, "transient-for", parent, NULL);
    self->paths = earshot_profile_list();
    for (char **path = self->paths; *path; path++) {
        gboolean open = g_strcmp0(*path, open_path) == 0;
        gtk_list_box_append(self->profiles, row_new(*path, open));
    }
    return GTK_WINDOW(self);
}
