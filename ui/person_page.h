/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One person: call, compare, rename, block, remove, and the calls so far. */
#ifndef EARSHOT_PERSON_PAGE_H
#define EARSHOT_PERSON_PAGE_H

#include <adwaita.h>

#include "bridge/station.h"

G_BEGIN_DECLS

#define EARSHOT_TYPE_PERSON_PAGE (earshot_person_page_get_type())
G_DECLARE_FINAL_TYPE(EarshotPersonPage, earshot_person_page, EARSHOT, PERSON_PAGE, GtkBox)

GtkWidget *earshot_person_page_new(EarshotStation *station);
void earshot_person_page_set_person(EarshotPersonPage *page, EarshotPerson *person);
EarshotPerson *earshot_person_page_get_person(EarshotPersonPage *page);
/* Without the list of people beside it: a way back is shown (action home.back). */
void earshot_person_page_set_alone(EarshotPersonPage *page, gboolean alone);

G_END_DECLS

#endif
