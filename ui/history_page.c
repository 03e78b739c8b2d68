/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All calls, missed ones marked. */
#include "history_page.h"

struct _EarshotHistoryPage {
    GtkBox parent_instance;

    /* owned */
    EarshotStation *station;
};

G_DEFINE_FINAL_TYPE(EarshotHistoryPage, earshot_history_page, GTK_TYPE_BOX)

static void earshot_history_page_dispose(GObject *object)
{
    EarshotHistoryPage *self = EARSHOT_HISTORY_PAGE(object);
    g_clear_object(&self->station);
    gtk_widget_dispose_template(GTK_WIDGET(self), EARSHOT_TYPE_HISTORY_PAGE);
    G_OBJECT_CLASS(earshot_history_page_parent_class)->dispose(object);
}

static void earshot_history_page_class_init(EarshotHistoryPageClass *klass)
{
    G_OBJECT_CLASS(klass)->dispose = earshot_history_page_dispose;
    gtk_widget_class_set_template_from_resource(GTK_WIDGET_CLASS(klass),
                                                "/org/earshot/Earshot/history_page.ui");
}

static void earshot_history_page_init(EarshotHistoryPage *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWidget *earshot_history_page_new(EarshotStation *station)
{
    EarshotHistoryPage *self = g_object_new(EARSHOT_TYPE_HISTORY_PAGE, NULL);
    self->station = g_object_ref(station);
    return GTK_WIDGET(self);
}
