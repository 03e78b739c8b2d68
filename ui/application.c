/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Profile, station and window, from the first start to the last goodbye. */
#include "application.h"

#include <glib/gi18n.h>

#include "autostart.h"
#include "bridge/keyring.h"
#include "language.h"
#include "notice.h"
#include "opened_invite.h"
#include "profiles_dialog.h"
#include "set_up.h"
#include "trouble_card.h"
#include "unlock_card.h"
#include "window.h"

#define CALL_NOTE "call"
/* A keyring that is open answers within this. */
#define ASKING_LONG_MS 700
#define THERE_NOTE "there"

struct _EarshotApplication {
    AdwApplication parent_instance;

    gboolean background; /* started to ring, without a window */
    gboolean held;       /* goes on without a window */
    gboolean was_shown;  /* while it locks */
    gboolean asks;       /* the keyring, for the closed profile ... */
    gboolean awaited;    /* ... and a window is wanted */
    char *wanted;        /* profile named on the command line */

    /* owned */
    EarshotProfile *profile;
    EarshotStation *station;
    EarshotWindow *window; /* borrowed: the application owns its windows */
    GtkWindow *closed;     /* likewise: of a profile that is not open, and why */
    char *closed_path;
    GError *problem;
    GPtrArray *opened; /* GFile: invites that wait for the profile */
};

G_DEFINE_FINAL_TYPE(EarshotApplication, earshot_application, ADW_TYPE_APPLICATION)

static EarshotSettings *the_settings(EarshotApplication *self)
{
    return earshot_profile_get_settings(self->profile);
}

/* ---- window ---- */

static void on_window_gone(gpointer data, GObject *window)
{
    EARSHOT_APPLICATION(data)->window = NULL;
}

static void forget_window(EarshotApplication *self)
{
    if (!self->window)
        return;
    g_object_weak_unref(G_OBJECT(self->window), on_window_gone, self);
    gtk_window_destroy(GTK_WINDOW(self->window));
    self->window = NULL;
}

static void show_window(EarshotApplication *self)
{
    if (!self->station)
        return;
    if (!self->window) {
        self->window = earshot_window_new(ADW_APPLICATION(self), self->station);
        g_object_weak_ref(G_OBJECT(self->window), on_window_gone, self);
    }
    gtk_window_present(GTK_WINDOW(self->window));
}

/* ---- going on without a window ---- */

static void follow_background(EarshotApplication *self)
{
    gboolean hold = self->profile && earshot_settings_get_bool(the_settings(self), "set-up") &&
                    earshot_settings_get_bool(the_settings(self), "ring-in-background");
    if (hold && !self->held)
        g_application_hold(G_APPLICATION(self));
    if (!hold && self->held)
        g_application_release(G_APPLICATION(self));
    self->held = hold;
}

static void follow_autostart(EarshotApplication *self)
{
    g_autoptr(GError) error = NULL;
    if (!earshot_autostart_set(earshot_settings_get_bool(the_settings(self), "start-at-login"),
                               &error) &&
        self->window)
        earshot_window_say(self->window, error->message);
}

/* ---- the lock ---- */

/* With all dialogs above it: none may show what is locked. */
static void on_locking(EarshotApplication *self)
{
    self->was_shown = self->window != NULL;
    g_application_hold(G_APPLICATION(self)); /* between two windows */
    forget_window(self);
    g_autoptr(GList) others = gtk_window_list_toplevels();
    for (GList *each = others; each; each = each->next)
        g_object_ref(each->data);
    for (GList *each = others; each; each = each->next) {
        gtk_window_destroy(each->data);
        g_object_unref(each->data);
    }
}

static void on_locked(EarshotApplication *self)
{
    if (earshot_privacy_is_locked(earshot_station_get_privacy(self->station))) {
        if (self->was_shown)
            show_window(self);
    } else {
        earshot_notice_withdraw_urgent(G_APPLICATION(self));
        g_application_hold(G_APPLICATION(self));
        forget_window(self);
        show_window(self);
    }
    g_application_release(G_APPLICATION(self));
}

/* ---- what the desktop is told ---- */

static gboolean call_is_over(gpointer application)
{
    EarshotStation *station = EARSHOT_APPLICATION(application)->station;
    return !station ||
           earshot_call_get_phase(earshot_station_get_call(station)) != EARSHOT_CALL_INCOMING;
}

