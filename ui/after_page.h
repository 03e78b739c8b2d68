/* SPDX-License-Identifier: GPL-3.0-or-later */
/* After the call: how long, how much data, which gaps. */
#ifndef EARSHOT_AFTER_PAGE_H
#define EARSHOT_AFTER_PAGE_H

#include <adwaita.h>

#include "bridge/station.h"

G_BEGIN_DECLS

#define EARSHOT_TYPE_AFTER_PAGE (earshot_after_page_get_type())
G_DECLARE_FINAL_TYPE(EarshotAfterPage, earshot_after_page, EARSHOT, AFTER_PAGE, GtkBox)

GtkWidget *earshot_after_page_new(EarshotStation *station);

G_END_DECLS

#endif
