/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Speech that an outage took and that was fetched behind live speech: kept until it is heard. */
#ifndef EAR_MISSED_H
#define EAR_MISSED_H

#include "port/codec.h"

struct ear_missed; /* thread: media; after new nothing allocates */

/* Holds 180 s at 32 kbit/s, 8 min at 12: 0.9 MB, and 0.7 more once what was heard makes room. codec
 * is borrowed, its decoder used for nothing else; NULL: what is kept cannot be heard. Returns 0,
 * -ENOMEM. */
EAR_CHECK int ear_missed_new(struct ear_missed **ret, struct ear_codec *codec);
/* Wipes it first. */
void ear_missed_free(struct ear_missed *missed);
/* Forgets and wipes everything. */
void ear_missed_wipe(struct ear_missed *missed);

/* Keeps one packet, in whatever order they come. Returns 0; -EEXIST for one that overlaps with one
 * that is kept; -ENOBUFS when there is no more room: what is kept unheard stays. */
int ear_missed_put(struct ear_missed *missed, int64_t index, int units, const uint8_t *data,
                   size_t len);
/* How much of what is kept has not been heard yet. */
int64_t ear_missed_us(const struct ear_missed *missed);

/* Plays from the oldest on, pauses left out, or stops. It goes on while more is fetched: at the
 * first unit that is not there yet it waits until 2 s are behind it. */
void ear_missed_play(struct ear_missed *missed, bool on);
/* Journal index of the first unit that is still being fetched; INT64_MAX: none. */
void ear_missed_await(struct ear_missed *missed, int64_t index);
bool ear_missed_plays(const struct ear_missed *missed);
/* While it plays: mixes its next 10 ms into the frame, which is turned down meanwhile. What was
 * played is wiped. */
void ear_missed_mix(struct ear_missed *missed, int16_t frame[static EAR_FRAME]);

#endif
