/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Delay, loss and rate of the last minutes, as three small curves over one time. */
#include "link_graph.h"

#include <glib/gi18n.h>
#include <math.h>

#include "bridge/format.h"
#include "paint.h"

#define SPAN_MIN_S 120.0
#define SPAN_MAX_S 600.0
#define PAD 4.0
#define GRID_ALPHA 0.25
#define GRID_ALPHA_HIGH_CONTRAST 0.6
#define LINE_WIDTH 2.0
/* Of the summary: often enough to be true, seldom enough to be listened to. */
#define SUMMARY_EVERY 10

struct _EarshotLinkGraph {
    GtkWidget parent_instance;

    guint rounds;
    char *summary;

    /* owned */
    EarshotCall *call;
};

G_DEFINE_FINAL_TYPE(EarshotLinkGraph, earshot_link_graph, GTK_TYPE_WIDGET)

enum { PROP_CALL = 1, PROP_SUMMARY, N_PROPS };
static GParamSpec *properties[N_PROPS];

/* One curve, or two: the dashed one is of what goes to the other side. */
struct plot {
    const char *title;
    gsize solid, dashed; /* offsets in struct earshot_figures */
    double least_top;    /* the axis reaches at least to here */
    char *(*format)(double value);
};

static const double dashes[] = {5, 3};

#define AT(member) offsetof(struct earshot_figures, member)
static const struct plot plots[] = {
    {N_("Delay"), AT(delay_ms), AT(delay_ms), 500, earshot_format_ms},
    {N_("Lost on the way"), AT(loss_here), AT(loss_there), 0.1, earshot_format_percent},
    {N_("Rate"), AT(in_kbps), AT(out_kbps), 10, earshot_format_rate},
};

static double figure(const struct earshot_figures *figures, gsize offset)
{
    double value = *(const double *)((const char *)figures + offset);
    return isfinite(value) ? MAX(value, 0) : 0;
}

/* The next of 1, 2, 5, 10, 20, ... */
static double round_up(double value)
{
    double power = pow(10, floor(log10(value)));
    static const double steps[] = {1, 2, 5};
    for (gsize i = 0; i < G_N_ELEMENTS(steps); i++)
        if (value <= steps[i] * power * (1 + 1e-9))
            return steps[i] * power;
    return 10 * power;
}

static double top_of(const struct plot *plot, const struct earshot_figures *figures, gsize count)
{
    double top = plot->least_top;
    for (gsize i = 0; i < count; i++) {
        top = MAX(top, figure(&figures[i], plot->solid));
        top = MAX(top, figure(&figures[i], plot->dashed));
    }
    return round_up(top);
}

/* What a drawing needs to know. */
struct canvas {
    GtkWidget *widget;
    GtkSnapshot *snapshot;
    cairo_t *cr;
    GdkRGBA ink, grid, line;
    graphene_rect_t area;
};

static int text_height(GtkWidget *widget)
{
    g_autoptr(PangoLayout) layout = gtk_widget_create_pango_layout(widget, "0");
    int height;
    pango_layout_get_pixel_size(layout, NULL, &height);
    return height;
}

static double write_text(struct canvas *canvas, const char *text, double x, double y,
                         gboolean at_end)
{
    g_autoptr(PangoLayout) layout = gtk_widget_create_pango_layout(canvas->widget, text);
    int width, height;
    pango_layout_get_pixel_size(layout, &width, &height);
    gdk_cairo_set_source_rgba(canvas->cr, &canvas->ink);
    cairo_move_to(canvas->cr, at_end ? x - width : x, y);
    pango_cairo_show_layout(canvas->cr, layout);
    return height;
}

static void draw_grid(struct canvas *canvas)
{
    const graphene_rect_t *area = &canvas->area;
    gdk_cairo_set_source_rgba(canvas->cr, &canvas->grid);
    cairo_set_line_width(canvas->cr, 1);
    for (int i = 0; i <= 2; i++) {
        double y = round(area->origin.y + area->size.height * i / 2) + 0.5;
        cairo_move_to(canvas->cr, area->origin.x, y);
        cairo_rel_line_to(canvas->cr, area->size.width, 0);
    }
    cairo_stroke(canvas->cr);
}

static double span_of(const struct earshot_figures *figures, gsize count)
{
    if (!count)
        return SPAN_MIN_S;
    return CLAMP(figures[count - 1].at_s - figures[0].at_s, SPAN_MIN_S, SPAN_MAX_S);
}

static void draw_curve(struct canvas *canvas, gsize offset, double top,
                       const struct earshot_figures *figures, gsize count)
{
    const graphene_rect_t *area = &canvas->area;
    double end_s = figures[count - 1].at_s;
    double span_s = span_of(figures, count);
    for (gsize i = 0; i < count; i++) {
        double age = (end_s - figures[i].at_s) / span_s;
        double share = figure(&figures[i], offset) / top;
        if (age <= 1)
            cairo_line_to(canvas->cr, area->origin.x + area->size.width * (1 - age),
                          area->origin.y + area->size.height * (1 - share));
    }
    gdk_cairo_set_source_rgba(canvas->cr, &canvas->line);
    cairo_set_line_width(canvas->cr, LINE_WIDTH);
    cairo_set_line_join(canvas->cr, CAIRO_LINE_JOIN_ROUND);
    cairo_stroke(canvas->cr);
}

