/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The written side of a call: a line to write, and what was written, newest first. */
#include "text_list.h"

#include <glib/gi18n.h>
#include <string.h>

#include "bridge/format.h"

struct _EarshotTextList {
    GtkBox parent_instance;

    /* template children */
    GtkEntry *entry;
    GtkButton *send;
    GtkLabel *problem;
    GtkListBox *list;

    /* owned */
    EarshotCall *call;
    GListModel *texts;
};

G_DEFINE_FINAL_TYPE(EarshotTextList, earshot_text_list, GTK_TYPE_BOX)

enum { PROP_CALL = 1, N_PROPS };
static GParamSpec *properties[N_PROPS];

/* "You, 14:02, on their screen" */
static char *heading_of(EarshotText *text, EarshotCall *call)
{
    gboolean mine, seen;
    g_autoptr(GDateTime) when = NULL;
    g_object_get(text, "mine", &mine, "seen", &seen, "when", &when, NULL);
    g_autofree char *clock = when ? earshot_format_clock(when) : g_strdup("");
    if (!mine) {
        EarshotPerson *person = call ? earshot_call_get_person(call) : NULL;
        /* Translators: who wrote, and when */
        return g_strdup_printf(C_("text", "%s, %s"),
                               person ? earshot_person_get_name(person) : _("They"), clock);
    }
    return g_strdup_printf(seen ? _("You, %s, on their screen") : _("You, %s, on its way"), clock);
}

static void on_text_changed(EarshotText *text, GParamSpec *pspec, GtkLabel *heading)
{
    EarshotTextList *self =
        EARSHOT_TEXT_LIST(gtk_widget_get_ancestor(GTK_WIDGET(heading), EARSHOT_TYPE_TEXT_LIST));
    if (!self)
        return;
    g_autofree char *words = heading_of(text, self->call);
    gtk_label_set_text(heading, words);
}

static GtkWidget *wrapped_label(const char *text)
{
    GtkWidget *label = gtk_label_new(text);
    gtk_label_set_wrap(GTK_LABEL(label), TRUE);
    gtk_label_set_wrap_mode(GTK_LABEL(label), PANGO_WRAP_WORD_CHAR);
    gtk_label_set_xalign(GTK_LABEL(label), 0);
    return label;
}

static GtkWidget *make_row(EarshotTextList *self, EarshotText *text)
{
    g_autofree char *words = NULL;
    g_object_get(text, "text", &words, NULL);
    g_autofree char *above = heading_of(text, self->call);
    GtkWidget *heading = wrapped_label(above);
    gtk_widget_add_css_class(heading, "caption");
    GtkWidget *body = wrapped_label(words);
    gtk_label_set_selectable(GTK_LABEL(body), TRUE);
    g_signal_connect_object(text, "notify::seen", G_CALLBACK(on_text_changed), heading, 0);
    GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 3);
    gtk_widget_add_css_class(box, "text-row");
    gtk_box_append(GTK_BOX(box), heading);
    gtk_box_append(GTK_BOX(box), body);
    GtkWidget *row = gtk_list_box_row_new();
    gtk_list_box_row_set_activatable(GTK_LIST_BOX_ROW(row), FALSE);
    gtk_widget_set_focusable(row, FALSE);
    gtk_list_box_row_set_child(GTK_LIST_BOX_ROW(row), box);
    return row;
}

static void announce(EarshotTextList *self, EarshotText *text)
{
#if GTK_CHECK_VERSION(4, 14, 0)
    g_autofree char *words = NULL;
    gboolean mine;
    g_object_get(text, "text", &words, "mine", &mine, NULL);
    if (!mine && gtk_widget_get_mapped(GTK_WIDGET(self)))
        gtk_accessible_announce(GTK_ACCESSIBLE(self), words,
                                GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM);
#endif
}

static void on_items_changed(EarshotTextList *self, guint position, guint removed, guint added)
{
    guint count = g_list_model_get_n_items(self->texts);
    for (guint i = 0; i < removed; i++) {
        GtkListBoxRow *row =
            gtk_list_box_get_row_at_index(self->list, (int)(count - added - position));
        gtk_list_box_remove(self->list, GTK_WIDGET(row));
    }
    for (guint i = position; i < position + added; i++) {
        g_autoptr(EarshotText) text = g_list_model_get_item(self->texts, i);
        gtk_list_box_insert(self->list, make_row(self, text), (int)(count - position - added));
        announce(self, text);
    }
    gtk_widget_set_visible(GTK_WIDGET(self->list), count > 0);
}

static void clear_list(EarshotTextList *self)
{
    GtkListBoxRow *row;
    while ((row = gtk_list_box_get_row_at_index(self->list, 0)))
        gtk_list_box_remove(self->list, GTK_WIDGET(row));
}

