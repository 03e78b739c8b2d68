/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Assembles the pages; which one is shown follows from the call and from where the user went. */
#include "window.h"

#include <glib/gi18n.h>
#include <string.h>

#include "add_person_page.h"
#include "after_page.h"
#include "application.h"
#include "call_actions.h"
#include "call_page.h"
#include "conversation_page.h"
#include "first_run_page.h"
#include "help_window.h"
#include "history_page.h"
#include "home_page.h"
#include "incoming_page.h"
#include "name_buttons.h"
#include "neutral_page.h"
#include "preferences.h"
#include "profiles_dialog.h"
#include "search_page.h"
#include "shortcuts_window.h"
#include "unlock_card.h"
#include "urgent_page.h"

#define TOAST_S 5
#define COMPACT_WIDTH 360
#define COMPACT_HEIGHT 320

struct _EarshotWindow {
    AdwApplicationWindow parent_instance;

    /* template children */
    AdwToastOverlay *toasts;
    GtkStack *pages;

    const char *place; /* the page that the user is on, calls apart */
    guint inhibited;   /* cookie of the session manager; 0: none */

    /* owned */
    EarshotStation *station;
};

G_DEFINE_FINAL_TYPE(EarshotWindow, earshot_window, ADW_TYPE_APPLICATION_WINDOW)

static EarshotCall *the_call(EarshotWindow *self)
{
    return earshot_station_get_call(self->station);
}

/* Such a window has pages of calls alone. */
static gboolean is_locked(EarshotWindow *self)
{
    return earshot_privacy_is_locked(earshot_station_get_privacy(self->station));
}

/* ---- which page ---- */

static const char *page_of_call(EarshotWindow *self)
{
    gboolean hidden;
    g_object_get(the_call(self), "hidden", &hidden, NULL);
    if (hidden)
        return "neutral";
    switch (earshot_call_get_phase(the_call(self))) {
    case EARSHOT_CALL_CALLING:
    case EARSHOT_CALL_RINGING:
    case EARSHOT_CALL_TALKING:
    case EARSHOT_CALL_LOST:
        return "call";
    case EARSHOT_CALL_INCOMING:
        return "incoming";
    case EARSHOT_CALL_ENDED:
        return "after";
    case EARSHOT_CALL_IDLE:
        break;
    }
    return NULL;
}

static void show_page(EarshotWindow *self)
{
    const char *name = page_of_call(self);
    /* In a call the numbers for urgent help stay within reach. */
    if (name && g_str_equal(name, "call") && g_str_equal(self->place, "urgent") && !is_locked(self))
        name = "urgent";
    /* A call may be answered all the same. */
    if (is_locked(self) && (!name || !gtk_stack_get_child_by_name(self->pages, name)))
        name = "locked";
    gtk_stack_set_visible_child_name(self->pages, name ? name : self->place);
    gtk_window_set_title(GTK_WINDOW(self),
                         name && g_str_equal(name, "neutral") ? _("Notes") : "Earshot");
}

static void go(EarshotWindow *self, const char *place)
{
    self->place = place;
    show_page(self);
}

/* ---- the desktop around a call ---- */

static void keep_awake(EarshotWindow *self, gboolean awake)
{
    GtkApplication *application = gtk_window_get_application(GTK_WINDOW(self));
    if (awake && !self->inhibited && application)
        self->inhibited = gtk_application_inhibit(
            application, GTK_WINDOW(self),
            GTK_APPLICATION_INHIBIT_SUSPEND | GTK_APPLICATION_INHIBIT_IDLE, _("A call goes on."));
    if (!awake && self->inhibited && application) {
        gtk_application_uninhibit(application, self->inhibited);
        self->inhibited = 0;
    }
}

/* Screen readers say what changed; sighted users read it on the page. */
static void announce(EarshotWindow *self, const char *sentence)
{
#if GTK_CHECK_VERSION(4, 14, 0)
    gtk_accessible_announce(GTK_ACCESSIBLE(self), sentence,
                            GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM);
#endif
}

static void say_property(EarshotWindow *self, const char *property)
{
    g_autofree char *sentence = NULL;
    g_object_get(the_call(self), property, &sentence, NULL);
    if (sentence && *sentence)
        announce(self, sentence);
}

static void on_phase_changed(EarshotWindow *self)
{
    EarshotCallPhase phase = earshot_call_get_phase(the_call(self));
    keep_awake(self, phase != EARSHOT_CALL_IDLE && phase != EARSHOT_CALL_ENDED);
    if (phase == EARSHOT_CALL_TALKING && g_str_equal(self->place, "first-run"))
        self->place = "home";
    earshot_call_actions_update(self);
    show_page(self);
    say_property(self, phase == EARSHOT_CALL_ENDED ? "ending" : "sentence");
}

