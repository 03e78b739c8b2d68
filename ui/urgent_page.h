/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Urgent help: numbers entered here, with the date they were checked. */
#ifndef EARSHOT_URGENT_PAGE_H
#define EARSHOT_URGENT_PAGE_H

#include <adwaita.h>

#include "bridge/station.h"

G_BEGIN_DECLS

#define EARSHOT_TYPE_URGENT_PAGE (earshot_urgent_page_get_type())
G_DECLARE_FINAL_TYPE(EarshotUrgentPage, earshot_urgent_page, EARSHOT, URGENT_PAGE, GtkBox)

GtkWidget *earshot_urgent_page_new(EarshotStation *station);

G_END_DECLS

#endif
