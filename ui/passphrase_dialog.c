/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two fields that must agree, or one. */
#include "passphrase_dialog.h"

#include <glib/gi18n.h>
#include <string.h>

#include "forget_text.h"

struct _EarshotPassphraseDialog {
    AdwWindow parent_instance;

    /* template children */
    GtkLabel *words;
    GtkEditable *first;
    GtkEditable *second;
    GtkLabel *hint;
    GtkWidget *give;
    GtkLabel *give_label;

    gboolean twice;
};

G_DEFINE_FINAL_TYPE(EarshotPassphraseDialog, earshot_passphrase_dialog, ADW_TYPE_WINDOW)

enum { GIVEN, SIGNALS };
static guint signals[SIGNALS];

/* What keeps it from being given; "" when nothing does. */
static const char *hint_of(EarshotPassphraseDialog *self)
{
    const char *first = gtk_editable_get_text(self->first);
    const char *second = gtk_editable_get_text(self->second);
    if (!self->twice)
        return "";
    if (g_utf8_strlen(first, -1) < EARSHOT_PASSPHRASE_LEAST)
        return _("At least ten letters: four words that you remember are best.");
    if (*second && strcmp(first, second) != 0)
        return _("The two are not the same yet.");
    return "";
}

static gboolean can_give(EarshotPassphraseDialog *self)
{
    const char *first = gtk_editable_get_text(self->first);
    const char *second = gtk_editable_get_text(self->second);
    if (!self->twice)
        return *first != '\0';
    return g_utf8_strlen(first, -1) >= EARSHOT_PASSPHRASE_LEAST && strcmp(first, second) == 0;
}

static void on_changed(EarshotPassphraseDialog *self)
{
    gtk_label_set_text(self->hint, hint_of(self));
    gtk_widget_set_sensitive(self->give, can_give(self));
}

static void on_give(EarshotPassphraseDialog *self)
{
    if (!can_give(self))
        return;
    g_autoptr(EarshotPassphraseDialog) kept = g_object_ref(self);
    g_autofree char *passphrase = g_strdup(gtk_editable_get_text(self->first));
    earshot_forget_text(self->first);
    earshot_forget_text(self->second);
    gtk_window_close(GTK_WINDOW(self));
    g_signal_emit(kept, signals[GIVEN], 0, passphrase);
    explicit_bzero(passphrase, strlen(passphrase));
}

static void earshot_passphrase_dialog_dispose(GObject *object)
{
    gtk_widget_dispose_template(GTK_WIDGET(object), EARSHOT_TYPE_PASSPHRASE_DIALOG);
    G_OBJECT_CLASS(earshot_passphrase_dialog_parent_class)->dispose(object);
}

static void earshot_passphrase_dialog_class_init(EarshotPassphraseDialogClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->dispose = earshot_passphrase_dialog_dispose;
    signals[GIVEN] = g_signal_new("given", EARSHOT_TYPE_PASSPHRASE_DIALOG, G_SIGNAL_RUN_LAST, 0,
                                  NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
    gtk_widget_class_set_template_from_resource(widget_class,
                                                "/org/earshot/Earshot/passphrase_dialog.ui");
    gtk_widget_class_bind_template_child(widget_class, EarshotPassphraseDialog, words);
    gtk_widget_class_bind_template_child(widget_class, EarshotPassphraseDialog, first);
    gtk_widget_class_bind_template_child(widget_class, EarshotPassphraseDialog, second);
    gtk_widget_class_bind_template_child(widget_class, EarshotPassphraseDialog, hint);
    gtk_widget_class_bind_template_child(widget_class, EarshotPassphraseDialog, give);
    gtk_widget_class_bind_template_child(widget_class, EarshotPassphraseDialog, give_label);
    gtk_widget_class_bind_template_callback(widget_class, on_changed);
    gtk_widget_class_bind_template_callback(widget_class, on_give);
    gtk_widget_class_add_binding_action(widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void earshot_passphrase_dialog_init(EarshotPassphraseDialog *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWindow *earshot_passphrase_dialog_new(GtkWindow *parent, const char *title, const char *words,
                                         const char *button, gboolean twice)
{
    EarshotPassphraseDialog *self =
        g_object_new(EARSHOT_TYPE_PASSPHRASE_DIALOG, "transient-for", parent, "title", title, NULL);
    self->twice = twice;
    gtk_label_set_text(self->words, words);
    gtk_label_set_label(self->give_label, button);
    gtk_widget_set_visible(GTK_WIDGET(self->second), twice);
    on_changed(self);
    return GTK_WINDOW(self);
}
