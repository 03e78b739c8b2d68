/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The messages of one person, kept at the newest unless the user reads older ones. */
#include "conversation_page.h"

#include <glib/gi18n.h>
#include <string.h>

#include "bridge/data_meter.h"
#include "bridge/format.h"
#include "focus_later.h"
#include "level_meter.h"
#include "message_entry.h"
#include "message_row.h"
#include "window.h"
#include "words.h"

/* Files from here on are asked about before they are sent: 20 kB are a few seconds of talk. */
#define ASK_BYTES 20000

struct _EarshotConversationPage {
    GtkBox parent_instance;

    /* template children */
    AdwWindowTitle *title;
    GtkWidget *call_button;
    GtkStack *stack;
    GtkScrolledWindow *scrolled;
    GtkWidget *older;
    GtkListBox *list;
    GtkLabel *problem;
    GtkWidget *recording;
    GtkLabel *seconds;
    EarshotLevelMeter *level;
    GtkWidget *send_voice;
    GtkWidget *writing;
    GtkWidget *record;
    GtkWidget *attach;
    EarshotMessageEntry *entry;
    GtkWidget *send;

    gboolean at_end;    /* follows what comes */
    double upper, page; /* of the scroll when it was looked at last */
    guint going;        /* to the end, soon */

    /* owned */
    EarshotStation *station;
    EarshotPerson *person;
    GListModel *messages;
    GtkFileChooserNative *chooser;
};

G_DEFINE_FINAL_TYPE(EarshotConversationPage, earshot_conversation_page, GTK_TYPE_BOX)

static EarshotMail *the_mail(EarshotConversationPage *self)
{
    return earshot_station_get_mail(self->station);
}

static EarshotVoice *the_voice(EarshotConversationPage *self)
{
    return earshot_station_get_voice(self->station);
}

static void show_problem(EarshotConversationPage *self, const char *sentence)
{
    gtk_label_set_text(self->problem, sentence);
    gtk_widget_set_visible(GTK_WIDGET(self->problem), *sentence != '\0');
}

