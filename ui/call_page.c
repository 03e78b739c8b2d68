/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The call: who, how long, whether they hear you; mute, volume, text, hang up. */
#include "call_page.h"

struct _EarshotCallPage {
    GtkBox parent_instance;

    /* owned */
    EarshotStation *station;
};

G_DEFINE_FINAL_TYPE(EarshotCallPage, earshot_call_page, GTK_TYPE_BOX)

static void earshot_call_page_dispose(GObject *object)
{
    EarshotCallPage *self = EARSHOT_CALL_PAGE(object);
    g_clear_object(&self->station);
    gtk_widget_dispose_template(GTK_WIDGET(self), EARSHOT_TYPE_CALL_PAGE);
    G_OBJECT_CLASS(earshot_call_page_parent_class)->dispose(object);
}

static void earshot_call_page_class_init(EarshotCallPageClass *klass)
{
    G_OBJECT_CLASS(klass)->dispose = earshot_call_page_dispose;
    gtk_widget_class_set_template_from_resource(GTK_WIDGET_CLASS(klass),
                                                "/org/earshot/Earshot/call_page.ui");
}

static void earshot_call_page_init(EarshotCallPage *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWidget *earshot_call_page_new(EarshotStation *station)
{
    EarshotCallPage *self = g_object_new(EARSHOT_TYPE_CALL_PAGE, NULL);
    self->station = g_object_ref(station);
    return GTK_WIDGET(self);
}
