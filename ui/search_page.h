/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words in messages and notes, of everybody. */
#ifndef EARSHOT_SEARCH_PAGE_H
#define EARSHOT_SEARCH_PAGE_H

#include <adwaita.h>

#include "bridge/station.h"

G_BEGIN_DECLS

#define EARSHOT_TYPE_SEARCH_PAGE (earshot_search_page_get_type())
G_DECLARE_FINAL_TYPE(EarshotSearchPage, earshot_search_page, EARSHOT, SEARCH_PAGE, GtkBox)

GtkWidget *earshot_search_page_new(EarshotStation *station);

G_END_DECLS

#endif
