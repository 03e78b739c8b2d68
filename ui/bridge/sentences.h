/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is said about a call, in the user's language: one sentence each. */
#ifndef EARSHOT_SENTENCES_H
#define EARSHOT_SENTENCES_H

#include "bridge/call.h"

/* What the sentences are about. */
struct earshot_situation {
    EarshotCallPhase phase;
    const char *name; /* of the person */
    gboolean echo;    /* the Echo test */
    gboolean they_hear_you;
    gboolean they_muted, their_mic_dead;
    gboolean muted, mic_dead, mic_gone, speaker_gone;
    const char *sound_trouble; /* of our own cards; NULL: none */
    guint delay_ms, lost_seconds, talk_seconds;
    double loss; /* share of their speech that the network loses */
};

EarshotLight earshot_situation_light(const struct earshot_situation *situation);
/* How the line is, and what is being done. New memory. */
char *earshot_situation_sentence(const struct earshot_situation *situation);
/* About microphones and loudspeakers; "" when all is well. */
const char *earshot_situation_warning(const struct earshot_situation *situation);

#endif
