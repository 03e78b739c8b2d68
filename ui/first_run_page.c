/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Four pages at first use: language, name, hear yourself, a person. */
#include "first_run_page.h"

struct _EarshotFirstRunPage {
    GtkBox parent_instance;

    /* owned */
    EarshotStation *station;
};

G_DEFINE_FINAL_TYPE(EarshotFirstRunPage, earshot_first_run_page, GTK_TYPE_BOX)

static void earshot_first_run_page_dispose(GObject *object)
{
    EarshotFirstRunPage *self = EARSHOT_FIRST_RUN_PAGE(object);
    g_clear_object(&self->station);
    gtk_widget_dispose_template(GTK_WIDGET(self), EARSHOT_TYPE_FIRST_RUN_PAGE);
    G_OBJECT_CLASS(earshot_first_run_page_parent_class)->dispose(object);
}

static void earshot_first_run_page_class_init(EarshotFirstRunPageClass *klass)
{
    G_OBJECT_CLASS(klass)->dispose = earshot_first_run_page_dispose;
    gtk_widget_class_set_template_from_resource(GTK_WIDGET_CLASS(klass),
                                                "/org/earshot/Earshot/first_run_page.ui");
}

static void earshot_first_run_page_init(EarshotFirstRunPage *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWidget *earshot_first_run_page_new(EarshotStation *station)
{
    EarshotFirstRunPage *self = g_object_new(EARSHOT_TYPE_FIRST_RUN_PAGE, NULL);
    self->station = g_object_ref(station);
    return GTK_WIDGET(self);
}
