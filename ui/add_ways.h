/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ways to add a person: paste an invite, open a file, drop either, or show an invite of mine.
 */
#ifndef EARSHOT_ADD_WAYS_H
#define EARSHOT_ADD_WAYS_H

#include <adwaita.h>

#include "bridge/profile.h"

G_BEGIN_DECLS

/* Signals: "added" (EarshotPerson): an invite was taken; "invited": one was made. */
#define EARSHOT_TYPE_ADD_WAYS (earshot_add_ways_get_type())
G_DECLARE_FINAL_TYPE(EarshotAddWays, earshot_add_ways, EARSHOT, ADD_WAYS, GtkBox)

/* Before it is shown. */
void earshot_add_ways_set_profile(EarshotAddWays *ways, EarshotProfile *profile);
/* Empty fields, all ways offered. */
void earshot_add_ways_reset(EarshotAddWays *ways);

G_END_DECLS

#endif
