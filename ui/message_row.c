/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who, when and what became of it above; below what it says, and what can be done with it. */
#include "message_row.h"

#include <glib/gi18n.h>
#include <math.h>

#include "bridge/format.h"
#include "waveform.h"

struct _EarshotMessageRow {
    GtkListBoxRow parent_instance;

    /* template children */
    GtkWidget *bubble;
    GtkImage *icon;
    GtkLabel *heading;
    GtkLabel *text;
    GtkWidget *voice;
    GtkButton *play;
    EarshotWaveform *waveform;
    GtkButton *speed;
    GtkProgressBar *progress;
    GtkWidget *buttons;
    GtkWidget *save;
    GtkWidget *retry;
    GtkLabel *retry_label;

    /* owned */
    EarshotMessage *message;
    EarshotVoice *player;
    char *name;
};

G_DEFINE_FINAL_TYPE(EarshotMessageRow, earshot_message_row, GTK_TYPE_LIST_BOX_ROW)

enum { SAVE, RETRY, DELETE, SIGNALS };
static guint signals[SIGNALS];

static const char *icon_of(EarshotMessageKind kind)
{
    switch (kind) {
    case EARSHOT_MESSAGE_VOICE:
        return "audio-input-microphone-symbolic";
    case EARSHOT_MESSAGE_FILE:
        return "mail-attachment-symbolic";
    case EARSHOT_MESSAGE_URGENT:
        return "dialog-warning-symbolic";
    case EARSHOT_MESSAGE_TEXT:
        break;
    }
    return NULL;
}

/* What stands in the bubble. */
static char *body_of(EarshotMessage *message)
{
    double seconds = 0;
    g_object_get(message, "seconds", &seconds, NULL);
    switch (earshot_message_get_kind(message)) {
    case EARSHOT_MESSAGE_VOICE: {
        g_autofree char *duration = earshot_format_duration((guint)(seconds + .5));
        /* Translators: %s is a duration, as 1:24 */
        return g_strdup_printf(_("Voice message, %s"), duration);
    }
    case EARSHOT_MESSAGE_FILE: {
        g_autofree char *data = earshot_format_data((gint64)earshot_message_get_size(message));
        /* Translators: the name of a file, and its size */
        return g_strdup_printf(C_("file", "%s, %s"), earshot_message_get_name(message), data);
    }
    case EARSHOT_MESSAGE_TEXT:
    case EARSHOT_MESSAGE_URGENT:
        break;
    }
    return g_strdup(earshot_message_get_text(message));
}

static char *heading_of(EarshotMessageRow *self)
{
    g_autofree char *sentence = NULL;
    g_object_get(self->message, "sentence", &sentence, NULL);
    gboolean urgent = earshot_message_get_kind(self->message) == EARSHOT_MESSAGE_URGENT;
    const char *who = earshot_message_is_mine(self->message) ? _("You") : self->name;
    return urgent ? g_strdup_printf(C_("message", "%s, urgent, %s"), who, sentence)
                  : g_strdup_printf(C_("message", "%s, %s"), who, sentence);
}

static void update_buttons(EarshotMessageRow *self)
{
    EarshotMessageKind kind = earshot_message_get_kind(self->message);
    EarshotMessageState state = earshot_message_get_state(self->message);
    gboolean holds = kind == EARSHOT_MESSAGE_FILE || kind == EARSHOT_MESSAGE_VOICE;
    gboolean save = holds && state != EARSHOT_MESSAGE_COMING &&
                    state != EARSHOT_MESSAGE_RECORDING && !earshot_message_is_lost(self->message);
    gboolean failed = state == EARSHOT_MESSAGE_FAILED && !earshot_message_is_lost(self->message);
    gboolean left = state == EARSHOT_MESSAGE_RECORDING && kind == EARSHOT_MESSAGE_VOICE;
    gtk_widget_set_visible(self->save, save);
    gtk_widget_set_visible(self->retry, failed || left);
    gtk_label_set_text(self->retry_label, failed ? _("Try again") : _("Send it as it is"));
    gtk_widget_set_visible(self->buttons, save || failed || left);
}

/* ---- voice ---- */

