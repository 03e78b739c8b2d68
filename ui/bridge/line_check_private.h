/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the station does with the line check. */
#ifndef EARSHOT_LINE_CHECK_PRIVATE_H
#define EARSHOT_LINE_CHECK_PRIVATE_H

#include "bridge/line_check.h"
#include "bridge/profile_private.h"

/* command goes to the engine; changed where an address does not fit. */
struct earshot_line_check_host {
    void (*command)(gpointer ctx, struct ear_command *command);
    gpointer ctx;
};

/* The host is left by earshot_line_check_leave. */
EarshotLineCheck *earshot_line_check_new(EarshotProfile *profile,
                                         const struct earshot_line_check_host *host);
void earshot_line_check_leave(EarshotLineCheck *check);
/* The engine's answer. */
void earshot_line_check_take(EarshotLineCheck *check, const struct ear_line_check *answer);
/* Ten times a second. */
void earshot_line_check_tick(EarshotLineCheck *check);

#endif
