/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One number to telephone in an emergency, and when it was checked. */
#ifndef EARSHOT_URGENT_ROW_H
#define EARSHOT_URGENT_ROW_H

#include <adwaita.h>

G_BEGIN_DECLS

#define EARSHOT_TYPE_URGENT_ROW (earshot_urgent_row_get_type())
G_DECLARE_FINAL_TYPE(EarshotUrgentRow, earshot_urgent_row, EARSHOT, URGENT_ROW, GtkListBoxRow)

/* at: its place in the list, given to the page's actions urgent.copy, .check, .edit, .remove. */
GtkWidget *earshot_urgent_row_new(const char *line, guint at);

G_END_DECLS

#endif
