/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Several people on one laptop: whose Earshot is shown. */
#ifndef EARSHOT_PROFILES_DIALOG_H
#define EARSHOT_PROFILES_DIALOG_H

#include <adwaita.h>

#include "bridge/profile.h"

G_BEGIN_DECLS

/* Signal "chosen" (path): a profile to open; of a new one the folder does not exist yet. */
#define EARSHOT_TYPE_PROFILES_DIALOG (earshot_profiles_dialog_get_type())
G_DECLARE_FINAL_TYPE(EarshotProfilesDialog, earshot_profiles_dialog, EARSHOT, PROFILES_DIALOG,
                     AdwWindow)

/* open_path: of the profile that is open now. */
GtkWindow *earshot_profiles_dialog_new(GtkWindow *parent, const char *open_path);

G_END_DECLS

#endif
