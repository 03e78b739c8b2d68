/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which counters have been received already: a sliding window (RFC 6479). */
#ifndef EAR_REPLAY_H
#define EAR_REPLAY_H

#include "base/ear.h"

/* Counters older than this, seen from the newest, are refused: 61 s of 60 ms packets. */
#define EAR_REPLAY_WINDOW 1024
#define EAR_REPLAY_WORD_BITS 64
/* One word more, which is being filled while the others hold the window. */
#define EAR_REPLAY_WORDS (EAR_REPLAY_WINDOW / EAR_REPLAY_WORD_BITS + 1)

/* All zero: nothing received. thread: its owner's. */
struct ear_replay {
    uint64_t end; /* newest counter + 1 */
    uint64_t words[EAR_REPLAY_WORDS];
};

/* Whether a counter is new and not too old. Before authentication. Pure. */
bool ear_replay_is_new(const struct ear_replay *replay, uint64_t counter);
/* Marks one as received. After authentication only, and only what is_new allows.
 * counter < 2^64 - 1. */
void ear_replay_mark(struct ear_replay *replay, uint64_t counter);

#endif
