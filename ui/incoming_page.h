/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Somebody calls: answer or decline. */
#ifndef EARSHOT_INCOMING_PAGE_H
#define EARSHOT_INCOMING_PAGE_H

#include <adwaita.h>

#include "bridge/station.h"

G_BEGIN_DECLS

#define EARSHOT_TYPE_INCOMING_PAGE (earshot_incoming_page_get_type())
G_DECLARE_FINAL_TYPE(EarshotIncomingPage, earshot_incoming_page, EARSHOT, INCOMING_PAGE, GtkBox)

GtkWidget *earshot_incoming_page_new(EarshotStation *station);

G_END_DECLS

#endif
