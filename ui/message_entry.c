/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A text view that looks and sends like an entry. */
#include "message_entry.h"

struct _EarshotMessageEntry {
    AdwBin parent_instance;

    /* template children */
    GtkTextView *text;
    GtkWidget *placeholder;
};

G_DEFINE_FINAL_TYPE(EarshotMessageEntry, earshot_message_entry, ADW_TYPE_BIN)

enum { CHANGED, ACTIVATE, SIGNALS };
static guint signals[SIGNALS];

static void on_changed(EarshotMessageEntry *self, GtkTextBuffer *buffer)
{
    gtk_widget_set_visible(self->placeholder, gtk_text_buffer_get_char_count(buffer) == 0);
    g_signal_emit(self, signals[CHANGED], 0);
}

/* Before the text view, which begins a new line with every Enter; after whoever composes letters,
 * for whom Enter means something else. */
static gboolean on_key(EarshotMessageEntry *self, guint key, guint code, GdkModifierType state,
                       GtkEventController *controller)
{
    const GdkModifierType others = GDK_SHIFT_MASK | GDK_CONTROL_MASK | GDK_ALT_MASK;
    GdkEvent *event = gtk_event_controller_get_current_event(controller);
    gboolean enter = key == GDK_KEY_Return || key == GDK_KEY_KP_Enter || key == GDK_KEY_ISO_Enter;
    if (!enter || state & others)
        return GDK_EVENT_PROPAGATE;
    if (!gtk_text_view_im_context_filter_keypress(self->text, event))
        g_signal_emit(self, signals[ACTIVATE], 0);
    return GDK_EVENT_STOP;
}

char *earshot_message_entry_dup_text(EarshotMessageEntry *self)
{
    char *text = NULL;
    g_object_get(gtk_text_view_get_buffer(self->text), "text", &text, NULL);
    return text;
}

void earshot_message_entry_set_text(EarshotMessageEntry *self, const char *text)
{
    GtkTextBuffer *buffer = gtk_text_view_get_buffer(self->text);
    gtk_text_buffer_begin_irreversible_action(buffer);
    gtk_text_buffer_set_text(buffer, text, -1);
    gtk_text_buffer_end_irreversible_action(buffer);
}

static gboolean earshot_message_entry_grab_focus(GtkWidget *widget)
{
    return gtk_widget_grab_focus(GTK_WIDGET(EARSHOT_MESSAGE_ENTRY(widget)->text));
}

/* AdwBin's own goes backwards into itself for ever where focus is grabbed for a child. */
static gboolean earshot_message_entry_focus(GtkWidget *widget, GtkDirectionType direction)
{
    return gtk_widget_child_focus(adw_bin_get_child(ADW_BIN(widget)), direction);
}

static void earshot_message_entry_dispose(GObject *object)
{
    gtk_widget_dispose_template(GTK_WIDGET(object), EARSHOT_TYPE_MESSAGE_ENTRY);
    G_OBJECT_CLASS(earshot_message_entry_parent_class)->dispose(object);
}

static void earshot_message_entry_class_init(EarshotMessageEntryClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    static const char *const names[SIGNALS] = {"changed", "activate"};
    G_OBJECT_CLASS(klass)->dispose = earshot_message_entry_dispose;
    widget_class->focus = earshot_message_entry_focus;
    widget_class->grab_focus = earshot_message_entry_grab_focus;
    for (guint i = 0; i < SIGNALS; i++)
        signals[i] = g_signal_new(names[i], EARSHOT_TYPE_MESSAGE_ENTRY, G_SIGNAL_RUN_LAST, 0, NULL,
                                  NULL, NULL, G_TYPE_NONE, 0);
    gtk_widget_class_set_css_name(widget_class, "entry");
    gtk_widget_class_set_template_from_resource(widget_class,
                                                "/org/earshot/Earshot/message_entry.ui");
    gtk_widget_class_bind_template_child(widget_class, EarshotMessageEntry, text);
    gtk_widget_class_bind_template_child(widget_class, EarshotMessageEntry, placeholder);
}

static void earshot_message_entry_init(EarshotMessageEntry *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
    gtk_widget_add_css_class(GTK_WIDGET(self), "message");
    GtkEventController *keys = gtk_event_controller_key_new();
    gtk_event_controller_set_propagation_phase(keys, GTK_PHASE_CAPTURE);
    g_signal_connect_object(keys, "key-pressed", G_CALLBACK(on_key), self, G_CONNECT_SWAPPED);
    gtk_widget_add_controller(GTK_WIDGET(self->text), keys);
    g_signal_connect_object(gtk_text_view_get_buffer(self->text), "changed", G_CALLBACK(on_changed),
                            self, G_CONNECT_SWAPPED);
}