static void note_call(EarshotApplication *self)
{
    /* No name: whoever passes by the screen is not to know who calls. */
    GNotification *note = g_notification_new(_("Somebody calls"));
    g_notification_set_priority(note, G_NOTIFICATION_PRIORITY_URGENT);
    g_notification_set_category(note, "call.incoming");
    g_notification_add_button(note, _("Answer"), "app.answer");
    g_notification_add_button(note, _("Decline"), "app.decline");
    earshot_notice_send(G_APPLICATION(self), CALL_NOTE, note, call_is_over);
}

static void on_phase_changed(EarshotApplication *self)
{
    EarshotCallPhase phase = earshot_call_get_phase(earshot_station_get_call(self->station));
    if (phase == EARSHOT_CALL_INCOMING) {
        note_call(self);
        show_window(self);
    } else {
        g_application_withdraw_notification(G_APPLICATION(self), CALL_NOTE);
    }
}

static void on_there(EarshotApplication *self, EarshotPerson *person)
{
    GNotification *note = g_notification_new(_("Somebody you wanted to reach is there"));
    earshot_notice_send(G_APPLICATION(self), THERE_NOTE, note, NULL);
    if (self->window) {
        /* Translators: %s is a person's name. */
        g_autofree char *sentence =
            g_strdup_printf(_("%s is there now."), earshot_person_get_name(person));
        earshot_window_say(self->window, sentence);
    }
}

static void on_message(EarshotApplication *self, EarshotMessage *message)
{
    gboolean urgent = earshot_message_get_kind(message) == EARSHOT_MESSAGE_URGENT;
    earshot_notice_message(G_APPLICATION(self),
                           urgent ? _("An urgent message has come") : _("A message has come"), NULL,
                           urgent);
    if (urgent)
        show_window(self);
}

/* While locked: nothing can be taken, but somebody is in danger. */
static void on_urgent(EarshotApplication *self)
{
    earshot_notice_message(G_APPLICATION(self), _("Somebody you know"),
                           _("An urgent message waits. Unlock Earshot to read it."), TRUE);
    show_window(self);
}

/* ---- a profile that is not open: locked, or in trouble ---- */

static gboolean take_profile(EarshotApplication *self, EarshotProfile *profile, gboolean shown,
                             GError **error);
static void show_closed(EarshotApplication *self);

static void on_closed_gone(gpointer data, GObject *window)
{
    EARSHOT_APPLICATION(data)->closed = NULL;
}

static void set_closed(EarshotApplication *self, const char *path, const GError *problem)
{
    g_free(self->closed_path);
    self->closed_path = g_strdup(path);
    g_clear_error(&self->problem);
    if (problem)
        self->problem = g_error_copy(problem);
}

static void forget_closed(EarshotApplication *self)
{
    set_closed(self, NULL, NULL);
    if (!self->closed)
        return;
    g_object_weak_unref(G_OBJECT(self->closed), on_closed_gone, self);
    gtk_window_destroy(self->closed);
    self->closed = NULL;
}

static void on_unlocked(EarshotApplication *self, EarshotProfile *profile)
{
    g_autoptr(GError) error = NULL;
    g_application_hold(G_APPLICATION(self)); /* between two windows */
    forget_closed(self);
    if (!take_profile(self, profile, TRUE, &error))
        g_printerr("earshot: %s\n", error->message);
    g_application_release(G_APPLICATION(self));
}

static void on_refused(EarshotApplication *self, const GError *problem)
{
    g_autofree char *path = g_strdup(self->closed_path);
    set_closed(self, path, problem);
    show_closed(self);
}

static void on_other_chosen(EarshotApplication *self, const char *path)
{
    g_autoptr(GError) error = NULL;
    if (!earshot_application_open(self, path, &error))
        g_printerr("earshot: %s\n", error->message);
}

static void on_again(EarshotApplication *self)
{
    g_autofree char *path = g_strdup(self->closed_path);
    on_other_chosen(self, path);
}

static void on_other(EarshotApplication *self)
{
    GtkWindow *dialog = earshot_profiles_dialog_new(self->closed, self->closed_path);
    g_signal_connect_object(dialog, "chosen", G_CALLBACK(on_other_chosen), self, G_CONNECT_SWAPPED);
    gtk_window_present(dialog);
}

