/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The first thing seen: one large Call button, the people, what is left to do. */
#ifndef EARSHOT_HOME_PAGE_H
#define EARSHOT_HOME_PAGE_H

#include <adwaita.h>

#include "bridge/station.h"

G_BEGIN_DECLS

#define EARSHOT_TYPE_HOME_PAGE (earshot_home_page_get_type())
G_DECLARE_FINAL_TYPE(EarshotHomePage, earshot_home_page, EARSHOT, HOME_PAGE, GtkBox)

GtkWidget *earshot_home_page_new(EarshotStation *station);
/* A person beside the people where there is room, else over them. */
void earshot_home_page_show_person(EarshotHomePage *page, EarshotPerson *person);
void earshot_home_page_show_people(EarshotHomePage *page);
/* Above the Call button, for what is to be known before a call: the line, messages. */
GtkBox *earshot_home_page_get_line_box(EarshotHomePage *page);

G_END_DECLS

#endif
