/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The passphrase of a profile: asked for at the start, and when nobody was there for a while; and
 * its backup. */
#ifndef EARSHOT_PRIVACY_H
#define EARSHOT_PRIVACY_H

#include "bridge/profile.h"

G_BEGIN_DECLS

/* Properties (read only, notify): has-passphrase (boolean), locked (boolean: nothing is shown until
 * the passphrase was given; calls and messages come in nevertheless, and are kept). */
#define EARSHOT_TYPE_PRIVACY (earshot_privacy_get_type())
G_DECLARE_FINAL_TYPE(EarshotPrivacy, earshot_privacy, EARSHOT, PRIVACY, GObject)

/* Every one of these takes about a second, on a thread of its own; done says what came of it, with
 * one sentence. */

/* A profile that said EARSHOT_ERROR_LOCKED. */
void earshot_privacy_open_async(const char *path, const char *passphrase,
                                GAsyncReadyCallback callback, gpointer data);
EarshotProfile *earshot_privacy_open_finish(GAsyncResult *result, GError **error);

EarshotPrivacy *earshot_privacy_new(EarshotProfile *profile);
gboolean earshot_privacy_has_passphrase(EarshotPrivacy *privacy);
gboolean earshot_privacy_is_locked(EarshotPrivacy *privacy);
/* Nothing without a passphrase. */
void earshot_privacy_lock(EarshotPrivacy *privacy);
/* Somebody is there: the time until it locks by itself (setting "lock-minutes") begins anew. */
void earshot_privacy_touch(EarshotPrivacy *privacy);
/* busy: a call goes on, in which nobody need touch anything. Once a second or so. */
void earshot_privacy_tick(EarshotPrivacy *privacy, gboolean busy);

void earshot_privacy_unlock_async(EarshotPrivacy *privacy, const char *passphrase,
                                  GAsyncReadyCallback callback, gpointer data);
/* NULL: none from now on. */
void earshot_privacy_set_passphrase_async(EarshotPrivacy *privacy, const char *passphrase,
                                          GAsyncReadyCallback callback, gpointer data);
/* Everything of the profile in one new file, which only this passphrase opens. */
void earshot_privacy_backup_async(EarshotPrivacy *privacy, GFile *file, const char *passphrase,
                                  GAsyncReadyCallback callback, gpointer data);
/* Such a file in place of a profile that is not open (bridge/profile.h). */
void earshot_privacy_restore_async(const char *path, GFile *file, const char *passphrase,
                                   GAsyncReadyCallback callback, gpointer data);
gboolean earshot_privacy_done(GAsyncResult *result, GError **error);

G_END_DECLS

#endif
