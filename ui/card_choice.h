/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which sound card: fills a drop-down or a combo row and keeps what is chosen. */
#ifndef EARSHOT_CARD_CHOICE_H
#define EARSHOT_CARD_CHOICE_H

#include <adwaita.h>

#include "bridge/station.h"

G_BEGIN_DECLS

/* chooser: a GtkDropDown or an AdwComboRow. setting: "microphone" or "loudspeaker". Ends with the
 * chooser; asks for the cards once. */
void earshot_card_choice_bind(GtkWidget *chooser, EarshotStation *station, const char *setting);

G_END_DECLS

#endif