static void on_peaks(GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr(EarshotMessageRow) self = data;
    g_autoptr(GBytes) peaks = earshot_mail_peaks_finish(EARSHOT_MAIL(source), result, NULL);
    if (peaks && self->waveform && g_bytes_get_size(peaks) == EARSHOT_WAVEFORM_BARS)
        earshot_waveform_set_peaks(self->waveform, g_bytes_get_data(peaks, NULL));
}

static gboolean can_play(EarshotMessageRow *self)
{
    EarshotMessageState state = earshot_message_get_state(self->message);
    return earshot_message_get_kind(self->message) == EARSHOT_MESSAGE_VOICE &&
           state != EARSHOT_MESSAGE_COMING;
}

static void update_play(EarshotMessageRow *self)
{
    gboolean playing = FALSE;
    double played = 0;
    g_object_get(self->message, "playing", &playing, "played", &played, NULL);
    const char *name = playing ? _("Stop") : _("Play this voice message");
    gtk_button_set_icon_name(self->play, playing ? "media-playback-stop-symbolic"
                                                 : "media-playback-start-symbolic");
    gtk_widget_set_tooltip_text(GTK_WIDGET(self->play), name);
    gtk_accessible_update_property(GTK_ACCESSIBLE(self->play), GTK_ACCESSIBLE_PROPERTY_LABEL, name,
                                   -1);
    earshot_waveform_set_played(self->waveform, played);
    gtk_widget_set_visible(self->voice, can_play(self));
}

static void update_speed(EarshotMessageRow *self)
{
    double speed = 1;
    g_object_get(self->player, "speed", &speed, NULL);
    g_autofree char *number = earshot_format_number(speed, speed == floor(speed) ? 0 : 1);
    /* Translators: how fast a voice message is played, as "1.5 ×" */
    g_autofree char *label = g_strdup_printf(_("%s ×"), number);
    gtk_button_set_label(self->speed, label);
}

static void on_play(EarshotMessageRow *self)
{
    gboolean playing = FALSE;
    g_object_get(self->message, "playing", &playing, NULL);
    if (playing)
        earshot_voice_stop(self->player);
    else
        earshot_voice_play(self->player, self->message, 0);
}

static void on_sought(EarshotMessageRow *self, double place)
{
    earshot_voice_play(self->player, self->message, place);
}

static void on_speed(EarshotMessageRow *self)
{
    double speed = 1;
    g_object_get(self->player, "speed", &speed, NULL);
    g_object_set(self->player, "speed", speed < 1.25 ? 1.5 : speed < 1.75 ? 2.0 : 1.0, NULL);
}

/* ---- what it says ---- */

static void update(EarshotMessageRow *self)
{
    double share = 0;
    g_object_get(self->message, "share", &share, NULL);
    EarshotMessageState state = earshot_message_get_state(self->message);
    gboolean moving = state == EARSHOT_MESSAGE_SENT || state == EARSHOT_MESSAGE_COMING;
    g_autofree char *heading = heading_of(self);
    g_autofree char *body = body_of(self->message);
    gtk_label_set_text(self->heading, heading);
    if (g_strcmp0(gtk_label_get_text(self->text), body) != 0)
        gtk_label_set_text(self->text, body);
    g_autofree char *all = g_strdup_printf("%s: %s", heading, body);
    gtk_accessible_update_property(GTK_ACCESSIBLE(self), GTK_ACCESSIBLE_PROPERTY_LABEL, all, -1);
    gtk_progress_bar_set_fraction(self->progress, share);
    gtk_widget_set_visible(GTK_WIDGET(self->progress), moving && share > 0 && share < 1);
    update_buttons(self);
    update_play(self);
}

static void on_save(EarshotMessageRow *self)
{
    g_signal_emit(self, signals[SAVE], 0);
}

static void on_retry(EarshotMessageRow *self)
{
    g_signal_emit(self, signals[RETRY], 0);
}

static void on_delete(EarshotMessageRow *self)
{
    g_signal_emit(self, signals[DELETE], 0);
}

static void earshot_message_row_dispose(GObject *object)
{
    EarshotMessageRow *self = EARSHOT_MESSAGE_ROW(object);
    if (self->message)
        g_signal_handlers_disconnect_by_data(self->message, self);
    g_clear_object(&self->message);
    g_clear_object(&self->player);
    g_clear_pointer(&self->name, g_free);
    /* Before the template goes, which takes the child from the row without its knowledge. */
    gtk_list_box_row_set_child(GTK_LIST_BOX_ROW(self), NULL);
    gtk_widget_dispose_template(GTK_WIDGET(self), EARSHOT_TYPE_MESSAGE_ROW);
    G_OBJECT_CLASS(earshot_message_row_parent_class)->dispose(object);
}

