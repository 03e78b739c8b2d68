/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One field and one button; the answer takes about a second, on purpose. */
#include "unlock_card.h"

#include <glib/gi18n.h>

#include "bridge/keyring.h"
#include "focus_later.h"
#include "forget_text.h"

struct _EarshotUnlockCard {
    GtkBox parent_instance;

    /* template children */
    AdwAvatar *avatar;
    GtkLabel *name;
    GtkEditable *passphrase;
    GtkLabel *problem;
    GtkWidget *urgent;
    GtkWidget *unlock;
    GtkWidget *other;

    gboolean busy;

    /* owned; one of the two */
    EarshotPrivacy *privacy;
    char *path;
};

G_DEFINE_FINAL_TYPE(EarshotUnlockCard, earshot_unlock_card, GTK_TYPE_BOX)

enum { OPENED, REFUSED, OTHER, SIGNALS };
static guint signals[SIGNALS];

static void update(EarshotUnlockCard *self)
{
    gboolean any = *gtk_editable_get_text(self->passphrase) != '\0';
    gtk_widget_set_sensitive(self->unlock, any && !self->busy);
    gtk_widget_set_sensitive(GTK_WIDGET(self->passphrase), !self->busy);
}

static void show_problem(EarshotUnlockCard *self, const char *sentence)
{
    gtk_label_set_text(self->problem, sentence);
    gtk_widget_set_visible(GTK_WIDGET(self->problem), *sentence != '\0');
}

static void on_changed(EarshotUnlockCard *self)
{
    show_problem(self, "");
    update(self);
}

/* The field is empty again, whatever came of it. */
static void end(EarshotUnlockCard *self, const GError *error)
{
    self->busy = FALSE;
    if (!self->privacy && !self->path) /* the window is gone already, its field was emptied */
        return;
    earshot_forget_text(self->passphrase);
    update(self);
    show_problem(self, error ? error->message : "");
    if (error)
        gtk_widget_grab_focus(GTK_WIDGET(self->passphrase));
}

static void on_opened(GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr(EarshotUnlockCard) self = data;
    g_autoptr(GError) error = NULL;
    g_autoptr(EarshotProfile) profile = earshot_privacy_open_finish(result, &error);
    end(self, error);
    if (profile)
        g_signal_emit(self, signals[OPENED], 0, profile);
    else if (!g_error_matches(error, EARSHOT_ERROR, EARSHOT_ERROR_LOCKED))
        g_signal_emit(self, signals[REFUSED], 0, error);
}

static void on_unlocked(GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr(EarshotUnlockCard) self = data;
    g_autoptr(GError) error = NULL;
    (void)earshot_privacy_done(result, &error);
    end(self, error);
}

static void on_unlock(EarshotUnlockCard *self)
{
    const char *passphrase = gtk_editable_get_text(self->passphrase);
    if (!*passphrase || self->busy)
        return;
    self->busy = TRUE;
    show_problem(self, "");
    if (self->privacy)
        earshot_privacy_unlock_async(self->privacy, passphrase, on_unlocked, g_object_ref(self));
    else
        earshot_privacy_open_async(self->path, passphrase, on_opened, g_object_ref(self));
    earshot_forget_text(self->passphrase);
    update(self);
}

static void on_other(EarshotUnlockCard *self)
{
    g_signal_emit(self, signals[OTHER], 0);
}

static void earshot_unlock_card_map(GtkWidget *widget)
{
    GTK_WIDGET_CLASS(earshot_unlock_card_parent_class)->map(widget);
    earshot_focus_later(GTK_WIDGET(EARSHOT_UNLOCK_CARD(widget)->passphrase));
}

static void earshot_unlock_card_dispose(GObject *object)
{
    EarshotUnlockCard *self = EARSHOT_UNLOCK_CARD(object);
    g_clear_object(&self->privacy);
    g_clear_pointer(&self->path, g_free);
    gtk_widget_dispose_template(GTK_WIDGET(self), EARSHOT_TYPE_UNLOCK_CARD);
    G_OBJECT_CLASS(earshot_unlock_card_parent_class)->dispose(object);
}

static void earshot_unlock_card_class_init(EarshotUnlockCardClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->dispose = earshot_unlock_card_dispose;
    widget_class->map = earshot_unlock_card_map;
    signals[OPENED] = g_signal_new("opened", EARSHOT_TYPE_UNLOCK_CARD, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 1, EARSHOT_TYPE_PROFILE);
    signals[REFUSED] = g_signal_new("refused", EARSHOT_TYPE_UNLOCK_CARD, G_SIGNAL_RUN_LAST, 0, NULL,
                                    NULL, NULL, G_TYPE_NONE, 1, G_TYPE_ERROR);
    signals[OTHER] = g_signal_new("other", EARSHOT_TYPE_UNLOCK_CARD, G_SIGNAL_RUN_LAST, 0, NULL,
                                  NULL, NULL, G_TYPE_NONE, 0);
    gtk_widget_class_set_template_from_resource(widget_class,
                                                "/org/earshot/Earshot/unlock_card.ui");
    gtk_widget_class_bind_template_child(widget_class, EarshotUnlockCard, avatar);
    gtk_widget_class_bind_template_child(widget_class, EarshotUnlockCard, name);
    gtk_widget_class_bind_template_child(widget_class, EarshotUnlockCard, passphrase);
    gtk_widget_class_bind_template_child(widget_class, EarshotUnlockCard, problem);
    gtk_widget_class_bind_template_child(widget_class, EarshotUnlockCard, urgent);
    gtk_widget_class_bind_template_child(widget_class, EarshotUnlockCard, unlock);
    gtk_widget_class_bind_template_child(widget_class, EarshotUnlockCard, other);
    gtk_widget_class_bind_template_callback(widget_class, on_changed);
    gtk_widget_class_bind_template_callback(widget_class, on_unlock);
    gtk_widget_class_bind_template_callback(widget_class, on_other);
}

static void earshot_unlock_card_init(EarshotUnlockCard *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
}

static EarshotUnlockCard *card_new(const char *name)
{
    EarshotUnlockCard *self = g_object_new(EARSHOT_TYPE_UNLOCK_CARD, NULL);
    adw_avatar_set_text(self->avatar, name);
    gtk_label_set_text(self->name, name);
    return self;
}

GtkWidget *earshot_unlock_card_new_for_path(const char *path, const GError *problem)
{
    g_autofree char *name = earshot_profile_name_at(path);
    EarshotUnlockCard *self = card_new(name);
    self->path = g_strdup(path);
    if (problem && earshot_keyring_is_used(path))
        show_problem(self, problem->message);
    return GTK_WIDGET(self);
}

GtkWidget *earshot_unlock_card_new(EarshotPrivacy *privacy, EarshotMail *mail, const char *name)
{
    EarshotUnlockCard *self = card_new(name);
    self->privacy = g_object_ref(privacy);
    g_object_bind_property(mail, "urgent-waits", self->urgent, "visible", G_BINDING_SYNC_CREATE);
    return GTK_WIDGET(self);
}
