/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the line is, as a drawn sign: a disc, a half disc, a cross; never by colour alone. */
#ifndef EARSHOT_LINE_LIGHT_H
#define EARSHOT_LINE_LIGHT_H

#include <adwaita.h>

#include "bridge/call.h"

G_BEGIN_DECLS

/* Property: light (EarshotLight, read-write). Screen readers hear it in words. */
#define EARSHOT_TYPE_LINE_LIGHT (earshot_line_light_get_type())
G_DECLARE_FINAL_TYPE(EarshotLineLight, earshot_line_light, EARSHOT, LINE_LIGHT, GtkWidget)

GtkWidget *earshot_line_light_new(void);
void earshot_line_light_set_light(EarshotLineLight *self, EarshotLight light);

G_END_DECLS

#endif
