/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What only the bridge sets. */
#ifndef EARSHOT_PERSON_PRIVATE_H
#define EARSHOT_PERSON_PRIVATE_H

#include "bridge/person.h"

/* Properties are set with g_object_set; person.h tells them. */
EarshotPerson *earshot_person_new(guint number, const char *name);

#endif