static void on_news(EarshotWindow *self)
{
    say_property(self, "news");
}

static void on_turn_changed(EarshotWindow *self)
{
    EarshotTurn turn;
    g_object_get(the_call(self), "turn", &turn, NULL);
    earshot_call_actions_update(self);
    if (turn != EARSHOT_TURN_NONE)
        say_property(self, "sentence");
}

static void on_aid_changed(EarshotWindow *self)
{
    say_property(self, "aid-sentence");
}

static void on_trouble(EarshotWindow *self, const char *sentence)
{
    earshot_window_say(self, sentence);
}

static void on_compact_changed(EarshotWindow *self)
{
    EarshotSettings *settings =
        earshot_profile_get_settings(earshot_station_get_profile(self->station));
    if (earshot_settings_get_bool(settings, "compact"))
        gtk_window_set_default_size(GTK_WINDOW(self), COMPACT_WIDTH, COMPACT_HEIGHT);
    else
        gtk_window_set_default_size(GTK_WINDOW(self), 960, 600);
}

/* ---- actions ---- */

static void act_call(GtkWidget *widget, const char *name, GVariant *number)
{
    EarshotWindow *self = EARSHOT_WINDOW(widget);
    EarshotPerson *person = earshot_profile_find(earshot_station_get_profile(self->station),
                                                 g_variant_get_uint32(number));
    if (person && !earshot_person_is_pending(person) && !earshot_person_is_blocked(person))
        earshot_call_dial(the_call(self), person);
}

static void act_person(GtkWidget *widget, const char *name, GVariant *number)
{
    EarshotWindow *self = EARSHOT_WINDOW(widget);
    EarshotPerson *person = earshot_profile_find(earshot_station_get_profile(self->station),
                                                 g_variant_get_uint32(number));
    GtkWidget *home = gtk_stack_get_child_by_name(self->pages, "home");
    if (person)
        earshot_home_page_show_person(EARSHOT_HOME_PAGE(home), person);
    go(self, "home");
}

/* One click records, the next one sends. */
static void act_leave_message(GtkWidget *widget, const char *name, GVariant *number)
{
    EarshotWindow *self = EARSHOT_WINDOW(widget);
    EarshotConversationPage *page =
        EARSHOT_CONVERSATION_PAGE(gtk_stack_get_child_by_name(self->pages, "conversation"));
    EarshotPerson *person = earshot_profile_find(earshot_station_get_profile(self->station),
                                                 g_variant_get_uint32(number));
    if (!person || earshot_person_is_echo(person) || is_locked(self))
        return;
    if (earshot_call_get_phase(the_call(self)) == EARSHOT_CALL_ENDED)
        earshot_call_dismiss(the_call(self));
    earshot_conversation_page_set_person(page, person);
    go(self, "conversation");
    earshot_conversation_page_record(page);
}

/* The first one with messages that nobody has seen; borrowed, NULL: none. */
static EarshotPerson *who_wrote(EarshotProfile *profile)
{
    GListModel *people = earshot_profile_get_people(profile);
    for (guint i = 0; i < g_list_model_get_n_items(people); i++) {
        g_autoptr(EarshotPerson) person = g_list_model_get_item(people, i);
        guint unseen = 0;
        g_object_get(person, "unseen", &unseen, NULL);
        if (unseen)
            return person;
    }
    return NULL;
}

static void act_messages(GtkWidget *widget, const char *name, GVariant *number)
{
    EarshotWindow *self = EARSHOT_WINDOW(widget);
    EarshotProfile *profile = earshot_station_get_profile(self->station);
    guint wanted = g_variant_get_uint32(number);
    EarshotPerson *person = wanted ? earshot_profile_find(profile, wanted) : who_wrote(profile);
    GtkWidget *page = gtk_stack_get_child_by_name(self->pages, "conversation");
    if (!person || earshot_person_is_echo(person))
        return;
    earshot_conversation_page_set_person(EARSHOT_CONVERSATION_PAGE(page), person);
    go(self, "conversation");
}

