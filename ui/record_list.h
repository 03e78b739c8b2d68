/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calls that were, newest first: of everybody or of one person. */
#ifndef EARSHOT_RECORD_LIST_H
#define EARSHOT_RECORD_LIST_H

#include <adwaita.h>

#include "bridge/profile.h"

G_BEGIN_DECLS

/* Property: empty (boolean): there were none. */
#define EARSHOT_TYPE_RECORD_LIST (earshot_record_list_get_type())
G_DECLARE_FINAL_TYPE(EarshotRecordList, earshot_record_list, EARSHOT, RECORD_LIST, GtkBox)

/* person: NULL for everybody; then rows say who it was, and open that person. */
void earshot_record_list_set(EarshotRecordList *list, EarshotProfile *profile,
                             EarshotPerson *person);

G_END_DECLS

#endif
