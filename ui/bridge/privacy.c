/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Threads for what is slow on purpose, and the clock of the lock. */
#include "bridge/privacy.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <string.h>

#include "bridge/keyring.h"
#include "bridge/profile_private.h"
#include "store/backup.h"

#define SENTENCE_BYTES 600

struct _EarshotPrivacy {
    GObject parent_instance;

    gboolean has_passphrase, locked;
    gboolean wanted; /* to be locked as soon as nobody talks */
    gint64 touched_us;

    /* owned */
    EarshotProfile *profile;
};

G_DEFINE_FINAL_TYPE(EarshotPrivacy, earshot_privacy, G_TYPE_OBJECT)

enum { PROP_0, PROP_HAS_PASSPHRASE, PROP_LOCKED, PROPERTIES };
static GParamSpec *properties[PROPERTIES];
enum { LOCKING, SIGNALS };
static guint signals[SIGNALS];

/* ---- what a thread works on ---- */

struct secret {
    struct ear_store *store; /* of the thread alone */
    char *path;              /* of a profile, or of a file */
    char *passphrase;
};

static struct secret *secret_new(const char *passphrase)
{
    struct secret *secret = g_new0(struct secret, 1);
    secret->passphrase = g_strdup(passphrase);
    return secret;
}

static void secret_free(gpointer data)
{
    struct secret *secret = data;
    ear_store_close(secret->store);
    if (secret->passphrase)
        ear_sodium_wipe(secret->passphrase, strlen(secret->passphrase));
    g_free(secret->passphrase);
    g_free(secret->path);
    g_free(secret);
}

static void finish(GTask *task, int err, const char *sentence)
{
    if (!err)
        g_task_return_boolean(task, TRUE);
    else if (err == -EACCES)
        g_task_return_new_error(task, EARSHOT_ERROR, EARSHOT_ERROR_FAILED, "%s",
                                _("This passphrase is not the right one."));
    else
        g_task_return_new_error(task, EARSHOT_ERROR, EARSHOT_ERROR_FAILED, "%s",
                                *sentence ? sentence : g_strerror(-err));
}

/* Takes the secret. */
static void run(gpointer source, struct secret *secret, GTaskThreadFunc work,
                GAsyncReadyCallback callback, gpointer data)
{
    g_autoptr(GTask) task = g_task_new(source, NULL, callback, data);
    g_task_set_task_data(task, secret, secret_free);
    g_task_run_in_thread(task, work);
}

/* With a handle of its own, because the profile's goes on being used. */
static void run_beside(EarshotPrivacy *self, struct secret *secret, GTaskThreadFunc work,
                       GAsyncReadyCallback callback, gpointer data)
{
    const struct ear_store *store = earshot_profile_store(self->profile);
    int err = store ? ear_store_beside(&secret->store, store) : -ENOKEY;
    if (!err) {
        run(self, secret, work, callback, data);
        return;
    }
    g_autoptr(GTask) task = g_task_new(self, NULL, callback, data);
    secret_free(secret);
    finish(task, err, "");
}

gboolean earshot_privacy_done(GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean(G_TASK(result), error);
}

/* ---- opening ---- */

static void open_profile(GTask *task, gpointer source, gpointer data, GCancellable *unused)
{
    const struct secret *secret = data;
    GError *error = NULL;
    EarshotProfile *profile = earshot_profile_unlock(secret->path, secret->passphrase, &error);
    if (profile)
        g_task_return_pointer(task, profile, g_object_unref);
    else
        g_task_return_error(task, error);
}

void earshot_privacy_open_async(const char *path, const char *passphrase,
                                GAsyncReadyCallback callback, gpointer data)
{
    struct secret *secret = secret_new(passphrase);
    secret->path = g_strdup(path);
    run(NULL, secret, open_profile, callback, data);
}

EarshotProfile *earshot_privacy_open_finish(GAsyncResult *result, GError **error)
{
    return g_task_propagate_pointer(G_TASK(result), error);
}

/* ---- the lock ---- */

