/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The key of a store, by the profile's folder. */
#include "bridge/keyring.h"

#include <errno.h>
#include <glib/gi18n.h>

#include "bridge/profile_private.h"
#include "port/wallet.h"

/* A keyring that is locked asks its user meanwhile. */
#define WAIT_MS 20000

struct errand {
    char *place; /* as the keyring names it */
    gboolean use;
    uint8_t key[EAR_KEY_BYTES];
};

static struct errand *errand_new(const char *path)
{
    struct errand *errand = g_new0(struct errand, 1);
    errand->place = g_canonicalize_filename(path, NULL);
    return errand;
}

static void errand_free(gpointer data)
{
    struct errand *errand = data;
    ear_sodium_wipe(errand->key, sizeof errand->key);
    g_free(errand->place);
    g_free(errand);
}

gboolean earshot_keyring_available(void)
{
    return ear_wallet_available();
}

gboolean earshot_keyring_is_used(const char *path)
{
    g_autofree char *name = g_build_filename(path, "settings", NULL);
    g_autoptr(GKeyFile) file = g_key_file_new();
    return ear_wallet_available() && g_key_file_load_from_file(file, name, G_KEY_FILE_NONE, NULL) &&
           g_key_file_get_boolean(file, "earshot", "keyring", NULL);
}

/* ---- opening ---- */

static void open_profile(GTask *task, gpointer source, gpointer data, GCancellable *unused)
{
    struct errand *errand = data;
    GError *error = NULL;
    EarshotProfile *profile = NULL;
    if (ear_wallet_look_up(errand->place, errand->key, sizeof errand->key, WAIT_MS) == 0)
        profile = earshot_profile_open_with(errand->place, errand->key, &error);
    if (profile)
        g_task_return_pointer(task, profile, g_object_unref);
    else if (error && !g_error_matches(error, EARSHOT_ERROR, EARSHOT_ERROR_LOCKED))
        g_task_return_error(task, error);
    else
        g_task_return_new_error(task, EARSHOT_ERROR, EARSHOT_ERROR_LOCKED, "%s",
                                _("The keyring of this desktop does not open it: give its "
                                  "passphrase."));
}

void earshot_keyring_open_async(const char *path, GAsyncReadyCallback callback, gpointer data)
{
    g_autoptr(GTask) task = g_task_new(NULL, NULL, callback, data);
    g_task_set_task_data(task, errand_new(path), errand_free);
    g_task_run_in_thread(task, open_profile);
}

/* ---- using ---- */

static const char *sentence_of(int err, gboolean use)
{
    if (!use)
        return _("The keyring does not answer. Remove what is named Earshot from it yourself.");
    if (err == -EACCES)
        return _("The keyring stayed locked, so a passphrase is asked for as before.");
    return _("No keyring answers on this desktop, so a passphrase is asked for as before.");
}

static void use(GTask *task, gpointer source, gpointer data, GCancellable *unused)
{
    struct errand *errand = data;
    int err = errand->use ? ear_wallet_keep(errand->place, errand->key, sizeof errand->key, WAIT_MS)
                          : ear_wallet_remove(errand->place, WAIT_MS);
    if (err)
        g_task_return_new_error(task, EARSHOT_ERROR, EARSHOT_ERROR_FAILED, "%s",
                                sentence_of(err, errand->use));
    else
        g_task_return_boolean(task, TRUE);
}

static void set_used(EarshotProfile *profile, gboolean used)
{
    g_object_set(earshot_profile_get_settings(profile), "keyring", used, NULL);
    earshot_settings_flush(earshot_profile_get_settings(profile));
}

static void on_used(GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr(GTask) outer = data;
    const struct errand *errand = g_task_get_task_data(G_TASK(result));
    GError *error = NULL;
    gboolean done = earshot_privacy_done(result, &error);
    set_used(EARSHOT_PROFILE(source), done && errand->use);
    if (done)
        g_task_return_boolean(outer, TRUE);
    else
        g_task_return_error(outer, error);
}

/* What is begun is in the settings: a crash leaves nothing in a keyring that nobody knows of. */
void earshot_keyring_use_async(EarshotProfile *profile, gboolean wanted,
                               GAsyncReadyCallback callback, gpointer data)
{
    struct errand *errand = errand_new(earshot_profile_get_path(profile));
    const struct ear_store *store = earshot_profile_store(profile);
    errand->use = wanted && store && ear_store_lend_key(store, errand->key) == 0;
    if (errand->use)
        set_used(profile, TRUE);
    g_autoptr(GTask) task =
        g_task_new(profile, NULL, on_used, g_task_new(profile, NULL, callback, data));
    g_task_set_task_data(task, errand, errand_free);
    g_task_run_in_thread(task, use);
}

void earshot_keyring_forget(const char *path)
{
    g_autoptr(GTask) task = g_task_new(NULL, NULL, NULL, NULL);
    g_task_set_task_data(task, errand_new(path), errand_free);
    g_task_run_in_thread(task, use);
}
