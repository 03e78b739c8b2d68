/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a forgotten passphrase means is said before there is one. */
#include "privacy_group.h"

#include <glib/gi18n.h>

#include "bridge/keyring.h"
#include "passphrase_dialog.h"
#include "preferences.h"

struct _EarshotPrivacyGroup {
    AdwPreferencesGroup parent_instance;

    /* template children */
    AdwPreferencesRow *set_row;
    GtkWidget *remove_row;
    AdwComboRow *minutes_row;
    GtkWidget *keyring_row;
    GtkSwitch *keyring_switch;
    GtkWidget *backup_row;

    gboolean updating;

    /* owned */
    EarshotStation *station;
    GtkFileChooserNative *chooser;
    GFile *file; /* where the backup goes */
};

G_DEFINE_FINAL_TYPE(EarshotPrivacyGroup, earshot_privacy_group, ADW_TYPE_PREFERENCES_GROUP)

/* 0: never. */
static const double minutes[] = {1, 5, 15, 60, 0};

static EarshotPrivacy *the_privacy(EarshotPrivacyGroup *self)
{
    return earshot_station_get_privacy(self->station);
}

static GtkWindow *window_of(EarshotPrivacyGroup *self)
{
    return GTK_WINDOW(gtk_widget_get_root(GTK_WIDGET(self)));
}

static EarshotSettings *the_settings(EarshotPrivacyGroup *self)
{
    return earshot_profile_get_settings(earshot_station_get_profile(self->station));
}

static void update(EarshotPrivacyGroup *self)
{
    gboolean has = earshot_privacy_has_passphrase(the_privacy(self));
    adw_preferences_row_set_title(self->set_row,
                                  has ? _("Change the passphrase") : _("Set a passphrase"));
    adw_action_row_set_subtitle(
        ADW_ACTION_ROW(self->set_row),
        has ? _("Only who knows it can read what is kept here")
            : _("Now everybody who can use this computer account can read what is kept here"));
    adw_preferences_group_set_description(
        ADW_PREFERENCES_GROUP(self),
        has ? _("While locked, the window is empty: calls still ring, without a name, and messages "
                "wait with who sent them.")
            : NULL);
    gtk_widget_set_visible(self->remove_row, has);
    gtk_widget_set_visible(GTK_WIDGET(self->minutes_row), has);
    gtk_widget_set_visible(self->keyring_row, has && earshot_keyring_available());
}

static void show_keyring(EarshotPrivacyGroup *self)
{
    self->updating = TRUE;
    gtk_switch_set_active(self->keyring_switch,
                          earshot_settings_get_bool(the_settings(self), "keyring"));
    self->updating = FALSE;
}

/* For all that takes a second: what came of it, at the bottom. */
struct wait {
    EarshotPrivacyGroup *group;
    const char *done; /* static */
};

static void on_done(GObject *source, GAsyncResult *result, gpointer data)
{
    struct wait *wait = data;
    g_autoptr(GError) error = NULL;
    gboolean done = earshot_privacy_done(result, &error);
    if (wait->group->station)
        show_keyring(wait->group);
    earshot_preferences_say(GTK_WIDGET(wait->group), done ? wait->done : error->message);
    g_object_unref(wait->group);
    g_free(wait);
}

static struct wait *wait_new(EarshotPrivacyGroup *self, const char *done)
{
    struct wait *wait = g_new0(struct wait, 1);
    *wait = (struct wait){.group = g_object_ref(self), .done = done};
    return wait;
}

static void on_new_passphrase(EarshotPrivacyGroup *self, const char *passphrase)
{
    earshot_privacy_set_passphrase_async(the_privacy(self), passphrase, on_done,
                                         wait_new(self, _("The passphrase is set.")));
}

static void on_set(EarshotPrivacyGroup *self)
{
    GtkWindow *dialog = earshot_passphrase_dialog_new(
        window_of(self), _("Passphrase"),
        _("Earshot asks for it when it starts. If it is forgotten, nobody can read what is kept "
          "here, not even we: write it down and keep the paper in a safe place."),
        _("_Set the passphrase"), TRUE);
    g_signal_connect_object(dialog, "given", G_CALLBACK(on_new_passphrase), self,
                            G_CONNECT_SWAPPED);
    gtk_window_present(dialog);
}

static void on_remove(EarshotPrivacyGroup *self)
{
    earshot_privacy_set_passphrase_async(the_privacy(self), NULL, on_done,
                                         wait_new(self, _("No passphrase is asked for now.")));
}

static void on_keyring(EarshotPrivacyGroup *self)
{
    gboolean use = gtk_switch_get_active(self->keyring_switch);
    if (self->updating || !self->station)
        return;
    earshot_keyring_use_async(
        earshot_station_get_profile(self->station), use, on_done,
        wait_new(self, use ? _("Earshot opens without asking on this desktop from now on.")
                           : _("The keyring has forgotten it.")));
}

static void on_minutes(EarshotPrivacyGroup *self)
{
    guint chosen = adw_combo_row_get_selected(self->minutes_row);
    if (!self->updating && self->station && chosen < G_N_ELEMENTS(minutes))
        g_object_set(earshot_profile_get_settings(earshot_station_get_profile(self->station)),
                     "lock-minutes", minutes[chosen], NULL);
}

