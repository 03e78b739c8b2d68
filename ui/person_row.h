/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One person in a list: name, last call, whether verified, and a button that calls. */
#ifndef EARSHOT_PERSON_ROW_H
#define EARSHOT_PERSON_ROW_H

#include <adwaita.h>

#include "bridge/person.h"

G_BEGIN_DECLS

#define EARSHOT_TYPE_PERSON_ROW (earshot_person_row_get_type())
G_DECLARE_FINAL_TYPE(EarshotPersonRow, earshot_person_row, EARSHOT, PERSON_ROW, AdwActionRow)

GtkWidget *earshot_person_row_new(EarshotPerson *person);
EarshotPerson *earshot_person_row_get_person(EarshotPersonRow *row);

G_END_DECLS

#endif
