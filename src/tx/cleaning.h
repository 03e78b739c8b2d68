/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A microphone that does not hear its loudspeaker: stands between both of a card and who uses them.
 */
#ifndef EAR_CLEANING_H
#define EAR_CLEANING_H

#include "base/sound.h"
#include "port/cleaner.h"

/* Who speaks hears himself again after a second or more: below -45 dB of return his echo lies under
 * the noise of any clinic (speech at -25 dBFS, noise at -65). */
#define EAR_CLEANING_HEADSET_DB (-45.0f)

enum ear_cleaning_echo {
    EAR_CLEANING_ECHO_MEASURED, /* cancelled until it is known that none returns: a headset */
    EAR_CLEANING_ECHO_ALWAYS,
    EAR_CLEANING_ECHO_NEVER, /* only noise and level are treated */
};

struct ear_cleaning_config {
    struct ear_mic *mic;         /* borrowed */
    struct ear_speaker *speaker; /* borrowed */
    struct ear_cleaner_config cleaner;
    enum ear_cleaning_echo echo;
    bool no_echo; /* known of these cards: the canceller rests until an echo is measured */
};

struct ear_cleaning;

/* For one pair of cards; ear_cleaning_forget where they became others. Returns 0, -ENOMEM, -ENOTSUP
 * (see ear_cleaner_new). thread: any; after new nothing allocates. */
EAR_CHECK int ear_cleaning_new(struct ear_cleaning **ret, const struct ear_cleaning_config *config);
/* Wipes what was heard. */
void ear_cleaning_free(struct ear_cleaning *cleaning);

/* In place of the two that were given; both for one thread at a time: media. */
struct ear_mic *ear_cleaning_mic(struct ear_cleaning *cleaning);
struct ear_speaker *ear_cleaning_speaker(struct ear_cleaning *cleaning);

struct ear_cleaning_status {
    bool cancels;    /* the canceller works */
    bool echoes;     /* enough of the echo is left to disturb: a headset would help */
    float return_db; /* what the room returns, at most; 0: not known */
    float left_db;   /* likewise, behind the canceller */
    int64_t missing; /* frames of the microphone for whose time nothing was played */
    int lag_ms;      /* between loudspeaker and microphone, beyond what the cards tell */
};
/* thread: any. */
void ear_cleaning_get_status(const struct ear_cleaning *cleaning, struct ear_cleaning_status *ret);
void ear_cleaning_set_echo(struct ear_cleaning *cleaning, enum ear_cleaning_echo echo);
/* Another card or another room from now on: what was measured holds no longer. thread: any. */
void ear_cleaning_forget(struct ear_cleaning *cleaning);

#endif
