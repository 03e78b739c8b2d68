/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An invite once more, for somebody who has not come yet. */
#ifndef EARSHOT_INVITE_DIALOG_H
#define EARSHOT_INVITE_DIALOG_H

#include <adwaita.h>

#include "bridge/profile.h"

G_BEGIN_DECLS

#define EARSHOT_TYPE_INVITE_DIALOG (earshot_invite_dialog_get_type())
G_DECLARE_FINAL_TYPE(EarshotInviteDialog, earshot_invite_dialog, EARSHOT, INVITE_DIALOG, AdwWindow)

GtkWindow *earshot_invite_dialog_new(GtkWindow *parent, EarshotProfile *profile, const char *name);

G_END_DECLS

#endif
