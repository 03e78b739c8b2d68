/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The month's data in one line, and a sentence when little is left. */
#ifndef EARSHOT_DATA_LINE_H
#define EARSHOT_DATA_LINE_H

#include <adwaita.h>

#include "bridge/data_meter.h"

G_BEGIN_DECLS

#define EARSHOT_TYPE_DATA_LINE (earshot_data_line_get_type())
G_DECLARE_FINAL_TYPE(EarshotDataLine, earshot_data_line, EARSHOT, DATA_LINE, GtkBox)

GtkWidget *earshot_data_line_new(EarshotProfile *profile);

G_END_DECLS

#endif