/* For everything that has no place of its own to say what went wrong. */
static void on_done(GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr(EarshotConversationPage) self = data;
    g_autoptr(GError) error = NULL;
    gboolean done = earshot_mail_done(EARSHOT_MAIL(source), result, &error);
    if (!done && !g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        show_problem(self, error->message);
}

/* ---- the list ---- */

static gboolean on_go_to_end(gpointer data)
{
    EarshotConversationPage *self = data;
    GtkAdjustment *scroll = gtk_scrolled_window_get_vadjustment(self->scrolled);
    self->going = 0;
    if (self->at_end)
        gtk_adjustment_set_value(scroll, gtk_adjustment_get_upper(scroll));
    return G_SOURCE_REMOVE;
}

/* What a new row or another width of the window moves, nobody scrolled. */
static gboolean has_new_size(EarshotConversationPage *self)
{
    GtkAdjustment *scroll = gtk_scrolled_window_get_vadjustment(self->scrolled);
    double upper = gtk_adjustment_get_upper(scroll), page = gtk_adjustment_get_page_size(scroll);
    gboolean same = upper == self->upper && page == self->page;
    self->upper = upper;
    self->page = page;
    return !same;
}

/* Not at once: the size is told while the rows are laid out, and a widget that asks to be laid out
 * again meanwhile is not heard. They would stay where they are, below the end. */
static void on_size(EarshotConversationPage *self)
{
    (void)has_new_size(self);
    if (self->at_end && self->going == 0)
        self->going = g_idle_add_full(G_PRIORITY_HIGH_IDLE, on_go_to_end, self, NULL);
}

static void on_scrolled(EarshotConversationPage *self)
{
    GtkAdjustment *scroll = gtk_scrolled_window_get_vadjustment(self->scrolled);
    if (!has_new_size(self))
        self->at_end = self->upper - self->page - gtk_adjustment_get_value(scroll) < 1;
}

/* What is on the screen was read; what is to be heard or opened was not. */
static void see_texts(EarshotConversationPage *self)
{
    if (!self->messages || !gtk_widget_get_mapped(GTK_WIDGET(self)))
        return;
    for (guint i = 0; i < g_list_model_get_n_items(self->messages); i++) {
        g_autoptr(EarshotMessage) message = g_list_model_get_item(self->messages, i);
        EarshotMessageKind kind = earshot_message_get_kind(message);
        if (kind == EARSHOT_MESSAGE_TEXT || kind == EARSHOT_MESSAGE_URGENT)
            earshot_mail_see(the_mail(self), message);
    }
}

static void on_messages_changed(EarshotConversationPage *self, guint position, guint removed,
                                guint added)
{
    gboolean any = g_list_model_get_n_items(self->messages) > 0;
    gtk_stack_set_visible_child_name(self->stack, any ? "messages" : "empty");
    gtk_widget_set_visible(
        self->older,
        earshot_mail_has_older(the_mail(self), earshot_person_get_number(self->person)));
    see_texts(self);
}

static void on_older(EarshotConversationPage *self)
{
    self->at_end = FALSE;
    earshot_mail_load_older(the_mail(self), earshot_person_get_number(self->person));
}

/* ---- one message ---- */

static void on_save_chosen(EarshotConversationPage *self, int response,
                           GtkFileChooserNative *dialog)
{
    EarshotMessage *message = g_object_get_data(G_OBJECT(dialog), "message");
    g_autoptr(GFile) file = gtk_file_chooser_get_file(GTK_FILE_CHOOSER(dialog));
    if (response == GTK_RESPONSE_ACCEPT && file) {
        earshot_mail_save_async(the_mail(self), message, file, on_done, g_object_ref(self));
        earshot_mail_see(the_mail(self), message);
    }
    g_clear_object(&self->chooser);
}

static GtkWindow *window_of(EarshotConversationPage *self)
{
    return GTK_WINDOW(gtk_widget_get_root(GTK_WIDGET(self)));
}

static void on_save(EarshotConversationPage *self, EarshotMessageRow *row)
{
    EarshotMessage *message = earshot_message_row_get_message(row);
    gboolean voice = earshot_message_get_kind(message) == EARSHOT_MESSAGE_VOICE;
    g_clear_object(&self->chooser);
    self->chooser = gtk_file_chooser_native_new(
        _("Save as"), window_of(self), GTK_FILE_CHOOSER_ACTION_SAVE, _("_Save"), _("_Cancel"));
    gtk_file_chooser_set_current_name(GTK_FILE_CHOOSER(self->chooser),
                                      voice ? _("voice message.opus")
                                            : earshot_message_get_name(message));
    g_object_set_data_full(G_OBJECT(self->chooser), "message", g_object_ref(message),
                           g_object_unref);
    g_signal_connect_object(self->chooser, "response", G_CALLBACK(on_save_chosen), self,
                            G_CONNECT_SWAPPED);
    gtk_native_dialog_show(GTK_NATIVE_DIALOG(self->chooser));
}

static void on_retry(EarshotConversationPage *self, EarshotMessageRow *row)
{
    earshot_mail_retry_async(the_mail(self), earshot_message_row_get_message(row), on_done,
                             g_object_ref(self));
}

struct deletion {
    EarshotConversationPage *page;
    EarshotMessage *message;
};

static void free_deletion(gpointer ctx)
{
    struct deletion *deletion = ctx;
    g_object_unref(deletion->page);
    g_object_unref(deletion->message);
    g_free(deletion);
}

static void undo_deletion(gpointer ctx)
{
    struct deletion *deletion = ctx;
    earshot_mail_hide(the_mail(deletion->page), deletion->message, FALSE);
}

static void settle_deletion(gpointer ctx)
{
    struct deletion *deletion = ctx;
    earshot_mail_delete_async(the_mail(deletion->page), deletion->message, on_done,
                              g_object_ref(deletion->page));
}

/* Whoever deletes with the keyboard goes on from the row below, or the last one. */
static void leave_row(EarshotConversationPage *self, GtkWidget *row)
{
    GtkWidget *next = gtk_widget_get_next_sibling(row);
    if (!gtk_widget_get_focus_child(row))
        return;
    if (!next)
        next = gtk_widget_get_prev_sibling(row);
    if (!next || !gtk_widget_child_focus(next, GTK_DIR_TAB_FORWARD))
        gtk_widget_grab_focus(GTK_WIDGET(self->entry));
}

static void on_delete(EarshotConversationPage *self, EarshotMessageRow *row)
{
    leave_row(self, GTK_WIDGET(row));
    EarshotWindow *window = earshot_window_of(GTK_WIDGET(self));
    struct deletion *deletion = g_new0(struct deletion, 1);
    *deletion = (struct deletion){.page = g_object_ref(self),
                                  .message = g_object_ref(earshot_message_row_get_message(row))};
    earshot_mail_hide(the_mail(self), deletion->message, TRUE);
    if (window) {
        earshot_window_say_with_undo(window, _("The message is deleted."), undo_deletion,
                                     settle_deletion, deletion, free_deletion);
        return;
    }
    settle_deletion(deletion);
    free_deletion(deletion);
}

static GtkWidget *create_row(gpointer item, gpointer data)
{
    EarshotConversationPage *self = data;
    GtkWidget *row = earshot_message_row_new(item, earshot_person_get_name(self->person),
                                             the_mail(self), the_voice(self));
    g_signal_connect_object(row, "save", G_CALLBACK(on_save), self, G_CONNECT_SWAPPED);
    g_signal_connect_object(row, "retry", G_CALLBACK(on_retry), self, G_CONNECT_SWAPPED);
    g_signal_connect_object(row, "delete", G_CALLBACK(on_delete), self, G_CONNECT_SWAPPED);
    return row;
}

/* ---- writing ---- */

static gboolean can_write(EarshotConversationPage *self)
{
    return self->person && earshot_words_can_call(self->person) &&
           !earshot_person_is_echo(self->person);
}

static void on_written(EarshotConversationPage *self)
{
    g_autofree char *text = earshot_message_entry_dup_text(self->entry);
    gboolean fits = strlen(text) <= EARSHOT_MAIL_TEXT_MAX;
    gtk_widget_set_sensitive(self->send, *text && fits && can_write(self));
    show_problem(self, fits ? "" : _("This is too long for one message. Send it in two parts."));
}

static void on_send(EarshotConversationPage *self)
{
    g_autofree char *text = earshot_message_entry_dup_text(self->entry);
    if (!*text || strlen(text) > EARSHOT_MAIL_TEXT_MAX || !can_write(self))
        return;
    self->at_end = TRUE;
    earshot_mail_write_async(the_mail(self), earshot_person_get_number(self->person),
                             EARSHOT_MESSAGE_TEXT, text, on_done, g_object_ref(self));
    earshot_message_entry_set_text(self->entry, "");
    gtk_widget_grab_focus(GTK_WIDGET(self->entry));
}

/* What was begun for one person stays theirs. */
static void keep_draft(EarshotConversationPage *self)
{
    g_object_set_data_full(G_OBJECT(self->person), "draft",
                           earshot_message_entry_dup_text(self->entry), g_free);
}

static void show_draft(EarshotConversationPage *self)
{
    const char *draft = g_object_get_data(G_OBJECT(self->person), "draft");
    earshot_message_entry_set_text(self->entry, draft ? draft : "");
}

/* ---- speaking ---- */

static guint number_of(EarshotConversationPage *self)
{
    return self->person ? earshot_person_get_number(self->person) : 0;
}

/* NULL where nobody wrote down what data costs. */
static char *money_of(EarshotConversationPage *self, guint64 bytes)
{
    EarshotSettings *settings =
        earshot_profile_get_settings(earshot_station_get_profile(self->station));
    double price = earshot_data_price(settings) * (double)bytes / 1e6;
    return price > 0
               ? earshot_format_money(price, earshot_settings_get_string(settings, "currency"))
               : NULL;
}

/* How long, and what it takes to send that. */
static char *length_and_price(EarshotConversationPage *self, guint seconds)
{
    guint64 bytes = earshot_mail_voice_price_bytes(seconds);
    g_autofree char *duration = earshot_format_duration(seconds);
    g_autofree char *data = earshot_format_data((gint64)bytes);
    g_autofree char *money = money_of(self, bytes);
    return money ? g_strdup_printf(_("%s, %s, %s"), duration, data, money)
                 : g_strdup_printf(_("%s, %s"), duration, data);
}

static void update_recording(EarshotConversationPage *self)
{
    guint person = 0, seconds = 0;
    double level = 0;
    EarshotVoiceState state;
    g_autofree char *problem = NULL;
    g_object_get(the_voice(self), "state", &state, "person", &person, "seconds", &seconds, "level",
                 &level, "problem", &problem, NULL);
    gboolean recording = state == EARSHOT_VOICE_RECORDING && person == number_of(self);
    g_autofree char *length = length_and_price(self, seconds);
    gtk_label_set_text(self->seconds, length);
    earshot_level_meter_set_level(self->level, level);
    gtk_widget_set_visible(self->recording, recording);
    gtk_widget_set_visible(self->writing, !recording);
    if (*problem)
        show_problem(self, problem);
}

static void on_record(EarshotConversationPage *self)
{
    if (!can_write(self))
        return;
    show_problem(self, "");
    self->at_end = TRUE;
    earshot_voice_record(the_voice(self), number_of(self));
    gtk_widget_grab_focus(self->send_voice);
}

static void on_send_voice(EarshotConversationPage *self)
{
    earshot_voice_finish(the_voice(self), TRUE);
    gtk_widget_grab_focus(self->record);
}

static void on_drop(EarshotConversationPage *self)
{
    earshot_voice_finish(the_voice(self), FALSE);
    gtk_widget_grab_focus(self->record);
}

void earshot_conversation_page_record(EarshotConversationPage *self)
{
    on_record(self);
}

/* ---- files ---- */

static void send_file(EarshotConversationPage *self, GFile *file)
{
    self->at_end = TRUE;
    earshot_mail_send_file_async(the_mail(self), earshot_person_get_number(self->person), file,
                                 NULL, on_done, g_object_ref(self));
}

/* What it costs is said before. */
static char *price_of(EarshotConversationPage *self, guint64 size, const char *name)
{
    guint64 bytes = earshot_mail_price_bytes(EARSHOT_MESSAGE_FILE, size, name);
    g_autofree char *data = earshot_format_data((gint64)bytes);
    g_autofree char *money = money_of(self, bytes);
    return money
               /* Translators: an amount of data, and a sum of money */
               ? g_strdup_printf(_("It takes about %s of data: %s."), data, money)
               : g_strdup_printf(_("It takes about %s of data."), data);
}

static void on_price_answered(EarshotConversationPage *self, const char *response,
                              AdwMessageDialog *dialog)
{
    if (g_str_equal(response, "send"))
        send_file(self, g_object_get_data(G_OBJECT(dialog), "file"));
}

static void ask_about(EarshotConversationPage *self, GFile *file, guint64 size, const char *name)
{
    g_autofree char *price = price_of(self, size, name);
    g_autofree char *body =
        g_strdup_printf(_("%s It goes behind whatever is said, and goes on by itself after an "
                          "interruption."),
                        price);
    /* Translators: %s is the name of a file */
    g_autofree char *heading = g_strdup_printf(_("Send %s?"), name);
    GtkWidget *dialog = adw_message_dialog_new(window_of(self), heading, body);
    adw_message_dialog_add_responses(ADW_MESSAGE_DIALOG(dialog), "cancel", _("_Cancel"), "send",
                                     _("_Send"), NULL);
    adw_message_dialog_set_default_response(ADW_MESSAGE_DIALOG(dialog), "send");
    adw_message_dialog_set_close_response(ADW_MESSAGE_DIALOG(dialog), "cancel");
    adw_message_dialog_set_response_appearance(ADW_MESSAGE_DIALOG(dialog), "send",
                                               ADW_RESPONSE_SUGGESTED);
    g_object_set_data_full(G_OBJECT(dialog), "file", g_object_ref(file), g_object_unref);
    g_signal_connect_object(dialog, "response", G_CALLBACK(on_price_answered), self,
                            G_CONNECT_SWAPPED);
    gtk_window_present(GTK_WINDOW(dialog));
}

static void take_file(EarshotConversationPage *self, GFile *file)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GFileInfo) info = g_file_query_info(
        file, G_FILE_ATTRIBUTE_STANDARD_SIZE "," G_FILE_ATTRIBUTE_STANDARD_DISPLAY_NAME, 0, NULL,
        &error);
    if (!info) {
        show_problem(self, error->message);
        return;
    }
    guint64 size = (guint64)g_file_info_get_size(info);
    if (size == 0)
        show_problem(self, _("This file is empty."));
    else if (size > EARSHOT_MAIL_FILE_MAX)
        show_problem(self, _("This file is too large: at most 64 MB can be sent."));
    else if (size > ASK_BYTES)
        ask_about(self, file, size, g_file_info_get_display_name(info));
    else
        send_file(self, file);
}

