/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hear yourself: 3 s from the microphone, then the same from the loudspeaker; how loud you are, and
 * how much of the loudspeaker the microphone hears. */
#ifndef EAR_SOUNDCHECK_H
#define EAR_SOUNDCHECK_H

#include "base/sound.h"

#define EAR_SOUNDCHECK_S 3

enum ear_soundcheck_state {
    EAR_SOUNDCHECK_RECORDING,
    EAR_SOUNDCHECK_PLAYING,
    EAR_SOUNDCHECK_DONE,
};

enum ear_soundcheck_verdict {
    EAR_SOUNDCHECK_NONE, /* still recording */
    EAR_SOUNDCHECK_GOOD,
    EAR_SOUNDCHECK_QUIET,
    EAR_SOUNDCHECK_LOUD,
    EAR_SOUNDCHECK_SILENT,
    EAR_SOUNDCHECK_VERDICTS
};

/* Of the loudspeaker in the microphone. */
enum ear_soundcheck_echo {
    EAR_SOUNDCHECK_ECHO_UNKNOWN, /* not yet, or there was too little to be heard */
    EAR_SOUNDCHECK_ECHO_NONE,    /* a headset: nothing to cancel */
    EAR_SOUNDCHECK_ECHO_SOME,    /* the canceller's work */
    EAR_SOUNDCHECK_ECHO_LOUD,    /* more than it can do well */
    EAR_SOUNDCHECK_ECHOES
};

struct ear_soundcheck_status {
    enum ear_soundcheck_state state;
    enum ear_soundcheck_verdict verdict; /* from PLAYING on */
    float level_db;                      /* of the last 100 ms recorded or played, dBFS */
    float progress;                      /* of this state, 0 to 1 */
    enum ear_soundcheck_echo echo;       /* in DONE */
    float return_db;                     /* what comes back of what is played; 0: not known */
};

struct ear_soundcheck;

/* Both are borrowed, and used by the thread that steps. Returns 0, -ENOMEM. thread: any. */
EAR_CHECK int ear_soundcheck_new(struct ear_soundcheck **ret, struct ear_mic *mic,
                                 struct ear_speaker *speaker);
/* Wipes what was said. */
void ear_soundcheck_free(struct ear_soundcheck *check);

/* Records or plays what is due; returns when the next step is worth making, INT64_MAX when done. A
 * microphone that gives nothing ends the recording after 6 s, a loudspeaker that takes nothing the
 * playing likewise. thread: one of the caller's. Does not allocate. */
int64_t ear_soundcheck_step(struct ear_soundcheck *check, int64_t now_us);
/* thread: any. */
void ear_soundcheck_get_status(const struct ear_soundcheck *check,
                               struct ear_soundcheck_status *ret);
/* One sentence for a person; "" for NONE. Pure. */
const char *ear_soundcheck_sentence(enum ear_soundcheck_verdict verdict);
/* Likewise; "" for UNKNOWN. */
const char *ear_soundcheck_echo_sentence(enum ear_soundcheck_echo echo);

#endif