static GtkWidget *closed_card(EarshotApplication *self)
{
    gboolean locked = g_error_matches(self->problem, EARSHOT_ERROR, EARSHOT_ERROR_LOCKED);
    GtkWidget *card = locked ? earshot_unlock_card_new_for_path(self->closed_path, self->problem)
                             : earshot_trouble_card_new(self->closed_path, self->problem);
    if (locked) {
        g_signal_connect_object(card, "opened", G_CALLBACK(on_unlocked), self, G_CONNECT_SWAPPED);
        g_signal_connect_object(card, "refused", G_CALLBACK(on_refused), self, G_CONNECT_SWAPPED);
    } else {
        g_signal_connect_object(card, "again", G_CALLBACK(on_again), self, G_CONNECT_SWAPPED);
    }
    g_signal_connect_object(card, "other", G_CALLBACK(on_other), self, G_CONNECT_SWAPPED);
    return card;
}

static void show_closed(EarshotApplication *self)
{
    if (!self->closed) {
        self->closed = GTK_WINDOW(adw_application_window_new(GTK_APPLICATION(self)));
        g_object_weak_ref(G_OBJECT(self->closed), on_closed_gone, self);
        gtk_window_set_title(self->closed, "Earshot");
        gtk_window_set_default_size(self->closed, 420, 480);
    }
    adw_application_window_set_content(ADW_APPLICATION_WINDOW(self->closed), closed_card(self));
    gtk_window_present(self->closed);
}

static void close_profile(EarshotApplication *self);

/* Once the question is gone. */
static void close_damaged(gpointer data)
{
    g_autoptr(EarshotApplication) self = data;
    g_autoptr(GError) problem = NULL;
    if (!self->profile)
        return;
    earshot_profile_tell_damage(&problem);
    set_closed(self, earshot_profile_get_path(self->profile), problem);
    g_application_hold(G_APPLICATION(self)); /* between two windows */
    close_profile(self);
    show_closed(self);
    g_application_release(G_APPLICATION(self));
}

static void on_look(EarshotApplication *self)
{
    g_idle_add_once(close_damaged, g_object_ref(self));
}

static void on_damaged(EarshotApplication *self)
{
    show_window(self);
    if (self->window)
        earshot_trouble_ask(GTK_WINDOW(self->window), G_CALLBACK(on_look), self);
}

/* ---- a profile whose key the desktop keeps ---- */

static void on_keyring(GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr(EarshotApplication) self = data;
    g_autoptr(GError) error = NULL;
    g_autoptr(EarshotProfile) profile = earshot_privacy_open_finish(result, &error);
    gboolean wanted = self->awaited || self->closed;
    self->asks = self->awaited = FALSE;
    if (profile && self->closed_path) {
        forget_closed(self);
        if (!take_profile(self, profile, wanted, &error))
            g_printerr("earshot: %s\n", error->message);
    } else if (error && self->closed_path && !self->closed) {
        g_autofree char *path = g_strdup(self->closed_path);
        set_closed(self, path, error);
        if (wanted)
            show_closed(self);
    }
    g_application_release(G_APPLICATION(self));
}

/* Whoever waits may give the passphrase meanwhile. */
static void on_asking_long(gpointer data)
{
    g_autoptr(EarshotApplication) self = data;
    if (self->asks && self->awaited && !self->closed)
        show_closed(self);
}

static void ask_keyring(EarshotApplication *self)
{
    g_application_hold(G_APPLICATION(self));
    self->asks = TRUE;
    earshot_keyring_open_async(self->closed_path, on_keyring, g_object_ref(self));
    g_timeout_add_once(ASKING_LONG_MS, on_asking_long, g_object_ref(self));
}

/* ---- profiles ---- */

static void close_profile(EarshotApplication *self)
{
    forget_window(self);
    if (self->station)
        earshot_station_stop(self->station);
    g_clear_object(&self->station);
    g_clear_object(&self->profile);
}

