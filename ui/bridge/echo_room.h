/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Echo test: two engines in this program with a named bad link between them. */
#ifndef EARSHOT_ECHO_ROOM_H
#define EARSHOT_ECHO_ROOM_H

#include <glib.h>

#include "call/engine.h"

struct earshot_echo_room;

/* mic and speaker are borrowed. link: of resources/links. Returns NULL and one sentence. thread:
 * main, all below. */
struct earshot_echo_room *earshot_echo_room_new(const char *link, struct ear_mic *mic,
                                                struct ear_speaker *speaker, int wire_budget_bps,
                                                GError **error);
void earshot_echo_room_free(struct earshot_echo_room *room); /* NULL is allowed */
/* The near one: the user's. Calls when it is told to (earshot_echo_room_dial). */
struct ear_engine *earshot_echo_room_engine(struct earshot_echo_room *room);
void earshot_echo_room_dial(struct earshot_echo_room *room);
/* A command waits. */
void earshot_echo_room_wake(struct earshot_echo_room *room);
/* To be called now and then: takes what the far engine tells, which nobody reads. */
void earshot_echo_room_tend(struct earshot_echo_room *room);

#endif
