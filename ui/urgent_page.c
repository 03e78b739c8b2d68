/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Urgent help: numbers entered here, with the date they were checked. */
#include "urgent_page.h"

#include <glib/gi18n.h>

#include "urgent_line.h"
#include "urgent_message.h"
#include "urgent_row.h"
#include "window.h"

#define KEY "urgent-numbers"
#define NEW G_MAXUINT

struct _EarshotUrgentPage {
    GtkBox parent_instance;

    /* template children */
    AdwBin *message;
    GtkStack *stack;
    GtkListBox *numbers;
    GtkWidget *add_button;
    GtkEditable *label_row;
    GtkEditable *number_row;
    GtkWidget *trouble;

    guint edited; /* place in the list, or NEW */

    /* owned */
    EarshotStation *station;
};

G_DEFINE_FINAL_TYPE(EarshotUrgentPage, earshot_urgent_page, GTK_TYPE_BOX)

static EarshotSettings *get_settings(EarshotUrgentPage *self)
{
    return earshot_profile_get_settings(earshot_station_get_profile(self->station));
}

static void put(EarshotSettings *settings, guint at, const char *line, gboolean insert)
{
    const char *const *before = earshot_settings_get_strv(settings, KEY);
    g_auto(GStrv) lines = earshot_urgent_put(before, at, line, insert);
    g_object_set(settings, KEY, lines, NULL);
}

/* Owned copy, NULL where there is none. */
static char *get_line(EarshotUrgentPage *self, guint at)
{
    const char *const *lines = earshot_settings_get_strv(get_settings(self), KEY);
    return lines && at < g_strv_length((char **)lines) ? g_strdup(lines[at]) : NULL;
}

static void update(EarshotUrgentPage *self)
{
    GtkListBoxRow *row;
    while ((row = gtk_list_box_get_row_at_index(self->numbers, 0)))
        gtk_list_box_remove(self->numbers, GTK_WIDGET(row));
    const char *const *lines = earshot_settings_get_strv(get_settings(self), KEY);
    for (guint i = 0; lines && lines[i]; i++)
        gtk_list_box_append(self->numbers, earshot_urgent_row_new(lines[i], i));
}

static void show_list(EarshotUrgentPage *self)
{
    gtk_stack_set_visible_child_name(self->stack, "list");
    gtk_widget_grab_focus(self->add_button);
}

static void show_form(EarshotUrgentPage *self, guint at, const struct earshot_urgent *urgent)
{
    self->edited = at;
    gtk_editable_set_text(self->label_row, urgent ? urgent->label : "");
    gtk_editable_set_text(self->number_row, urgent ? urgent->number : "");
    gtk_widget_set_visible(self->trouble, FALSE);
    gtk_stack_set_visible_child_name(self->stack, "form");
    gtk_widget_grab_focus(GTK_WIDGET(self->label_row));
}

/* Whoever types a number in has it from somewhere today; another label changes no date. */
static void on_save_clicked(EarshotUrgentPage *self)
{
    g_autofree char *label = g_strdup(gtk_editable_get_text(self->label_row));
    g_autofree char *number = g_strdup(gtk_editable_get_text(self->number_row));
    gboolean missing = !*g_strstrip(label) || !*g_strstrip(number);
    gtk_widget_set_visible(self->trouble, missing);
    if (missing)
        return;
    g_autoptr(GDateTime) today = g_date_time_new_now_local();
    g_autofree char *before = get_line(self, self->edited);
    struct earshot_urgent old = {NULL};
    if (before)
        earshot_urgent_parse(before, &old);
    gboolean same_number = g_strcmp0(old.number, number) == 0;
    g_autofree char *line = earshot_urgent_build(label, number, same_number ? old.checked : today);
    put(get_settings(self), self->edited, line, FALSE);
    earshot_urgent_clear(&old);
    show_list(self);
}

static void on_add(GtkWidget *widget, const char *action, GVariant *parameter)
{
    show_form(EARSHOT_URGENT_PAGE(widget), NEW, NULL);
}

static void on_edit(GtkWidget *widget, const char *action, GVariant *parameter)
{
    EarshotUrgentPage *self = EARSHOT_URGENT_PAGE(widget);
    guint at = g_variant_get_uint32(parameter);
    g_autofree char *line = get_line(self, at);
    if (!line)
        return;
    struct earshot_urgent urgent;
    earshot_urgent_parse(line, &urgent);
    show_form(self, at, &urgent);
    earshot_urgent_clear(&urgent);
}

