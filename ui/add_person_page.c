/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Adds a person: paste, file, picture of a QR code; or shows an invite of mine. */
#include "add_person_page.h"

struct _EarshotAddPersonPage {
    GtkBox parent_instance;

    /* owned */
    EarshotStation *station;
};

G_DEFINE_FINAL_TYPE(EarshotAddPersonPage, earshot_add_person_page, GTK_TYPE_BOX)

static void earshot_add_person_page_dispose(GObject *object)
{
    EarshotAddPersonPage *self = EARSHOT_ADD_PERSON_PAGE(object);
    g_clear_object(&self->station);
    gtk_widget_dispose_template(GTK_WIDGET(self), EARSHOT_TYPE_ADD_PERSON_PAGE);
    G_OBJECT_CLASS(earshot_add_person_page_parent_class)->dispose(object);
}

static void earshot_add_person_page_class_init(EarshotAddPersonPageClass *klass)
{
    G_OBJECT_CLASS(klass)->dispose = earshot_add_person_page_dispose;
    gtk_widget_class_set_template_from_resource(GTK_WIDGET_CLASS(klass),
                                                "/org/earshot/Earshot/add_person_page.ui");
}

static void earshot_add_person_page_init(EarshotAddPersonPage *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWidget *earshot_add_person_page_new(EarshotStation *station)
{
    EarshotAddPersonPage *self = g_object_new(EARSHOT_TYPE_ADD_PERSON_PAGE, NULL);
    self->station = g_object_ref(station);
    return GTK_WIDGET(self);
}
