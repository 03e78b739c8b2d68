/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Invites in and out: from any text or picture, and as text for others. */
#ifndef EARSHOT_INVITES_H
#define EARSHOT_INVITES_H

#include <gio/gio.h>

#include "store/people.h"

struct earshot_invites_offer {
    const char *name; /* of whoever gets it */
    const char *const *places;
    const char *const *relays;
};

/* Puts the inviter among the people. */
gboolean earshot_invites_take(struct ear_people *people, const struct ear_identity *self,
                              const char *text, gssize len, gboolean replace, uint32_t *ret_number,
                              GError **error);
/* The text of an invite out of a file: as text, or as a picture of a QR code. */
char *earshot_invites_read(GFile *file, GError **error);
/* An invite as text, remembered among the people; nothing is remembered where it fails. */
char *earshot_invites_make(struct ear_people *people, const struct ear_identity *self,
                           const struct earshot_invites_offer *offer, GError **error);
/* This computer's own addresses with that port, as the network sees them on its side. */
char **earshot_invites_own_places(guint port);

#endif
