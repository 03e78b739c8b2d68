/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The written side of a call: a line to write, and what was written, newest first. */
#ifndef EARSHOT_TEXT_LIST_H
#define EARSHOT_TEXT_LIST_H

#include <adwaita.h>

#include "bridge/call.h"

G_BEGIN_DECLS

/* Property: call (EarshotCall or NULL, read-write). */
#define EARSHOT_TYPE_TEXT_LIST (earshot_text_list_get_type())
G_DECLARE_FINAL_TYPE(EarshotTextList, earshot_text_list, EARSHOT, TEXT_LIST, GtkBox)

void earshot_text_list_set_call(EarshotTextList *self, EarshotCall *call);

G_END_DECLS

#endif
