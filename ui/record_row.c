/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One call that was, in a list. */
#include "record_row.h"

#include <glib/gi18n.h>

#include "words.h"

struct _EarshotRecordRow {
    AdwActionRow parent_instance;

    /* template children */
    GtkImage *kind;

    /* owned */
    EarshotRecord *record;
};

G_DEFINE_FINAL_TYPE(EarshotRecordRow, earshot_record_row, ADW_TYPE_ACTION_ROW)

static void show_kind(EarshotRecordRow *self, gboolean missed, gboolean outgoing)
{
    const char *icon = missed     ? "call-missed-symbolic"
                       : outgoing ? "call-outgoing-symbolic"
                                  : "call-incoming-symbolic";
    const char *word = missed ? _("Missed call") : outgoing ? _("You called") : _("They called");
    gtk_image_set_from_icon_name(self->kind, icon);
    gtk_widget_set_tooltip_text(GTK_WIDGET(self->kind), word);
    gtk_accessible_update_property(GTK_ACCESSIBLE(self->kind), GTK_ACCESSIBLE_PROPERTY_LABEL, word,
                                   -1);
    if (missed)
        gtk_widget_add_css_class(GTK_WIDGET(self->kind), "warning");
}

static void show(EarshotRecordRow *self, gboolean with_name)
{
    g_autoptr(GDateTime) begin = NULL;
    g_autofree char *name = NULL;
    gboolean missed = FALSE, outgoing = FALSE;
    g_object_get(self->record, "begin", &begin, "name", &name, "missed", &missed, "outgoing",
                 &outgoing, NULL);
    g_autofree char *when = earshot_words_when(begin);
    g_autofree char *what = earshot_words_record(self->record);
    g_autofree char *both = g_strdup_printf("%s\n%s", when, what);

    adw_preferences_row_set_title(ADW_PREFERENCES_ROW(self), with_name ? name : when);
    adw_action_row_set_subtitle(ADW_ACTION_ROW(self), with_name ? both : what);
    gtk_accessible_update_property(GTK_ACCESSIBLE(self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                   with_name ? both : what, -1);
    show_kind(self, missed, outgoing);
}

static void earshot_record_row_dispose(GObject *object)
{
    EarshotRecordRow *self = EARSHOT_RECORD_ROW(object);
    g_clear_object(&self->record);
    gtk_widget_dispose_template(GTK_WIDGET(self), EARSHOT_TYPE_RECORD_ROW);
    G_OBJECT_CLASS(earshot_record_row_parent_class)->dispose(object);
}

static void earshot_record_row_class_init(EarshotRecordRowClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->dispose = earshot_record_row_dispose;
    gtk_widget_class_set_template_from_resource(widget_class, "/org/earshot/Earshot/record_row.ui");
    gtk_widget_class_bind_template_child(widget_class, EarshotRecordRow, kind);
}

static void earshot_record_row_init(EarshotRecordRow *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWidget *earshot_record_row_new(EarshotRecord *record, gboolean with_name)
{
    EarshotRecordRow *self = g_object_new(EARSHOT_TYPE_RECORD_ROW, NULL);
    self->record = g_object_ref(record);
    show(self, with_name);
    return GTK_WIDGET(self);
}

EarshotRecord *earshot_record_row_get_record(EarshotRecordRow *self)
{
    return self->record;
}
