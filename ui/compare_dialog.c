/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two people read a number to each other to know that nobody sits between them. */
#include "compare_dialog.h"

#include <glib/gi18n.h>

#define COLUMNS 2

struct _EarshotCompareDialog {
    AdwWindow parent_instance;

    /* template children */
    GtkStack *stack;
    GtkLabel *what_to_do;
    GtkGrid *groups;
    GtkWidget *same_button;
    GtkWidget *differ_button;
    GtkLabel *trouble;
    GtkLabel *differ_words;
    GtkWidget *close_button;

    /* owned */
    EarshotProfile *profile;
    EarshotPerson *person;
};

G_DEFINE_FINAL_TYPE(EarshotCompareDialog, earshot_compare_dialog, ADW_TYPE_WINDOW)

static void say_in_place(EarshotCompareDialog *self, const char *sentence)
{
    gtk_label_set_text(self->trouble, sentence);
    gtk_widget_set_visible(GTK_WIDGET(self->trouble), TRUE);
}

static void on_same_clicked(EarshotCompareDialog *self)
{
    g_autoptr(GError) error = NULL;
    if (earshot_profile_verify(self->profile, self->person, &error))
        gtk_window_close(GTK_WINDOW(self));
    else
        say_in_place(self, error->message);
}

static void on_differ_clicked(EarshotCompareDialog *self)
{
    gtk_stack_set_visible_child_name(self->stack, "differ");
    gtk_widget_grab_focus(self->close_button);
}

static void on_block_clicked(EarshotCompareDialog *self)
{
    g_autoptr(GError) error = NULL;
    if (!earshot_profile_block(self->profile, self->person, TRUE, &error)) {
        gtk_stack_set_visible_child_name(self->stack, "number");
        say_in_place(self, error->message);
        return;
    }
    gtk_window_close(GTK_WINDOW(self));
}

/* "01234" is said as "0 1 2 3 4", not as a number; Tab goes from group to group. */
static GtkWidget *group_new(const char *digits)
{
    GString *spoken = g_string_new(NULL);
    for (const char *digit = digits; *digit; digit++)
        g_string_append_printf(spoken, digit == digits ? "%c" : " %c", *digit);
    GtkWidget *group = g_object_new(ADW_TYPE_BIN, "accessible-role", GTK_ACCESSIBLE_ROLE_GROUP,
                                    "focusable", TRUE, "child", gtk_label_new(digits), NULL);
    gtk_widget_add_css_class(group, "digits");
    gtk_accessible_update_property(GTK_ACCESSIBLE(group), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                   spoken->str, -1);
    g_string_free(spoken, TRUE);
    return group;
}

static void show_number(EarshotCompareDialog *self)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *number = earshot_profile_safety_number(self->profile, self->person, &error);
    gtk_widget_set_sensitive(self->same_button, number != NULL);
    gtk_widget_set_sensitive(self->differ_button, number != NULL);
    if (!number) {
        say_in_place(self, error->message);
        return;
    }
    g_auto(GStrv) groups = g_strsplit(number, " ", -1);
    for (int i = 0; groups[i]; i++)
        gtk_grid_attach(self->groups, group_new(groups[i]), i % COLUMNS, i / COLUMNS, 1, 1);
}

static void earshot_compare_dialog_dispose(GObject *object)
{
    EarshotCompareDialog *self = EARSHOT_COMPARE_DIALOG(object);
    g_clear_object(&self->person);
    g_clear_object(&self->profile);
    gtk_widget_dispose_template(GTK_WIDGET(self), EARSHOT_TYPE_COMPARE_DIALOG);
    G_OBJECT_CLASS(earshot_compare_dialog_parent_class)->dispose(object);
}

static void earshot_compare_dialog_class_init(EarshotCompareDialogClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->dispose = earshot_compare_dialog_dispose;
    gtk_widget_class_set_template_from_resource(widget_class,
                                                "/org/earshot/Earshot/compare_dialog.ui");
    gtk_widget_class_bind_template_child(widget_class, EarshotCompareDialog, stack);
    gtk_widget_class_bind_template_child(widget_class, EarshotCompareDialog, what_to_do);
    gtk_widget_class_bind_template_child(widget_class, EarshotCompareDialog, groups);
    gtk_widget_class_bind_template_child(widget_class, EarshotCompareDialog, same_button);
    gtk_widget_class_bind_template_child(widget_class, EarshotCompareDialog, differ_button);
    gtk_widget_class_bind_template_child(widget_class, EarshotCompareDialog, trouble);
    gtk_widget_class_bind_template_child(widget_class, EarshotCompareDialog, differ_words);
    gtk_widget_class_bind_template_child(widget_class, EarshotCompareDialog, close_button);
    gtk_widget_class_bind_template_callback(widget_class, on_same_clicked);
    gtk_widget_class_bind_template_callback(widget_class, on_differ_clicked);
    gtk_widget_class_bind_template_callback(widget_class, on_block_clicked);
    gtk_widget_class_add_binding_action(widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void earshot_compare_dialog_init(EarshotCompareDialog *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWindow *earshot_compare_dialog_new(GtkWindow *parent, EarshotProfile *profile,
                                      EarshotPerson *person)
{
    EarshotCompareDialog *self =
        g_object_new(EARSHOT_TYPE_COMPARE_DIALOG, "transient-for", parent, NULL);
    self->profile = g_object_ref(profile);
    self->person = g_object_ref(person);
    const char *name = earshot_person_get_name(person);
    /* Translators: %s is a person's name */
    g_autofree char *what = g_strdup_printf(
        _("Read these digits to %s in a call, or side by side. They see the same digits when "
          "nobody sits between you."),
        name);
    /* Translators: %s is a person's name, three times */
    g_autofree char *differ = g_strdup_printf(
        _("Somebody may be between you and %s and may listen. Do not speak about anything private "
          "with this program. Ask %s for a new invite, handed over in person, and compare again. "
          "Until then you can block %s."),
        name, name, name);
    gtk_label_set_text(self->what_to_do, what);
    gtk_label_set_text(self->differ_words, differ);
    show_number(self);
    return GTK_WINDOW(self);
}
