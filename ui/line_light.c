/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the line is, as a drawn sign: a disc, a half disc, a cross; never by colour alone. */
#include "line_light.h"

#include <glib/gi18n.h>
#include <math.h>

#include "paint.h"

/* Of the sign's diameter: fine enough to tell the shapes apart at 16 px. */
#define STROKE_SHARE 0.12

struct _EarshotLineLight {
    GtkWidget parent_instance;

    EarshotLight light;
};

G_DEFINE_FINAL_TYPE(EarshotLineLight, earshot_line_light, GTK_TYPE_WIDGET)

enum { PROP_LIGHT = 1, N_PROPS };
static GParamSpec *properties[N_PROPS];

static const char *class_of(EarshotLight light)
{
    switch (light) {
    case EARSHOT_LIGHT_GOOD:
        return "good";
    case EARSHOT_LIGHT_LATE:
    case EARSHOT_LIGHT_THIN:
    case EARSHOT_LIGHT_LOSSY:
    case EARSHOT_LIGHT_FAR:
        return "late";
    case EARSHOT_LIGHT_GONE:
        return "gone";
    case EARSHOT_LIGHT_OFF:
    default:
        return "off";
    }
}

static const char *words_of(EarshotLight light)
{
    switch (light) {
    case EARSHOT_LIGHT_GOOD:
        return _("They hear you");
    case EARSHOT_LIGHT_LATE:
        return _("They may not hear you");
    case EARSHOT_LIGHT_THIN:
        return _("The line is thin");
    case EARSHOT_LIGHT_LOSSY:
        return _("Words are missing");
    case EARSHOT_LIGHT_FAR:
        return _("The line is long");
    case EARSHOT_LIGHT_GONE:
        return _("The line is gone");
    case EARSHOT_LIGHT_OFF:
    default:
        return _("No line");
    }
}

static void show_light(EarshotLineLight *self)
{
    const char *classes[] = {class_of(self->light), NULL};
    gtk_widget_set_css_classes(GTK_WIDGET(self), classes);
    gtk_accessible_update_property(GTK_ACCESSIBLE(self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                   words_of(self->light), -1);
    gtk_widget_queue_draw(GTK_WIDGET(self));
}

void earshot_line_light_set_light(EarshotLineLight *self, EarshotLight light)
{
    if (self->light == light)
        return;
    self->light = light;
    show_light(self);
    g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_LIGHT]);
}

static void draw_cross(cairo_t *cr, double radius)
{
    double arm = radius * 0.45;
    cairo_move_to(cr, -arm, -arm);
    cairo_line_to(cr, arm, arm);
    cairo_move_to(cr, arm, -arm);
    cairo_line_to(cr, -arm, arm);
    cairo_stroke(cr);
}

/* The sun that sinks: full, half, crossed out; an empty ring where there is no call. */
static void draw_sign(cairo_t *cr, EarshotLight light, double radius)
{
    double stroke = MAX(2 * radius * STROKE_SHARE, 1.5);
    cairo_set_line_width(cr, stroke);
    cairo_set_line_cap(cr, CAIRO_LINE_CAP_ROUND);
    cairo_arc(cr, 0, 0, radius - stroke / 2, 0, 2 * G_PI);
    if (light == EARSHOT_LIGHT_GOOD)
        cairo_fill_preserve(cr);
    cairo_stroke(cr);
    if (g_str_equal(class_of(light), "late")) {
        cairo_arc(cr, 0, 0, radius - stroke * 2, 0, G_PI);
        cairo_fill(cr);
    }
    if (light == EARSHOT_LIGHT_GONE)
        draw_cross(cr, radius);
}

static void earshot_line_light_snapshot(GtkWidget *widget, GtkSnapshot *snapshot)
{
    EarshotLineLight *self = EARSHOT_LINE_LIGHT(widget);
    double width = gtk_widget_get_width(widget);
    double height = gtk_widget_get_height(widget);
    GdkRGBA color;
    earshot_paint_get_color(widget, &color);
    cairo_t *cr = earshot_paint_begin(widget, snapshot);
    gdk_cairo_set_source_rgba(cr, &color);
    cairo_translate(cr, width / 2, height / 2);
    draw_sign(cr, self->light, MIN(width, height) / 2);
    cairo_destroy(cr);
}

static void earshot_line_light_get_property(GObject *object, guint id, GValue *value,
                                            GParamSpec *pspec)
{
    if (id == PROP_LIGHT)
        g_value_set_enum(value, EARSHOT_LINE_LIGHT(object)->light);
    else
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
}

static void earshot_line_light_set_property(GObject *object, guint id, const GValue *value,
                                            GParamSpec *pspec)
{
    if (id == PROP_LIGHT)
        earshot_line_light_set_light(EARSHOT_LINE_LIGHT(object),
                                     (EarshotLight)g_value_get_enum(value));
    else
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
}

static void earshot_line_light_class_init(EarshotLineLightClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS(klass);
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    object_class->get_property = earshot_line_light_get_property;
    object_class->set_property = earshot_line_light_set_property;
    widget_class->snapshot = earshot_line_light_snapshot;
    properties[PROP_LIGHT] =
        g_param_spec_enum("light", NULL, NULL, EARSHOT_TYPE_LIGHT, EARSHOT_LIGHT_OFF,
                          G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
    g_object_class_install_properties(object_class, N_PROPS, properties);
    gtk_widget_class_set_css_name(widget_class, "line-light");
    gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void earshot_line_light_init(EarshotLineLight *self)
{
    show_light(self);
}

GtkWidget *earshot_line_light_new(void)
{
    return g_object_new(EARSHOT_TYPE_LINE_LIGHT, NULL);
}
