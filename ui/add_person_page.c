/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Adds a person: paste, file, picture of a QR code; or shows an invite of mine. */
#include "add_person_page.h"

#include <glib/gi18n.h>

#include "add_ways.h"
#include "window.h"

struct _EarshotAddPersonPage {
    GtkBox parent_instance;

    /* template children */
    EarshotAddWays *ways;

    /* owned */
    EarshotStation *station;
};

G_DEFINE_FINAL_TYPE(EarshotAddPersonPage, earshot_add_person_page, GTK_TYPE_BOX)

static void on_added(EarshotAddPersonPage *self, EarshotPerson *person)
{
    /* Translators: %s is a person's name */
    g_autofree char *sentence =
        g_strdup_printf(_("You can call %s now"), earshot_person_get_name(person));
    earshot_window_say(earshot_window_of(GTK_WIDGET(self)), sentence);
    gtk_widget_activate_action(GTK_WIDGET(self), "win.home", NULL);
    gtk_widget_activate_action(GTK_WIDGET(self), "win.person", "u",
                               earshot_person_get_number(person));
}

/* What was left half-way is not what the next one wants. */
static void earshot_add_person_page_map(GtkWidget *widget)
{
    GTK_WIDGET_CLASS(earshot_add_person_page_parent_class)->map(widget);
    earshot_add_ways_reset(EARSHOT_ADD_PERSON_PAGE(widget)->ways);
}

static void earshot_add_person_page_dispose(GObject *object)
{
    EarshotAddPersonPage *self = EARSHOT_ADD_PERSON_PAGE(object);
    g_clear_object(&self->station);
    gtk_widget_dispose_template(GTK_WIDGET(self), EARSHOT_TYPE_ADD_PERSON_PAGE);
    G_OBJECT_CLASS(earshot_add_person_page_parent_class)->dispose(object);
}

static void earshot_add_person_page_class_init(EarshotAddPersonPageClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->dispose = earshot_add_person_page_dispose;
    widget_class->map = earshot_add_person_page_map;
    g_type_ensure(EARSHOT_TYPE_ADD_WAYS);
    gtk_widget_class_set_template_from_resource(widget_class,
                                                "/org/earshot/Earshot/add_person_page.ui");
    gtk_widget_class_bind_template_child(widget_class, EarshotAddPersonPage, ways);
    gtk_widget_class_bind_template_callback(widget_class, on_added);
    gtk_widget_class_add_binding_action(widget_class, GDK_KEY_Left, GDK_ALT_MASK, "win.home", NULL);
}

static void earshot_add_person_page_init(EarshotAddPersonPage *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWidget *earshot_add_person_page_new(EarshotStation *station)
{
    EarshotAddPersonPage *self = g_object_new(EARSHOT_TYPE_ADD_PERSON_PAGE, NULL);
    self->station = g_object_ref(station);
    earshot_add_ways_set_profile(self->ways, earshot_station_get_profile(station));
    return GTK_WIDGET(self);
}
