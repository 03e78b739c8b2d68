/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What only the bridge makes. */
#ifndef EARSHOT_RECORD_PRIVATE_H
#define EARSHOT_RECORD_PRIVATE_H

#include "bridge/record.h"
#include "call/phase.h"
#include "store/calls.h"

EarshotRecord *earshot_record_new(const struct ear_call_record *record);

/* Why a call ended that somebody had answered, or not; in the user's language. */
const char *earshot_ending_sentence(enum ear_ending ending, gboolean answered);

#endif
