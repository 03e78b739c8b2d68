/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The engine of a profile on its UDP socket, with its thread. */
#ifndef EARSHOT_ENGINE_ROOM_H
#define EARSHOT_ENGINE_ROOM_H

#include <gio/gio.h>

#include "bridge/profile_private.h"
#include "port/soundswitch.h"

struct earshot_engine_room;

/* Binds to the settings' port (or any), takes calls. NULL and one sentence where that fails.
 * thread: main, all below. */
struct earshot_engine_room *earshot_engine_room_new(EarshotProfile *profile,
                                                    struct ear_soundswitch *soundswitch,
                                                    int wire_budget_bps, GError **error);
void earshot_engine_room_free(struct earshot_engine_room *room); /* NULL is allowed */

void earshot_engine_room_command(struct earshot_engine_room *room,
                                 const struct ear_command *command);
gboolean earshot_engine_room_event(struct earshot_engine_room *room, struct ear_event *ret);
gboolean earshot_engine_room_status(struct earshot_engine_room *room,
                                    struct ear_engine_status *ret);
/* As ear_engine_mail_put and _take. thread: mail. */
bool earshot_engine_room_mail_put(struct earshot_engine_room *room,
                                  const struct ear_pipe_item *item);
bool earshot_engine_room_mail_take(struct earshot_engine_room *room, struct ear_pipe_item *ret);
struct ear_unheard *earshot_engine_room_unheard(struct earshot_engine_room *room);
guint earshot_engine_room_port(struct earshot_engine_room *room);
/* What the engine knows of this person is to be as the profile has it now. */
void earshot_engine_room_update_guest(struct earshot_engine_room *room, guint number);
/* Goes to a meeting at a relay, whose name has been looked up. */
void earshot_engine_room_meet(struct earshot_engine_room *room,
                              const struct ear_person_meeting *meeting,
                              const struct ear_address *relay);
/* Makes the address one that our socket can send to; FALSE where there is no way. thread: any. */
gboolean earshot_engine_room_fit(struct earshot_engine_room *room, struct ear_address *address);
/* Keeps the reserve of handshake stamps ahead of the clock; every 20 s or so. */
void earshot_engine_room_tend(struct earshot_engine_room *room);

#endif
