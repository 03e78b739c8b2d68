/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the user may do in a call, as actions for buttons, menus and keys. */
#ifndef EARSHOT_CALL_ACTIONS_H
#define EARSHOT_CALL_ACTIONS_H

#include "window.h"

G_BEGIN_DECLS

/* The actions "call.*" of window.h, for the class of EarshotWindow. */
void earshot_call_actions_install(GtkWidgetClass *klass);
/* Each is enabled as the call stands now. */
void earshot_call_actions_update(EarshotWindow *window);

G_END_DECLS

#endif
