/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a passer-by sees after instant hide. */
#include "neutral_page.h"

struct _EarshotNeutralPage {
    GtkBox parent_instance;

    /* owned */
    EarshotStation *station;
};

G_DEFINE_FINAL_TYPE(EarshotNeutralPage, earshot_neutral_page, GTK_TYPE_BOX)

static void earshot_neutral_page_dispose(GObject *object)
{
    EarshotNeutralPage *self = EARSHOT_NEUTRAL_PAGE(object);
    g_clear_object(&self->station);
    gtk_widget_dispose_template(GTK_WIDGET(self), EARSHOT_TYPE_NEUTRAL_PAGE);
    G_OBJECT_CLASS(earshot_neutral_page_parent_class)->dispose(object);
}

static void earshot_neutral_page_class_init(EarshotNeutralPageClass *klass)
{
    G_OBJECT_CLASS(klass)->dispose = earshot_neutral_page_dispose;
    gtk_widget_class_set_template_from_resource(GTK_WIDGET_CLASS(klass),
                                                "/org/earshot/Earshot/neutral_page.ui");
}

static void earshot_neutral_page_init(EarshotNeutralPage *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWidget *earshot_neutral_page_new(EarshotStation *station)
{
    EarshotNeutralPage *self = g_object_new(EARSHOT_TYPE_NEUTRAL_PAGE, NULL);
    self->station = g_object_ref(station);
    return GTK_WIDGET(self);
}
