/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The call's inside, shared by the two files that make it. */
#ifndef EARSHOT_CALL_STATE_H
#define EARSHOT_CALL_STATE_H

#include "bridge/call_private.h"
#include "bridge/sentences.h"

/* Ten minutes of figures, one a second. */
#define EARSHOT_CALL_FIGURES 600

struct _EarshotCall {
    GObject parent_instance;

    struct earshot_call_host host;
    EarshotCallPhase phase;
    struct ear_engine_status status;
    struct earshot_situation situation;
    gboolean outgoing, answered, failed, hidden, muted_before;
    gboolean leaving; /* we hung up, and the engine still says goodbye */
    enum ear_ending ending_kind;
    gint64 begin_s, bytes, bytes_before;
    guint seconds, gaps, gap_seconds, next_number, figures_count;
    double my_level, their_level, volume;
    struct earshot_figures figures[EARSHOT_CALL_FIGURES];
    EarshotLight light;

    /* the line: bridge/call_line.c */
    gboolean rung_known, wants_turn, turns_refused;
    int hold;
    int64_t talk_us, news_until_us, behind_until_us, skip_until_us; /* in the time of the talk */
    guint put_off_s, missed_here_s; /* put_off_s: of what was missed */
    guint unheard_s, unheard_words_s;
    EarshotAid aid;
    struct ear_lost_speech lost_told[EAR_LISTEN_LOST];
    size_t lost_told_count;

    /* owned */
    EarshotProfile *profile;
    EarshotPerson *person;
    GListStore *texts;
    char *sentence, *warning, *ending, *money, *call_back, *place, *sound_trouble;
    char *news, *aid_sentence;
    GStrv unheard;
};

enum earshot_call_property {
    PROP_0,
    PROP_PHASE,
    PROP_PERSON,
    PROP_OUTGOING,
    PROP_SECONDS,
    PROP_THEY_HEAR_YOU,
    PROP_THEY_MUTED,
    PROP_THEIR_MIC_DEAD,
    PROP_MIC_DEAD,
    PROP_MIC_GONE,
    PROP_SPEAKER_GONE,
    PROP_MUTED,
    PROP_VOLUME,
    PROP_DELAY_MS,
    PROP_BYTES,
    PROP_MY_LEVEL,
    PROP_THEIR_LEVEL,
    PROP_LOST_SECONDS,
    PROP_LIGHT,
    PROP_SENTENCE,
    PROP_WARNING,
    PROP_ENDING,
    PROP_FAILED,
    PROP_GAPS,
    PROP_GAP_SECONDS,
    PROP_MONEY,
    PROP_TEXTS,
    PROP_CALL_BACK,
    PROP_PLACE,
    PROP_HIDDEN,
    PROP_RUNG,
    PROP_HOLD,
    PROP_STEADIER,
    PROP_CAN_STEADY,
    PROP_TURN,
    PROP_NEWS,
    PROP_AID,
    PROP_AID_SENTENCE,
    PROP_BEHIND_SECONDS,
    PROP_MISSED_SECONDS,
    PROP_PUT_OFF,
    PROP_UNHEARD_SECONDS,
    PROP_UNHEARD_WORDS_SECONDS,
    PROP_UNHEARD,
    PROPERTIES
};

enum earshot_call_signal { FIGURES_SIGNAL, THERE, TEXT, SIGNALS };
extern GParamSpec *earshot_call_properties[PROPERTIES];
extern guint earshot_call_signals[SIGNALS];

void earshot_call_notify(EarshotCall *call, enum earshot_call_property id);
/* Keeps a value, and notifies where it is new. */
void earshot_call_keep_flag(EarshotCall *call, gboolean *kept, gboolean value,
                            enum earshot_call_property id);
void earshot_call_keep_count(EarshotCall *call, guint *kept, guint value,
                             enum earshot_call_property id);
/* Takes text over. */
void earshot_call_keep_text(EarshotCall *call, char **kept, char *text,
                            enum earshot_call_property id);

void earshot_call_command(EarshotCall *call, const struct ear_command *command);
/* Says anew how it stands. */
void earshot_call_say(EarshotCall *call);
void earshot_call_set_hidden(EarshotCall *call, gboolean hidden);
void earshot_call_set_volume(EarshotCall *call, double volume);

/* ---- the line: bridge/call_line.c ---- */

/* A call begins. */
void earshot_call_forget_line(EarshotCall *call);
/* It ended: nothing is held any more. */
void earshot_call_leave_line(EarshotCall *call);
/* In a talk, from the newest status. */
void earshot_call_take_line(EarshotCall *call);
/* What nobody will hear is known only when all is over. */
void earshot_call_take_end(EarshotCall *call);
/* Whether what is said now goes out, or is kept for them. */
gboolean earshot_call_may_speak(EarshotCall *call);
gboolean earshot_call_can_steady(EarshotCall *call);
void earshot_call_set_hold(EarshotCall *call, int hold);
void earshot_call_set_steadier(EarshotCall *call, gboolean steadier);

#endif
