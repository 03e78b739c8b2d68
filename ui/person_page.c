/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One person: call, compare, rename, block, remove, and the calls so far. */
#include "person_page.h"

#include <glib/gi18n.h>

#include "compare_dialog.h"
#include "invite_dialog.h"
#include "line_check_card.h"
#include "note_list.h"
#include "record_list.h"
#include "window.h"
#include "words.h"

struct _EarshotPersonPage {
    GtkBox parent_instance;

    /* template children */
    AdwHeaderBar *header;
    AdwWindowTitle *title;
    GtkWidget *back_button;
    AdwAvatar *avatar;
    GtkLabel *name;
    GtkLabel *words;
    GtkWidget *echo_words;
    GtkWidget *call_button;
    GtkLabel *call_label;
    GtkWidget *message_button;
    AdwBin *line_bin;
    GtkWidget *known;
    GtkWidget *await_row;
    GtkSwitch *await_switch;
    GtkWidget *compare_row;
    GtkImage *verified;
    GtkWidget *invite_row;
    GtkEditable *name_row;
    GtkSwitch *block_switch;
    GtkLabel *trouble;
    EarshotNoteList *notes;
    EarshotRecordList *records;
    GtkWidget *remove_button;

    gboolean alone;    /* the people are not beside it */
    gboolean updating; /* switches follow the person, not the hand */

    /* owned */
    EarshotStation *station;
    EarshotPerson *person;
};

G_DEFINE_FINAL_TYPE(EarshotPersonPage, earshot_person_page, GTK_TYPE_BOX)

static EarshotProfile *get_profile(EarshotPersonPage *self)
{
    return earshot_station_get_profile(self->station);
}

/* A sentence in place; none without an error. */
static void say_in_place(EarshotPersonPage *self, const GError *error)
{
    gtk_label_set_text(self->trouble, error ? error->message : "");
    gtk_widget_set_visible(GTK_WIDGET(self->trouble), error != NULL);
}

static void update_known(EarshotPersonPage *self)
{
    gboolean echo = earshot_person_is_echo(self->person);
    gboolean pending = earshot_person_is_pending(self->person);
    gboolean verified = earshot_person_is_verified(self->person);
    gboolean can_call = earshot_words_can_call(self->person);
    gboolean reach = earshot_profile_can_reach(get_profile(self), self->person);
    gboolean there = FALSE, awaited = FALSE;
    g_object_get(self->person, "there", &there, "awaited", &awaited, NULL);

    gtk_widget_set_visible(self->echo_words, echo);
    gtk_widget_set_visible(self->known, !echo);
    gtk_widget_set_visible(self->remove_button, !echo);
    gtk_widget_set_visible(self->await_row, !echo && can_call && (awaited || (!there && reach)));
    gtk_widget_set_visible(self->compare_row, !pending);
    gtk_widget_set_visible(self->invite_row, pending);
    adw_action_row_set_subtitle(ADW_ACTION_ROW(self->compare_row),
                                verified ? _("Verified: you have compared it")
                                         : _("Not compared yet"));
    gtk_image_set_from_icon_name(self->verified,
                                 verified ? "security-high-symbolic" : "security-medium-symbolic");
    gtk_switch_set_active(self->await_switch, awaited);
    gtk_switch_set_active(self->block_switch, earshot_person_is_blocked(self->person));
}

/* Beside the people, who is called most has it there. */
static void show_line(EarshotPersonPage *self)
{
    gboolean twice =
        !self->alone && self->person == earshot_profile_get_favourite(get_profile(self));
    gtk_widget_set_visible(GTK_WIDGET(self->line_bin), earshot_words_can_call(self->person) &&
                                                           !earshot_person_is_echo(self->person) &&
                                                           !twice);
}

static void update(EarshotPersonPage *self)
{
    const char *name = earshot_person_get_name(self->person);
    g_autofree char *words = earshot_words_person(self->person);
    /* Translators: %s is a person's name */
    g_autofree char *call = g_strdup_printf(_("Call %s"), name);

    self->updating = TRUE;
    adw_window_title_set_title(self->title, name);
    adw_avatar_set_text(self->avatar, name);
    gtk_label_set_text(self->name, name);
    gtk_label_set_text(self->words, words);
    gtk_label_set_text(self->call_label, call);
    gtk_widget_set_visible(self->call_button, earshot_words_can_call(self->person));
    gtk_widget_set_visible(self->message_button, !earshot_person_is_echo(self->person));
    update_known(self);
    show_line(self);
    self->updating = FALSE;
}

