/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Once a day, and after an end that was none: is what is kept here whole? */
#ifndef EARSHOT_STORE_CARE_H
#define EARSHOT_STORE_CARE_H

#include "bridge/profile.h"

G_BEGIN_DECLS

/* Some seconds later, on a thread of its own with a connection of its own, if it is due. What is
 * found the profile tells with its signal "damaged". */
void earshot_store_care_begin(EarshotProfile *profile);
/* The program ends in order. */
void earshot_store_care_end(EarshotProfile *profile);

G_END_DECLS

#endif
