/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The first thing seen: one large Call button, the people, what is left to do. */
#include "home_page.h"

struct _EarshotHomePage {
    GtkBox parent_instance;

    /* owned */
    EarshotStation *station;
};

G_DEFINE_FINAL_TYPE(EarshotHomePage, earshot_home_page, GTK_TYPE_BOX)

static void earshot_home_page_dispose(GObject *object)
{
    EarshotHomePage *self = EARSHOT_HOME_PAGE(object);
    g_clear_object(&self->station);
    gtk_widget_dispose_template(GTK_WIDGET(self), EARSHOT_TYPE_HOME_PAGE);
    G_OBJECT_CLASS(earshot_home_page_parent_class)->dispose(object);
}

static void earshot_home_page_class_init(EarshotHomePageClass *klass)
{
    G_OBJECT_CLASS(klass)->dispose = earshot_home_page_dispose;
    gtk_widget_class_set_template_from_resource(GTK_WIDGET_CLASS(klass),
                                                "/org/earshot/Earshot/home_page.ui");
}

static void earshot_home_page_init(EarshotHomePage *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWidget *earshot_home_page_new(EarshotStation *station)
{
    EarshotHomePage *self = g_object_new(EARSHOT_TYPE_HOME_PAGE, NULL);
    self->station = g_object_ref(station);
    return GTK_WIDGET(self);
}

void earshot_home_page_show_person(EarshotHomePage *self, EarshotPerson *person)
{
}
