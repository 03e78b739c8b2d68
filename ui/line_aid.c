/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What can be done about speech that the line held up: catch up, play what was missed, take turns.
 */
#include "line_aid.h"

struct _EarshotLineAid {
    GtkBox parent_instance;

    /* owned */
    EarshotCall *call;
};

G_DEFINE_FINAL_TYPE(EarshotLineAid, earshot_line_aid, GTK_TYPE_BOX)

enum { PROP_CALL = 1, N_PROPS };
static GParamSpec *properties[N_PROPS];

/* Questions for the template. */

static gboolean is_open(EarshotLineAid *self, EarshotAid aid)
{
    return aid != EARSHOT_AID_NONE && aid != EARSHOT_AID_FETCHING;
}

static gboolean is_behind(EarshotLineAid *self, EarshotAid aid)
{
    return aid == EARSHOT_AID_CATCHING_UP;
}

static gboolean is_missed(EarshotLineAid *self, EarshotAid aid)
{
    return aid == EARSHOT_AID_MISSED;
}

static gboolean is_playing(EarshotLineAid *self, EarshotAid aid)
{
    return aid == EARSHOT_AID_PLAYS;
}

static gboolean is_offer(EarshotLineAid *self, EarshotAid aid)
{
    return aid == EARSHOT_AID_TURNS;
}

static void earshot_line_aid_get_property(GObject *object, guint id, GValue *value,
                                          GParamSpec *pspec)
{
    if (id == PROP_CALL)
        g_value_set_object(value, EARSHOT_LINE_AID(object)->call);
    else
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
}

static void earshot_line_aid_set_property(GObject *object, guint id, const GValue *value,
                                          GParamSpec *pspec)
{
    EarshotLineAid *self = EARSHOT_LINE_AID(object);
    if (id != PROP_CALL)
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    else if (g_set_object(&self->call, g_value_get_object(value)))
        g_object_notify_by_pspec(object, pspec);
}

static void earshot_line_aid_dispose(GObject *object)
{
    gtk_widget_dispose_template(GTK_WIDGET(object), EARSHOT_TYPE_LINE_AID);
    g_clear_object(&EARSHOT_LINE_AID(object)->call);
    G_OBJECT_CLASS(earshot_line_aid_parent_class)->dispose(object);
}

static void earshot_line_aid_class_init(EarshotLineAidClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS(klass);
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    object_class->get_property = earshot_line_aid_get_property;
    object_class->set_property = earshot_line_aid_set_property;
    object_class->dispose = earshot_line_aid_dispose;
    properties[PROP_CALL] =
        g_param_spec_object("call", NULL, NULL, EARSHOT_TYPE_CALL,
                            G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
    g_object_class_install_properties(object_class, N_PROPS, properties);
    gtk_widget_class_set_template_from_resource(widget_class, "/org/earshot/Earshot/line_aid.ui");
    gtk_widget_class_bind_template_callback(widget_class, is_open);
    gtk_widget_class_bind_template_callback(widget_class, is_behind);
    gtk_widget_class_bind_template_callback(widget_class, is_missed);
    gtk_widget_class_bind_template_callback(widget_class, is_playing);
    gtk_widget_class_bind_template_callback(widget_class, is_offer);
}

static void earshot_line_aid_init(EarshotLineAid *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
}
