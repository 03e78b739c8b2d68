/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One number to telephone in an emergency, and when it was checked. */
#include "urgent_row.h"

#include <glib/gi18n.h>

#include "bridge/format.h"
#include "urgent_line.h"

/* Numbers change; half a year is what a clinic can be asked for. */
#define CHECK_EVERY_MONTHS 6

struct _EarshotUrgentRow {
    GtkListBoxRow parent_instance;

    /* template children */
    GtkLabel *label;
    GtkLabel *number;
    GtkWidget *old_icon;
    GtkLabel *checked;
    GtkWidget *copy_button;
    GtkWidget *check_button;
    GtkWidget *edit_button;
    GtkWidget *remove_button;
};

G_DEFINE_FINAL_TYPE(EarshotUrgentRow, earshot_urgent_row, GTK_TYPE_LIST_BOX_ROW)

static void name_button(GtkWidget *button, const char *format, const char *label, guint at)
{
    /* Where the button has words of its own, they are its name. */
    GtkAccessibleProperty property = gtk_button_get_icon_name(GTK_BUTTON(button))
                                         ? GTK_ACCESSIBLE_PROPERTY_LABEL
                                         : GTK_ACCESSIBLE_PROPERTY_DESCRIPTION;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    g_autofree char *name = g_strdup_printf(format, label);
#pragma GCC diagnostic pop
    gtk_widget_set_tooltip_text(button, name);
    gtk_accessible_update_property(GTK_ACCESSIBLE(button), property, name, -1);
    gtk_actionable_set_action_target(GTK_ACTIONABLE(button), "u", at);
}

static void show_checked(EarshotUrgentRow *self, GDateTime *checked)
{
    if (!checked) {
        gtk_label_set_text(self->checked, _("Never checked"));
        return;
    }
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    g_autoptr(GDateTime) until = g_date_time_add_months(checked, CHECK_EVERY_MONTHS);
    gboolean old = g_date_time_compare(until, now) < 0;
    g_autofree char *day = earshot_format_date(checked);
    /* Translators: %s is a date */
    g_autofree char *text =
        old ? g_strdup_printf(_("Checked %s: that is long ago, check it again"), day)
            : g_strdup_printf(_("Checked %s"), day);
    gtk_label_set_text(self->checked, text);
    gtk_widget_set_visible(self->old_icon, old);
}

static void earshot_urgent_row_dispose(GObject *object)
{
    gtk_widget_dispose_template(GTK_WIDGET(object), EARSHOT_TYPE_URGENT_ROW);
    G_OBJECT_CLASS(earshot_urgent_row_parent_class)->dispose(object);
}

static void earshot_urgent_row_class_init(EarshotUrgentRowClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->dispose = earshot_urgent_row_dispose;
    gtk_widget_class_set_template_from_resource(widget_class, "/org/earshot/Earshot/urgent_row.ui");
    gtk_widget_class_bind_template_child(widget_class, EarshotUrgentRow, label);
    gtk_widget_class_bind_template_child(widget_class, EarshotUrgentRow, number);
    gtk_widget_class_bind_template_child(widget_class, EarshotUrgentRow, old_icon);
    gtk_widget_class_bind_template_child(widget_class, EarshotUrgentRow, checked);
    gtk_widget_class_bind_template_child(widget_class, EarshotUrgentRow, copy_button);
    gtk_widget_class_bind_template_child(widget_class, EarshotUrgentRow, check_button);
    gtk_widget_class_bind_template_child(widget_class, EarshotUrgentRow, edit_button);
    gtk_widget_class_bind_template_child(widget_class, EarshotUrgentRow, remove_button);
}

static void earshot_urgent_row_init(EarshotUrgentRow *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWidget *earshot_urgent_row_new(const char *line, guint at)
{
    EarshotUrgentRow *self = g_object_new(EARSHOT_TYPE_URGENT_ROW, NULL);
    struct earshot_urgent urgent;
    earshot_urgent_parse(line, &urgent);
    gtk_label_set_text(self->label, urgent.label);
    gtk_label_set_text(self->number, urgent.number);
    /* The groups of a telephone number stand from left to right in every language. */
    gboolean rtl = gtk_widget_get_direction(GTK_WIDGET(self)) == GTK_TEXT_DIR_RTL;
    gtk_widget_set_direction(GTK_WIDGET(self->number), GTK_TEXT_DIR_LTR);
    gtk_label_set_xalign(self->number, rtl ? 1 : 0);
    show_checked(self, urgent.checked);
    /* Translators: here and below %s is what a telephone number is for, as "Ambulance" */
    name_button(self->copy_button, _("Copy the number: %s"), urgent.label, at);
    name_button(self->check_button, _("Checked today: %s"), urgent.label, at);
    name_button(self->edit_button, _("Change: %s"), urgent.label, at);
    name_button(self->remove_button, _("Remove: %s"), urgent.label, at);
    earshot_urgent_clear(&urgent);
    return GTK_WIDGET(self);
}