static void earshot_message_row_class_init(EarshotMessageRowClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    static const char *const names[SIGNALS] = {"save", "retry", "delete"};
    G_OBJECT_CLASS(klass)->dispose = earshot_message_row_dispose;
    g_type_ensure(EARSHOT_TYPE_WAVEFORM);
    for (guint i = 0; i < SIGNALS; i++)
        signals[i] =
            g_signal_new(names[i], EARSHOT_TYPE_MESSAGE_ROW, G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION, 0,
                         NULL, NULL, NULL, G_TYPE_NONE, 0);
    gtk_widget_class_add_binding_signal(widget_class, GDK_KEY_Delete, 0, "delete", NULL);
    gtk_widget_class_add_binding_signal(widget_class, GDK_KEY_KP_Delete, 0, "delete", NULL);
    gtk_widget_class_set_template_from_resource(widget_class,
                                                "/org/earshot/Earshot/message_row.ui");
    gtk_widget_class_bind_template_child(widget_class, EarshotMessageRow, bubble);
    gtk_widget_class_bind_template_child(widget_class, EarshotMessageRow, icon);
    gtk_widget_class_bind_template_child(widget_class, EarshotMessageRow, heading);
    gtk_widget_class_bind_template_child(widget_class, EarshotMessageRow, text);
    gtk_widget_class_bind_template_child(widget_class, EarshotMessageRow, voice);
    gtk_widget_class_bind_template_child(widget_class, EarshotMessageRow, play);
    gtk_widget_class_bind_template_child(widget_class, EarshotMessageRow, waveform);
    gtk_widget_class_bind_template_child(widget_class, EarshotMessageRow, speed);
    gtk_widget_class_bind_template_child(widget_class, EarshotMessageRow, progress);
    gtk_widget_class_bind_template_child(widget_class, EarshotMessageRow, buttons);
    gtk_widget_class_bind_template_child(widget_class, EarshotMessageRow, save);
    gtk_widget_class_bind_template_child(widget_class, EarshotMessageRow, retry);
    gtk_widget_class_bind_template_child(widget_class, EarshotMessageRow, retry_label);
    gtk_widget_class_bind_template_callback(widget_class, on_play);
    gtk_widget_class_bind_template_callback(widget_class, on_sought);
    gtk_widget_class_bind_template_callback(widget_class, on_speed);
    gtk_widget_class_bind_template_callback(widget_class, on_save);
    gtk_widget_class_bind_template_callback(widget_class, on_retry);
    gtk_widget_class_bind_template_callback(widget_class, on_delete);
}

static void earshot_message_row_init(EarshotMessageRow *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWidget *earshot_message_row_new(EarshotMessage *message, const char *name, EarshotMail *mail,
                                   EarshotVoice *voice)
{
    EarshotMessageRow *self = g_object_new(EARSHOT_TYPE_MESSAGE_ROW, NULL);
    const char *icon = icon_of(earshot_message_get_kind(message));
    self->message = g_object_ref(message);
    self->player = g_object_ref(voice);
    self->name = g_strdup(name);
    gtk_widget_set_visible(GTK_WIDGET(self->icon), icon != NULL);
    if (icon)
        gtk_image_set_from_icon_name(self->icon, icon);
    gtk_widget_add_css_class(self->bubble, earshot_message_is_mine(message) ? "mine" : "theirs");
    g_signal_connect_swapped(message, "notify", G_CALLBACK(update), self);
    g_signal_connect_object(voice, "notify::speed", G_CALLBACK(update_speed), self,
                            G_CONNECT_SWAPPED);
    update(self);
    update_speed(self);
    if (can_play(self))
        earshot_mail_peaks_async(mail, message, EARSHOT_WAVEFORM_BARS, on_peaks,
                                 g_object_ref(self));
    return GTK_WIDGET(self);
}

EarshotMessage *earshot_message_row_get_message(EarshotMessageRow *self)
{
    return self->message;
}