static void act_go(GtkWidget *widget, const char *name, GVariant *unused)
{
    static const char *const places[] = {"home", "history", "search", "add-person", "urgent"};
    EarshotWindow *self = EARSHOT_WINDOW(widget);
    if (g_str_equal(name, "win.home"))
        earshot_home_page_show_people(
            EARSHOT_HOME_PAGE(gtk_stack_get_child_by_name(self->pages, "home")));
    for (gsize i = 0; i < G_N_ELEMENTS(places); i++)
        if (g_str_equal(name + strlen("win."), places[i]))
            go(self, places[i]);
}

static void act_preferences(GtkWidget *widget, const char *name, GVariant *unused)
{
    GtkWidget *preferences =
        earshot_preferences_new(GTK_WINDOW(widget), EARSHOT_WINDOW(widget)->station);
    gtk_window_present(GTK_WINDOW(preferences));
}

static void act_help(GtkWidget *widget, const char *name, GVariant *unused)
{
    gtk_window_present(GTK_WINDOW(earshot_help_window_new(GTK_WINDOW(widget))));
}

static void act_shortcuts(GtkWidget *widget, const char *name, GVariant *unused)
{
    gtk_window_present(GTK_WINDOW(earshot_shortcuts_window_new(GTK_WINDOW(widget))));
}

static void on_profile_chosen(EarshotWindow *self, const char *path)
{
    g_autoptr(GError) error = NULL;
    GtkApplication *application = gtk_window_get_application(GTK_WINDOW(self));
    g_autoptr(EarshotWindow) kept = g_object_ref(self);
    if (application && !earshot_application_open(EARSHOT_APPLICATION(application), path, &error))
        earshot_window_say(kept, error->message);
}

static void switch_profile(EarshotWindow *self)
{
    const char *path = earshot_profile_get_path(earshot_station_get_profile(self->station));
    GtkWindow *dialog = earshot_profiles_dialog_new(GTK_WINDOW(self), path);
    g_signal_connect_object(dialog, "chosen", G_CALLBACK(on_profile_chosen), self,
                            G_CONNECT_SWAPPED);
    gtk_window_present(dialog);
}

static void act_switch_profile(GtkWidget *widget, const char *name, GVariant *unused)
{
    switch_profile(EARSHOT_WINDOW(widget));
}

static void act_lock(GtkWidget *widget, const char *name, GVariant *unused)
{
    earshot_privacy_lock(earshot_station_get_privacy(EARSHOT_WINDOW(widget)->station));
}

static void act_about(GtkWidget *widget, const char *name, GVariant *unused)
{
    adw_show_about_window(GTK_WINDOW(widget), "application-name", "Earshot", "application-icon",
                          EARSHOT_APPLICATION_ID, "version", EAR_VERSION, "comments",
                          _("Calls over lines that other programs cannot use."), "license-type",
                          GTK_LICENSE_GPL_3_0, NULL);
}

/* ---- messages at the bottom ---- */

struct undo {
    void (*undo)(gpointer ctx);
    void (*settle)(gpointer ctx);
    gpointer ctx;
    GDestroyNotify free_ctx;
    gboolean undone;
};

static void free_undo(gpointer data, GClosure *closure)
{
    struct undo *undo = data;
    if (undo->free_ctx)
        undo->free_ctx(undo->ctx);
    g_free(undo);
}

static void show_toast(EarshotWindow *self, AdwToast *toast)
{
    adw_toast_overlay_add_toast(self->toasts, toast);
    for (GtkWidget *child = gtk_widget_get_first_child(GTK_WIDGET(self->toasts)); child;
         child = gtk_widget_get_next_sibling(child))
        if (child != adw_toast_overlay_get_child(self->toasts))
            earshot_name_buttons(child);
}

static void on_undo(AdwToast *toast, gpointer data)
{
    struct undo *undo = data;
    undo->undone = TRUE;
    undo->undo(undo->ctx);
}

static void on_toast_gone(AdwToast *toast, gpointer data)
{
    struct undo *undo = data;
    if (!undo->undone)
        undo->settle(undo->ctx);
}

void earshot_window_say(EarshotWindow *self, const char *sentence)
{
    AdwToast *toast = adw_toast_new("");
    g_autofree char *plain = g_markup_escape_text(sentence, -1);
    adw_toast_set_title(toast, plain);
    show_toast(self, toast);
    announce(self, sentence);
}

