/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What can be done about speech that the line held up: catch up, play what was missed, take turns.
 */
#include "line_aid.h"

struct _EarshotLineAid {
    GtkBox parent_instance;

    /* template children */
    GtkLabel *sentence;
    GtkWidget *buttons;
    GtkWidget *skip;
    GtkWidget *play;
    GtkWidget *later;
    GtkWidget *stop;
    GtkWidget *take_turns;
    GtkWidget *not_now;

    /* owned */
    EarshotCall *call;
};

G_DEFINE_FINAL_TYPE(EarshotLineAid, earshot_line_aid, GTK_TYPE_BOX)

enum { PROP_CALL = 1, N_PROPS };
static GParamSpec *properties[N_PROPS];

/* Not by expressions of the template: a button that had the focus when it went is kept by the
 * window for longer than they live, of which GTK 4.8 warns. */
static void show_aid(EarshotLineAid *self)
{
    EarshotAid aid;
    g_object_get(self->call, "aid", &aid, NULL);
    gtk_widget_set_visible(self->buttons, aid != EARSHOT_AID_NONE && aid != EARSHOT_AID_FETCHING);
    gtk_widget_set_visible(self->skip, aid == EARSHOT_AID_CATCHING_UP);
    gtk_widget_set_visible(self->play, aid == EARSHOT_AID_MISSED);
    gtk_widget_set_visible(self->later, aid == EARSHOT_AID_MISSED);
    gtk_widget_set_visible(self->stop, aid == EARSHOT_AID_PLAYS);
    gtk_widget_set_visible(self->take_turns, aid == EARSHOT_AID_TURNS);
    gtk_widget_set_visible(self->not_now, aid == EARSHOT_AID_TURNS);
    gtk_widget_set_visible(GTK_WIDGET(self), aid != EARSHOT_AID_NONE);
}

static void show_sentence(EarshotLineAid *self)
{
    g_autofree char *sentence = NULL;
    g_object_get(self->call, "aid-sentence", &sentence, NULL);
    gtk_label_set_label(self->sentence, sentence);
}

static void set_call(EarshotLineAid *self, EarshotCall *call)
{
    if (self->call)
        g_signal_handlers_disconnect_by_data(self->call, self);
    g_set_object(&self->call, call);
    if (!call)
        return;
    g_signal_connect_object(call, "notify::aid", G_CALLBACK(show_aid), self, G_CONNECT_SWAPPED);
    g_signal_connect_object(call, "notify::aid-sentence", G_CALLBACK(show_sentence), self,
                            G_CONNECT_SWAPPED);
    show_aid(self);
    show_sentence(self);
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
    else
        set_call(self, g_value_get_object(value));
}

static void earshot_line_aid_dispose(GObject *object)
{
    set_call(EARSHOT_LINE_AID(object), NULL);
    gtk_widget_dispose_template(GTK_WIDGET(object), EARSHOT_TYPE_LINE_AID);
    G_OBJECT_CLASS(earshot_line_aid_parent_class)->dispose(object);
}

static void earshot_line_aid_class_init(EarshotLineAidClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS(klass);
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    object_class->get_property = earshot_line_aid_get_property;
    object_class->set_property = earshot_line_aid_set_property;
    object_class->dispose = earshot_line_aid_dispose;
    properties[PROP_CALL] = g_param_spec_object("call", NULL, NULL, EARSHOT_TYPE_CALL,
                                                G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
    g_object_class_install_properties(object_class, N_PROPS, properties);
    gtk_widget_class_set_template_from_resource(widget_class, "/org/earshot/Earshot/line_aid.ui");
    gtk_widget_class_bind_template_child(widget_class, EarshotLineAid, sentence);
    gtk_widget_class_bind_template_child(widget_class, EarshotLineAid, buttons);
    gtk_widget_class_bind_template_child(widget_class, EarshotLineAid, skip);
    gtk_widget_class_bind_template_child(widget_class, EarshotLineAid, play);
    gtk_widget_class_bind_template_child(widget_class, EarshotLineAid, later);
    gtk_widget_class_bind_template_child(widget_class, EarshotLineAid, stop);
    gtk_widget_class_bind_template_child(widget_class, EarshotLineAid, take_turns);
    gtk_widget_class_bind_template_child(widget_class, EarshotLineAid, not_now);
}

static void earshot_line_aid_init(EarshotLineAid *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
}
