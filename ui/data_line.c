/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The data meter as pages show it. */
#include "data_line.h"

struct _EarshotDataLine {
    GtkBox parent_instance;

    /* template children */
    GtkLabel *sentence;
    GtkWidget *warning_box;
    GtkLabel *warning;

    /* owned */
    EarshotDataMeter *meter;
};

G_DEFINE_FINAL_TYPE(EarshotDataLine, earshot_data_line, GTK_TYPE_BOX)

static void show_meter(EarshotDataLine *self)
{
    g_autofree char *sentence = NULL, *warning = NULL;
    g_object_get(self->meter, "sentence", &sentence, "warning", &warning, NULL);
    gtk_label_set_text(self->sentence, sentence);
    gtk_label_set_text(self->warning, warning);
    gtk_widget_set_visible(self->warning_box, *warning != '\0');
    gtk_widget_set_visible(GTK_WIDGET(self), *sentence != '\0');
}

static void earshot_data_line_map(GtkWidget *widget)
{
    earshot_data_meter_refresh(EARSHOT_DATA_LINE(widget)->meter);
    GTK_WIDGET_CLASS(earshot_data_line_parent_class)->map(widget);
}

static void earshot_data_line_dispose(GObject *object)
{
    EarshotDataLine *self = EARSHOT_DATA_LINE(object);
    g_clear_object(&self->meter);
    gtk_widget_dispose_template(GTK_WIDGET(self), EARSHOT_TYPE_DATA_LINE);
    G_OBJECT_CLASS(earshot_data_line_parent_class)->dispose(object);
}

static void earshot_data_line_class_init(EarshotDataLineClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->dispose = earshot_data_line_dispose;
    widget_class->map = earshot_data_line_map;
    gtk_widget_class_set_template_from_resource(widget_class, "/org/earshot/Earshot/data_line.ui");
    gtk_widget_class_bind_template_child(widget_class, EarshotDataLine, sentence);
    gtk_widget_class_bind_template_child(widget_class, EarshotDataLine, warning_box);
    gtk_widget_class_bind_template_child(widget_class, EarshotDataLine, warning);
}

static void earshot_data_line_init(EarshotDataLine *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWidget *earshot_data_line_new(EarshotProfile *profile)
{
    EarshotDataLine *self = g_object_new(EARSHOT_TYPE_DATA_LINE, NULL);
    self->meter = earshot_data_meter_new(profile);
    g_signal_connect_object(self->meter, "notify::warning", G_CALLBACK(show_meter), self,
                            G_CONNECT_SWAPPED);
    show_meter(self);
    return GTK_WIDGET(self);
}
