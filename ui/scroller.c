/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shows its child whole where there is room, and scrolls it where there is not. */
#include "scroller.h"

struct _EarshotScroller {
    GtkWidget parent_instance;

    GtkWidget *scrolled; /* owned by being our child */
    GtkWidget *child;    /* borrowed from it */
};

G_DEFINE_FINAL_TYPE(EarshotScroller, earshot_scroller, GTK_TYPE_WIDGET)

enum { PROP_CHILD = 1, N_PROPS };
static GParamSpec *properties[N_PROPS];

static void earshot_scroller_measure(GtkWidget *widget, GtkOrientation orientation, int for_size,
                                     int *minimum, int *natural, int *minimum_baseline,
                                     int *natural_baseline)
{
    EarshotScroller *self = EARSHOT_SCROLLER(widget);
    /* However low this is, the child is as high as it needs: what does not fit scrolls. */
    int size_of_child = orientation == GTK_ORIENTATION_HORIZONTAL ? -1 : for_size;
    int least, most = 0;
    gtk_widget_measure(self->scrolled, orientation, for_size, &least, natural, NULL, NULL);
    if (self->child)
        gtk_widget_measure(self->child, orientation, size_of_child, NULL, &most, NULL, NULL);
    *minimum = least;
    *natural = MAX(least, most);
    *minimum_baseline = *natural_baseline = -1;
}

static void earshot_scroller_size_allocate(GtkWidget *widget, int width, int height, int baseline)
{
    const GtkAllocation all = {0, 0, width, height};
    gtk_widget_size_allocate(EARSHOT_SCROLLER(widget)->scrolled, &all, -1);
}

static GtkSizeRequestMode earshot_scroller_get_request_mode(GtkWidget *widget)
{
    return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void earshot_scroller_get_property(GObject *object, guint id, GValue *value,
                                          GParamSpec *pspec)
{
    if (id == PROP_CHILD)
        g_value_set_object(value, EARSHOT_SCROLLER(object)->child);
    else
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
}

static void earshot_scroller_set_property(GObject *object, guint id, const GValue *value,
                                          GParamSpec *pspec)
{
    EarshotScroller *self = EARSHOT_SCROLLER(object);
    if (id != PROP_CHILD) {
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
        return;
    }
    self->child = g_value_get_object(value);
    gtk_scrolled_window_set_child(GTK_SCROLLED_WINDOW(self->scrolled), self->child);
}

static void earshot_scroller_dispose(GObject *object)
{
    EarshotScroller *self = EARSHOT_SCROLLER(object);
    self->child = NULL;
    g_clear_pointer(&self->scrolled, gtk_widget_unparent);
    G_OBJECT_CLASS(earshot_scroller_parent_class)->dispose(object);
}

static void earshot_scroller_class_init(EarshotScrollerClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS(klass);
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    object_class->get_property = earshot_scroller_get_property;
    object_class->set_property = earshot_scroller_set_property;
    object_class->dispose = earshot_scroller_dispose;
    widget_class->measure = earshot_scroller_measure;
    widget_class->size_allocate = earshot_scroller_size_allocate;
    widget_class->get_request_mode = earshot_scroller_get_request_mode;
    properties[PROP_CHILD] = g_param_spec_object("child", NULL, NULL, GTK_TYPE_WIDGET,
                                                 G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
    g_object_class_install_properties(object_class, N_PROPS, properties);
}

static void earshot_scroller_init(EarshotScroller *self)
{
    self->scrolled =
        g_object_new(GTK_TYPE_SCROLLED_WINDOW, "hscrollbar-policy", GTK_POLICY_NEVER, NULL);
    gtk_widget_set_parent(self->scrolled, GTK_WIDGET(self));
}
