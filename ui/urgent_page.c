/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Urgent help: numbers entered here, with the date they were checked. */
#include "urgent_page.h"

struct _EarshotUrgentPage {
    GtkBox parent_instance;

    /* owned */
    EarshotStation *station;
};

G_DEFINE_FINAL_TYPE(EarshotUrgentPage, earshot_urgent_page, GTK_TYPE_BOX)

static void earshot_urgent_page_dispose(GObject *object)
{
    EarshotUrgentPage *self = EARSHOT_URGENT_PAGE(object);
    g_clear_object(&self->station);
    gtk_widget_dispose_template(GTK_WIDGET(self), EARSHOT_TYPE_URGENT_PAGE);
    G_OBJECT_CLASS(earshot_urgent_page_parent_class)->dispose(object);
}

static void earshot_urgent_page_class_init(EarshotUrgentPageClass *klass)
{
    G_OBJECT_CLASS(klass)->dispose = earshot_urgent_page_dispose;
    gtk_widget_class_set_template_from_resource(GTK_WIDGET_CLASS(klass),
                                                "/org/earshot/Earshot/urgent_page.ui");
}

static void earshot_urgent_page_init(EarshotUrgentPage *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWidget *earshot_urgent_page_new(EarshotStation *station)
{
    EarshotUrgentPage *self = g_object_new(EARSHOT_TYPE_URGENT_PAGE, NULL);
    self->station = g_object_ref(station);
    return GTK_WIDGET(self);
}
