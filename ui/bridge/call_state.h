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

    /* owned */
    EarshotProfile *profile;
    EarshotPerson *person;
    GListStore *texts;
    char *sentence, *warning, *ending, *money, *call_back, *place, *sound_trouble;
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
    PROPERTIES
};

enum earshot_call_signal { FIGURES_SIGNAL, THERE, TEXT, SIGNALS };
extern GParamSpec *earshot_call_properties[PROPERTIES];
extern guint earshot_call_signals[SIGNALS];

void earshot_call_notify(EarshotCall *call, enum earshot_call_property id);
void earshot_call_set_hidden(EarshotCall *call, gboolean hidden);
void earshot_call_set_volume(EarshotCall *call, double volume);

#endif
