/* SPDX-License-Identifier: GPL-3.0-or-later */
/* After a call: the card with minutes, data and gaps; or why it never came about. */
#include "after_page.h"

#include <glib/gi18n.h>

#include "bridge/format.h"
#include "data_line.h"
#include "focus_later.h"
#include "note_dialog.h"

struct _EarshotAfterPage {
    GtkBox parent_instance;

    /* template children */
    GtkWidget *figures;
    AdwPreferencesRow *talk;
    AdwActionRow *gaps;
    AdwPreferencesGroup *lost;
    AdwActionRow *call_back;
    AdwActionRow *place;
    GtkToggleButton *await;
    AdwBin *data;
    GtkLabel *await_label;
    GtkWidget *unheard;
    AdwPreferencesRow *unheard_row;
    GtkActionable *message;
    GtkWidget *note;
    GtkWidget *done;
    GtkActionable *again;

    GPtrArray *lost_rows; /* owned; the rows are borrowed */

    /* owned */
    EarshotCall *call;
    EarshotStation *station;
    EarshotProfile *profile;
    EarshotPerson *person; /* whose "awaited" is watched */
};

G_DEFINE_FINAL_TYPE(EarshotAfterPage, earshot_after_page, GTK_TYPE_BOX)

enum { PROP_CALL = 1, N_PROPS };
static GParamSpec *properties[N_PROPS];

/* "18 minutes, 2.7 MB, 4.05 KES" */
static void show_talk(EarshotAfterPage *self)
{
    guint seconds;
    gint64 bytes;
    g_autofree char *money = NULL;
    g_object_get(self->call, "seconds", &seconds, "bytes", &bytes, "money", &money, NULL);
    g_autofree char *length = earshot_format_minutes(seconds);
    g_autofree char *data = earshot_format_data(bytes);
    /* Translators: length of a call, its data and, in the second, its price */
    g_autofree char *text = money && *money ? g_strdup_printf(_("%s, %s, %s"), length, data, money)
                                            : g_strdup_printf(_("%s, %s"), length, data);
    adw_preferences_row_set_title(self->talk, text);
}

static void show_gaps(EarshotAfterPage *self)
{
    guint gaps, seconds;
    g_object_get(self->call, "gaps", &gaps, "gap-seconds", &seconds, NULL);
    g_autofree char *words = earshot_format_gaps(gaps, seconds);
    /* Translators: of a line; %s is "no gaps" or "2 gaps, 9 s in all" */
    g_autofree char *text = g_strdup_printf(_("The line: %s"), words);
    adw_preferences_row_set_title(ADW_PREFERENCES_ROW(self->gaps), text);
}

static void add_lost(EarshotAfterPage *self, char *text)
{
    GtkWidget *row = adw_action_row_new();
    adw_preferences_row_set_use_markup(ADW_PREFERENCES_ROW(row), FALSE);
    adw_preferences_row_set_title(ADW_PREFERENCES_ROW(row), text);
    adw_action_row_set_title_lines(ADW_ACTION_ROW(row), 0);
    adw_preferences_group_add(self->lost, row);
    g_ptr_array_add(self->lost_rows, row);
    g_free(text);
}

/* When within the call they spoke and we did not hear it. */
static void show_lost(EarshotAfterPage *self)
{
    guint words_s, missed_s, gaps;
    g_auto(GStrv) spans = NULL;
    g_object_get(self->call, "unheard", &spans, "unheard-words-seconds", &words_s, "missed-seconds",
                 &missed_s, "gaps", &gaps, NULL);
    const char *name = self->person ? earshot_person_get_name(self->person) : "";
    while (self->lost_rows->len)
        adw_preferences_group_remove(
            self->lost, g_ptr_array_steal_index(self->lost_rows, self->lost_rows->len - 1));
    for (char **span = spans; *span; span++)
        /* Translators: a person and when within the call, such as 4:12–4:16 */
        add_lost(self, g_strdup_printf(_("%s spoke at %s: you did not hear it."), name, *span));
    if (missed_s) {
        g_autofree char *count = earshot_format_count(missed_s);
        /* Translators: %s are seconds of speech that an outage held up */
        add_lost(self, g_strdup_printf(_("%s s that you missed were not played."), count));
    }
    if (words_s) {
        g_autofree char *count = earshot_format_count(words_s);
        /* Translators: speech that was not heard, in pieces shorter than a second; %s are seconds
         */
        add_lost(self, g_strdup_printf(_("Single words, %s s in all."), count));
    }
    gtk_widget_set_visible(GTK_WIDGET(self->lost), self->lost_rows->len > 0);
    adw_action_row_set_subtitle(
        self->gaps, gaps && !self->lost_rows->len ? _("You heard all that they said.") : "");
}

