/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An invite of mine: for whom, then a picture, a text to copy, a file to hand over. */
#ifndef EARSHOT_INVITE_CARD_H
#define EARSHOT_INVITE_CARD_H

#include <adwaita.h>

#include "bridge/profile.h"

G_BEGIN_DECLS

/* Signal "made": an invite is shown now. */
#define EARSHOT_TYPE_INVITE_CARD (earshot_invite_card_get_type())
G_DECLARE_FINAL_TYPE(EarshotInviteCard, earshot_invite_card, EARSHOT, INVITE_CARD, GtkBox)

/* Before it is shown. */
void earshot_invite_card_set_profile(EarshotInviteCard *card, EarshotProfile *profile);
/* Makes an invite for this name at once; NULL asks for the name. */
void earshot_invite_card_start(EarshotInviteCard *card, const char *name);

G_END_DECLS

#endif
