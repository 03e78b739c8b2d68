/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The clock of handshakes: it never goes back, whatever the computer thinks the date is. */
#ifndef EAR_STAMPS_H
#define EAR_STAMPS_H

#include "store/home.h"

/* Milliseconds since 1970, or later: each stamp is greater than all before, over restarts too.
 * The disk knows the end of a reserve before its first stamp is used, so a handshake never waits
 * for the disk. The struct may be copied to the media thread, which then owns it. */
struct ear_stamps {
    uint64_t last; /* given out, or before the first */
    uint64_t end;  /* none from here on */
};

/* Reserves stamps for this run of the program; now_ms: CLOCK_REALTIME. On failure error holds one
 * sentence. thread: main or worker. Returns 0 or -errno as ear_home_load and ear_home_save do. */
EAR_CHECK int ear_stamps_reserve(struct ear_home *home, uint64_t now_ms, struct ear_stamps *ret,
                                 char *error, size_t error_bytes);

/* The first stamp that is not reserved yet, 0 in a new profile; and one that none is to come before
 * from now on. As above. */
EAR_CHECK int ear_stamps_end(struct ear_home *home, uint64_t *ret, char *error, size_t error_bytes);
EAR_CHECK int ear_stamps_raise(struct ear_home *home, uint64_t end, char *error,
                               size_t error_bytes);

/* The next one: now where that is later than the last and inside of the reserve, else the last plus
 * one. Returns 0 when 60,000 are used up: reserve again. thread: the owner's; never waits. */
uint64_t ear_stamps_next(struct ear_stamps *stamps, uint64_t now_ms);

#endif
