/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ways to add a person: paste an invite, open a file, drop either, or show an invite of mine.
 */
#include "add_ways.h"

#include <glib/gi18n.h>

#include "invite_card.h"
#include "name_buttons.h"

/* Typing and pasting come in pieces: the text is looked at when the hand rests. */
#define LOOK_AFTER_MS 400

struct _EarshotAddWays {
    GtkBox parent_instance;

    /* template children */
    GtkWidget *ways_box;
    GtkWidget *mine_box;
    GtkWidget *paste_button;
    GtkTextBuffer *buffer;
    GtkWidget *file_row;
    GtkWidget *mine_row;
    GtkLabel *trouble;
    EarshotInviteCard *mine;

    guint look_source;

    /* owned */
    EarshotProfile *profile;
    GtkFileChooserNative *chooser;
    GCancellable *cancellable;
};

G_DEFINE_FINAL_TYPE(EarshotAddWays, earshot_add_ways, GTK_TYPE_BOX)

static void show(EarshotAddWays *self, gboolean mine)
{
    gtk_widget_set_visible(self->ways_box, !mine);
    gtk_widget_set_visible(self->mine_box, mine);
}

enum { ADDED, INVITED, SIGNALS };
static guint signals[SIGNALS];

/* Where an invite came from, while the user is asked about it. */
struct source {
    EarshotAddWays *ways;
    char *text;
    GFile *file;
};

static void source_free(gpointer data)
{
    struct source *source = data;
    g_object_unref(source->ways);
    g_clear_object(&source->file);
    g_free(source->text);
    g_free(source);
}

static void take(EarshotAddWays *self, const char *text, GFile *file, gboolean replace);

static void say_in_place(EarshotAddWays *self, const char *sentence)
{
    gtk_label_set_text(self->trouble, sentence ? sentence : "");
    gtk_widget_set_visible(GTK_WIDGET(self->trouble), sentence != NULL);
}

static void on_replace_response(struct source *source, const char *response)
{
    if (g_strcmp0(response, "replace") == 0)
        take(source->ways, source->text, source->file, TRUE);
}

static void release_source(gpointer data, GClosure *closure)
{
    source_free(data);
}

/* Other keys under a known name are what an impostor would send, and what a new laptop sends. */
static void ask_to_replace(EarshotAddWays *self, const char *text, GFile *file,
                           const char *sentence)
{
    GtkWindow *window = GTK_WINDOW(gtk_widget_get_root(GTK_WIDGET(self)));
    GtkWidget *dialog = adw_message_dialog_new(window, _("Is this invite really theirs?"), NULL);
    adw_message_dialog_format_body(
        ADW_MESSAGE_DIALOG(dialog), "%s %s", sentence,
        _("That is so when they have a new laptop, or when somebody pretends to be them. Ask them "
          "in another way before you replace the old one."));
    adw_message_dialog_add_responses(ADW_MESSAGE_DIALOG(dialog), "keep", _("_Keep the old one"),
                                     "replace", _("_Replace it"), NULL);
    adw_message_dialog_set_response_appearance(ADW_MESSAGE_DIALOG(dialog), "replace",
                                               ADW_RESPONSE_DESTRUCTIVE);
    adw_message_dialog_set_default_response(ADW_MESSAGE_DIALOG(dialog), "keep");
    adw_message_dialog_set_close_response(ADW_MESSAGE_DIALOG(dialog), "keep");

    struct source *source = g_new0(struct source, 1);
    source->ways = g_object_ref(self);
    source->text = g_strdup(text);
    g_set_object(&source->file, file);
    g_signal_connect_data(dialog, "response", G_CALLBACK(on_replace_response), source,
                          release_source, G_CONNECT_SWAPPED);
    earshot_name_buttons(dialog);
    gtk_window_present(GTK_WINDOW(dialog));
}

