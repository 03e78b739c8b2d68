/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An invite of mine: for whom, then a picture, a text to copy, a file to hand over. */
#include "invite_card.h"

#include <glib/gi18n.h>
#include <string.h>

#include "bridge/qr.h"
#include "window.h"

struct _EarshotInviteCard {
    GtkBox parent_instance;

    /* template children */
    GtkWidget *name_box;
    GtkWidget *invite_box;
    GtkEditable *name_entry;
    GtkLabel *trouble;
    GtkLabel *warning;
    GtkPicture *picture;
    GtkLabel *text;
    GtkWidget *copy_button;
    GtkLabel *save_trouble;

    /* owned */
    EarshotProfile *profile;
    GtkFileChooserNative *chooser;
    char *invite;
    char *name;
};

G_DEFINE_FINAL_TYPE(EarshotInviteCard, earshot_invite_card, GTK_TYPE_BOX)

static void show(EarshotInviteCard *self, gboolean invite)
{
    gtk_widget_set_visible(self->name_box, !invite);
    gtk_widget_set_visible(self->invite_box, invite);
}

enum { MADE, SIGNALS };
static guint signals[SIGNALS];

static void say_in_place(GtkLabel *label, const GError *error)
{
    gtk_label_set_text(label, error ? error->message : "");
    gtk_widget_set_visible(GTK_WIDGET(label), error != NULL);
}

static void forget_invite(EarshotInviteCard *self)
{
    if (self->invite)
        explicit_bzero(self->invite, strlen(self->invite));
    g_clear_pointer(&self->invite, g_free);
    g_clear_pointer(&self->name, g_free);
}

static void show_invite(EarshotInviteCard *self)
{
    g_autoptr(GdkTexture) texture = earshot_qr_new(self->invite);
    /* Translators: %s is a person's name */
    g_autofree char *warning =
        g_strdup_printf(_("Whoever has this first can call you as %s. Hand it over in private: not "
                          "in a group, not on a wall."),
                        self->name);
    gtk_picture_set_paintable(self->picture, GDK_PAINTABLE(texture));
    gtk_widget_set_visible(GTK_WIDGET(self->picture), texture != NULL);
    gtk_label_set_text(self->warning, warning);
    gtk_label_set_text(self->text, self->invite);
    show(self, TRUE);
    gtk_widget_grab_focus(self->copy_button);
}

static void make(EarshotInviteCard *self, const char *name)
{
    g_autoptr(GError) error = NULL;
    char *invite = earshot_profile_make_invite(self->profile, name, &error);
    say_in_place(self->trouble, error);
    if (!invite)
        return;
    forget_invite(self);
    self->invite = invite;
    self->name = g_strdup(name);
    show_invite(self);
    g_signal_emit(self, signals[MADE], 0);
}

static void on_make_clicked(EarshotInviteCard *self)
{
    g_autofree char *name = g_strdup(gtk_editable_get_text(self->name_entry));
    make(self, g_strstrip(name));
}

static void on_copy_clicked(EarshotInviteCard *self)
{
    gdk_clipboard_set_text(gtk_widget_get_clipboard(GTK_WIDGET(self)), self->invite);
    EarshotWindow *window = earshot_window_of(GTK_WIDGET(self));
    if (window)
        earshot_window_say(window, _("The invite is copied"));
}

static GBytes *as_file(EarshotInviteCard *self, GFile *file)
{
    g_autofree char *name = g_file_get_basename(file);
    if (g_str_has_suffix(name, ".png"))
        return earshot_qr_to_png(self->invite);
    return g_bytes_new(self->invite, strlen(self->invite));
}

