/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Profiles as folders: where they are, why one cannot be opened, and what can be done about it. */
#include <errno.h>
#include <glib/gi18n.h>
#include <string.h>

#include "bridge/keyring.h"
#include "bridge/profile_state.h"
#include "store/backup.h"

/* ---- folders ---- */

char *earshot_profile_folder(void)
{
    return g_build_filename(g_get_user_data_dir(), "earshot", "profiles", NULL);
}

char **earshot_profile_list(void)
{
    g_autofree char *folder = earshot_profile_folder();
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    g_autoptr(GStrvBuilder) list = g_strv_builder_new();
    const char *name;
    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        if (g_file_test(path, G_FILE_TEST_IS_DIR))
            g_strv_builder_add(list, path);
    }
    return g_strv_builder_end(list);
}

char *earshot_profile_new_path(const char *name)
{
    g_autofree char *folder = earshot_profile_folder();
    g_autofree char *ascii = g_str_to_ascii(name && *name ? name : "me", "C");
    g_autofree char *plain = g_ascii_strdown(ascii, -1);
    g_strcanon(plain, "abcdefghijklmnopqrstuvwxyz0123456789", '-');
    g_mkdir_with_parents(folder, 0700);
    for (int i = 1;; i++) {
        g_autofree char *numbered = i == 1 ? g_strdup(plain) : g_strdup_printf("%s-%d", plain, i);
        char *path = g_build_filename(folder, numbered, NULL);
        if (!g_file_test(path, G_FILE_TEST_EXISTS))
            return path;
        g_free(path);
    }
}

char *earshot_profile_name_at(const char *path)
{
    g_autofree char *file = g_build_filename(path, "label", NULL);
    char *name = NULL;
    if (g_file_get_contents(file, &name, NULL, NULL) && g_utf8_validate(name, -1, NULL) && *name)
        return name;
    g_free(name);
    return g_path_get_basename(path);
}

static char *last_file(void)
{
    return g_build_filename(g_get_user_data_dir(), "earshot", "last-profile", NULL);
}

void earshot_profile_remember(const char *path)
{
    g_autofree char *file = last_file();
    g_autofree char *folder = g_path_get_dirname(file);
    g_mkdir_with_parents(folder, 0700);
    g_file_set_contents(file, path, -1, NULL);
}

char *earshot_profile_choose(void)
{
    g_autofree char *file = last_file(), *last = NULL;
    g_auto(GStrv) all = earshot_profile_list();
    if (g_file_get_contents(file, &last, NULL, NULL) && g_file_test(last, G_FILE_TEST_IS_DIR))
        return g_steal_pointer(&last);
    return all[0] ? g_strdup(all[0]) : earshot_profile_new_path("me");
}

/* ---- why one cannot be opened ---- */

static enum earshot_error kind_of(int err, gboolean said)
{
    switch (err) {
    case -EBUSY:
        return EARSHOT_ERROR_BUSY;
    case -EACCES:
        return EARSHOT_ERROR_LOCKED;
    case -ENOKEY: /* said: the key file is gone */
        return said ? EARSHOT_ERROR_DAMAGED : EARSHOT_ERROR_LOCKED;
    case -EBADMSG:
    case -ENOENT: /* the database is gone, its key is left */
        return EARSHOT_ERROR_DAMAGED;
    case -ENOTSUP:
        return EARSHOT_ERROR_NEWER;
    default:
        return EARSHOT_ERROR_FAILED;
    }
}

