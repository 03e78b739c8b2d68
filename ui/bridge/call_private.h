/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the station puts into the call, and what the call asks of it. */
#ifndef EARSHOT_CALL_PRIVATE_H
#define EARSHOT_CALL_PRIVATE_H

#include "bridge/call.h"
#include "call/engine.h"
#include "store/calls.h"

struct earshot_call_host {
    void (*dial)(gpointer ctx, EarshotPerson *person);
    void (*command)(gpointer ctx, const struct ear_command *command);
    void (*await)(gpointer ctx, EarshotPerson *person, gboolean await);
    /* Every change of phase, with what the history is to keep in ENDED. */
    void (*phase)(gpointer ctx, EarshotCallPhase phase, const struct ear_call_record *record);
    gpointer ctx; /* outlives the call's last use */
};

EarshotCall *earshot_call_new(EarshotProfile *profile, const struct earshot_call_host *host);
void earshot_call_take_event(EarshotCall *call, const struct ear_event *event);
void earshot_call_take_status(EarshotCall *call, const struct ear_engine_status *status);
/* A dial that came to nothing before the engine was asked: no such address, ... */
void earshot_call_fail(EarshotCall *call, const char *sentence);
/* One sentence about the user's own sound cards; NULL: none. */
void earshot_call_set_sound_trouble(EarshotCall *call, const char *sentence);
/* Nothing is asked of the host any more. */
/* All of the last one, unless a call goes on. */
void earshot_call_forget(EarshotCall *call);
void earshot_call_leave_host(EarshotCall *call);

EarshotText *earshot_text_new(const char *text, gboolean mine, guint number);

#endif
