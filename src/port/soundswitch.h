/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A microphone and a loudspeaker whose real ones may be exchanged in mid-call. */
#ifndef EAR_SOUNDSWITCH_H
#define EAR_SOUNDSWITCH_H

#include "base/clock.h"
#include "base/sound.h"

/* Of the loudspeaker: below it is mute, above it is noise. */
#define EAR_SOUNDSWITCH_GAIN_DB_MIN (-30.0f)
#define EAR_SOUNDSWITCH_GAIN_DB_MAX 18.0f

/* Media never waits here: while the worker exchanges the cards, read and wants give 0 for a moment.
 */
struct ear_soundswitch;

/* Silence in and nowhere out, until set says otherwise; clock is borrowed. Returns 0, -ENOMEM.
 * thread: main, before media starts. */
EAR_CHECK int ear_soundswitch_new(struct ear_soundswitch **ret, const struct ear_clock *clock);
/* What was set stays with its owner. thread: main, after media ended. */
void ear_soundswitch_free(struct ear_soundswitch *s);

/* Owned by the switch; to be used by media alone. */
struct ear_mic *ear_soundswitch_mic(struct ear_soundswitch *s);
struct ear_speaker *ear_soundswitch_speaker(struct ear_soundswitch *s);

/* Borrows both from now on; NULL: silence in, nowhere out, paced by the clock. Returns once media
 * has let go of the former ones, which may then be freed: within about a frame's work of media,
 * which need not run. thread: worker (or any one thread other than media). */
void ear_soundswitch_set(struct ear_soundswitch *s, struct ear_mic *mic,
                         struct ear_speaker *speaker);
/* How much louder the loudspeaker is than what was said; kept within the bounds above, reached in
 * 50 ms without a click. What would clip is held down softly. thread: any. */
void ear_soundswitch_set_gain_db(struct ear_soundswitch *s, float db);
/* Mixes a short sound into what is played, in place of the one before; NULL ends that. The samples
 * are borrowed until they are played or replaced: constant data. Not changed by the gain. Waits for
 * media as set does. thread: any but media. */
void ear_soundswitch_play(struct ear_soundswitch *s, const int16_t *earcon, size_t samples);
/* Outside a talk media asks for nothing: plays what play was given, if so. To be called every 10
 * ms, at least while there is something left, which it returns. thread: as set. */
bool ear_soundswitch_pump(struct ear_soundswitch *s);

#endif