static void listen_to(EarshotApplication *self)
{
    EarshotCall *call = earshot_station_get_call(self->station);
    EarshotPrivacy *privacy = earshot_station_get_privacy(self->station);
    g_signal_connect_object(privacy, "locking", G_CALLBACK(on_locking), self, G_CONNECT_SWAPPED);
    g_signal_connect_object(privacy, "notify::locked", G_CALLBACK(on_locked), self,
                            G_CONNECT_SWAPPED);
    g_signal_connect_object(call, "notify::phase", G_CALLBACK(on_phase_changed), self,
                            G_CONNECT_SWAPPED);
    g_signal_connect_object(self->profile, "damaged", G_CALLBACK(on_damaged), self,
                            G_CONNECT_SWAPPED);
    g_signal_connect_object(call, "there", G_CALLBACK(on_there), self, G_CONNECT_SWAPPED);
    EarshotMail *mail = earshot_station_get_mail(self->station);
    g_signal_connect_object(mail, "came", G_CALLBACK(on_message), self, G_CONNECT_SWAPPED);
    g_signal_connect_object(mail, "urgent", G_CALLBACK(on_urgent), self, G_CONNECT_SWAPPED);
    g_signal_connect_object(the_settings(self), "notify::set-up", G_CALLBACK(follow_background),
                            self, G_CONNECT_SWAPPED);
    g_signal_connect_object(the_settings(self), "notify::ring-in-background",
                            G_CALLBACK(follow_background), self, G_CONNECT_SWAPPED);
    g_signal_connect_object(the_settings(self), "notify::start-at-login",
                            G_CALLBACK(follow_autostart), self, G_CONNECT_SWAPPED);
}

static void take_opened(EarshotApplication *self)
{
    if (!self->station)
        return;
    for (guint i = 0; i < self->opened->len; i++)
        earshot_opened_invite_take(g_ptr_array_index(self->opened, i), self->station, self->window);
    g_ptr_array_set_size(self->opened, 0);
}

/* In place of the one before. */
static gboolean take_profile(EarshotApplication *self, EarshotProfile *profile, gboolean shown,
                             GError **error)
{
    g_application_hold(G_APPLICATION(self)); /* between two windows */
    close_profile(self);
    g_autoptr(EarshotStation) station = earshot_station_new(profile, error);
    if (station) {
        self->profile = g_object_ref(profile);
        self->station = g_steal_pointer(&station);
        if (!self->wanted)
            earshot_profile_remember(earshot_profile_get_path(profile));
        listen_to(self);
        follow_background(self);
        if (shown)
            show_window(self);
        take_opened(self);
    }
    g_application_release(G_APPLICATION(self));
    return self->station != NULL;
}

gboolean earshot_application_open(EarshotApplication *self, const char *path, GError **error)
{
    g_autofree char *kept = g_strdup(path);
    g_autoptr(GError) problem = NULL;
    gboolean shown = self->window != NULL || self->closed != NULL;
    if (self->profile && g_str_equal(earshot_profile_get_path(self->profile), path))
        return TRUE;
    /* The new one is opened first: where that fails, the old one goes on. */
    g_autoptr(EarshotProfile) profile = earshot_profile_open(kept, &problem);
    if (profile) {
        forget_closed(self);
        return take_profile(self, profile, shown, error);
    }
    if (!self->station || g_error_matches(problem, EARSHOT_ERROR, EARSHOT_ERROR_LOCKED) ||
        g_error_matches(problem, EARSHOT_ERROR, EARSHOT_ERROR_DAMAGED)) {
        set_closed(self, kept, problem);
        if (g_error_matches(problem, EARSHOT_ERROR, EARSHOT_ERROR_LOCKED) && !self->asks &&
            earshot_keyring_is_used(kept))
            ask_keyring(self);
        if (shown && self->asks)
            self->awaited = TRUE;
        else if (shown)
            show_closed(self);
        return TRUE;
    }
    g_propagate_error(error, g_steal_pointer(&problem));
    return FALSE;
}

EarshotStation *earshot_application_get_station(EarshotApplication *self)
{
    return self->station;
}

void earshot_application_speak(EarshotApplication *self, const char *language)
{
    earshot_language_choose(language);
    g_application_hold(G_APPLICATION(self));
    forget_window(self);
    show_window(self);
    g_application_release(G_APPLICATION(self));
}

/* ---- actions ---- */

static void act_show(GSimpleAction *action, GVariant *unused, gpointer data)
{
    show_window(data);
}

static void act_answer(GSimpleAction *action, GVariant *unused, gpointer data)
{
    EarshotApplication *self = data;
    show_window(self);
    if (self->station)
        earshot_call_answer(earshot_station_get_call(self->station));
}

static void act_decline(GSimpleAction *action, GVariant *unused, gpointer data)
{
    EarshotApplication *self = data;
    if (self->station &&
        earshot_call_get_phase(earshot_station_get_call(self->station)) == EARSHOT_CALL_INCOMING)
        earshot_call_hang_up(earshot_station_get_call(self->station));
}

