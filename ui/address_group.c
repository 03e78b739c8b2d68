/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A list of addresses out of the settings: each can be removed, and new ones added. */
#include "address_group.h"

#include <glib/gi18n.h>

#include "address.h"

struct _EarshotAddressGroup {
    AdwPreferencesGroup parent_instance;

    /* template children */
    GtkWidget *entry;
    GtkLabel *problem;

    GPtrArray *rows; /* borrowed; what stands above the entry */

    /* owned */
    EarshotSettings *settings;
    char *setting;
};

G_DEFINE_FINAL_TYPE(EarshotAddressGroup, earshot_address_group, ADW_TYPE_PREFERENCES_GROUP)

static GStrvBuilder *copy_without(EarshotAddressGroup *self, const char *left_out)
{
    GStrvBuilder *builder = g_strv_builder_new();
    const char *const *addresses = earshot_settings_get_strv(self->settings, self->setting);
    for (; addresses && *addresses; addresses++)
        if (g_strcmp0(*addresses, left_out) != 0)
            g_strv_builder_add(builder, *addresses);
    return builder;
}

static void keep(EarshotAddressGroup *self, GStrvBuilder *builder)
{
    g_auto(GStrv) addresses = g_strv_builder_end(builder);
    g_object_set(self->settings, self->setting, addresses, NULL);
}

static void on_remove(GtkButton *button, EarshotAddressGroup *self)
{
    g_autofree char *address = g_strdup(g_object_get_data(G_OBJECT(button), "address"));
    g_autoptr(GStrvBuilder) builder = copy_without(self, address);
    gtk_widget_grab_focus(self->entry); /* the button goes with its row */
    keep(self, builder);
}

static void show_problem(EarshotAddressGroup *self, const char *sentence)
{
    gtk_label_set_text(self->problem, sentence ? sentence : "");
    gtk_widget_set_visible(GTK_WIDGET(self->problem), sentence != NULL);
    if (sentence)
        gtk_widget_add_css_class(self->entry, "error");
    else
        gtk_widget_remove_css_class(self->entry, "error");
}

/* While somebody types, only what was wrong before is looked at again. */
static void on_changed(EarshotAddressGroup *self)
{
    const char *text = gtk_editable_get_text(GTK_EDITABLE(self->entry));
    if (gtk_widget_get_visible(GTK_WIDGET(self->problem)))
        show_problem(self, *text ? earshot_address_problem(text) : NULL);
}

static void on_add(EarshotAddressGroup *self)
{
    g_autofree char *text = g_strdup(gtk_editable_get_text(GTK_EDITABLE(self->entry)));
    g_strstrip(text);
    const char *problem = *text ? earshot_address_problem(text) : NULL;
    show_problem(self, problem);
    if (problem || !*text)
        return;
    g_autoptr(GStrvBuilder) builder = copy_without(self, text);
    g_strv_builder_add(builder, text);
    keep(self, builder);
    gtk_editable_set_text(GTK_EDITABLE(self->entry), "");
}

static GtkWidget *make_row(EarshotAddressGroup *self, const char *address)
{
    GtkWidget *row = adw_action_row_new();
    adw_preferences_row_set_use_markup(ADW_PREFERENCES_ROW(row), FALSE);
    adw_preferences_row_set_title(ADW_PREFERENCES_ROW(row), address);
    adw_action_row_set_title_lines(ADW_ACTION_ROW(row), 0);
    GtkWidget *button = gtk_button_new_from_icon_name("user-trash-symbolic");
    g_autofree char *words = g_strdup_printf(_("Remove %s"), address);
    gtk_accessible_update_property(GTK_ACCESSIBLE(button), GTK_ACCESSIBLE_PROPERTY_LABEL, words,
                                   -1);
    gtk_widget_set_tooltip_text(button, words);
    gtk_widget_set_valign(button, GTK_ALIGN_CENTER);
    gtk_widget_add_css_class(button, "flat");
    g_object_set_data_full(G_OBJECT(button), "address", g_strdup(address), g_free);
    g_signal_connect(button, "clicked", G_CALLBACK(on_remove), self);
    adw_action_row_add_suffix(ADW_ACTION_ROW(row), button);
    return row;
}

/* The group adds at its end: the entry is taken out and put back under the new rows. */
static void show_addresses(EarshotAddressGroup *self)
{
    AdwPreferencesGroup *group = ADW_PREFERENCES_GROUP(self);
    const char *const *addresses = earshot_settings_get_strv(self->settings, self->setting);
    for (guint i = 0; i < self->rows->len; i++)
        adw_preferences_group_remove(group, g_ptr_array_index(self->rows, i));
    g_ptr_array_set_size(self->rows, 0);
    g_object_ref(self->entry);
    adw_preferences_group_remove(group, self->entry);
    for (; addresses && *addresses; addresses++) {
        GtkWidget *row = make_row(self, *addresses);
        adw_preferences_group_add(group, row);
        g_ptr_array_add(self->rows, row);
    }
    adw_preferences_group_add(group, self->entry);
    g_object_unref(self->entry);
}

void earshot_address_group_bind(EarshotAddressGroup *self, EarshotSettings *settings,
                                const char *setting)
{
    g_autofree char *notify = g_strconcat("notify::", setting, NULL);
    self->settings = g_object_ref(settings);
    self->setting = g_strdup(setting);
    g_signal_connect_object(settings, notify, G_CALLBACK(show_addresses), self, G_CONNECT_SWAPPED);
    show_addresses(self);
}

static void earshot_address_group_dispose(GObject *object)
{
    EarshotAddressGroup *self = EARSHOT_ADDRESS_GROUP(object);
    if (self->settings)
        g_signal_handlers_disconnect_by_data(self->settings, self);
    g_clear_object(&self->settings);
    gtk_widget_dispose_template(GTK_WIDGET(self), EARSHOT_TYPE_ADDRESS_GROUP);
    G_OBJECT_CLASS(earshot_address_group_parent_class)->dispose(object);
}

static void earshot_address_group_finalize(GObject *object)
{
    EarshotAddressGroup *self = EARSHOT_ADDRESS_GROUP(object);
    g_ptr_array_unref(self->rows);
    g_free(self->setting);
    G_OBJECT_CLASS(earshot_address_group_parent_class)->finalize(object);
}

static void earshot_address_group_class_init(EarshotAddressGroupClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->dispose = earshot_address_group_dispose;
    G_OBJECT_CLASS(klass)->finalize = earshot_address_group_finalize;
    gtk_widget_class_set_template_from_resource(widget_class,
                                                "/org/earshot/Earshot/address_group.ui");
    gtk_widget_class_bind_template_child(widget_class, EarshotAddressGroup, entry);
    gtk_widget_class_bind_template_child(widget_class, EarshotAddressGroup, problem);
    gtk_widget_class_bind_template_callback(widget_class, on_add);
    gtk_widget_class_bind_template_callback(widget_class, on_changed);
}

static void earshot_address_group_init(EarshotAddressGroup *self)
{
    self->rows = g_ptr_array_new();
    gtk_widget_init_template(GTK_WIDGET(self));
}