static void set_flag(EarshotPrivacy *self, gboolean *flag, gboolean value, guint property)
{
    if (*flag == value)
        return;
    *flag = value;
    g_object_notify_by_pspec(G_OBJECT(self), properties[property]);
}

gboolean earshot_privacy_has_passphrase(EarshotPrivacy *self)
{
    return self->has_passphrase;
}

gboolean earshot_privacy_is_locked(EarshotPrivacy *self)
{
    return self->locked;
}

static void lock(EarshotPrivacy *self)
{
    self->wanted = FALSE;
    g_signal_emit(self, signals[LOCKING], 0);
    set_flag(self, &self->locked, TRUE, PROP_LOCKED);
}

void earshot_privacy_lock(EarshotPrivacy *self)
{
    self->wanted = self->has_passphrase && !self->locked;
}

void earshot_privacy_touch(EarshotPrivacy *self)
{
    self->touched_us = g_get_monotonic_time();
}

static gboolean is_alone(EarshotPrivacy *self)
{
    double minutes =
        earshot_settings_get_number(earshot_profile_get_settings(self->profile), "lock-minutes");
    return minutes > 0 &&
           (double)(g_get_monotonic_time() - self->touched_us) > minutes * 60 * G_USEC_PER_SEC;
}

void earshot_privacy_tick(EarshotPrivacy *self, gboolean busy)
{
    if (busy)
        earshot_privacy_touch(self);
    else if (!self->locked && self->has_passphrase && (self->wanted || is_alone(self)))
        lock(self);
}

static void try_passphrase(GTask *task, gpointer source, gpointer data, GCancellable *unused)
{
    struct secret *secret = data;
    GError *error = NULL;
    secret->store =
        earshot_profile_open_store(EARSHOT_PRIVACY(source)->profile, secret->passphrase, &error);
    if (secret->store)
        g_task_return_boolean(task, TRUE);
    else
        g_task_return_error(task, error);
}

static void on_tried(GObject *source, GAsyncResult *result, gpointer data)
{
    EarshotPrivacy *self = EARSHOT_PRIVACY(source);
    g_autoptr(GTask) outer = data;
    struct secret *secret = g_task_get_task_data(G_TASK(result));
    GError *error = NULL;
    if (!earshot_privacy_done(result, &error) ||
        (self->locked &&
         !earshot_profile_unlock_with(self->profile, g_steal_pointer(&secret->store), &error))) {
        g_task_return_error(outer, error);
        return;
    }
    earshot_privacy_touch(self);
    set_flag(self, &self->locked, FALSE, PROP_LOCKED);
    g_task_return_boolean(outer, TRUE);
}

void earshot_privacy_unlock_async(EarshotPrivacy *self, const char *passphrase,
                                  GAsyncReadyCallback callback, gpointer data)
{
    run(self, secret_new(passphrase), try_passphrase, on_tried,
        g_task_new(self, NULL, callback, data));
}

/* ---- another passphrase ---- */

static void wrap(GTask *task, gpointer source, gpointer data, GCancellable *unused)
{
    const struct secret *secret = data;
    char sentence[SENTENCE_BYTES] = "";
    int err =
        ear_store_set_passphrase(secret->store, secret->passphrase, sentence, sizeof sentence);
    finish(task, err, sentence);
}

static void on_wrapped(GObject *source, GAsyncResult *result, gpointer data)
{
    EarshotPrivacy *self = EARSHOT_PRIVACY(source);
    g_autoptr(GTask) outer = data;
    const struct secret *secret = g_task_get_task_data(G_TASK(result));
    GError *error = NULL;
    if (!earshot_privacy_done(result, &error)) {
        g_task_return_error(outer, error);
        return;
    }
    set_flag(self, &self->has_passphrase, secret->passphrase != NULL, PROP_HAS_PASSPHRASE);
    if (earshot_settings_get_bool(earshot_profile_get_settings(self->profile), "keyring"))
        earshot_keyring_use_async(self->profile, self->has_passphrase, NULL, NULL);
    g_task_return_boolean(outer, TRUE);
}