static void show_field(EarshotAfterPage *self, const char *name, AdwActionRow *row)
{
    g_autofree char *text = NULL;
    g_object_get(self->call, name, &text, NULL);
    adw_action_row_set_subtitle(row, text ? text : "");
    gtk_widget_set_visible(GTK_WIDGET(row), text && *text);
}

static void show_await(EarshotAfterPage *self)
{
    gboolean failed, outgoing, awaited = FALSE;
    g_object_get(self->call, "failed", &failed, "outgoing", &outgoing, NULL);
    if (self->person)
        g_object_get(self->person, "awaited", &awaited, NULL);
    gboolean can = self->person && earshot_profile_can_reach(self->profile, self->person);
    gtk_widget_set_visible(GTK_WIDGET(self->await), failed && outgoing && can);
    gtk_toggle_button_set_active(self->await, awaited);
    gtk_label_set_label(self->await_label, awaited ? _("You will be _told: take back")
                                                   : _("_Tell me when they are there"));
}

static void on_await(EarshotAfterPage *self)
{
    gboolean awaited, wanted = gtk_toggle_button_get_active(self->await);
    if (!self->person)
        return;
    g_object_get(self->person, "awaited", &awaited, NULL);
    if (awaited != wanted)
        earshot_call_await(self->call, self->person, wanted);
    show_await(self);
}

static void watch_person(EarshotAfterPage *self, EarshotPerson *person)
{
    if (self->person == person)
        return;
    if (self->person)
        g_signal_handlers_disconnect_by_data(self->person, self);
    g_set_object(&self->person, person);
    if (!person)
        return;
    g_signal_connect_object(person, "notify::awaited", G_CALLBACK(show_await), self,
                            G_CONNECT_SWAPPED);
    gtk_actionable_set_action_target(self->again, "u", earshot_person_get_number(person));
    gtk_actionable_set_action_name(self->again, "win.call");
    gtk_actionable_set_action_target(self->message, "u", earshot_person_get_number(person));
    gtk_actionable_set_action_name(self->message, "win.leave-message");
}

static void show_card(EarshotAfterPage *self)
{
    if (earshot_call_get_phase(self->call) != EARSHOT_CALL_ENDED)
        return;
    gboolean failed;
    g_object_get(self->call, "failed", &failed, NULL);
    watch_person(self, earshot_call_get_person(self->call));
    gtk_widget_set_visible(GTK_WIDGET(self->again), self->person != NULL);
    gtk_widget_set_visible(GTK_WIDGET(self->talk), !failed);
    gtk_widget_set_visible(GTK_WIDGET(self->gaps), !failed);
    show_talk(self);
    show_gaps(self);
    show_lost(self);
    show_field(self, "call-back", self->call_back);
    show_field(self, "place", self->place);
    gtk_widget_set_visible(self->figures, !failed ||
                                              gtk_widget_get_visible(GTK_WIDGET(self->place)) ||
                                              gtk_widget_get_visible(GTK_WIDGET(self->call_back)));
    show_await(self);
    gboolean real = self->person && !earshot_person_is_echo(self->person);
    gtk_widget_set_visible(GTK_WIDGET(self->message), failed && real);
    gtk_widget_set_visible(self->note, !failed && real);
}

/* Speech of ours that the line did not carry until the call ended. */
static void show_unheard(EarshotAfterPage *self)
{
    guint seconds = 0;
    g_object_get(earshot_station_get_voice(self->station), "unheard", &seconds, NULL);
    g_autofree char *length = earshot_format_minutes(seconds);
    /* Translators: %s is a length of time, as "18 seconds" */
    g_autofree char *text = g_strdup_printf(_("%s of what you said did not arrive."), length);
    adw_preferences_row_set_title(self->unheard_row, text);
    gtk_widget_set_visible(self->unheard, seconds > 0);
}

static void on_send_unheard(EarshotAfterPage *self)
{
    earshot_voice_send_unheard(earshot_station_get_voice(self->station));
}

static void on_forget_unheard(EarshotAfterPage *self)
{
    earshot_voice_forget_unheard(earshot_station_get_voice(self->station));
}

/* About the call that the card shows: the newest of the history. */
static void on_note(EarshotAfterPage *self)
{
    guint64 call = 0;
    g_autoptr(EarshotRecord) newest =
        g_list_model_get_item(earshot_profile_get_history(self->profile), 0);
    if (!newest || !self->person)
        return;
    g_object_get(newest, "id", &call, NULL);
    gtk_window_present(earshot_note_dialog_new(GTK_WINDOW(gtk_widget_get_root(GTK_WIDGET(self))),
                                               earshot_station_get_mail(self->station),
                                               earshot_person_get_number(self->person), call));
}

