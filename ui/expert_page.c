/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Preferences, expert: live figures of the call, the graph, the support report. */
#include "expert_page.h"

#include <glib/gi18n.h>

#include "bridge/format.h"
#include "link_graph.h"
#include "report_window.h"

static char *format_length(double seconds)
{
    return earshot_format_duration((guint)MAX(seconds, 0));
}

/* One row a figure. */
static const struct {
    const char *title;
    gsize offset;
    char *(*format)(double value);
} rows[] = {
    {N_("Talk so far"), offsetof(struct earshot_figures, at_s), format_length},
    {N_("Delay from their mouth to your ear"), offsetof(struct earshot_figures, delay_ms),
     earshot_format_ms},
    {N_("Round trip"), offsetof(struct earshot_figures, rtt_ms), earshot_format_ms},
    {N_("Waiting for late packets"), offsetof(struct earshot_figures, target_ms),
     earshot_format_ms},
    {N_("Lost on the way to here"), offsetof(struct earshot_figures, loss_here),
     earshot_format_percent},
    {N_("Lost on the way to there"), offsetof(struct earshot_figures, loss_there),
     earshot_format_percent},
    {N_("Rate to here"), offsetof(struct earshot_figures, in_kbps), earshot_format_rate},
    {N_("Rate to there"), offsetof(struct earshot_figures, out_kbps), earshot_format_rate},
};

struct _EarshotExpertPage {
    AdwPreferencesPage parent_instance;

    /* template children */
    EarshotLinkGraph *graph;
    AdwPreferencesGroup *figures;
    GtkWidget *ways;
    AdwComboRow *way;

    /* borrowed */
    GtkLabel *values[G_N_ELEMENTS(rows)];

    /* owned */
    EarshotStation *station;
    EarshotCall *call; /* NULL while the page is filled */
};

G_DEFINE_FINAL_TYPE(EarshotExpertPage, earshot_expert_page, ADW_TYPE_PREFERENCES_PAGE)

static void show_figures(EarshotExpertPage *self)
{
    gsize count = 0;
    const struct earshot_figures *figures = earshot_call_get_figures(self->call, &count);
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        /* Translators: stands where a figure is not known yet */
        g_autofree char *text = g_strdup(C_("figure", "–"));
        if (count) {
            g_free(text);
            text = rows[i].format(
                *(const double *)((const char *)&figures[count - 1] + rows[i].offset));
        }
        gtk_label_set_text(self->values[i], text);
    }
}

static void add_row(EarshotExpertPage *self, gsize index)
{
    GtkWidget *row = adw_action_row_new();
    GtkWidget *value = gtk_label_new("");
    adw_preferences_row_set_title(ADW_PREFERENCES_ROW(row), _(rows[index].title));
    adw_action_row_set_title_lines(ADW_ACTION_ROW(row), 0);
    gtk_widget_add_css_class(value, "numeric");
    gtk_label_set_wrap(GTK_LABEL(value), TRUE);
    gtk_label_set_natural_wrap_mode(GTK_LABEL(value), GTK_NATURAL_WRAP_NONE);
    adw_action_row_add_suffix(ADW_ACTION_ROW(row), value);
    adw_preferences_group_add(self->figures, row);
    self->values[index] = GTK_LABEL(value);
}

/* Only while there is a talk. Row 0 is nothing held. */
static void show_way(EarshotExpertPage *self)
{
    int hold;
    g_object_get(self->call, "hold", &hold, NULL);
    gtk_widget_set_visible(self->ways, earshot_call_is_talk(self->call));
    adw_combo_row_set_selected(self->way, (guint)(hold - EARSHOT_HOLD_NONE));
}

static void on_way(EarshotExpertPage *self)
{
    guint row = adw_combo_row_get_selected(self->way);
    if (self->call && row != GTK_INVALID_LIST_POSITION)
        g_object_set(self->call, "hold", (int)row + EARSHOT_HOLD_NONE, NULL);
}

static void on_report(EarshotExpertPage *self)
{
    GtkWindow *parent = GTK_WINDOW(gtk_widget_get_root(GTK_WIDGET(self)));
    g_autofree char *report = earshot_station_support_report(self->station);
    gtk_window_present(GTK_WINDOW(earshot_report_window_new(parent, report)));
}

static void earshot_expert_page_dispose(GObject *object)
{
    EarshotExpertPage *self = EARSHOT_EXPERT_PAGE(object);
    if (self->call)
        g_signal_handlers_disconnect_by_data(self->call, self);
    g_clear_object(&self->call); /* first: a list that goes is no choice */
    gtk_widget_dispose_template(GTK_WIDGET(self), EARSHOT_TYPE_EXPERT_PAGE);
    g_clear_object(&self->station);
    G_OBJECT_CLASS(earshot_expert_page_parent_class)->dispose(object);
}

static void earshot_expert_page_class_init(EarshotExpertPageClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->dispose = earshot_expert_page_dispose;
    g_type_ensure(EARSHOT_TYPE_LINK_GRAPH);
    gtk_widget_class_set_template_from_resource(widget_class,
                                                "/org/earshot/Earshot/expert_page.ui");
    gtk_widget_class_bind_template_child(widget_class, EarshotExpertPage, graph);
    gtk_widget_class_bind_template_child(widget_class, EarshotExpertPage, figures);
    gtk_widget_class_bind_template_child(widget_class, EarshotExpertPage, way);
    gtk_widget_class_bind_template_child(widget_class, EarshotExpertPage, ways);
    gtk_widget_class_bind_template_callback(widget_class, on_report);
    gtk_widget_class_bind_template_callback(widget_class, on_way);
}

static void earshot_expert_page_init(EarshotExpertPage *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        add_row(self, i);
}

GtkWidget *earshot_expert_page_new(EarshotStation *station)
{
    EarshotExpertPage *self = g_object_new(EARSHOT_TYPE_EXPERT_PAGE, NULL);
    self->station = g_object_ref(station);
    self->call = g_object_ref(earshot_station_get_call(station));
    earshot_link_graph_set_call(self->graph, self->call);
    g_signal_connect_object(self->call, "figures", G_CALLBACK(show_figures), self,
                            G_CONNECT_SWAPPED);
    g_signal_connect_object(self->call, "notify::hold", G_CALLBACK(show_way), self,
                            G_CONNECT_SWAPPED);
    g_signal_connect_object(self->call, "notify::phase", G_CALLBACK(show_way), self,
                            G_CONNECT_SWAPPED);
    show_way(self);
    show_figures(self);
    return GTK_WIDGET(self);
}
