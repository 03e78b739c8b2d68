/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a station is made of: for its own files alone. */
#ifndef EARSHOT_STATION_STATE_H
#define EARSHOT_STATION_STATE_H

#include "bridge/call_sounds.h"
#include "bridge/echo_room.h"
#include "bridge/engine_room.h"
#include "bridge/line_check_private.h"
#include "bridge/mail_private.h"
#include "bridge/profile_private.h"
#include "bridge/relays.h"
#include "bridge/sound_check_private.h"
#include "bridge/sound_room.h"
#include "bridge/station.h"
#include "bridge/voice_private.h"

struct _EarshotStation {
    GObject parent_instance;

    guint tick_source, ticks;
    GPtrArray *awaited;      /* EarshotPerson */
    GArray *awaited_numbers; /* of these while locked */
    guint next_awaited;
    gboolean speaks_to_echo;
    struct earshot_call_sounds sounds;
    struct ear_engine_status status;

    /* owned */
    EarshotProfile *profile;
    EarshotCall *call;
    EarshotSoundCheck *sound_check;
    EarshotLineCheck *line_check;
    EarshotMail *mail;
    EarshotVoice *voice;
    EarshotPrivacy *privacy;
    struct earshot_sound_room *sound;
    struct earshot_engine_room *engine;
    struct earshot_relays *relays; /* stands on the engine */
    struct earshot_whereabouts *where;
    struct earshot_echo_room *echo;
    GCancellable *dialling;
    char *trouble;
    char **microphones, **loudspeakers;
};

/* Nothing while locked. */
void earshot_station_open_engine(EarshotStation *station);
/* The lock (bridge/privacy.h): once, and ten times a second. */
void earshot_station_follow_lock(EarshotStation *station);
void earshot_station_lock_tick(EarshotStation *station);

#endif
