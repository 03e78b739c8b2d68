/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Somebody calls: answer or decline. */
#include "incoming_page.h"

struct _EarshotIncomingPage {
    GtkBox parent_instance;

    /* owned */
    EarshotStation *station;
};

G_DEFINE_FINAL_TYPE(EarshotIncomingPage, earshot_incoming_page, GTK_TYPE_BOX)

static void earshot_incoming_page_dispose(GObject *object)
{
    EarshotIncomingPage *self = EARSHOT_INCOMING_PAGE(object);
    g_clear_object(&self->station);
    gtk_widget_dispose_template(GTK_WIDGET(self), EARSHOT_TYPE_INCOMING_PAGE);
    G_OBJECT_CLASS(earshot_incoming_page_parent_class)->dispose(object);
}

static void earshot_incoming_page_class_init(EarshotIncomingPageClass *klass)
{
    G_OBJECT_CLASS(klass)->dispose = earshot_incoming_page_dispose;
    gtk_widget_class_set_template_from_resource(GTK_WIDGET_CLASS(klass),
                                                "/org/earshot/Earshot/incoming_page.ui");
}

static void earshot_incoming_page_init(EarshotIncomingPage *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWidget *earshot_incoming_page_new(EarshotStation *station)
{
    EarshotIncomingPage *self = g_object_new(EARSHOT_TYPE_INCOMING_PAGE, NULL);
    self->station = g_object_ref(station);
    return GTK_WIDGET(self);
}
