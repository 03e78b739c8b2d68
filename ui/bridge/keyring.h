/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A profile that opens without asking: its key lies in the desktop's keyring as well. */
#ifndef EARSHOT_KEYRING_H
#define EARSHOT_KEYRING_H

#include "bridge/privacy.h"

G_BEGIN_DECLS

/* Off unless the user wants it: every program of an open desktop session can ask the keyring. The
 * lock is not opened by it: who locks wants to be asked. All on threads of their own, within
 * seconds, whatever the keyring does. */

gboolean earshot_keyring_available(void);
/* Of a profile that said EARSHOT_ERROR_LOCKED: is it worth asking? Then finish with
 * earshot_privacy_open_finish. */
gboolean earshot_keyring_is_used(const char *path);
void earshot_keyring_open_async(const char *path, GAsyncReadyCallback callback, gpointer data);
/* From now on, or no more; the setting "keyring" follows what came of it. For earshot_privacy_done.
 */
void earshot_keyring_use_async(EarshotProfile *profile, gboolean use, GAsyncReadyCallback callback,
                               gpointer data);
/* The profile is gone, or its key is another one. */
void earshot_keyring_forget(const char *path);

G_END_DECLS

#endif
