/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Preferences, expert: live figures of the call, the graph, the support report. */
#ifndef EARSHOT_EXPERT_PAGE_H
#define EARSHOT_EXPERT_PAGE_H

#include <adwaita.h>

#include "bridge/station.h"

G_BEGIN_DECLS

#define EARSHOT_TYPE_EXPERT_PAGE (earshot_expert_page_get_type())
G_DECLARE_FINAL_TYPE(EarshotExpertPage, earshot_expert_page, EARSHOT, EXPERT_PAGE,
                     AdwPreferencesPage)

GtkWidget *earshot_expert_page_new(EarshotStation *station);

G_END_DECLS

#endif
