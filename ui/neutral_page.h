/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a passer-by sees after instant hide. */
#ifndef EARSHOT_NEUTRAL_PAGE_H
#define EARSHOT_NEUTRAL_PAGE_H

#include <adwaita.h>

#include "bridge/station.h"

G_BEGIN_DECLS

#define EARSHOT_TYPE_NEUTRAL_PAGE (earshot_neutral_page_get_type())
G_DECLARE_FINAL_TYPE(EarshotNeutralPage, earshot_neutral_page, EARSHOT, NEUTRAL_PAGE, GtkBox)

GtkWidget *earshot_neutral_page_new(EarshotStation *station);

G_END_DECLS

#endif
