/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How loud a voice is: a row of blocks that fills. */
#include "level_meter.h"

#include <glib/gi18n.h>
#include <math.h>

#include "paint.h"

#define BLOCKS 20
/* Of a block's pitch. */
#define GAP_SHARE 0.25
#define EMPTY_ALPHA 0.2
#define EMPTY_ALPHA_HIGH_CONTRAST 0.45

struct _EarshotLevelMeter {
    GtkWidget parent_instance;

    double level;
    int blocks; /* filled */
    int word;   /* said last; -1 none */
};

G_DEFINE_FINAL_TYPE(EarshotLevelMeter, earshot_level_meter, GTK_TYPE_WIDGET)

enum { PROP_LEVEL = 1, N_PROPS };
static GParamSpec *properties[N_PROPS];

static const char *const words[] = {N_("silent"), N_("quiet"), N_("clear"), N_("loud")};

static int word_of(double level)
{
    if (level < 0.05)
        return 0;
    if (level < 0.35)
        return 1;
    return level < 0.85 ? 2 : 3;
}

/* Ten changes a second would drown everything else on the accessibility bus. */
static void say_level(EarshotLevelMeter *self)
{
    int word = word_of(self->level);
    if (word == self->word)
        return;
    self->word = word;
    gtk_accessible_update_property(GTK_ACCESSIBLE(self), GTK_ACCESSIBLE_PROPERTY_VALUE_NOW,
                                   self->level, GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, _(words[word]),
                                   -1);
}

void earshot_level_meter_set_level(EarshotLevelMeter *self, double level)
{
    level = isnan(level) ? 0 : CLAMP(level, 0, 1);
    if (level == self->level)
        return;
    self->level = level;
    say_level(self);
    int blocks = (int)lround(level * BLOCKS);
    if (blocks != self->blocks)
        gtk_widget_queue_draw(GTK_WIDGET(self));
    self->blocks = blocks;
    g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_LEVEL]);
}

static void earshot_level_meter_snapshot(GtkWidget *widget, GtkSnapshot *snapshot)
{
    EarshotLevelMeter *self = EARSHOT_LEVEL_METER(widget);
    gboolean rtl = gtk_widget_get_direction(widget) == GTK_TEXT_DIR_RTL;
    gboolean high_contrast = adw_style_manager_get_high_contrast(adw_style_manager_get_default());
    float height = (float)gtk_widget_get_height(widget);
    float pitch = (float)gtk_widget_get_width(widget) / BLOCKS;
    GdkRGBA full;
    earshot_paint_get_color(widget, &full);
    GdkRGBA empty = full;
    empty.alpha *= (float)(high_contrast ? EMPTY_ALPHA_HIGH_CONTRAST : EMPTY_ALPHA);
    for (int i = 0; i < BLOCKS; i++) {
        float x = pitch * (float)(rtl ? BLOCKS - 1 - i : i);
        graphene_rect_t block = GRAPHENE_RECT_INIT(x, 0, pitch * (float)(1 - GAP_SHARE), height);
        gtk_snapshot_append_color(snapshot, i < self->blocks ? &full : &empty, &block);
    }
}

static void earshot_level_meter_get_property(GObject *object, guint id, GValue *value,
                                             GParamSpec *pspec)
{
    if (id == PROP_LEVEL)
        g_value_set_double(value, EARSHOT_LEVEL_METER(object)->level);
    else
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
}

static void earshot_level_meter_set_property(GObject *object, guint id, const GValue *value,
                                             GParamSpec *pspec)
{
    if (id == PROP_LEVEL)
        earshot_level_meter_set_level(EARSHOT_LEVEL_METER(object), g_value_get_double(value));
    else
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
}

static void earshot_level_meter_class_init(EarshotLevelMeterClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS(klass);
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    object_class->get_property = earshot_level_meter_get_property;
    object_class->set_property = earshot_level_meter_set_property;
    widget_class->snapshot = earshot_level_meter_snapshot;
    properties[PROP_LEVEL] =
        g_param_spec_double("level", NULL, NULL, 0, 1, 0,
                            G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
    g_object_class_install_properties(object_class, N_PROPS, properties);
    gtk_widget_class_set_css_name(widget_class, "level-meter");
    gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_METER);
}

static void earshot_level_meter_init(EarshotLevelMeter *self)
{
    self->word = -1;
    gtk_accessible_update_property(GTK_ACCESSIBLE(self), GTK_ACCESSIBLE_PROPERTY_VALUE_MIN, 0.0,
                                   GTK_ACCESSIBLE_PROPERTY_VALUE_MAX, 1.0, -1);
    say_level(self);
}

GtkWidget *earshot_level_meter_new(void)
{
    return g_object_new(EARSHOT_TYPE_LEVEL_METER, NULL);
}
