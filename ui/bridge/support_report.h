/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Figures for those who help: no names, no addresses, nothing that was said. */
#ifndef EARSHOT_SUPPORT_REPORT_H
#define EARSHOT_SUPPORT_REPORT_H

#include <glib.h>

#include "call/engine.h"

/* New memory. status is of the last call; trouble is a kind, not what the screen says. */
char *earshot_support_report(const struct ear_engine_status *status, const char *const *microphones,
                             const char *const *loudspeakers, const char *trouble);

#endif
