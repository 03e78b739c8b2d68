/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An invite once more, for somebody who has not come yet. */
#include "invite_dialog.h"

#include "invite_card.h"

struct _EarshotInviteDialog {
    AdwWindow parent_instance;

    /* template children */
    EarshotInviteCard *card;
};

G_DEFINE_FINAL_TYPE(EarshotInviteDialog, earshot_invite_dialog, ADW_TYPE_WINDOW)

static void earshot_invite_dialog_dispose(GObject *object)
{
    gtk_widget_dispose_template(GTK_WIDGET(object), EARSHOT_TYPE_INVITE_DIALOG);
    G_OBJECT_CLASS(earshot_invite_dialog_parent_class)->dispose(object);
}

static void earshot_invite_dialog_class_init(EarshotInviteDialogClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->dispose = earshot_invite_dialog_dispose;
    g_type_ensure(EARSHOT_TYPE_INVITE_CARD);
    gtk_widget_class_set_template_from_resource(widget_class,
                                                "/org/earshot/Earshot/invite_dialog.ui");
    gtk_widget_class_bind_template_child(widget_class, EarshotInviteDialog, card);
    gtk_widget_class_add_binding_action(widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void earshot_invite_dialog_init(EarshotInviteDialog *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWindow *earshot_invite_dialog_new(GtkWindow *parent, EarshotProfile *profile, const char *name)
{
    EarshotInviteDialog *self =
        g_object_new(EARSHOT_TYPE_INVITE_DIALOG, "transient-for", parent, NULL);
    earshot_invite_card_set_profile(self->card, profile);
    earshot_invite_card_start(self->card, name);
    return GTK_WINDOW(self);
}