void earshot_privacy_set_passphrase_async(EarshotPrivacy *self, const char *passphrase,
                                          GAsyncReadyCallback callback, gpointer data)
{
    run_beside(self, secret_new(passphrase), wrap, on_wrapped,
               g_task_new(self, NULL, callback, data));
}

/* ---- backup ---- */

static void make_backup(GTask *task, gpointer source, gpointer data, GCancellable *unused)
{
    const struct secret *secret = data;
    char sentence[SENTENCE_BYTES] = "";
    /* The file chooser has asked. */
    int err = ear_backup_make(secret->store, secret->path, secret->passphrase, true, sentence,
                              sizeof sentence);
    finish(task, err, sentence);
}

void earshot_privacy_backup_async(EarshotPrivacy *self, GFile *file, const char *passphrase,
                                  GAsyncReadyCallback callback, gpointer data)
{
    struct secret *secret = secret_new(passphrase);
    secret->path = g_file_get_path(file);
    run_beside(self, secret, make_backup, callback, data);
}

struct wanted_back {
    char *folder;
    struct secret *from;
};

static void wanted_back_free(gpointer data)
{
    struct wanted_back *back = data;
    secret_free(back->from);
    g_free(back->folder);
    g_free(back);
}

static void put_back(GTask *task, gpointer source, gpointer data, GCancellable *unused)
{
    const struct wanted_back *back = data;
    GError *error = NULL;
    if (earshot_profile_put_back(back->folder, back->from->path, back->from->passphrase, &error))
        g_task_return_boolean(task, TRUE);
    else
        g_task_return_error(task, error);
}

void earshot_privacy_restore_async(const char *path, GFile *file, const char *passphrase,
                                   GAsyncReadyCallback callback, gpointer data)
{
    struct wanted_back *back = g_new0(struct wanted_back, 1);
    g_autoptr(GTask) task = g_task_new(NULL, NULL, callback, data);
    *back = (struct wanted_back){.folder = g_strdup(path), .from = secret_new(passphrase)};
    back->from->path = g_file_get_path(file);
    g_task_set_task_data(task, back, wanted_back_free);
    g_task_run_in_thread(task, put_back);
}

/* ---- beginning and end ---- */

EarshotPrivacy *earshot_privacy_new(EarshotProfile *profile)
{
    EarshotPrivacy *self = g_object_new(EARSHOT_TYPE_PRIVACY, NULL);
    self->profile = g_object_ref(profile);
    self->has_passphrase = ear_store_has_passphrase(earshot_profile_store(profile));
    earshot_privacy_touch(self);
    return self;
}

static void earshot_privacy_dispose(GObject *object)
{
    g_clear_object(&EARSHOT_PRIVACY(object)->profile);
    G_OBJECT_CLASS(earshot_privacy_parent_class)->dispose(object);
}

static void earshot_privacy_get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
    EarshotPrivacy *self = EARSHOT_PRIVACY(object);
    if (id == PROP_HAS_PASSPHRASE)
        g_value_set_boolean(value, self->has_passphrase);
    else if (id == PROP_LOCKED)
        g_value_set_boolean(value, self->locked);
    else
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

static void earshot_privacy_class_init(EarshotPrivacyClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS(klass);
    const GParamFlags read = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
    object_class->get_property = earshot_privacy_get_property;
    object_class->dispose = earshot_privacy_dispose;
    properties[PROP_HAS_PASSPHRASE] =
        g_param_spec_boolean("has-passphrase", NULL, NULL, FALSE, read);
    signals[LOCKING] = g_signal_new("locking", EARSHOT_TYPE_PRIVACY, G_SIGNAL_RUN_LAST, 0, NULL,
                                    NULL, NULL, G_TYPE_NONE, 0);
    properties[PROP_LOCKED] = g_param_spec_boolean("locked", NULL, NULL, FALSE, read);
    g_object_class_install_properties(object_class, PROPERTIES, properties);
}

static void earshot_privacy_init(EarshotPrivacy *self)
{
}
