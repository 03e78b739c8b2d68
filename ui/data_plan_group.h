/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Preferences: how data is bought, and how much of it is for a month. */
#ifndef EARSHOT_DATA_PLAN_GROUP_H
#define EARSHOT_DATA_PLAN_GROUP_H

#include <adwaita.h>

#include "bridge/profile.h"

G_BEGIN_DECLS

#define EARSHOT_TYPE_DATA_PLAN_GROUP (earshot_data_plan_group_get_type())
G_DECLARE_FINAL_TYPE(EarshotDataPlanGroup, earshot_data_plan_group, EARSHOT, DATA_PLAN_GROUP,
                     AdwPreferencesGroup)

GtkWidget *earshot_data_plan_group_new(EarshotProfile *profile);

/* A number as people write it: digits of any script, one point or comma; "" is 0. */
gboolean earshot_data_read_number(const char *text, double *ret_number);

G_END_DECLS

#endif