static void take(EarshotAddWays *self, const char *text, GFile *file, gboolean replace)
{
    g_autoptr(GError) error = NULL;
    EarshotPerson *person =
        file ? earshot_profile_take_file(self->profile, file, replace, &error)
             : earshot_profile_take_invite(self->profile, text, -1, replace, &error);
    if (person) {
        g_autoptr(EarshotPerson) added = g_object_ref(person);
        earshot_add_ways_reset(self);
        g_signal_emit(self, signals[ADDED], 0, added);
        return;
    }
    say_in_place(self, error->message);
    if (g_error_matches(error, EARSHOT_ERROR, EARSHOT_ERROR_KEY_CHANGED) && !replace)
        ask_to_replace(self, text, file, error->message);
}

static void stop_looking(EarshotAddWays *self)
{
    g_clear_handle_id(&self->look_source, g_source_remove);
}

static gboolean look_at_text(gpointer user_data)
{
    EarshotAddWays *self = user_data;
    self->look_source = 0;
    g_autofree char *text = NULL;
    g_object_get(self->buffer, "text", &text, NULL);
    g_autofree char *bare = g_strstrip(g_strdup(text));
    say_in_place(self, NULL);
    if (*bare)
        take(self, text, NULL, FALSE);
    return G_SOURCE_REMOVE;
}

static void on_text_changed(EarshotAddWays *self)
{
    stop_looking(self);
    self->look_source = g_timeout_add(LOOK_AFTER_MS, look_at_text, self);
}

static void on_clipboard_read(GObject *object, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(EarshotAddWays) self = user_data;
    g_autoptr(GError) error = NULL;
    g_autofree char *text = gdk_clipboard_read_text_finish(GDK_CLIPBOARD(object), result, &error);
    if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return;
    if (!text || !*text) {
        say_in_place(self, _("Nothing is copied yet. Copy the invite in the message first."));
        return;
    }
    gtk_text_buffer_set_text(self->buffer, text, -1);
    stop_looking(self);
    look_at_text(self);
}

static void on_paste_clicked(EarshotAddWays *self)
{
    gdk_clipboard_read_text_async(gtk_widget_get_clipboard(GTK_WIDGET(self)), self->cancellable,
                                  on_clipboard_read, g_object_ref(self));
}

static void on_open_response(EarshotAddWays *self, int response)
{
    g_autoptr(GFile) file = NULL;
    if (response == GTK_RESPONSE_ACCEPT)
        file = gtk_file_chooser_get_file(GTK_FILE_CHOOSER(self->chooser));
    g_clear_object(&self->chooser);
    if (file)
        take(self, NULL, file, FALSE);
}

static void open_file(EarshotAddWays *self)
{
    GtkRoot *root = gtk_widget_get_root(GTK_WIDGET(self));
    g_autoptr(GtkFileFilter) filter = gtk_file_filter_new();
    gtk_file_filter_set_name(filter, _("Invites and pictures"));
    gtk_file_filter_add_pattern(filter, "*.earshot");
    gtk_file_filter_add_mime_type(filter, "text/plain");
    gtk_file_filter_add_mime_type(filter, "image/*");
    g_clear_object(&self->chooser);
    self->chooser =
        gtk_file_chooser_native_new(_("Open an invite"), GTK_WINDOW(root),
                                    GTK_FILE_CHOOSER_ACTION_OPEN, _("_Open"), _("_Cancel"));
    gtk_file_chooser_add_filter(GTK_FILE_CHOOSER(self->chooser), filter);
    g_signal_connect_object(self->chooser, "response", G_CALLBACK(on_open_response), self,
                            G_CONNECT_SWAPPED);
    gtk_native_dialog_show(GTK_NATIVE_DIALOG(self->chooser));
}

static void on_row_activated(EarshotAddWays *self, GtkWidget *row)
{
    if (row == self->file_row) {
        open_file(self);
    } else if (row == self->mine_row) {
        show(self, TRUE);
        earshot_invite_card_start(self->mine, NULL);
    }
}

static void on_made(EarshotAddWays *self)
{
    g_signal_emit(self, signals[INVITED], 0);
}

