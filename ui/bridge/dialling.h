/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looks up where a person is, which may wait for the network, and makes a command of it. */
#ifndef EARSHOT_DIALLING_H
#define EARSHOT_DIALLING_H

#include <gio/gio.h>

#include "bridge/profile_private.h"

/* kind: DIAL, KNOCK or CHECK. done is called on the main thread. */
void earshot_dialling_start(EarshotProfile *profile, EarshotPerson *person,
                            enum ear_command_kind kind, GCancellable *cancellable,
                            GAsyncReadyCallback done, gpointer data);
/* FALSE and one sentence when nothing is known of where the person is. */
gboolean earshot_dialling_finish(GAsyncResult *result, struct ear_command *ret, GError **error);

#endif
