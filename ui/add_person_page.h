/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Adds a person: paste, file, picture of a QR code; or shows an invite of mine. */
#ifndef EARSHOT_ADD_PERSON_PAGE_H
#define EARSHOT_ADD_PERSON_PAGE_H

#include <adwaita.h>

#include "bridge/station.h"

G_BEGIN_DECLS

#define EARSHOT_TYPE_ADD_PERSON_PAGE (earshot_add_person_page_get_type())
G_DECLARE_FINAL_TYPE(EarshotAddPersonPage, earshot_add_person_page, EARSHOT, ADD_PERSON_PAGE,
                     GtkBox)

GtkWidget *earshot_add_person_page_new(EarshotStation *station);

G_END_DECLS

#endif