static void on_person_renamed(EarshotPersonPage *self)
{
    gtk_editable_set_text(self->name_row, earshot_person_get_name(self->person));
}

static void on_await_switched(EarshotPersonPage *self)
{
    if (self->updating)
        return;
    earshot_call_await(earshot_station_get_call(self->station), self->person,
                       gtk_switch_get_active(self->await_switch));
}

static void on_block_switched(EarshotPersonPage *self)
{
    if (self->updating)
        return;
    g_autoptr(GError) error = NULL;
    earshot_profile_block(get_profile(self), self->person,
                          gtk_switch_get_active(self->block_switch), &error);
    say_in_place(self, error);
    update(self);
}

static void on_name_applied(EarshotPersonPage *self)
{
    g_autoptr(GError) error = NULL;
    earshot_profile_rename(get_profile(self), self->person, gtk_editable_get_text(self->name_row),
                           &error);
    say_in_place(self, error);
}

static void on_compare_activated(EarshotPersonPage *self)
{
    GtkWindow *parent = GTK_WINDOW(gtk_widget_get_root(GTK_WIDGET(self)));
    gtk_window_present(earshot_compare_dialog_new(parent, get_profile(self), self->person));
}

static void on_invite_activated(EarshotPersonPage *self)
{
    GtkWindow *parent = GTK_WINDOW(gtk_widget_get_root(GTK_WIDGET(self)));
    gtk_window_present(earshot_invite_dialog_new(parent, get_profile(self),
                                                 earshot_person_get_name(self->person)));
}

/* A removal that can be taken back. */
struct removal {
    EarshotProfile *profile;
    EarshotPerson *person;
};

static void removal_undo(gpointer ctx)
{
    struct removal *removal = ctx;
    earshot_profile_restore(removal->profile, removal->person);
}

static void removal_settle(gpointer ctx)
{
    struct removal *removal = ctx;
    earshot_profile_settle(removal->profile, removal->person);
}

static void removal_free(gpointer ctx)
{
    struct removal *removal = ctx;
    g_object_unref(removal->profile);
    g_object_unref(removal->person);
    g_free(removal);
}

static void on_remove_clicked(EarshotPersonPage *self)
{
    struct removal *removal = g_new0(struct removal, 1);
    removal->profile = g_object_ref(get_profile(self));
    removal->person = g_object_ref(self->person);
    /* Translators: %s is a person's name */
    g_autofree char *sentence =
        g_strdup_printf(_("%s is removed"), earshot_person_get_name(self->person));
    EarshotWindow *window = earshot_window_of(GTK_WIDGET(self));
    earshot_profile_remove(removal->profile, removal->person);
    earshot_window_say_with_undo(window, sentence, removal_undo, removal_settle, removal,
                                 removal_free);
}

/* What is wanted first: to call; where that cannot be, the way back. */
static gboolean earshot_person_page_grab_focus(GtkWidget *widget)
{
    EarshotPersonPage *self = EARSHOT_PERSON_PAGE(widget);
    return gtk_widget_grab_focus(self->call_button) || gtk_widget_grab_focus(self->back_button);
}

static void earshot_person_page_dispose(GObject *object)
{
    EarshotPersonPage *self = EARSHOT_PERSON_PAGE(object);
    if (self->person)
        g_signal_handlers_disconnect_by_data(self->person, self);
    g_clear_object(&self->person);
    g_clear_object(&self->station);
    gtk_widget_dispose_template(GTK_WIDGET(self), EARSHOT_TYPE_PERSON_PAGE);
    G_OBJECT_CLASS(earshot_person_page_parent_class)->dispose(object);
}

