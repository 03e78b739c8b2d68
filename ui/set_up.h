/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is set once for all windows. */
#ifndef EARSHOT_SET_UP_H
#define EARSHOT_SET_UP_H

#include <adwaita.h>

G_BEGIN_DECLS

void earshot_set_up_style(void);
void earshot_set_up_keys(GtkApplication *application);

G_END_DECLS

#endif