void earshot_window_say_with_undo(EarshotWindow *self, const char *sentence,
                                  void (*undo)(gpointer ctx), void (*settle)(gpointer ctx),
                                  gpointer ctx, GDestroyNotify free_ctx)
{
    g_autofree char *plain = g_markup_escape_text(sentence, -1);
    AdwToast *toast = adw_toast_new(plain);
    struct undo *both = g_new0(struct undo, 1);
    *both = (struct undo){.undo = undo, .settle = settle, .ctx = ctx, .free_ctx = free_ctx};
    adw_toast_set_button_label(toast, _("_Undo"));
    adw_toast_set_timeout(toast, TOAST_S);
    g_signal_connect(toast, "button-clicked", G_CALLBACK(on_undo), both);
    g_signal_connect_data(toast, "dismissed", G_CALLBACK(on_toast_gone), both, free_undo, 0);
    show_toast(self, toast);
    announce(self, sentence);
}

EarshotCall *earshot_window_get_call(EarshotWindow *self)
{
    return the_call(self);
}

EarshotStation *earshot_window_get_station(EarshotWindow *self)
{
    return self->station;
}

EarshotWindow *earshot_window_of(GtkWidget *widget)
{
    GtkRoot *root = gtk_widget_get_root(widget);
    return EARSHOT_IS_WINDOW(root) ? EARSHOT_WINDOW(root) : NULL;
}

/* ---- beginning and end ---- */

static void on_first_run_finished(EarshotWindow *self)
{
    go(self, "home");
}

static void on_language_chosen(EarshotWindow *self, const char *language)
{
    GtkApplication *application = gtk_window_get_application(GTK_WINDOW(self));
    if (application)
        earshot_application_speak(EARSHOT_APPLICATION(application), language);
}

static void add_page(EarshotWindow *self, const char *name, GtkWidget *page)
{
    gtk_stack_add_named(self->pages, page, name);
}

static void add_pages(EarshotWindow *self)
{
    EarshotProfile *profile = earshot_station_get_profile(self->station);
    EarshotSettings *settings = earshot_profile_get_settings(profile);
    add_page(self, "call", earshot_call_page_new(self->station));
    add_page(self, "incoming", earshot_incoming_page_new(self->station));
    add_page(self, "neutral", earshot_neutral_page_new(self->station));
    self->place = "home";
    if (is_locked(self))
        return;
    add_page(self, "home", earshot_home_page_new(self->station));
    add_page(self, "history", earshot_history_page_new(self->station));
    add_page(self, "search", earshot_search_page_new(self->station));
    add_page(self, "conversation", earshot_conversation_page_new(self->station));
    add_page(self, "add-person", earshot_add_person_page_new(self->station));
    add_page(self, "urgent", earshot_urgent_page_new(self->station));
    add_page(self, "after", earshot_after_page_new(self->station));
    if (!earshot_settings_get_bool(settings, "set-up")) {
        GtkWidget *first_run = earshot_first_run_page_new(self->station);
        g_signal_connect_object(first_run, "finished", G_CALLBACK(on_first_run_finished), self,
                                G_CONNECT_SWAPPED);
        g_signal_connect_object(first_run, "language-chosen", G_CALLBACK(on_language_chosen), self,
                                G_CONNECT_SWAPPED);
        add_page(self, "first-run", first_run);
        self->place = "first-run";
    }
}

/* Whoever types or moves the mouse is there. */
static gboolean on_touched(EarshotWindow *self)
{
    earshot_privacy_touch(earshot_station_get_privacy(self->station));
    return GDK_EVENT_PROPAGATE;
}

/* What shows or changes something of what is locked. */
static const char *const needs_names[] = {"win.home",       "win.history",  "win.search",
                                          "win.add-person", "win.urgent",   "win.call",
                                          "win.person",     "win.messages", "win.preferences"};

static void follow_lock(EarshotWindow *self)
{
    EarshotPrivacy *privacy = earshot_station_get_privacy(self->station);
    gtk_widget_action_set_enabled(GTK_WIDGET(self), "win.lock",
                                  earshot_privacy_has_passphrase(privacy) && !is_locked(self));
}

static void add_card(EarshotWindow *self, EarshotPrivacy *privacy)
{
    const char *path = earshot_profile_get_path(earshot_station_get_profile(self->station));
    g_autofree char *name = earshot_profile_name_at(path);
    GtkWidget *card =
        earshot_unlock_card_new(privacy, earshot_station_get_mail(self->station), name);
    g_signal_connect_object(card, "other", G_CALLBACK(switch_profile), self, G_CONNECT_SWAPPED);
    add_page(self, "locked", card);
}

