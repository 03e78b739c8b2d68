/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bars that are full as far as it was played. */
#include "waveform.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#include "paint.h"

/* Of a bar's pitch. */
#define GAP_SHARE 0.3
#define EMPTY_ALPHA 0.35
#define EMPTY_ALPHA_HIGH_CONTRAST 0.55
/* Of the height: silence is a line, not nothing. */
#define LEAST_SHARE 0.08
/* Of the whole, with one press of an arrow. */
#define STEP 0.05

struct _EarshotWaveform {
    GtkWidget parent_instance;

    double played;
    guint8 peaks[EARSHOT_WAVEFORM_BARS];
};

G_DEFINE_FINAL_TYPE(EarshotWaveform, earshot_waveform, GTK_TYPE_WIDGET)

enum { PROP_PLAYED = 1, N_PROPS };
static GParamSpec *properties[N_PROPS];
enum { SOUGHT, SIGNALS };
static guint signals[SIGNALS];

void earshot_waveform_set_peaks(EarshotWaveform *self, const guint8 *peaks)
{
    memset(self->peaks, 0, sizeof self->peaks);
    int loudest = 1;
    for (int i = 0; peaks && i < EARSHOT_WAVEFORM_BARS; i++)
        loudest = MAX(loudest, peaks[i]);
    for (int i = 0; peaks && i < EARSHOT_WAVEFORM_BARS; i++)
        self->peaks[i] = (guint8)(peaks[i] * 255 / loudest);
    gtk_widget_queue_draw(GTK_WIDGET(self));
}

void earshot_waveform_set_played(EarshotWaveform *self, double played)
{
    played = CLAMP(played, 0, 1);
    if (played == self->played)
        return;
    self->played = played;
    gtk_accessible_update_property(GTK_ACCESSIBLE(self), GTK_ACCESSIBLE_PROPERTY_VALUE_NOW, played,
                                   -1);
    gtk_widget_queue_draw(GTK_WIDGET(self));
    g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_PLAYED]);
}

static void earshot_waveform_snapshot(GtkWidget *widget, GtkSnapshot *snapshot)
{
    EarshotWaveform *self = EARSHOT_WAVEFORM(widget);
    gboolean rtl = gtk_widget_get_direction(widget) == GTK_TEXT_DIR_RTL;
    gboolean high_contrast = adw_style_manager_get_high_contrast(adw_style_manager_get_default());
    float height = (float)gtk_widget_get_height(widget);
    float pitch = (float)gtk_widget_get_width(widget) / EARSHOT_WAVEFORM_BARS;
    int played = (int)lround(self->played * EARSHOT_WAVEFORM_BARS);
    GdkRGBA full;
    earshot_paint_get_color(widget, &full);
    GdkRGBA empty = full;
    empty.alpha *= (float)(high_contrast ? EMPTY_ALPHA_HIGH_CONTRAST : EMPTY_ALPHA);
    for (int i = 0; i < EARSHOT_WAVEFORM_BARS; i++) {
        float share = fmaxf((float)LEAST_SHARE, (float)self->peaks[i] / 255);
        float x = pitch * (float)(rtl ? EARSHOT_WAVEFORM_BARS - 1 - i : i);
        graphene_rect_t bar = GRAPHENE_RECT_INIT(x, height * (1 - share) / 2,
                                                 pitch * (float)(1 - GAP_SHARE), height * share);
        gtk_snapshot_append_color(snapshot, i < played ? &full : &empty, &bar);
    }
}

static void seek(EarshotWaveform *self, double place)
{
    g_signal_emit(self, signals[SOUGHT], 0, CLAMP(place, 0, 1));
}

static void on_pressed(GtkGestureClick *gesture, int count, double x, double y,
                       EarshotWaveform *self)
{
    int width = gtk_widget_get_width(GTK_WIDGET(self));
    gboolean rtl = gtk_widget_get_direction(GTK_WIDGET(self)) == GTK_TEXT_DIR_RTL;
    if (width > 0)
        seek(self, rtl ? 1 - x / width : x / width);
}

static gboolean on_arrow(GtkWidget *widget, GVariant *step, gpointer unused)
{
    EarshotWaveform *self = EARSHOT_WAVEFORM(widget);
    gboolean rtl = gtk_widget_get_direction(widget) == GTK_TEXT_DIR_RTL;
    double by = g_variant_get_double(step);
    seek(self, self->played + (rtl ? -by : by));
    return TRUE;
}

static void earshot_waveform_get_property(GObject *object, guint id, GValue *value,
                                          GParamSpec *spec)
{
    if (id == PROP_PLAYED)
        g_value_set_double(value, EARSHOT_WAVEFORM(object)->played);
    else
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

static void earshot_waveform_set_property(GObject *object, guint id, const GValue *value,
                                          GParamSpec *spec)
{
    if (id == PROP_PLAYED)
        earshot_waveform_set_played(EARSHOT_WAVEFORM(object), g_value_get_double(value));
    else
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

static void earshot_waveform_class_init(EarshotWaveformClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS(klass);
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    object_class->get_property = earshot_waveform_get_property;
    object_class->set_property = earshot_waveform_set_property;
    widget_class->snapshot = earshot_waveform_snapshot;
    properties[PROP_PLAYED] =
        g_param_spec_double("played", NULL, NULL, 0, 1, 0,
                            G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
    g_object_class_install_properties(object_class, N_PROPS, properties);
    signals[SOUGHT] = g_signal_new("sought", EARSHOT_TYPE_WAVEFORM, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 1, G_TYPE_DOUBLE);
    gtk_widget_class_set_css_name(widget_class, "waveform");
    gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_SLIDER);
    gtk_widget_class_add_binding(widget_class, GDK_KEY_Left, 0, on_arrow, "d", -STEP);
    gtk_widget_class_add_binding(widget_class, GDK_KEY_Right, 0, on_arrow, "d", STEP);
}

static void earshot_waveform_init(EarshotWaveform *self)
{
    GtkGesture *click = gtk_gesture_click_new();
    g_signal_connect(click, "pressed", G_CALLBACK(on_pressed), self);
    gtk_widget_add_controller(GTK_WIDGET(self), GTK_EVENT_CONTROLLER(click));
    gtk_widget_set_focusable(GTK_WIDGET(self), TRUE);
    gtk_accessible_update_property(GTK_ACCESSIBLE(self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                   _("Where it plays"), GTK_ACCESSIBLE_PROPERTY_VALUE_MIN, 0.0,
                                   GTK_ACCESSIBLE_PROPERTY_VALUE_MAX, 1.0,
                                   GTK_ACCESSIBLE_PROPERTY_VALUE_NOW, 0.0, -1);
}