static void earshot_after_page_map(GtkWidget *widget)
{
    EarshotAfterPage *self = EARSHOT_AFTER_PAGE(widget);
    show_card(self);
    GTK_WIDGET_CLASS(earshot_after_page_parent_class)->map(widget);
    earshot_focus_later(self->done);
}

static void earshot_after_page_get_property(GObject *object, guint id, GValue *value,
                                            GParamSpec *pspec)
{
    if (id == PROP_CALL)
        g_value_set_object(value, EARSHOT_AFTER_PAGE(object)->call);
    else
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
}

static void earshot_after_page_dispose(GObject *object)
{
    EarshotAfterPage *self = EARSHOT_AFTER_PAGE(object);
    if (self->person)
        g_signal_handlers_disconnect_by_data(self->person, self);
    if (self->call)
        g_signal_handlers_disconnect_by_data(self->call, self);
    g_clear_pointer(&self->lost_rows, g_ptr_array_unref);
    gtk_widget_dispose_template(GTK_WIDGET(self), EARSHOT_TYPE_AFTER_PAGE);
    g_clear_object(&self->person);
    g_clear_object(&self->profile);
    g_clear_object(&self->station);
    g_clear_object(&self->call);
    G_OBJECT_CLASS(earshot_after_page_parent_class)->dispose(object);
}

static void earshot_after_page_class_init(EarshotAfterPageClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS(klass);
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    object_class->get_property = earshot_after_page_get_property;
    object_class->dispose = earshot_after_page_dispose;
    widget_class->map = earshot_after_page_map;
    properties[PROP_CALL] = g_param_spec_object("call", NULL, NULL, EARSHOT_TYPE_CALL,
                                                G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
    g_object_class_install_properties(object_class, N_PROPS, properties);
    g_type_ensure(EARSHOT_TYPE_PERSON);
    gtk_widget_class_set_template_from_resource(widget_class, "/org/earshot/Earshot/after_page.ui");
    gtk_widget_class_bind_template_child(widget_class, EarshotAfterPage, figures);
    gtk_widget_class_bind_template_child(widget_class, EarshotAfterPage, talk);
    gtk_widget_class_bind_template_child(widget_class, EarshotAfterPage, gaps);
    gtk_widget_class_bind_template_child(widget_class, EarshotAfterPage, lost);
    gtk_widget_class_bind_template_child(widget_class, EarshotAfterPage, call_back);
    gtk_widget_class_bind_template_child(widget_class, EarshotAfterPage, place);
    gtk_widget_class_bind_template_child(widget_class, EarshotAfterPage, await);
    gtk_widget_class_bind_template_child(widget_class, EarshotAfterPage, data);
    gtk_widget_class_bind_template_child(widget_class, EarshotAfterPage, await_label);
    gtk_widget_class_bind_template_child(widget_class, EarshotAfterPage, unheard);
    gtk_widget_class_bind_template_child(widget_class, EarshotAfterPage, unheard_row);
    gtk_widget_class_bind_template_child(widget_class, EarshotAfterPage, message);
    gtk_widget_class_bind_template_callback(widget_class, on_send_unheard);
    gtk_widget_class_bind_template_callback(widget_class, on_forget_unheard);
    gtk_widget_class_bind_template_child(widget_class, EarshotAfterPage, note);
    gtk_widget_class_bind_template_callback(widget_class, on_note);
    gtk_widget_class_bind_template_child(widget_class, EarshotAfterPage, done);
    gtk_widget_class_bind_template_child(widget_class, EarshotAfterPage, again);
    gtk_widget_class_bind_template_callback(widget_class, on_await);
}

static void earshot_after_page_init(EarshotAfterPage *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
    self->lost_rows = g_ptr_array_new();
}

GtkWidget *earshot_after_page_new(EarshotStation *station)
{
    EarshotAfterPage *self = g_object_new(EARSHOT_TYPE_AFTER_PAGE, NULL);
    self->station = g_object_ref(station);
    self->call = g_object_ref(earshot_station_get_call(station));
    adw_bin_set_child(self->data, earshot_data_line_new(earshot_station_get_profile(station)));
    self->profile = g_object_ref(earshot_station_get_profile(station));
    /* The ending may be written after the phase. */
    g_signal_connect_object(self->call, "notify", G_CALLBACK(show_card), self, G_CONNECT_SWAPPED);
    g_signal_connect_object(earshot_station_get_voice(station), "notify::unheard",
                            G_CALLBACK(show_unheard), self, G_CONNECT_SWAPPED);
    show_unheard(self);
    g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_CALL]);
    return GTK_WIDGET(self);
}
