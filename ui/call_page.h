/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The call: who, how long, whether they hear you; mute, volume, text, hang up. */
#ifndef EARSHOT_CALL_PAGE_H
#define EARSHOT_CALL_PAGE_H

#include <adwaita.h>

#include "bridge/station.h"

G_BEGIN_DECLS

#define EARSHOT_TYPE_CALL_PAGE (earshot_call_page_get_type())
G_DECLARE_FINAL_TYPE(EarshotCallPage, earshot_call_page, EARSHOT, CALL_PAGE, GtkBox)

GtkWidget *earshot_call_page_new(EarshotStation *station);

G_END_DECLS

#endif
