/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stands in the window while the call is hidden: an empty page of notes. */
#include "neutral_page.h"

#include "focus_later.h"

struct _EarshotNeutralPage {
    GtkBox parent_instance;

    /* template children */
    GtkTextView *notes;

    /* owned */
    EarshotCall *call;
};

G_DEFINE_FINAL_TYPE(EarshotNeutralPage, earshot_neutral_page, GTK_TYPE_BOX)

static void on_back(GtkWidget *widget, const char *name, GVariant *parameter)
{
    g_object_set(EARSHOT_NEUTRAL_PAGE(widget)->call, "hidden", FALSE, NULL);
}

static void earshot_neutral_page_map(GtkWidget *widget)
{
    EarshotNeutralPage *self = EARSHOT_NEUTRAL_PAGE(widget);
    GTK_WIDGET_CLASS(earshot_neutral_page_parent_class)->map(widget);
    earshot_focus_later(GTK_WIDGET(self->notes));
}

/* What was typed as a pretext is not kept. */
static void earshot_neutral_page_unmap(GtkWidget *widget)
{
    EarshotNeutralPage *self = EARSHOT_NEUTRAL_PAGE(widget);
    gtk_text_buffer_set_text(gtk_text_view_get_buffer(self->notes), "", 0);
    GTK_WIDGET_CLASS(earshot_neutral_page_parent_class)->unmap(widget);
}

static void earshot_neutral_page_dispose(GObject *object)
{
    EarshotNeutralPage *self = EARSHOT_NEUTRAL_PAGE(object);
    gtk_widget_dispose_template(GTK_WIDGET(self), EARSHOT_TYPE_NEUTRAL_PAGE);
    g_clear_object(&self->call);
    G_OBJECT_CLASS(earshot_neutral_page_parent_class)->dispose(object);
}

static void earshot_neutral_page_class_init(EarshotNeutralPageClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->dispose = earshot_neutral_page_dispose;
    widget_class->map = earshot_neutral_page_map;
    widget_class->unmap = earshot_neutral_page_unmap;
    gtk_widget_class_set_template_from_resource(widget_class,
                                                "/org/earshot/Earshot/neutral_page.ui");
    gtk_widget_class_bind_template_child(widget_class, EarshotNeutralPage, notes);
    gtk_widget_class_install_action(widget_class, "neutral.back", NULL, on_back);
}

static void earshot_neutral_page_init(EarshotNeutralPage *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWidget *earshot_neutral_page_new(EarshotStation *station)
{
    EarshotNeutralPage *self = g_object_new(EARSHOT_TYPE_NEUTRAL_PAGE, NULL);
    self->call = g_object_ref(earshot_station_get_call(station));
    return GTK_WIDGET(self);
}
