/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where people were last, as addresses: looked up beside, because a name server may let one wait.
 */
#ifndef EARSHOT_WHEREABOUTS_H
#define EARSHOT_WHEREABOUTS_H

#include "bridge/profile_private.h"
#include "wire/pipe.h"

struct earshot_whereabouts;

/* thread: main, but for find. */
struct earshot_whereabouts *earshot_whereabouts_new(void);
/* Those who look up something for it end first. NULL is allowed. */
void earshot_whereabouts_free(struct earshot_whereabouts *where);
/* The people as they are now. */
void earshot_whereabouts_update(struct earshot_whereabouts *where, EarshotProfile *profile);
/* Fills address and others; none for who is met at a relay alone. FALSE when nothing is known or it
 * is being looked up: ask again in a few seconds. thread: any one. */
gboolean earshot_whereabouts_find(struct earshot_whereabouts *where, guint person,
                                  struct ear_pipe_item *ret);

#endif
