/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What port/cleaner asks of a library that cleans. */
#ifndef EAR_CLEANER_BACK_H
#define EAR_CLEANER_BACK_H

#include "port/cleaner.h"

struct ear_cleaner_back {
    const char *name;
    /* cancel: played is given with each frame; else it is NULL. Returns 0, -ENOMEM. */
    int (*new)(void **ret, const struct ear_cleaner_config *config, bool cancel);
    void (*free)(void *state);
    void (*run)(void *state, const int16_t *played, int16_t frame[static EAR_FRAME]);
};

extern const struct ear_cleaner_back ear_cleaner_speex;
#ifdef EAR_WITH_WEBRTC
extern const struct ear_cleaner_back ear_cleaner_webrtc;
#endif

#endif
