/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was said in a call and never heard there, saved from the journal when the call ends: its
 * speaker need not say it again. */
#ifndef EAR_UNHEARD_H
#define EAR_UNHEARD_H

#include "call/answer.h"
#include "call/journal.h"

/* Less speech than this is not worth a message: it is what a good line had not told yet. */
#define EAR_UNHEARD_LEAST_US (2 * (int64_t)EAR_US_PER_S)

struct ear_unheard;

/* Takes 1 MB of addresses, of memory only what is kept. Returns 0, -ENOMEM. thread: main. */
EAR_CHECK int ear_unheard_new(struct ear_unheard **ret);
/* Wipes it. */
void ear_unheard_free(struct ear_unheard *unheard);

/* With whom the call is that ends now. thread: media, before keep. */
void ear_unheard_set_guest(struct ear_unheard *unheard, uint32_t guest);
/* Keeps what lies behind the newest index that is known to have come (-1: none), and what was asked
 * for and not sent again. Returns how much speech that is in us; 0 when it is too little, or when
 * what was kept before has not been taken. NULL
 * keeps nothing. Nothing allocates. thread: media. */
int64_t ear_unheard_keep(struct ear_unheard *unheard, const struct ear_journal *journal,
                         const struct ear_answer *answer, int64_t known);

/* One packet of speech, or silence before it: what ear_recorder_put_packet and _put_silence take.
 */
struct ear_unheard_piece {
    const uint8_t *packet; /* NULL: silence; valid until the next call */
    size_t len;
    uint32_t silence_units; /* of 20 ms; a pause of more than a second is one second */
};

/* Gives what was kept, piece by piece. False at its end: then it is wiped, and there is room for
 * the next call's. thread: one beside media, after EAR_EVENT_UNHEARD. */
bool ear_unheard_next(struct ear_unheard *unheard, struct ear_unheard_piece *ret);
/* Whom it was said to; until all is taken. thread: as next. */
uint32_t ear_unheard_guest(const struct ear_unheard *unheard);
/* Wipes what was not taken: nobody wants it. thread: as next. */
void ear_unheard_drop(struct ear_unheard *unheard);

#endif
