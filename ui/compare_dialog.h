/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two people read a number to each other to know that nobody sits between them. */
#ifndef EARSHOT_COMPARE_DIALOG_H
#define EARSHOT_COMPARE_DIALOG_H

#include <adwaita.h>

#include "bridge/profile.h"

G_BEGIN_DECLS

#define EARSHOT_TYPE_COMPARE_DIALOG (earshot_compare_dialog_get_type())
G_DECLARE_FINAL_TYPE(EarshotCompareDialog, earshot_compare_dialog, EARSHOT, COMPARE_DIALOG,
                     AdwWindow)

/* Takes a tenth of a second: the number is slow to work out on purpose. */
GtkWindow *earshot_compare_dialog_new(GtkWindow *parent, EarshotProfile *profile,
                                      EarshotPerson *person);

G_END_DECLS

#endif