static void draw_curves(struct canvas *canvas, const struct plot *plot, double top,
                        const struct earshot_figures *figures, gsize count)
{
    draw_curve(canvas, plot->solid, top, figures, count);
    if (plot->dashed == plot->solid)
        return;
    cairo_set_dash(canvas->cr, dashes, G_N_ELEMENTS(dashes), 0);
    draw_curve(canvas, plot->dashed, top, figures, count);
    cairo_set_dash(canvas->cr, NULL, 0, 0);
}

/* Time runs from left to right in every language, as on paper. */
static void draw_plot(struct canvas *canvas, const struct plot *plot,
                      const struct earshot_figures *figures, gsize count)
{
    const graphene_rect_t whole = canvas->area;
    gboolean rtl = gtk_widget_get_direction(canvas->widget) == GTK_TEXT_DIR_RTL;
    double start = rtl ? whole.origin.x + whole.size.width : whole.origin.x;
    double end = rtl ? whole.origin.x : whole.origin.x + whole.size.width;
    double top = top_of(plot, figures, count);
    g_autofree char *limit = plot->format(top);
    double height = write_text(canvas, _(plot->title), start, whole.origin.y, rtl);
    write_text(canvas, limit, end, whole.origin.y, !rtl);
    canvas->area.origin.y += (float)(height + PAD);
    canvas->area.size.height -= (float)(height + 2 * PAD);
    draw_grid(canvas);
    if (count && canvas->area.size.height > 0)
        draw_curves(canvas, plot, top, figures, count);
}

/* How far back the curves reach. */
static void draw_times(struct canvas *canvas, double y, const struct earshot_figures *figures,
                       gsize count)
{
    g_autofree char *span = earshot_format_minutes((guint)span_of(figures, count));
    /* Translators: where a curve begins; %s is "10 minutes" */
    g_autofree char *begin = g_strdup_printf(_("%s ago"), span);
    write_text(canvas, begin, 0, y, FALSE);
    write_text(canvas, _("now"), gtk_widget_get_width(canvas->widget), y, TRUE);
}

static void draw_sample(struct canvas *canvas, gboolean dashed, double x, double y, double width)
{
    gdk_cairo_set_source_rgba(canvas->cr, &canvas->line);
    cairo_set_line_width(canvas->cr, LINE_WIDTH);
    cairo_set_dash(canvas->cr, dashes, dashed ? G_N_ELEMENTS(dashes) : 0, 0);
    cairo_move_to(canvas->cr, x, y);
    cairo_rel_line_to(canvas->cr, width, 0);
    cairo_stroke(canvas->cr);
    cairo_set_dash(canvas->cr, NULL, 0, 0);
}

/* Which curve is whose: each in its half of the line. */
static void draw_legend(struct canvas *canvas, double y)
{
    double line = text_height(canvas->widget);
    double half = gtk_widget_get_width(canvas->widget) / 2.0;
    for (int i = 0; i < 2; i++) {
        draw_sample(canvas, i == 1, half * i, y + line / 2, line);
        write_text(canvas, i ? _("to there") : _("to here"), half * i + line * 1.4, y, FALSE);
    }
}

static void earshot_link_graph_snapshot(GtkWidget *widget, GtkSnapshot *snapshot)
{
    EarshotLinkGraph *self = EARSHOT_LINK_GRAPH(widget);
    gsize count = 0;
    const struct earshot_figures *figures =
        self->call ? earshot_call_get_figures(self->call, &count) : NULL;
    struct canvas canvas = {.widget = widget, .snapshot = snapshot};
    earshot_paint_get_color(widget, &canvas.line);
    earshot_paint_get_color(gtk_widget_get_parent(widget), &canvas.ink);
    gboolean high_contrast = adw_style_manager_get_high_contrast(adw_style_manager_get_default());
    canvas.grid = canvas.ink;
    canvas.grid.alpha *= (float)(high_contrast ? GRID_ALPHA_HIGH_CONTRAST : GRID_ALPHA);
    canvas.cr = earshot_paint_begin(widget, snapshot);
    int line = text_height(widget);
    int foot = gtk_widget_get_height(widget) - 2 * line;
    draw_times(&canvas, foot, figures, count);
    draw_legend(&canvas, foot + line);
    float height = (float)foot / G_N_ELEMENTS(plots);
    for (gsize i = 0; i < G_N_ELEMENTS(plots); i++) {
        canvas.area =
            GRAPHENE_RECT_INIT(0, height * (float)i, (float)gtk_widget_get_width(widget), height);
        draw_plot(&canvas, &plots[i], figures, count);
    }
    cairo_destroy(canvas.cr);
}

