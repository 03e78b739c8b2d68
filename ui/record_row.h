/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One call that was, in a list. */
#ifndef EARSHOT_RECORD_ROW_H
#define EARSHOT_RECORD_ROW_H

#include <adwaita.h>

#include "bridge/record.h"

G_BEGIN_DECLS

#define EARSHOT_TYPE_RECORD_ROW (earshot_record_row_get_type())
G_DECLARE_FINAL_TYPE(EarshotRecordRow, earshot_record_row, EARSHOT, RECORD_ROW, AdwActionRow)

/* with_name: says who it was; else the list is of one person. */
GtkWidget *earshot_record_row_new(EarshotRecord *record, gboolean with_name);
EarshotRecord *earshot_record_row_get_record(EarshotRecordRow *row);

G_END_DECLS

#endif
