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
    gboolean muted, mic_dead, mic_gone, mic_echoes, speaker_gone;
    const char *sound_trouble; /* of our own cards; NULL: none */
    guint delay_ms, lost_seconds, talk_seconds;
    guint rtt_ms; /* of the line, without queues */
    double loss;  /* share of their speech that the network loses */
    EarshotRung rung;
    gboolean rung_by_line; /* the line asks for it, and not somebody's wish */
    EarshotTurn turn;
    const char *news;        /* what has just changed; NULL: nothing */
    guint behind_s;          /* caught up now */
    guint missed_s;          /* of an outage: fetched or being fetched, not heard yet */
    gboolean missed_is_here; /* some of it can be played */
    gboolean put_off;        /* and is to wait */
    gboolean plays_missed;
    gboolean turns_offered;
};

EarshotLight earshot_situation_light(const struct earshot_situation *situation);
/* How the line is, and what is being done. New memory. */
char *earshot_situation_sentence(const struct earshot_situation *situation);
/* About microphones and loudspeakers; "" when all is well. */
const char *earshot_situation_warning(const struct earshot_situation *situation);
/* What is offered, and in which words. New memory. */
EarshotAid earshot_situation_aid(const struct earshot_situation *situation);
char *earshot_situation_aid_sentence(const struct earshot_situation *situation);
/* Of a way of talking that has just begun; NULL where it is not worth a word. */
const char *earshot_situation_rung_news(const struct earshot_situation *situation,
                                        EarshotRung before);
/* Speech that could not be recovered, and when within the call that was. New memory. */
char *earshot_lost_news(guint seconds, guint begin_s, guint end_s);

#endif