static void add_lock(EarshotWindow *self)
{
    EarshotPrivacy *privacy = earshot_station_get_privacy(self->station);
    GtkEventController *touch = gtk_event_controller_legacy_new();
    if (is_locked(self))
        add_card(self, privacy);
    gtk_event_controller_set_propagation_phase(touch, GTK_PHASE_CAPTURE);
    g_signal_connect_swapped(touch, "event", G_CALLBACK(on_touched), self);
    gtk_widget_add_controller(GTK_WIDGET(self), touch);
    g_signal_connect_object(privacy, "notify", G_CALLBACK(follow_lock), self, G_CONNECT_SWAPPED);
    follow_lock(self);
    for (gsize i = 0; is_locked(self) && i < G_N_ELEMENTS(needs_names); i++)
        gtk_widget_action_set_enabled(GTK_WIDGET(self), needs_names[i], FALSE);
}

static void listen_to_call(EarshotWindow *self)
{
    EarshotProfile *profile = earshot_station_get_profile(self->station);
    g_signal_connect_object(the_call(self), "notify::phase", G_CALLBACK(on_phase_changed), self,
                            G_CONNECT_SWAPPED);
    g_signal_connect_object(the_call(self), "notify::hidden", G_CALLBACK(show_page), self,
                            G_CONNECT_SWAPPED);
    g_signal_connect_object(the_call(self), "notify::can-steady",
                            G_CALLBACK(earshot_call_actions_update), self, G_CONNECT_SWAPPED);
    g_signal_connect_object(the_call(self), "notify::news", G_CALLBACK(on_news), self,
                            G_CONNECT_SWAPPED);
    g_signal_connect_object(the_call(self), "notify::turn", G_CALLBACK(on_turn_changed), self,
                            G_CONNECT_SWAPPED);
    g_signal_connect_object(the_call(self), "notify::aid", G_CALLBACK(on_aid_changed), self,
                            G_CONNECT_SWAPPED);
    g_signal_connect_object(profile, "trouble", G_CALLBACK(on_trouble), self, G_CONNECT_SWAPPED);
    g_signal_connect_object(earshot_profile_get_settings(profile), "notify::compact",
                            G_CALLBACK(on_compact_changed), self, G_CONNECT_SWAPPED);
}

EarshotWindow *earshot_window_new(AdwApplication *application, EarshotStation *station)
{
    EarshotWindow *self = g_object_new(EARSHOT_TYPE_WINDOW, "application", application, NULL);
    self->station = g_object_ref(station);
    add_pages(self);
    add_lock(self);
    listen_to_call(self);
    on_phase_changed(self);
    return self;
}

static void earshot_window_dispose(GObject *object)
{
    EarshotWindow *self = EARSHOT_WINDOW(object);
    keep_awake(self, FALSE);
    gtk_widget_dispose_template(GTK_WIDGET(self), EARSHOT_TYPE_WINDOW);
    g_clear_object(&self->station);
    G_OBJECT_CLASS(earshot_window_parent_class)->dispose(object);
}

static void install_actions(GtkWidgetClass *klass)
{
    static const char *const places[] = {"win.home", "win.history", "win.search", "win.add-person",
                                         "win.urgent"};
    gtk_widget_class_install_action(klass, "win.call", "u", act_call);
    gtk_widget_class_install_action(klass, "win.person", "u", act_person);
    gtk_widget_class_install_action(klass, "win.messages", "u", act_messages);
    gtk_widget_class_install_action(klass, "win.leave-message", "u", act_leave_message);
    for (gsize i = 0; i < G_N_ELEMENTS(places); i++)
        gtk_widget_class_install_action(klass, places[i], NULL, act_go);
    gtk_widget_class_install_action(klass, "win.preferences", NULL, act_preferences);
    gtk_widget_class_install_action(klass, "win.help", NULL, act_help);
    gtk_widget_class_install_action(klass, "win.shortcuts", NULL, act_shortcuts);
    gtk_widget_class_install_action(klass, "win.switch-profile", NULL, act_switch_profile);
    gtk_widget_class_install_action(klass, "win.about", NULL, act_about);
    gtk_widget_class_install_action(klass, "win.lock", NULL, act_lock);
    earshot_call_actions_install(klass);
}

static void earshot_window_class_init(EarshotWindowClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->dispose = earshot_window_dispose;
    gtk_widget_class_set_template_from_resource(widget_class, "/org/earshot/Earshot/window.ui");
    gtk_widget_class_bind_template_child(widget_class, EarshotWindow, toasts);
    gtk_widget_class_bind_template_child(widget_class, EarshotWindow, pages);
    install_actions(widget_class);
}

static void earshot_window_init(EarshotWindow *self)
{
    self->place = "home";
    gtk_widget_init_template(GTK_WIDGET(self));
}