static void bind_children(GtkWidgetClass *widget_class)
{
    gtk_widget_class_bind_template_child(widget_class, EarshotPersonPage, header);
    gtk_widget_class_bind_template_child(widget_class, EarshotPersonPage, line_bin);
    gtk_widget_class_bind_template_child(widget_class, EarshotPersonPage, title);
    gtk_widget_class_bind_template_child(widget_class, EarshotPersonPage, back_button);
    gtk_widget_class_bind_template_child(widget_class, EarshotPersonPage, avatar);
    gtk_widget_class_bind_template_child(widget_class, EarshotPersonPage, name);
    gtk_widget_class_bind_template_child(widget_class, EarshotPersonPage, words);
    gtk_widget_class_bind_template_child(widget_class, EarshotPersonPage, echo_words);
    gtk_widget_class_bind_template_child(widget_class, EarshotPersonPage, call_button);
    gtk_widget_class_bind_template_child(widget_class, EarshotPersonPage, call_label);
    gtk_widget_class_bind_template_child(widget_class, EarshotPersonPage, message_button);
    gtk_widget_class_bind_template_child(widget_class, EarshotPersonPage, known);
    gtk_widget_class_bind_template_child(widget_class, EarshotPersonPage, await_row);
    gtk_widget_class_bind_template_child(widget_class, EarshotPersonPage, await_switch);
    gtk_widget_class_bind_template_child(widget_class, EarshotPersonPage, compare_row);
    gtk_widget_class_bind_template_child(widget_class, EarshotPersonPage, verified);
    gtk_widget_class_bind_template_child(widget_class, EarshotPersonPage, invite_row);
    gtk_widget_class_bind_template_child(widget_class, EarshotPersonPage, name_row);
    gtk_widget_class_bind_template_child(widget_class, EarshotPersonPage, block_switch);
    gtk_widget_class_bind_template_child(widget_class, EarshotPersonPage, trouble);
    gtk_widget_class_bind_template_child(widget_class, EarshotPersonPage, notes);
    gtk_widget_class_bind_template_child(widget_class, EarshotPersonPage, records);
    gtk_widget_class_bind_template_child(widget_class, EarshotPersonPage, remove_button);
}

static void bind_callbacks(GtkWidgetClass *widget_class)
{
    gtk_widget_class_bind_template_callback(widget_class, on_await_switched);
    gtk_widget_class_bind_template_callback(widget_class, on_block_switched);
    gtk_widget_class_bind_template_callback(widget_class, on_name_applied);
    gtk_widget_class_bind_template_callback(widget_class, on_compare_activated);
    gtk_widget_class_bind_template_callback(widget_class, on_invite_activated);
    gtk_widget_class_bind_template_callback(widget_class, on_remove_clicked);
}

static void earshot_person_page_class_init(EarshotPersonPageClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->dispose = earshot_person_page_dispose;
    widget_class->grab_focus = earshot_person_page_grab_focus;
    g_type_ensure(EARSHOT_TYPE_NOTE_LIST);
    g_type_ensure(EARSHOT_TYPE_RECORD_LIST);
    gtk_widget_class_set_template_from_resource(widget_class,
                                                "/org/earshot/Earshot/person_page.ui");
    bind_children(widget_class);
    bind_callbacks(widget_class);
}

static void earshot_person_page_init(EarshotPersonPage *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWidget *earshot_person_page_new(EarshotStation *station)
{
    EarshotPersonPage *self = g_object_new(EARSHOT_TYPE_PERSON_PAGE, NULL);
    self->station = g_object_ref(station);
    adw_bin_set_child(self->line_bin, earshot_line_check_card_new(station));
    return GTK_WIDGET(self);
}

void earshot_person_page_set_person(EarshotPersonPage *self, EarshotPerson *person)
{
    if (self->person == person)
        return;
    if (self->person)
        g_signal_handlers_disconnect_by_data(self->person, self);
    g_set_object(&self->person, person);
    g_signal_connect_swapped(person, "notify", G_CALLBACK(update), self);
    g_signal_connect_swapped(person, "notify::name", G_CALLBACK(on_person_renamed), self);
    gtk_actionable_set_action_target(GTK_ACTIONABLE(self->call_button), "u",
                                     earshot_person_get_number(person));
    gtk_actionable_set_action_target(GTK_ACTIONABLE(self->message_button), "u",
                                     earshot_person_get_number(person));
    earshot_line_check_card_set_person(EARSHOT_LINE_CHECK_CARD(adw_bin_get_child(self->line_bin)),
                                       person);
    earshot_note_list_set(self->notes, earshot_station_get_mail(self->station),
                          earshot_person_get_number(person));
    gtk_widget_set_visible(GTK_WIDGET(self->notes), !earshot_person_is_echo(person));
    earshot_record_list_set(self->records, get_profile(self), person);
    say_in_place(self, NULL);
    update(self);
    on_person_renamed(self);
}

EarshotPerson *earshot_person_page_get_person(EarshotPersonPage *self)
{
    return self->person;
}

void earshot_person_page_set_alone(EarshotPersonPage *self, gboolean alone)
{
    gtk_widget_set_visible(self->back_button, alone);
    adw_header_bar_set_show_start_title_buttons(self->header, alone);
    self->alone = alone;
    if (self->person)
        show_line(self);
}