/* ---- backup ---- */

static void on_backup_passphrase(EarshotPrivacyGroup *self, const char *passphrase)
{
    if (self->file)
        earshot_privacy_backup_async(the_privacy(self), self->file, passphrase, on_done,
                                     wait_new(self, _("The backup is made.")));
    g_clear_object(&self->file);
}

static void on_file_chosen(EarshotPrivacyGroup *self, int response, GtkFileChooserNative *chooser)
{
    g_clear_object(&self->file);
    if (response == GTK_RESPONSE_ACCEPT)
        self->file = gtk_file_chooser_get_file(GTK_FILE_CHOOSER(chooser));
    g_clear_object(&self->chooser);
    if (!self->file)
        return;
    GtkWindow *dialog = earshot_passphrase_dialog_new(
        window_of(self), _("Make a backup"),
        _("This passphrase opens the backup, on this computer or another one. If it is forgotten, "
          "the backup is worth nothing."),
        _("_Make the backup"), TRUE);
    g_signal_connect_object(dialog, "given", G_CALLBACK(on_backup_passphrase), self,
                            G_CONNECT_SWAPPED);
    gtk_window_present(dialog);
}

static void on_backup(EarshotPrivacyGroup *self)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    g_autofree char *name = g_date_time_format(now, "earshot-%Y-%m-%d.backup");
    g_clear_object(&self->chooser);
    self->chooser =
        gtk_file_chooser_native_new(_("Make a backup"), window_of(self),
                                    GTK_FILE_CHOOSER_ACTION_SAVE, _("_Save"), _("_Cancel"));
    gtk_file_chooser_set_current_name(GTK_FILE_CHOOSER(self->chooser), name);
    g_signal_connect_object(self->chooser, "response", G_CALLBACK(on_file_chosen), self,
                            G_CONNECT_SWAPPED);
    gtk_native_dialog_show(GTK_NATIVE_DIALOG(self->chooser));
}

/* ---- beginning and end ---- */

static void fill_minutes(EarshotPrivacyGroup *self)
{
    const char *const names[] = {_("After one minute"), _("After 5 minutes"), _("After 15 minutes"),
                                 _("After an hour"),    _("Never"),           NULL};
    g_autoptr(GtkStringList) list = gtk_string_list_new(names);
    double set = earshot_settings_get_number(
        earshot_profile_get_settings(earshot_station_get_profile(self->station)), "lock-minutes");
    self->updating = TRUE;
    adw_combo_row_set_model(self->minutes_row, G_LIST_MODEL(list));
    for (guint i = 0; i < G_N_ELEMENTS(minutes); i++)
        if (minutes[i] == set)
            adw_combo_row_set_selected(self->minutes_row, i);
    self->updating = FALSE;
}

static void earshot_privacy_group_dispose(GObject *object)
{
    EarshotPrivacyGroup *self = EARSHOT_PRIVACY_GROUP(object);
    g_clear_object(&self->chooser);
    g_clear_object(&self->file);
    g_clear_object(&self->station);
    gtk_widget_dispose_template(GTK_WIDGET(self), EARSHOT_TYPE_PRIVACY_GROUP);
    G_OBJECT_CLASS(earshot_privacy_group_parent_class)->dispose(object);
}

static void earshot_privacy_group_class_init(EarshotPrivacyGroupClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->dispose = earshot_privacy_group_dispose;
    gtk_widget_class_set_template_from_resource(widget_class,
                                                "/org/earshot/Earshot/privacy_group.ui");
    gtk_widget_class_bind_template_child(widget_class, EarshotPrivacyGroup, set_row);
    gtk_widget_class_bind_template_child(widget_class, EarshotPrivacyGroup, remove_row);
    gtk_widget_class_bind_template_child(widget_class, EarshotPrivacyGroup, minutes_row);
    gtk_widget_class_bind_template_child(widget_class, EarshotPrivacyGroup, keyring_row);
    gtk_widget_class_bind_template_child(widget_class, EarshotPrivacyGroup, keyring_switch);
    gtk_widget_class_bind_template_child(widget_class, EarshotPrivacyGroup, backup_row);
    gtk_widget_class_bind_template_callback(widget_class, on_set);
    gtk_widget_class_bind_template_callback(widget_class, on_remove);
    gtk_widget_class_bind_template_callback(widget_class, on_minutes);
    gtk_widget_class_bind_template_callback(widget_class, on_keyring);
    gtk_widget_class_bind_template_callback(widget_class, on_backup);
}

static void earshot_privacy_group_init(EarshotPrivacyGroup *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWidget *earshot_privacy_group_new(EarshotStation *station)
{
    EarshotPrivacyGroup *self = g_object_new(EARSHOT_TYPE_PRIVACY_GROUP, NULL);
    self->station = g_object_ref(station);
    fill_minutes(self);
    show_keyring(self);
    g_signal_connect_object(the_settings(self), "notify::keyring", G_CALLBACK(show_keyring), self,
                            G_CONNECT_SWAPPED);
    g_signal_connect_object(the_privacy(self), "notify::has-passphrase", G_CALLBACK(update), self,
                            G_CONNECT_SWAPPED);
    update(self);
    return GTK_WIDGET(self);
}
