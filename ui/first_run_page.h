/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Four pages at first use: language, name, hear yourself, a person. */
#ifndef EARSHOT_FIRST_RUN_PAGE_H
#define EARSHOT_FIRST_RUN_PAGE_H

#include <adwaita.h>

#include "bridge/station.h"

G_BEGIN_DECLS

/* Signals:
 *   language-chosen (code)  settings:language has it; the texts are to be loaded anew, and the page
 *                           made anew
 *   finished                settings:set-up is set */
#define EARSHOT_TYPE_FIRST_RUN_PAGE (earshot_first_run_page_get_type())
G_DECLARE_FINAL_TYPE(EarshotFirstRunPage, earshot_first_run_page, EARSHOT, FIRST_RUN_PAGE, GtkBox)

GtkWidget *earshot_first_run_page_new(EarshotStation *station);

G_END_DECLS

#endif
