/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The relays that people are met at: names looked up, meetings told to the engine. */
#ifndef EARSHOT_RELAYS_H
#define EARSHOT_RELAYS_H

#include "bridge/engine_room.h"

struct earshot_relays;

/* Looks up where all people are met; again now and then for what was not found. Both are borrowed.
 * thread: main, all below. */
struct earshot_relays *earshot_relays_new(EarshotProfile *profile,
                                          struct earshot_engine_room *engine);
/* No look-up touches the engine afterwards. NULL is allowed. */
void earshot_relays_free(struct earshot_relays *relays);
/* Somebody came or has another invite. */
void earshot_relays_look_up(struct earshot_relays *relays);
/* What the engine tells of a relay. */
void earshot_relays_take_event(struct earshot_relays *relays, const struct ear_event *event);
/* One translated sentence, or NULL when all relays are well. New memory. */
char *earshot_relays_trouble(struct earshot_relays *relays);

#endif