static void on_save_response(EarshotInviteCard *self, int response)
{
    g_autoptr(GError) error = NULL;
    if (response == GTK_RESPONSE_ACCEPT && self->invite) {
        g_autoptr(GFile) file = gtk_file_chooser_get_file(GTK_FILE_CHOOSER(self->chooser));
        g_autoptr(GBytes) bytes = as_file(self, file);
        gsize len = 0;
        const char *data = g_bytes_get_data(bytes, &len);
        /* Nobody else on this laptop may read it. */
        g_file_replace_contents(file, data, len, NULL, FALSE,
                                G_FILE_CREATE_PRIVATE | G_FILE_CREATE_REPLACE_DESTINATION, NULL,
                                NULL, &error);
        say_in_place(self->save_trouble, error);
    }
    g_clear_object(&self->chooser);
}

static void on_save_clicked(EarshotInviteCard *self)
{
    GtkRoot *root = gtk_widget_get_root(GTK_WIDGET(self));
    g_autofree char *plain = g_strdup(self->name);
    g_autofree char *name = g_strconcat(g_strdelimit(plain, "/\\:", '-'), ".earshot", NULL);
    g_clear_object(&self->chooser);
    self->chooser =
        gtk_file_chooser_native_new(_("Save the invite"), GTK_WINDOW(root),
                                    GTK_FILE_CHOOSER_ACTION_SAVE, _("_Save"), _("_Cancel"));
    gtk_file_chooser_set_current_name(GTK_FILE_CHOOSER(self->chooser), name);
    g_signal_connect_object(self->chooser, "response", G_CALLBACK(on_save_response), self,
                            G_CONNECT_SWAPPED);
    gtk_native_dialog_show(GTK_NATIVE_DIALOG(self->chooser));
}

static void earshot_invite_card_dispose(GObject *object)
{
    EarshotInviteCard *self = EARSHOT_INVITE_CARD(object);
    forget_invite(self);
    g_clear_object(&self->chooser);
    g_clear_object(&self->profile);
    gtk_widget_dispose_template(GTK_WIDGET(self), EARSHOT_TYPE_INVITE_CARD);
    G_OBJECT_CLASS(earshot_invite_card_parent_class)->dispose(object);
}

static void earshot_invite_card_class_init(EarshotInviteCardClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->dispose = earshot_invite_card_dispose;
    signals[MADE] = g_signal_new("made", EARSHOT_TYPE_INVITE_CARD, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
    gtk_widget_class_set_template_from_resource(widget_class,
                                                "/org/earshot/Earshot/invite_card.ui");
    gtk_widget_class_bind_template_child(widget_class, EarshotInviteCard, name_box);
    gtk_widget_class_bind_template_child(widget_class, EarshotInviteCard, invite_box);
    gtk_widget_class_bind_template_child(widget_class, EarshotInviteCard, name_entry);
    gtk_widget_class_bind_template_child(widget_class, EarshotInviteCard, trouble);
    gtk_widget_class_bind_template_child(widget_class, EarshotInviteCard, warning);
    gtk_widget_class_bind_template_child(widget_class, EarshotInviteCard, picture);
    gtk_widget_class_bind_template_child(widget_class, EarshotInviteCard, text);
    gtk_widget_class_bind_template_child(widget_class, EarshotInviteCard, copy_button);
    gtk_widget_class_bind_template_child(widget_class, EarshotInviteCard, save_trouble);
    gtk_widget_class_bind_template_callback(widget_class, on_make_clicked);
    gtk_widget_class_bind_template_callback(widget_class, on_copy_clicked);
    gtk_widget_class_bind_template_callback(widget_class, on_save_clicked);
}

static void earshot_invite_card_init(EarshotInviteCard *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
}

void earshot_invite_card_set_profile(EarshotInviteCard *self, EarshotProfile *profile)
{
    g_set_object(&self->profile, profile);
}

void earshot_invite_card_start(EarshotInviteCard *self, const char *name)
{
    forget_invite(self);
    gtk_editable_set_text(self->name_entry, name ? name : "");
    gtk_picture_set_paintable(self->picture, NULL);
    gtk_label_set_text(self->text, "");
    say_in_place(self->trouble, NULL);
    say_in_place(self->save_trouble, NULL);
    show(self, FALSE);
    gtk_widget_grab_focus(GTK_WIDGET(self->name_entry));
    if (name)
        make(self, name);
}
