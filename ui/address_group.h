/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A list of addresses out of the settings: each can be removed, and new ones added. */
#ifndef EARSHOT_ADDRESS_GROUP_H
#define EARSHOT_ADDRESS_GROUP_H

#include <adwaita.h>

#include "bridge/settings.h"

G_BEGIN_DECLS

/* Title and description are the group's. */
#define EARSHOT_TYPE_ADDRESS_GROUP (earshot_address_group_get_type())
G_DECLARE_FINAL_TYPE(EarshotAddressGroup, earshot_address_group, EARSHOT, ADDRESS_GROUP,
                     AdwPreferencesGroup)

/* setting: "addresses" or "relays". */
void earshot_address_group_bind(EarshotAddressGroup *self, EarshotSettings *settings,
                                const char *setting);

G_END_DECLS

#endif
