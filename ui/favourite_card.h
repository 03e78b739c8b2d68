/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The person called most, with the one large Call button. */
#ifndef EARSHOT_FAVOURITE_CARD_H
#define EARSHOT_FAVOURITE_CARD_H

#include <adwaita.h>

#include "bridge/person.h"

G_BEGIN_DECLS

/* Signal "opened": the user wants to see more of the person. */
#define EARSHOT_TYPE_FAVOURITE_CARD (earshot_favourite_card_get_type())
G_DECLARE_FINAL_TYPE(EarshotFavouriteCard, earshot_favourite_card, EARSHOT, FAVOURITE_CARD, GtkBox)

/* NULL shows nothing. */
void earshot_favourite_card_set_person(EarshotFavouriteCard *card, EarshotPerson *person);
EarshotPerson *earshot_favourite_card_get_person(EarshotFavouriteCard *card);
/* The Call button, which Enter presses while the page is shown. */
GtkWidget *earshot_favourite_card_get_button(EarshotFavouriteCard *card);

G_END_DECLS

#endif
