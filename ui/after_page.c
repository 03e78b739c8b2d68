/* SPDX-License-Identifier: GPL-3.0-or-later */
/* After the call: how long, how much data, which gaps. */
#include "after_page.h"

struct _EarshotAfterPage {
    GtkBox parent_instance;

    /* owned */
    EarshotStation *station;
};

G_DEFINE_FINAL_TYPE(EarshotAfterPage, earshot_after_page, GTK_TYPE_BOX)

static void earshot_after_page_dispose(GObject *object)
{
    EarshotAfterPage *self = EARSHOT_AFTER_PAGE(object);
    g_clear_object(&self->station);
    gtk_widget_dispose_template(GTK_WIDGET(self), EARSHOT_TYPE_AFTER_PAGE);
    G_OBJECT_CLASS(earshot_after_page_parent_class)->dispose(object);
}

static void earshot_after_page_class_init(EarshotAfterPageClass *klass)
{
    G_OBJECT_CLASS(klass)->dispose = earshot_after_page_dispose;
    gtk_widget_class_set_template_from_resource(GTK_WIDGET_CLASS(klass),
                                                "/org/earshot/Earshot/after_page.ui");
}

static void earshot_after_page_init(EarshotAfterPage *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWidget *earshot_after_page_new(EarshotStation *station)
{
    EarshotAfterPage *self = g_object_new(EARSHOT_TYPE_AFTER_PAGE, NULL);
    self->station = g_object_ref(station);
    return GTK_WIDGET(self);
}
