/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The support report: shown first, then saved where the user says. */
#include "report_window.h"

#include <glib/gi18n.h>
#include <string.h>

struct _EarshotReportWindow {
    AdwWindow parent_instance;

    /* template children */
    GtkTextView *text;
    GtkLabel *result;
    GtkWidget *save;

    /* owned */
    char *report;
    GtkFileChooserNative *chooser;
};

G_DEFINE_FINAL_TYPE(EarshotReportWindow, earshot_report_window, ADW_TYPE_WINDOW)

static void say(EarshotReportWindow *self, const char *sentence)
{
    gtk_label_set_text(self->result, sentence);
    gtk_widget_set_visible(GTK_WIDGET(self->result), TRUE);
}

static void on_copy(EarshotReportWindow *self)
{
    gdk_clipboard_set_text(gtk_widget_get_clipboard(GTK_WIDGET(self)), self->report);
    say(self, _("Copied."));
}

static void on_chosen(EarshotReportWindow *self, int response)
{
    g_autoptr(GFile) file = NULL;
    g_autoptr(GError) error = NULL;
    if (response == GTK_RESPONSE_ACCEPT)
        file = gtk_file_chooser_get_file(GTK_FILE_CHOOSER(self->chooser));
    if (file && g_file_replace_contents(file, self->report, strlen(self->report), NULL, FALSE,
                                        G_FILE_CREATE_NONE, NULL, NULL, &error))
        say(self, _("Saved."));
    if (error) {
        g_autofree char *sentence = g_strdup_printf(_("Not saved: %s"), error->message);
        say(self, sentence);
    }
    g_clear_object(&self->chooser);
}

static void on_save(EarshotReportWindow *self)
{
    if (self->chooser)
        return;
    self->chooser = gtk_file_chooser_native_new(_("Save the support report"), GTK_WINDOW(self),
                                                GTK_FILE_CHOOSER_ACTION_SAVE, NULL, NULL);
    gtk_file_chooser_set_current_name(GTK_FILE_CHOOSER(self->chooser), "earshot-report.txt");
    g_signal_connect_object(self->chooser, "response", G_CALLBACK(on_chosen), self,
                            G_CONNECT_SWAPPED);
    gtk_native_dialog_show(GTK_NATIVE_DIALOG(self->chooser));
}

static void earshot_report_window_dispose(GObject *object)
{
    EarshotReportWindow *self = EARSHOT_REPORT_WINDOW(object);
    g_clear_object(&self->chooser);
    gtk_widget_dispose_template(GTK_WIDGET(self), EARSHOT_TYPE_REPORT_WINDOW);
    G_OBJECT_CLASS(earshot_report_window_parent_class)->dispose(object);
}

static void earshot_report_window_finalize(GObject *object)
{
    g_free(EARSHOT_REPORT_WINDOW(object)->report);
    G_OBJECT_CLASS(earshot_report_window_parent_class)->finalize(object);
}

static void earshot_report_window_class_init(EarshotReportWindowClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->dispose = earshot_report_window_dispose;
    G_OBJECT_CLASS(klass)->finalize = earshot_report_window_finalize;
    /* GTK 4.8 has no name for a modal window that is not a dialog. */
    gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_DIALOG);
    gtk_widget_class_set_template_from_resource(widget_class,
                                                "/org/earshot/Earshot/report_window.ui");
    gtk_widget_class_bind_template_child(widget_class, EarshotReportWindow, text);
    gtk_widget_class_bind_template_child(widget_class, EarshotReportWindow, result);
    gtk_widget_class_bind_template_child(widget_class, EarshotReportWindow, save);
    gtk_widget_class_bind_template_callback(widget_class, on_copy);
    gtk_widget_class_bind_template_callback(widget_class, on_save);
}

static void earshot_report_window_init(EarshotReportWindow *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
    gtk_widget_grab_focus(self->save);
}

GtkWidget *earshot_report_window_new(GtkWindow *parent, const char *report)
{
    EarshotReportWindow *self =
        g_object_new(EARSHOT_TYPE_REPORT_WINDOW, "transient-for", parent, NULL);
    self->report = g_strdup(report);
    gtk_text_buffer_set_text(gtk_text_view_get_buffer(self->text), report, -1);
    return GTK_WIDGET(self);
}
