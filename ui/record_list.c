/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calls that were, newest first: of everybody or of one person. */
#include "record_list.h"

#include "record_row.h"

/* A list box makes a widget of every row; 1000 calls would take a second on an old laptop. */
#define ROWS_AT_ONCE 50

struct _EarshotRecordList {
    GtkBox parent_instance;

    /* template children */
    GtkListBox *rows;
    GtkWidget *older_button;

    /* owned */
    EarshotProfile *profile;
    EarshotPerson *person;
    GListModel *all;
    GtkSliceListModel *newest;
};

G_DEFINE_FINAL_TYPE(EarshotRecordList, earshot_record_list, GTK_TYPE_BOX)

enum { PROP_0, PROP_EMPTY, PROPERTIES };
static GParamSpec *properties[PROPERTIES];

static gboolean is_with_person(gpointer item, gpointer user_data)
{
    guint number = 0;
    g_object_get(item, "person", &number, NULL);
    return number == earshot_person_get_number(user_data);
}

static void update(EarshotRecordList *self)
{
    guint shown = gtk_slice_list_model_get_size(self->newest);
    gtk_widget_set_visible(self->older_button, g_list_model_get_n_items(self->all) > shown);
    g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_EMPTY]);
}

static void on_older_clicked(EarshotRecordList *self)
{
    guint shown = gtk_slice_list_model_get_size(self->newest);
    gtk_slice_list_model_set_size(self->newest, shown + ROWS_AT_ONCE);
    update(self);
}

static void on_row_activated(EarshotRecordList *self, GtkListBoxRow *row)
{
    guint number = 0;
    g_object_get(earshot_record_row_get_record(EARSHOT_RECORD_ROW(row)), "person", &number, NULL);
    gtk_widget_activate_action(GTK_WIDGET(self), "win.person", "u", number);
}

/* Whoever is still known can be looked at. */
static GtkWidget *create_row(gpointer item, gpointer user_data)
{
    EarshotRecordList *self = user_data;
    GtkWidget *row = earshot_record_row_new(item, self->person == NULL);
    guint number = 0;
    g_object_get(item, "person", &number, NULL);
    gboolean known = !self->person && earshot_profile_find(self->profile, number);
    gtk_list_box_row_set_activatable(GTK_LIST_BOX_ROW(row), known);
    return row;
}

static void clear(EarshotRecordList *self)
{
    gtk_list_box_bind_model(self->rows, NULL, NULL, NULL, NULL);
    if (self->all)
        g_signal_handlers_disconnect_by_data(self->all, self);
    g_clear_object(&self->newest);
    g_clear_object(&self->all);
    g_clear_object(&self->person);
    g_clear_object(&self->profile);
}

static void earshot_record_list_get_property(GObject *object, guint id, GValue *value,
                                             GParamSpec *spec)
{
    EarshotRecordList *self = EARSHOT_RECORD_LIST(object);
    if (id == PROP_EMPTY)
        g_value_set_boolean(value, !self->all || g_list_model_get_n_items(self->all) == 0);
    else
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

static void earshot_record_list_dispose(GObject *object)
{
    EarshotRecordList *self = EARSHOT_RECORD_LIST(object);
    if (self->rows)
        clear(self);
    gtk_widget_dispose_template(GTK_WIDGET(self), EARSHOT_TYPE_RECORD_LIST);
    G_OBJECT_CLASS(earshot_record_list_parent_class)->dispose(object);
}

static void earshot_record_list_class_init(EarshotRecordListClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    GObjectClass *object_class = G_OBJECT_CLASS(klass);
    object_class->get_property = earshot_record_list_get_property;
    object_class->dispose = earshot_record_list_dispose;
    properties[PROP_EMPTY] =
        g_param_spec_boolean("empty", NULL, NULL, TRUE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
    g_object_class_install_properties(object_class, PROPERTIES, properties);
    gtk_widget_class_set_template_from_resource(widget_class,
                                                "/org/earshot/Earshot/record_list.ui");
    gtk_widget_class_bind_template_child(widget_class, EarshotRecordList, rows);
    gtk_widget_class_bind_template_child(widget_class, EarshotRecordList, older_button);
    gtk_widget_class_bind_template_callback(widget_class, on_older_clicked);
    gtk_widget_class_bind_template_callback(widget_class, on_row_activated);
}

static void earshot_record_list_init(EarshotRecordList *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
}

void earshot_record_list_set(EarshotRecordList *self, EarshotProfile *profile,
                             EarshotPerson *person)
{
    clear(self);
    self->profile = g_object_ref(profile);
    g_set_object(&self->person, person);
    GListModel *history = g_object_ref(earshot_profile_get_history(profile));
    if (person) {
        GtkFilter *filter =
            GTK_FILTER(gtk_custom_filter_new(is_with_person, g_object_ref(person), g_object_unref));
        self->all = G_LIST_MODEL(gtk_filter_list_model_new(history, filter));
    } else {
        self->all = history;
    }
    self->newest = gtk_slice_list_model_new(g_object_ref(self->all), 0, ROWS_AT_ONCE);
    gtk_list_box_bind_model(self->rows, G_LIST_MODEL(self->newest), create_row, self, NULL);
    g_signal_connect_swapped(self->all, "items-changed", G_CALLBACK(update), self);
    update(self);
}