static gboolean on_dropped(EarshotAddWays *self, const GValue *value)
{
    if (G_VALUE_HOLDS(value, GDK_TYPE_FILE_LIST)) {
        g_autoptr(GSList) files = gdk_file_list_get_files(g_value_get_boxed(value));
        if (files)
            take(self, NULL, files->data, FALSE);
        return files != NULL;
    }
    gtk_text_buffer_set_text(self->buffer, g_value_get_string(value), -1);
    return TRUE;
}

static void accept_drops(EarshotAddWays *self)
{
    GType types[] = {GDK_TYPE_FILE_LIST, G_TYPE_STRING};
    GtkDropTarget *target = gtk_drop_target_new(G_TYPE_INVALID, GDK_ACTION_COPY);
    gtk_drop_target_set_gtypes(target, types, G_N_ELEMENTS(types));
    g_signal_connect_swapped(target, "drop", G_CALLBACK(on_dropped), self);
    gtk_widget_add_controller(GTK_WIDGET(self), GTK_EVENT_CONTROLLER(target));
}

static void earshot_add_ways_dispose(GObject *object)
{
    EarshotAddWays *self = EARSHOT_ADD_WAYS(object);
    stop_looking(self);
    if (self->cancellable)
        g_cancellable_cancel(self->cancellable);
    g_clear_object(&self->cancellable);
    g_clear_object(&self->chooser);
    g_clear_object(&self->profile);
    gtk_widget_dispose_template(GTK_WIDGET(self), EARSHOT_TYPE_ADD_WAYS);
    G_OBJECT_CLASS(earshot_add_ways_parent_class)->dispose(object);
}

static void earshot_add_ways_class_init(EarshotAddWaysClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->dispose = earshot_add_ways_dispose;
    signals[ADDED] = g_signal_new("added", EARSHOT_TYPE_ADD_WAYS, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                  NULL, G_TYPE_NONE, 1, EARSHOT_TYPE_PERSON);
    signals[INVITED] = g_signal_new("invited", EARSHOT_TYPE_ADD_WAYS, G_SIGNAL_RUN_LAST, 0, NULL,
                                    NULL, NULL, G_TYPE_NONE, 0);
    g_type_ensure(EARSHOT_TYPE_INVITE_CARD);
    gtk_widget_class_set_template_from_resource(widget_class, "/org/earshot/Earshot/add_ways.ui");
    gtk_widget_class_bind_template_child(widget_class, EarshotAddWays, ways_box);
    gtk_widget_class_bind_template_child(widget_class, EarshotAddWays, mine_box);
    gtk_widget_class_bind_template_child(widget_class, EarshotAddWays, paste_button);
    gtk_widget_class_bind_template_child(widget_class, EarshotAddWays, buffer);
    gtk_widget_class_bind_template_child(widget_class, EarshotAddWays, file_row);
    gtk_widget_class_bind_template_child(widget_class, EarshotAddWays, mine_row);
    gtk_widget_class_bind_template_child(widget_class, EarshotAddWays, trouble);
    gtk_widget_class_bind_template_child(widget_class, EarshotAddWays, mine);
    gtk_widget_class_bind_template_callback(widget_class, on_paste_clicked);
    gtk_widget_class_bind_template_callback(widget_class, on_text_changed);
    gtk_widget_class_bind_template_callback(widget_class, on_row_activated);
    gtk_widget_class_bind_template_callback(widget_class, on_made);
    gtk_widget_class_bind_template_callback(widget_class, earshot_add_ways_reset);
}

static void earshot_add_ways_init(EarshotAddWays *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
    self->cancellable = g_cancellable_new();
    accept_drops(self);
}

void earshot_add_ways_set_profile(EarshotAddWays *self, EarshotProfile *profile)
{
    g_set_object(&self->profile, profile);
    earshot_invite_card_set_profile(self->mine, profile);
}

void earshot_add_ways_reset(EarshotAddWays *self)
{
    gtk_text_buffer_set_text(self->buffer, "", -1);
    stop_looking(self);
    say_in_place(self, NULL);
    show(self, FALSE);
    gtk_widget_grab_focus(self->paste_button);
}
