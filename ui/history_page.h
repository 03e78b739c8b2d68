/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All calls, missed ones marked. */
#ifndef EARSHOT_HISTORY_PAGE_H
#define EARSHOT_HISTORY_PAGE_H

#include <adwaita.h>

#include "bridge/station.h"

G_BEGIN_DECLS

#define EARSHOT_TYPE_HISTORY_PAGE (earshot_history_page_get_type())
G_DECLARE_FINAL_TYPE(EarshotHistoryPage, earshot_history_page, EARSHOT, HISTORY_PAGE, GtkBox)

GtkWidget *earshot_history_page_new(EarshotStation *station);

G_END_DECLS

#endif