gboolean earshot_profile_tell_opening(int err, const char *sentence, GError **error)
{
    static const char *const sentences[] = {
        [EARSHOT_ERROR_BUSY] =
            N_("This profile is open in another Earshot on this computer. Close it there first."),
        [EARSHOT_ERROR_LOCKED] = N_("This profile is locked: give its passphrase."),
        [EARSHOT_ERROR_DAMAGED] =
            N_("What was kept here is damaged and cannot be read any more. The damaged files stay "
               "as they are."),
        [EARSHOT_ERROR_NEWER] =
            N_("A newer Earshot has kept this profile, and this one cannot read it. Update "
               "Earshot; nothing was changed."),
    };
    enum earshot_error kind = kind_of(err, *sentence != '\0');
    const char *known = kind < G_N_ELEMENTS(sentences) ? sentences[kind] : NULL;
    if (err == -EACCES)
        known = N_("This passphrase is not the right one.");
    else if (err == -EPERM)
        known = N_("The folder of this profile is not this account's alone: whoever looks after "
                   "the computer has to change who may open it.");
    else if (err == -ENOSPC)
        known = N_("The disk is full: make room, then try again.");
    if (err)
        g_set_error_literal(error, EARSHOT_ERROR, kind,
                            known       ? _(known)
                            : *sentence ? sentence
                                        : g_strerror(-err));
    return err == 0;
}

void earshot_profile_tell_damage(GError **error)
{
    earshot_profile_tell_opening(-EBADMSG, "", error);
}

/* ---- what can be done about a damaged one ---- */

static gboolean with_home(const char *path, GError **error,
                          int (*work)(struct ear_home *home, gpointer data, char *sentence),
                          gpointer data)
{
    char sentence[SENTENCE_BYTES] = "";
    struct ear_home *home = NULL;
    int err = ear_sodium_start();
    if (!err)
        err = ear_home_open(&home, path, sentence, sizeof sentence);
    if (err) {
        earshot_profile_tell_opening(err, sentence, error);
        return FALSE;
    }
    err = work(home, data, sentence);
    ear_home_close(home);
    if (err)
        g_set_error_literal(error, EARSHOT_ERROR,
                            err == -EACCES ? EARSHOT_ERROR_LOCKED : EARSHOT_ERROR_FAILED,
                            err == -EACCES    ? _("This passphrase is not the backup's.")
                            : err == -EBADMSG ? _("This file is no backup, or it is not whole.")
                            : *sentence       ? sentence
                                              : g_strerror(-err));
    return err == 0;
}

static int lay_aside(struct ear_home *home, gpointer unused, char *sentence)
{
    return ear_backup_lay_aside(home, sentence, SENTENCE_BYTES);
}

/* Sound, prices and addresses stay as they were chosen; who it is will be asked again where the
 * profile is empty. Another key is in no keyring yet. */
static void begin_settings(const char *path, gboolean empty)
{
    g_autofree char *name = g_build_filename(path, "settings", NULL);
    g_autoptr(GKeyFile) file = g_key_file_new();
    if (!g_key_file_load_from_file(file, name, G_KEY_FILE_KEEP_COMMENTS, NULL))
        return;
    if (empty)
        g_key_file_set_boolean(file, "earshot", "set-up", FALSE);
    if (g_key_file_get_boolean(file, "earshot", "keyring", NULL))
        earshot_keyring_forget(path);
    g_key_file_set_boolean(file, "earshot", "keyring", FALSE);
    g_key_file_save_to_file(file, name, NULL);
}

gboolean earshot_profile_begin_anew(const char *path, GError **error)
{
    if (!with_home(path, error, lay_aside, NULL))
        return FALSE;
    begin_settings(path, TRUE);
    return TRUE;
}

struct put_back {
    const char *file;
    const char *passphrase;
};

static int restore(struct ear_home *home, gpointer data, char *sentence)
{
    const struct put_back *from = data;
    return ear_backup_restore(home, from->file, from->passphrase, true, sentence, SENTENCE_BYTES);
}

gboolean earshot_profile_put_back(const char *path, const char *file, const char *passphrase,
                                  GError **error)
{
    struct put_back from = {.file = file, .passphrase = passphrase};
    if (!with_home(path, error, restore, &from))
        return FALSE;
    begin_settings(path, FALSE);
    return TRUE;
}
