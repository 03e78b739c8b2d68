/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Preferences: the passphrase, when it locks, the backup. */
#ifndef EARSHOT_PRIVACY_GROUP_H
#define EARSHOT_PRIVACY_GROUP_H

#include <adwaita.h>

#include "bridge/station.h"

G_BEGIN_DECLS

#define EARSHOT_TYPE_PRIVACY_GROUP (earshot_privacy_group_get_type())
G_DECLARE_FINAL_TYPE(EarshotPrivacyGroup, earshot_privacy_group, EARSHOT, PRIVACY_GROUP,
                     AdwPreferencesGroup)

GtkWidget *earshot_privacy_group_new(EarshotStation *station);

G_END_DECLS

#endif
