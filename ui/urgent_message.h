/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An urgent message: where the danger is and which number to call, which goes before all else. */
#ifndef EARSHOT_URGENT_MESSAGE_H
#define EARSHOT_URGENT_MESSAGE_H

#include <adwaita.h>

#include "bridge/station.h"

G_BEGIN_DECLS

#define EARSHOT_TYPE_URGENT_MESSAGE (earshot_urgent_message_get_type())
G_DECLARE_FINAL_TYPE(EarshotUrgentMessage, earshot_urgent_message, EARSHOT, URGENT_MESSAGE,
                     AdwPreferencesGroup)

GtkWidget *earshot_urgent_message_new(EarshotStation *station);

G_END_DECLS

#endif