static void act_quit(GSimpleAction *action, GVariant *unused, gpointer data)
{
    close_profile(data);
    g_application_quit(G_APPLICATION(data));
}

static const GActionEntry actions[] = {
    {.name = "show", .activate = act_show},
    {.name = "answer", .activate = act_answer},
    {.name = "decline", .activate = act_decline},
    {.name = "quit", .activate = act_quit},
};

/* ---- the application's life ---- */

static void earshot_application_startup(GApplication *application)
{
    EarshotApplication *self = EARSHOT_APPLICATION(application);
    g_autoptr(GError) error = NULL;
    G_APPLICATION_CLASS(earshot_application_parent_class)->startup(application);
    earshot_set_up_style();
    g_action_map_add_action_entries(G_ACTION_MAP(application), actions, G_N_ELEMENTS(actions),
                                    self);
    earshot_set_up_keys(GTK_APPLICATION(application));
    g_autofree char *path = self->wanted ? g_strdup(self->wanted) : earshot_profile_choose();
    if (!earshot_application_open(self, path, &error))
        set_closed(self, path, error);
}

static void earshot_application_activate(GApplication *application)
{
    EarshotApplication *self = EARSHOT_APPLICATION(application);
    gboolean quiet = self->background;
    self->background = FALSE;
    if (!self->station && self->closed)
        gtk_window_present(self->closed);
    else if (!self->station && self->asks)
        self->awaited = !quiet;
    else if (!self->station)
        show_closed(self);
    else if (!quiet || !self->held)
        show_window(self);
}

/* Invites as files and links; where the profile is not open yet, they wait for it. */
static void earshot_application_open_files(GApplication *application, GFile **files, int count,
                                           const char *hint)
{
    EarshotApplication *self = EARSHOT_APPLICATION(application);
    g_application_activate(application);
    for (int i = 0; i < count; i++)
        g_ptr_array_add(self->opened, g_object_ref(files[i]));
    take_opened(self);
}

static int earshot_application_local_options(GApplication *application, GVariantDict *options)
{
    EarshotApplication *self = EARSHOT_APPLICATION(application);
    if (g_variant_dict_contains(options, "version")) {
        g_print("Earshot %s\n", EAR_VERSION);
        return 0;
    }
    self->background = g_variant_dict_contains(options, "background");
    if (g_variant_dict_lookup(options, "profile", "^ay", &self->wanted))
        g_application_set_flags(application,
                                g_application_get_flags(application) | G_APPLICATION_NON_UNIQUE);
    return -1;
}

static void earshot_application_shutdown(GApplication *application)
{
    close_profile(EARSHOT_APPLICATION(application));
    G_APPLICATION_CLASS(earshot_application_parent_class)->shutdown(application);
}

static void earshot_application_finalize(GObject *object)
{
    EarshotApplication *self = EARSHOT_APPLICATION(object);
    g_free(self->wanted);
    g_free(self->closed_path);
    g_clear_error(&self->problem);
    g_ptr_array_unref(self->opened);
    G_OBJECT_CLASS(earshot_application_parent_class)->finalize(object);
}

static void earshot_application_class_init(EarshotApplicationClass *klass)
{
    GApplicationClass *application_class = G_APPLICATION_CLASS(klass);
    application_class->startup = earshot_application_startup;
    application_class->activate = earshot_application_activate;
    application_class->open = earshot_application_open_files;
    application_class->handle_local_options = earshot_application_local_options;
    application_class->shutdown = earshot_application_shutdown;
    G_OBJECT_CLASS(klass)->finalize = earshot_application_finalize;
}

static void earshot_application_init(EarshotApplication *self)
{
    static const GOptionEntry options[] = {
        {"profile", 0, 0, G_OPTION_ARG_FILENAME, NULL, N_("Use the profile in this folder"),
         N_("DIR")},
        {"background", 0, 0, G_OPTION_ARG_NONE, NULL, N_("Start without a window, to be called"),
         NULL},
        {"version", 0, 0, G_OPTION_ARG_NONE, NULL, N_("Say the version"), NULL},
        {NULL},
    };
    self->opened = g_ptr_array_new_with_free_func(g_object_unref);
    g_application_add_main_option_entries(G_APPLICATION(self), options);
}

EarshotApplication *earshot_application_new(void)
{
    return g_object_new(EARSHOT_TYPE_APPLICATION, "application-id", EARSHOT_APPLICATION_ID, "flags",
                        G_APPLICATION_HANDLES_OPEN, NULL);
}
