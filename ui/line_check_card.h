/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Beside a person: will a talk work now, and what will it cost? A button, ten seconds, a sentence.
 */
#ifndef EARSHOT_LINE_CHECK_CARD_H
#define EARSHOT_LINE_CHECK_CARD_H

#include <adwaita.h>

#include "bridge/station.h"

G_BEGIN_DECLS

#define EARSHOT_TYPE_LINE_CHECK_CARD (earshot_line_check_card_get_type())
G_DECLARE_FINAL_TYPE(EarshotLineCheckCard, earshot_line_check_card, EARSHOT, LINE_CHECK_CARD,
                     GtkBox)

GtkWidget *earshot_line_check_card_new(EarshotStation *station);
/* NULL, or somebody who cannot be called: nothing is shown. */
void earshot_line_check_card_set_person(EarshotLineCheckCard *card, EarshotPerson *person);

G_END_DECLS

#endif