static void on_check(GtkWidget *widget, const char *action, GVariant *parameter)
{
    EarshotUrgentPage *self = EARSHOT_URGENT_PAGE(widget);
    guint at = g_variant_get_uint32(parameter);
    g_autofree char *before = get_line(self, at);
    if (!before)
        return;
    struct earshot_urgent urgent;
    earshot_urgent_parse(before, &urgent);
    g_autoptr(GDateTime) today = g_date_time_new_now_local();
    g_autofree char *line = earshot_urgent_build(urgent.label, urgent.number, today);
    put(get_settings(self), at, line, FALSE);
    earshot_urgent_clear(&urgent);
    /* The rows are new: the hand stays where it was. */
    GtkListBoxRow *row = gtk_list_box_get_row_at_index(self->numbers, (int)at);
    if (row)
        gtk_widget_child_focus(GTK_WIDGET(row), GTK_DIR_TAB_FORWARD);
}

static void on_copy(GtkWidget *widget, const char *action, GVariant *parameter)
{
    EarshotUrgentPage *self = EARSHOT_URGENT_PAGE(widget);
    g_autofree char *line = get_line(self, g_variant_get_uint32(parameter));
    if (!line)
        return;
    struct earshot_urgent urgent;
    earshot_urgent_parse(line, &urgent);
    gdk_clipboard_set_text(gtk_widget_get_clipboard(widget), urgent.number);
    earshot_window_say(earshot_window_of(widget), _("The number is copied"));
    earshot_urgent_clear(&urgent);
}

/* A removal that can be taken back. */
struct removal {
    EarshotSettings *settings;
    char *line;
    guint at;
};

static void removal_undo(gpointer ctx)
{
    struct removal *removal = ctx;
    put(removal->settings, removal->at, removal->line, TRUE);
}

/* It is gone already. */
static void removal_settle(gpointer ctx)
{
}

static void removal_free(gpointer ctx)
{
    struct removal *removal = ctx;
    g_object_unref(removal->settings);
    g_free(removal->line);
    g_free(removal);
}

static void on_remove(GtkWidget *widget, const char *action, GVariant *parameter)
{
    EarshotUrgentPage *self = EARSHOT_URGENT_PAGE(widget);
    guint at = g_variant_get_uint32(parameter);
    char *line = get_line(self, at);
    if (!line)
        return;
    struct removal *removal = g_new0(struct removal, 1);
    removal->settings = g_object_ref(get_settings(self));
    removal->line = line;
    removal->at = at;
    put(removal->settings, at, NULL, FALSE);
    gtk_widget_grab_focus(self->add_button);
    earshot_window_say_with_undo(earshot_window_of(widget), _("The number is removed"),
                                 removal_undo, removal_settle, removal, removal_free);
}

static void earshot_urgent_page_dispose(GObject *object)
{
    EarshotUrgentPage *self = EARSHOT_URGENT_PAGE(object);
    g_clear_object(&self->station);
    gtk_widget_dispose_template(GTK_WIDGET(self), EARSHOT_TYPE_URGENT_PAGE);
    G_OBJECT_CLASS(earshot_urgent_page_parent_class)->dispose(object);
}

static void earshot_urgent_page_class_init(EarshotUrgentPageClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->dispose = earshot_urgent_page_dispose;
    gtk_widget_class_set_template_from_resource(widget_class,
                                                "/org/earshot/Earshot/urgent_page.ui");
    gtk_widget_class_bind_template_child(widget_class, EarshotUrgentPage, message);
    gtk_widget_class_bind_template_child(widget_class, EarshotUrgentPage, stack);
    gtk_widget_class_bind_template_child(widget_class, EarshotUrgentPage, numbers);
    gtk_widget_class_bind_template_child(widget_class, EarshotUrgentPage, add_button);
    gtk_widget_class_bind_template_child(widget_class, EarshotUrgentPage, label_row);
    gtk_widget_class_bind_template_child(widget_class, EarshotUrgentPage, number_row);
    gtk_widget_class_bind_template_child(widget_class, EarshotUrgentPage, trouble);
    gtk_widget_class_bind_template_callback(widget_class, on_save_clicked);
    gtk_widget_class_bind_template_callback(widget_class, show_list);
    gtk_widget_class_install_action(widget_class, "urgent.add", NULL, on_add);
    gtk_widget_class_install_action(widget_class, "urgent.edit", "u", on_edit);
    gtk_widget_class_install_action(widget_class, "urgent.check", "u", on_check);
    gtk_widget_class_install_action(widget_class, "urgent.copy", "u", on_copy);
    gtk_widget_class_install_action(widget_class, "urgent.remove", "u", on_remove);
    gtk_widget_class_add_binding_action(widget_class, GDK_KEY_Left, GDK_ALT_MASK, "win.home", NULL);
}

static void earshot_urgent_page_init(EarshotUrgentPage *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWidget *earshot_urgent_page_new(EarshotStation *station)
{
    EarshotUrgentPage *self = g_object_new(EARSHOT_TYPE_URGENT_PAGE, NULL);
    self->station = g_object_ref(station);
    adw_bin_set_child(self->message, earshot_urgent_message_new(station));
    g_signal_connect_object(get_settings(self), "notify::" KEY, G_CALLBACK(update), self,
                            G_CONNECT_SWAPPED);
    update(self);
    return GTK_WIDGET(self);
}