/* Three curves, each as high as five lines of text, and two lines at the foot. */
static void earshot_link_graph_measure(GtkWidget *widget, GtkOrientation orientation, int for_size,
                                       int *minimum, int *natural, int *minimum_baseline,
                                       int *natural_baseline)
{
    g_autoptr(PangoLayout) layout = gtk_widget_create_pango_layout(widget, "0");
    int width, height;
    pango_layout_get_pixel_size(layout, &width, &height);
    gboolean upright = orientation == GTK_ORIENTATION_VERTICAL;
    *minimum = upright ? (5 * (int)G_N_ELEMENTS(plots) + 2) * height : 20 * width;
    *natural = upright ? *minimum : 2 * *minimum;
    *minimum_baseline = *natural_baseline = -1;
}

static char *describe(const struct earshot_figures *figures, gsize count)
{
    if (!count)
        return g_strdup(_("Figures come with the next call."));
    double most_ms = 0;
    for (gsize i = 0; i < count; i++)
        most_ms = MAX(most_ms, figure(&figures[i], AT(delay_ms)));
    const struct earshot_figures *last = &figures[count - 1];
    g_autofree char *delay = earshot_format_ms(last->delay_ms);
    g_autofree char *most = earshot_format_ms(most_ms);
    g_autofree char *loss = earshot_format_percent(last->loss_here);
    g_autofree char *in = earshot_format_rate(last->in_kbps);
    g_autofree char *out = earshot_format_rate(last->out_kbps);
    /* Translators: delay now and at most, share that is lost, rate to here and to there */
    return g_strdup_printf(_("Delay %s, at most %s; lost %s; rate %s to here, %s to there."), delay,
                           most, loss, in, out);
}

static void summarize(EarshotLinkGraph *self)
{
    gsize count = 0;
    const struct earshot_figures *figures =
        self->call ? earshot_call_get_figures(self->call, &count) : NULL;
    g_free(self->summary);
    self->summary = describe(figures, count);
    gtk_accessible_update_property(GTK_ACCESSIBLE(self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                   self->summary, -1);
    g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_SUMMARY]);
}

static void on_figures(EarshotLinkGraph *self)
{
    if (self->rounds++ % SUMMARY_EVERY == 0)
        summarize(self);
    gtk_widget_queue_draw(GTK_WIDGET(self));
}

void earshot_link_graph_set_call(EarshotLinkGraph *self, EarshotCall *call)
{
    if (self->call == call)
        return;
    if (self->call)
        g_signal_handlers_disconnect_by_data(self->call, self);
    g_set_object(&self->call, call);
    if (call)
        g_signal_connect_object(call, "figures", G_CALLBACK(on_figures), self, G_CONNECT_SWAPPED);
    self->rounds = 0;
    summarize(self);
    gtk_widget_queue_draw(GTK_WIDGET(self));
    g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_CALL]);
}

static void earshot_link_graph_get_property(GObject *object, guint id, GValue *value,
                                            GParamSpec *pspec)
{
    EarshotLinkGraph *self = EARSHOT_LINK_GRAPH(object);
    if (id == PROP_CALL)
        g_value_set_object(value, self->call);
    else if (id == PROP_SUMMARY)
        g_value_set_string(value, self->summary);
    else
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
}

static void earshot_link_graph_set_property(GObject *object, guint id, const GValue *value,
                                            GParamSpec *pspec)
{
    if (id == PROP_CALL)
        earshot_link_graph_set_call(EARSHOT_LINK_GRAPH(object), g_value_get_object(value));
    else
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
}

static void earshot_link_graph_dispose(GObject *object)
{
    EarshotLinkGraph *self = EARSHOT_LINK_GRAPH(object);
    if (self->call)
        g_signal_handlers_disconnect_by_data(self->call, self);
    g_clear_object(&self->call);
    G_OBJECT_CLASS(earshot_link_graph_parent_class)->dispose(object);
}

static void earshot_link_graph_finalize(GObject *object)
{
    g_free(EARSHOT_LINK_GRAPH(object)->summary);
    G_OBJECT_CLASS(earshot_link_graph_parent_class)->finalize(object);
}

static void earshot_link_graph_class_init(EarshotLinkGraphClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS(klass);
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    object_class->get_property = earshot_link_graph_get_property;
    object_class->set_property = earshot_link_graph_set_property;
    object_class->dispose = earshot_link_graph_dispose;
    object_class->finalize = earshot_link_graph_finalize;
    widget_class->snapshot = earshot_link_graph_snapshot;
    widget_class->measure = earshot_link_graph_measure;
    properties[PROP_CALL] =
        g_param_spec_object("call", NULL, NULL, EARSHOT_TYPE_CALL,
                            G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
    properties[PROP_SUMMARY] =
        g_param_spec_string("summary", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
    g_object_class_install_properties(object_class, N_PROPS, properties);
    gtk_widget_class_set_css_name(widget_class, "link-graph");
    gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void earshot_link_graph_init(EarshotLinkGraph *self)
{
    gtk_accessible_update_property(GTK_ACCESSIBLE(self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                   _("The line over the last minutes"), -1);
    summarize(self);
}

GtkWidget *earshot_link_graph_new(void)
{
    return g_object_new(EARSHOT_TYPE_LINK_GRAPH, NULL);
}
