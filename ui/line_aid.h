/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What can be done about speech that the line held up: catch up, play what was missed, take turns.
 */
#ifndef EARSHOT_LINE_AID_H
#define EARSHOT_LINE_AID_H

#include <adwaita.h>

#include "bridge/call.h"

G_BEGIN_DECLS

/* Property: call (EarshotCall, read-write). Shows itself while there is something to do. */
#define EARSHOT_TYPE_LINE_AID (earshot_line_aid_get_type())
G_DECLARE_FINAL_TYPE(EarshotLineAid, earshot_line_aid, EARSHOT, LINE_AID, GtkBox)

G_END_DECLS

#endif