static void watch_texts(EarshotTextList *self)
{
    if (self->texts)
        g_signal_handlers_disconnect_by_data(self->texts, self);
    g_clear_object(&self->texts);
    clear_list(self);
    gtk_widget_set_visible(GTK_WIDGET(self->list), FALSE);
    if (self->call)
        g_object_get(self->call, "texts", &self->texts, NULL);
    if (!self->texts)
        return;
    g_signal_connect_object(self->texts, "items-changed", G_CALLBACK(on_items_changed), self,
                            G_CONNECT_SWAPPED);
    on_items_changed(self, 0, 0, g_list_model_get_n_items(self->texts));
}

static void show_problem(EarshotTextList *self, const char *sentence)
{
    gtk_label_set_text(self->problem, sentence);
    gtk_widget_set_visible(GTK_WIDGET(self->problem), *sentence != '\0');
}

static void on_changed(EarshotTextList *self)
{
    const char *text = gtk_editable_get_text(GTK_EDITABLE(self->entry));
    gboolean fits = strlen(text) <= EARSHOT_TEXT_BYTES_MAX;
    gtk_widget_set_sensitive(GTK_WIDGET(self->send), *text && fits);
    show_problem(self, fits ? "" : _("This is too long for one text. Send it in two parts."));
}

static void on_send(EarshotTextList *self)
{
    g_autoptr(GError) error = NULL;
    const char *text = gtk_editable_get_text(GTK_EDITABLE(self->entry));
    if (!self->call || !*text || strlen(text) > EARSHOT_TEXT_BYTES_MAX)
        return;
    if (!earshot_call_send_text(self->call, text, &error)) {
        show_problem(self, error->message);
        return;
    }
    gtk_editable_set_text(GTK_EDITABLE(self->entry), "");
    gtk_widget_grab_focus(GTK_WIDGET(self->entry));
}

void earshot_text_list_set_call(EarshotTextList *self, EarshotCall *call)
{
    if (self->call == call)
        return;
    if (self->call)
        g_signal_handlers_disconnect_by_data(self->call, self);
    g_set_object(&self->call, call);
    if (call)
        g_signal_connect_object(call, "notify::texts", G_CALLBACK(watch_texts), self,
                                G_CONNECT_SWAPPED);
    watch_texts(self);
    g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_CALL]);
}

static void earshot_text_list_get_property(GObject *object, guint id, GValue *value,
                                           GParamSpec *pspec)
{
    if (id == PROP_CALL)
        g_value_set_object(value, EARSHOT_TEXT_LIST(object)->call);
    else
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
}

static void earshot_text_list_set_property(GObject *object, guint id, const GValue *value,
                                           GParamSpec *pspec)
{
    if (id == PROP_CALL)
        earshot_text_list_set_call(EARSHOT_TEXT_LIST(object), g_value_get_object(value));
    else
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
}

static void earshot_text_list_dispose(GObject *object)
{
    EarshotTextList *self = EARSHOT_TEXT_LIST(object);
    if (self->texts)
        g_signal_handlers_disconnect_by_data(self->texts, self);
    if (self->call)
        g_signal_handlers_disconnect_by_data(self->call, self);
    g_clear_object(&self->texts);
    g_clear_object(&self->call);
    gtk_widget_dispose_template(GTK_WIDGET(self), EARSHOT_TYPE_TEXT_LIST);
    G_OBJECT_CLASS(earshot_text_list_parent_class)->dispose(object);
}

static void earshot_text_list_class_init(EarshotTextListClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS(klass);
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    object_class->get_property = earshot_text_list_get_property;
    object_class->set_property = earshot_text_list_set_property;
    object_class->dispose = earshot_text_list_dispose;
    properties[PROP_CALL] =
        g_param_spec_object("call", NULL, NULL, EARSHOT_TYPE_CALL,
                            G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
    g_object_class_install_properties(object_class, N_PROPS, properties);
    gtk_widget_class_set_template_from_resource(widget_class, "/org/earshot/Earshot/text_list.ui");
    gtk_widget_class_bind_template_child(widget_class, EarshotTextList, entry);
    gtk_widget_class_bind_template_child(widget_class, EarshotTextList, send);
    gtk_widget_class_bind_template_child(widget_class, EarshotTextList, problem);
    gtk_widget_class_bind_template_child(widget_class, EarshotTextList, list);
    gtk_widget_class_bind_template_callback(widget_class, on_send);
    gtk_widget_class_bind_template_callback(widget_class, on_changed);
}

static void earshot_text_list_init(EarshotTextList *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
}
