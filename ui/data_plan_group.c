/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bundle, price and budget as entries, with what they come to below. */
#include "data_plan_group.h"

#include <glib/gi18n.h>
#include <string.h>

#include "bridge/data_meter.h"
#include "bridge/format.h"
#include "data_line.h"

/* What is typed, and the setting that it is kept in. */
enum { BUNDLE_MB, BUNDLE_PRICE, BUDGET_MB, ENTRIES };
static const char *const keys[ENTRIES] = {"bundle-mb", "bundle-price", "budget-mb"};

struct _EarshotDataPlanGroup {
    AdwPreferencesGroup parent_instance;

    /* template children */
    GtkEditable *bundle_mb;
    GtkEditable *bundle_price;
    GtkEditable *budget_mb;
    GtkLabel *told;
    GtkBox *meter_box;

    /* owned */
    EarshotSettings *settings; /* NULL while the group is filled */
};

G_DEFINE_FINAL_TYPE(EarshotDataPlanGroup, earshot_data_plan_group, ADW_TYPE_PREFERENCES_GROUP)

gboolean earshot_data_read_number(const char *text, double *ret_number)
{
    g_autoptr(GString) plain = g_string_new(NULL);
    for (; *text; text = g_utf8_next_char(text)) {
        gunichar c = g_utf8_get_char(text);
        gboolean point = c == '.' || c == ',' || c == 0x066b; /* Arabic decimal separator */
        if (g_unichar_isdigit(c))
            g_string_append_c(plain, (char)('0' + g_unichar_digit_value(c)));
        else if (point && !strchr(plain->str, '.'))
            g_string_append_c(plain, '.');
        else if (!g_unichar_isspace(c))
            return FALSE;
    }
    *ret_number = g_ascii_strtod(plain->str, NULL);
    return TRUE;
}

static GtkEditable *entry(EarshotDataPlanGroup *self, int which)
{
    GtkEditable *const entries[ENTRIES] = {self->bundle_mb, self->bundle_price, self->budget_mb};
    return entries[which];
}

/* The settings keep what lies within their bounds. */
static void on_changed(EarshotDataPlanGroup *self, GtkEditable *changed)
{
    double number = 0;
    gboolean good = earshot_data_read_number(gtk_editable_get_text(changed), &number);
    if (good)
        gtk_widget_remove_css_class(GTK_WIDGET(changed), "error");
    else
        gtk_widget_add_css_class(GTK_WIDGET(changed), "error");
    gtk_accessible_update_state(GTK_ACCESSIBLE(changed), GTK_ACCESSIBLE_STATE_INVALID,
                                good ? GTK_ACCESSIBLE_INVALID_FALSE : GTK_ACCESSIBLE_INVALID_TRUE,
                                -1);
    for (int i = 0; i < ENTRIES && good && self->settings; i++)
        if (entry(self, i) == changed)
            g_object_set(self->settings, keys[i], MIN(number, 1e6), NULL);
}

static void earshot_data_plan_group_dispose(GObject *object)
{
    EarshotDataPlanGroup *self = EARSHOT_DATA_PLAN_GROUP(object);
    g_clear_object(&self->settings);
    gtk_widget_dispose_template(GTK_WIDGET(self), EARSHOT_TYPE_DATA_PLAN_GROUP);
    G_OBJECT_CLASS(earshot_data_plan_group_parent_class)->dispose(object);
}

static void earshot_data_plan_group_class_init(EarshotDataPlanGroupClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->dispose = earshot_data_plan_group_dispose;
    gtk_widget_class_set_template_from_resource(widget_class,
                                                "/org/earshot/Earshot/data_plan_group.ui");
    gtk_widget_class_bind_template_child(widget_class, EarshotDataPlanGroup, bundle_mb);
    gtk_widget_class_bind_template_child(widget_class, EarshotDataPlanGroup, bundle_price);
    gtk_widget_class_bind_template_child(widget_class, EarshotDataPlanGroup, budget_mb);
    gtk_widget_class_bind_template_child(widget_class, EarshotDataPlanGroup, told);
    gtk_widget_class_bind_template_child(widget_class, EarshotDataPlanGroup, meter_box);
    gtk_widget_class_bind_template_callback(widget_class, on_changed);
}

static void earshot_data_plan_group_init(EarshotDataPlanGroup *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWidget *earshot_data_plan_group_new(EarshotProfile *profile)
{
    EarshotDataPlanGroup *self = g_object_new(EARSHOT_TYPE_DATA_PLAN_GROUP, NULL);
    EarshotSettings *settings = earshot_profile_get_settings(profile);
    g_autofree char *reserve = earshot_data_reserve();
    /* Translators: %s is an amount of data, such as "1.5 MB" */
    g_autofree char *about = g_strdup_printf(
        _("You are told when four fifths are used, and when no more than one urgent call of twenty "
          "minutes is left (%s with least data). No call is ever stopped."),
        reserve);
    gtk_label_set_label(self->told, about);
    for (int i = 0; i < ENTRIES; i++) {
        double number = earshot_settings_get_number(settings, keys[i]);
        g_autofree char *text = earshot_format_number(number, i == BUNDLE_PRICE ? 2 : 0);
        if (number > 0)
            gtk_editable_set_text(entry(self, i), text);
    }
    self->settings = g_object_ref(settings);
    gtk_box_append(self->meter_box, earshot_data_line_new(profile));
    return GTK_WIDGET(self);
}
