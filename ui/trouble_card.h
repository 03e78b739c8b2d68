/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A profile that cannot be opened: why, and what can be done about it. */
#ifndef EARSHOT_TROUBLE_CARD_H
#define EARSHOT_TROUBLE_CARD_H

#include <adwaita.h>

#include "bridge/privacy.h"

G_BEGIN_DECLS

/* Signals: "again": it may be opened now, or tried again; "other": another profile is wanted. */
#define EARSHOT_TYPE_TROUBLE_CARD (earshot_trouble_card_get_type())
G_DECLARE_FINAL_TYPE(EarshotTroubleCard, earshot_trouble_card, EARSHOT, TROUBLE_CARD, GtkBox)

/* problem: of earshot_profile_open. */
GtkWidget *earshot_trouble_card_new(const char *path, const GError *problem);

/* A damage that was found while the profile is open: asked whether to see what can be done, which
 * closes the profile. */
void earshot_trouble_ask(GtkWindow *parent, GCallback look, gpointer data);

G_END_DECLS

#endif
