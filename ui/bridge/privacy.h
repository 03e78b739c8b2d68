/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The passphrase of a profile: asked for at the start, and when nobody was there for a while; and
 * its backup. */
#ifndef EARSHOT_PRIVACY_H
#define EARSHOT_PRIVACY_H

#include "bridge/profile.h"

G_BEGIN_DECLS

/* What a lock does. It comes when the user wants it or after a while alone, as soon as no call and
 * no recording goes on: none is ever cut. The window goes with all of its pages, the store is
 * closed and its key wiped, and so are our keys, names, people, calls, messages and what the
 * settings say of patients. Calls still ring, without a name, and may be answered. Messages are not
 * taken: they stay unacknowledged with who sent them, whose program tries again. What waits to be
 * kept (stamps of calls, keys that came, calls that were) waits in memory without names, and is
 * lost with the program.
 *
 * What stays in memory, because without it nobody could ring: our secret key and, for each person,
 * a number, their public key and the secrets shared with them (the engine's guests), addresses of
 * open sessions and relays' meetings. Besides, until others take their place: the frames of mail
 * and speech that the engine sent or took last. And remains of text that GTK and the C library have
 * given back: such memory is overwritten or returned to the system as far as they let us. ui_lock
 * counts what is left of a key, a passphrase, a message and a name.
 *
 * Properties (read only, notify): has-passphrase (boolean), locked (boolean).
 * Signal "locking": right before; whoever shows or holds anything lets go of it. */
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
/* As soon as nobody talks; nothing without a passphrase. */
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