static void on_file_chosen(EarshotConversationPage *self, int response,
                           GtkFileChooserNative *dialog)
{
    g_autoptr(GFile) file = gtk_file_chooser_get_file(GTK_FILE_CHOOSER(dialog));
    show_problem(self, "");
    if (response == GTK_RESPONSE_ACCEPT && file)
        take_file(self, file);
    g_clear_object(&self->chooser);
}

static void on_attach(EarshotConversationPage *self)
{
    g_clear_object(&self->chooser);
    self->chooser = gtk_file_chooser_native_new(
        _("Send a file"), window_of(self), GTK_FILE_CHOOSER_ACTION_OPEN, _("_Open"), _("_Cancel"));
    g_signal_connect_object(self->chooser, "response", G_CALLBACK(on_file_chosen), self,
                            G_CONNECT_SWAPPED);
    gtk_native_dialog_show(GTK_NATIVE_DIALOG(self->chooser));
}

/* ---- beginning and end ---- */

static void update_person(EarshotConversationPage *self)
{
    const char *name = earshot_person_get_name(self->person);
    /* Translators: %s is a person's name */
    g_autofree char *call = g_strdup_printf(_("Call %s"), name);
    adw_window_title_set_title(self->title, name);
    gtk_widget_set_tooltip_text(self->call_button, call);
    gtk_accessible_update_property(GTK_ACCESSIBLE(self->call_button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                   call, -1);
    gtk_widget_set_visible(self->call_button, earshot_words_can_call(self->person));
    gtk_widget_set_sensitive(self->record, can_write(self));
    gtk_widget_set_sensitive(self->attach, can_write(self));
    on_written(self);
}

static void leave_person(EarshotConversationPage *self)
{
    gtk_list_box_bind_model(self->list, NULL, NULL, NULL, NULL);
    if (self->messages)
        g_signal_handlers_disconnect_by_data(self->messages, self);
    if (self->person) {
        keep_draft(self);
        g_signal_handlers_disconnect_by_data(self->person, self);
    }
    g_clear_object(&self->messages);
    g_clear_object(&self->person);
}

void earshot_conversation_page_set_person(EarshotConversationPage *self, EarshotPerson *person)
{
    if (self->person == person)
        return;
    leave_person(self);
    self->person = g_object_ref(person);
    self->at_end = TRUE;
    self->messages = g_object_ref(
        earshot_mail_get_conversation(the_mail(self), earshot_person_get_number(person)));
    gtk_list_box_bind_model(self->list, self->messages, create_row, self, NULL);
    g_signal_connect_object(self->messages, "items-changed", G_CALLBACK(on_messages_changed), self,
                            G_CONNECT_SWAPPED);
    g_signal_connect_object(person, "notify", G_CALLBACK(update_person), self, G_CONNECT_SWAPPED);
    on_messages_changed(self, 0, 0, 0);
    show_draft(self);
    update_person(self);
    update_recording(self);
}

static void earshot_conversation_page_map(GtkWidget *widget)
{
    EarshotConversationPage *self = EARSHOT_CONVERSATION_PAGE(widget);
    GTK_WIDGET_CLASS(earshot_conversation_page_parent_class)->map(widget);
    self->at_end = TRUE;
    see_texts(self);
    earshot_focus_later(GTK_WIDGET(self->entry));
}

/* Who goes elsewhere is not recorded any more; what was said can be sent or deleted here later. */
static void earshot_conversation_page_unmap(GtkWidget *widget)
{
    EarshotConversationPage *self = EARSHOT_CONVERSATION_PAGE(widget);
    earshot_voice_stop(the_voice(self));
    GTK_WIDGET_CLASS(earshot_conversation_page_parent_class)->unmap(widget);
}

static void earshot_conversation_page_dispose(GObject *object)
{
    EarshotConversationPage *self = EARSHOT_CONVERSATION_PAGE(object);
    if (self->list)
        leave_person(self);
    g_clear_handle_id(&self->going, g_source_remove);
    g_clear_object(&self->chooser);
    g_clear_object(&self->station);
    gtk_widget_dispose_template(GTK_WIDGET(self), EARSHOT_TYPE_CONVERSATION_PAGE);
    G_OBJECT_CLASS(earshot_conversation_page_parent_class)->dispose(object);
}

static void bind_template(GtkWidgetClass *widget_class)
{
    gtk_widget_class_set_template_from_resource(widget_class,
                                                "/org/earshot/Earshot/conversation_page.ui");
    gtk_widget_class_bind_template_child(widget_class, EarshotConversationPage, title);
    gtk_widget_class_bind_template_child(widget_class, EarshotConversationPage, call_button);
    gtk_widget_class_bind_template_child(widget_class, EarshotConversationPage, stack);
    gtk_widget_class_bind_template_child(widget_class, EarshotConversationPage, scrolled);
    gtk_widget_class_bind_template_child(widget_class, EarshotConversationPage, older);
    gtk_widget_class_bind_template_child(widget_class, EarshotConversationPage, list);
    gtk_widget_class_bind_template_child(widget_class, EarshotConversationPage, problem);
    gtk_widget_class_bind_template_child(widget_class, EarshotConversationPage, recording);
    gtk_widget_class_bind_template_child(widget_class, EarshotConversationPage, seconds);
    gtk_widget_class_bind_template_child(widget_class, EarshotConversationPage, level);
    gtk_widget_class_bind_template_child(widget_class, EarshotConversationPage, send_voice);
    gtk_widget_class_bind_template_child(widget_class, EarshotConversationPage, writing);
    gtk_widget_class_bind_template_child(widget_class, EarshotConversationPage, record);
    gtk_widget_class_bind_template_child(widget_class, EarshotConversationPage, attach);
    gtk_widget_class_bind_template_child(widget_class, EarshotConversationPage, entry);
    gtk_widget_class_bind_template_child(widget_class, EarshotConversationPage, send);
    gtk_widget_class_bind_template_callback(widget_class, on_older);
    gtk_widget_class_bind_template_callback(widget_class, on_record);
    gtk_widget_class_bind_template_callback(widget_class, on_send_voice);
    gtk_widget_class_bind_template_callback(widget_class, on_drop);
    gtk_widget_class_bind_template_callback(widget_class, on_attach);
    gtk_widget_class_bind_template_callback(widget_class, on_send);
    gtk_widget_class_bind_template_callback(widget_class, on_written);
}

static void earshot_conversation_page_class_init(EarshotConversationPageClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->dispose = earshot_conversation_page_dispose;
    widget_class->map = earshot_conversation_page_map;
    widget_class->unmap = earshot_conversation_page_unmap;
    g_type_ensure(EARSHOT_TYPE_LEVEL_METER);
    g_type_ensure(EARSHOT_TYPE_MESSAGE_ENTRY);
    bind_template(widget_class);
    gtk_widget_class_add_binding_action(widget_class, GDK_KEY_Left, GDK_ALT_MASK, "win.home", NULL);
    gtk_widget_class_add_binding_action(widget_class, GDK_KEY_Escape, 0, "win.home", NULL);
}

static void earshot_conversation_page_init(EarshotConversationPage *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
    GtkAdjustment *scroll = gtk_scrolled_window_get_vadjustment(self->scrolled);
    g_signal_connect_object(scroll, "changed", G_CALLBACK(on_size), self, G_CONNECT_SWAPPED);
    g_signal_connect_object(scroll, "value-changed", G_CALLBACK(on_scrolled), self,
                            G_CONNECT_SWAPPED);
}

GtkWidget *earshot_conversation_page_new(EarshotStation *station)
{
    EarshotConversationPage *self = g_object_new(EARSHOT_TYPE_CONVERSATION_PAGE, NULL);
    self->station = g_object_ref(station);
    g_signal_connect_object(the_voice(self), "notify", G_CALLBACK(update_recording), self,
                            G_CONNECT_SWAPPED);
    return GTK_WIDGET(self);
}
