/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Somebody calls: who, whether it is them, answer or decline. */
#include "incoming_page.h"

#include <glib/gi18n.h>

#include "focus_later.h"

struct _EarshotIncomingPage {
    GtkBox parent_instance;

    /* template children */
    GtkWidget *answer;
    GtkWidget *verified;

    /* owned */
    EarshotCall *call;
};

G_DEFINE_FINAL_TYPE(EarshotIncomingPage, earshot_incoming_page, GTK_TYPE_BOX)

enum { PROP_CALL = 1, N_PROPS };
static GParamSpec *properties[N_PROPS];

static char *format_who(EarshotIncomingPage *self, const char *name)
{
    return g_strdup_printf(_("%s is calling"), name ? name : "");
}

static char *verified_icon(EarshotIncomingPage *self, gboolean verified)
{
    return g_strdup(verified ? "object-select-symbolic" : "dialog-information-symbolic");
}

static char *verified_words(EarshotIncomingPage *self, gboolean verified)
{
    return g_strdup(verified ? _("Verified: you compared safety numbers")
                             : _("Not verified yet: compare safety numbers when you can"));
}

/* Enter answers. */
static void earshot_incoming_page_map(GtkWidget *widget)
{
    EarshotIncomingPage *self = EARSHOT_INCOMING_PAGE(widget);
    GTK_WIDGET_CLASS(earshot_incoming_page_parent_class)->map(widget);
    earshot_focus_later(self->answer);
}

static void earshot_incoming_page_get_property(GObject *object, guint id, GValue *value,
                                               GParamSpec *pspec)
{
    if (id == PROP_CALL)
        g_value_set_object(value, EARSHOT_INCOMING_PAGE(object)->call);
    else
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
}

static void earshot_incoming_page_dispose(GObject *object)
{
    EarshotIncomingPage *self = EARSHOT_INCOMING_PAGE(object);
    gtk_widget_dispose_template(GTK_WIDGET(self), EARSHOT_TYPE_INCOMING_PAGE);
    g_clear_object(&self->call);
    G_OBJECT_CLASS(earshot_incoming_page_parent_class)->dispose(object);
}

static void earshot_incoming_page_class_init(EarshotIncomingPageClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS(klass);
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    object_class->get_property = earshot_incoming_page_get_property;
    object_class->dispose = earshot_incoming_page_dispose;
    widget_class->map = earshot_incoming_page_map;
    properties[PROP_CALL] = g_param_spec_object("call", NULL, NULL, EARSHOT_TYPE_CALL,
                                                G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
    g_object_class_install_properties(object_class, N_PROPS, properties);
    g_type_ensure(EARSHOT_TYPE_PERSON);
    gtk_widget_class_set_template_from_resource(widget_class,
                                                "/org/earshot/Earshot/incoming_page.ui");
    gtk_widget_class_bind_template_child(widget_class, EarshotIncomingPage, answer);
    gtk_widget_class_bind_template_child(widget_class, EarshotIncomingPage, verified);
    gtk_widget_class_bind_template_callback(widget_class, format_who);
    gtk_widget_class_bind_template_callback(widget_class, verified_icon);
    gtk_widget_class_bind_template_callback(widget_class, verified_words);
}

static void earshot_incoming_page_init(EarshotIncomingPage *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWidget *earshot_incoming_page_new(EarshotStation *station)
{
    EarshotIncomingPage *self = g_object_new(EARSHOT_TYPE_INCOMING_PAGE, NULL);
    self->call = g_object_ref(earshot_station_get_call(station));
    /* While locked it is not known who calls, but that it is one of the people. */
    gtk_widget_set_visible(self->verified,
                           !earshot_privacy_is_locked(earshot_station_get_privacy(station)));
    g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_CALL]);
    return GTK_WIDGET(self);
}
