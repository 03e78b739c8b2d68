/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One person: call, compare, rename, block, remove, and the calls so far. */
#include "person_page.h"

struct _EarshotPersonPage {
    GtkBox parent_instance;

    /* owned */
    EarshotStation *station;
};

G_DEFINE_FINAL_TYPE(EarshotPersonPage, earshot_person_page, GTK_TYPE_BOX)

static void earshot_person_page_dispose(GObject *object)
{
    EarshotPersonPage *self = EARSHOT_PERSON_PAGE(object);
    g_clear_object(&self->station);
    gtk_widget_dispose_template(GTK_WIDGET(self), EARSHOT_TYPE_PERSON_PAGE);
    G_OBJECT_CLASS(earshot_person_page_parent_class)->dispose(object);
}

static void earshot_person_page_class_init(EarshotPersonPageClass *klass)
{
    G_OBJECT_CLASS(klass)->dispose = earshot_person_page_dispose;
    gtk_widget_class_set_template_from_resource(GTK_WIDGET_CLASS(klass),
                                                "/org/earshot/Earshot/person_page.ui");
}

static void earshot_person_page_init(EarshotPersonPage *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWidget *earshot_person_page_new(EarshotStation *station)
{
    EarshotPersonPage *self = g_object_new(EARSHOT_TYPE_PERSON_PAGE, NULL);
    self->station = g_object_ref(station);
    return GTK_WIDGET(self);
}
