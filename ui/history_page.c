/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All calls, missed ones marked. */
#include "history_page.h"

#include "record_list.h"

struct _EarshotHistoryPage {
    GtkBox parent_instance;

    /* template children */
    GtkStack *stack;
    EarshotRecordList *records;

    /* owned */
    EarshotStation *station;
};

G_DEFINE_FINAL_TYPE(EarshotHistoryPage, earshot_history_page, GTK_TYPE_BOX)

static void update(EarshotHistoryPage *self)
{
    gboolean empty = TRUE;
    g_object_get(self->records, "empty", &empty, NULL);
    gtk_stack_set_visible_child_name(self->stack, empty ? "empty" : "calls");
}

static void earshot_history_page_map(GtkWidget *widget)
{
    EarshotHistoryPage *self = EARSHOT_HISTORY_PAGE(widget);
    GTK_WIDGET_CLASS(earshot_history_page_parent_class)->map(widget);
    earshot_profile_see_missed(earshot_station_get_profile(self->station));
}

static void earshot_history_page_dispose(GObject *object)
{
    EarshotHistoryPage *self = EARSHOT_HISTORY_PAGE(object);
    g_clear_object(&self->station);
    gtk_widget_dispose_template(GTK_WIDGET(self), EARSHOT_TYPE_HISTORY_PAGE);
    G_OBJECT_CLASS(earshot_history_page_parent_class)->dispose(object);
}

static void earshot_history_page_class_init(EarshotHistoryPageClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->dispose = earshot_history_page_dispose;
    widget_class->map = earshot_history_page_map;
    g_type_ensure(EARSHOT_TYPE_RECORD_LIST);
    gtk_widget_class_set_template_from_resource(widget_class,
                                                "/org/earshot/Earshot/history_page.ui");
    gtk_widget_class_bind_template_child(widget_class, EarshotHistoryPage, stack);
    gtk_widget_class_bind_template_child(widget_class, EarshotHistoryPage, records);
    gtk_widget_class_bind_template_callback(widget_class, update);
    gtk_widget_class_add_binding_action(widget_class, GDK_KEY_Left, GDK_ALT_MASK, "win.home", NULL);
}

static void earshot_history_page_init(EarshotHistoryPage *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWidget *earshot_history_page_new(EarshotStation *station)
{
    EarshotHistoryPage *self = g_object_new(EARSHOT_TYPE_HISTORY_PAGE, NULL);
    self->station = g_object_ref(station);
    earshot_record_list_set(self->records, earshot_station_get_profile(station), NULL);
    update(self);
    return GTK_WIDGET(self);
}
