/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Asks for the passphrase of a profile: at the start, and after a while alone. */
#ifndef EARSHOT_UNLOCK_CARD_H
#define EARSHOT_UNLOCK_CARD_H

#include <adwaita.h>

#include "bridge/mail.h"
#include "bridge/privacy.h"

G_BEGIN_DECLS

/* Signals: "opened" (EarshotProfile): the profile of new_for_path is open; "refused" (GError): it
 * cannot be opened with any passphrase; "other": another profile is wanted. */
#define EARSHOT_TYPE_UNLOCK_CARD (earshot_unlock_card_get_type())
G_DECLARE_FINAL_TYPE(EarshotUnlockCard, earshot_unlock_card, EARSHOT, UNLOCK_CARD, GtkBox)

/* A profile that is not open yet; problem: why the keyring did not open it, or NULL. */
GtkWidget *earshot_unlock_card_new_for_path(const char *path, const GError *problem);
/* One that is open and locked; says when an urgent message waits, without whose. */
GtkWidget *earshot_unlock_card_new(EarshotPrivacy *privacy, EarshotMail *mail, const char *name);

G_END_DECLS

#endif
