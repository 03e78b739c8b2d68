/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a profile is made of: for its own files alone. */
#ifndef EARSHOT_PROFILE_STATE_H
#define EARSHOT_PROFILE_STATE_H

#include "bridge/person_private.h"
#include "bridge/profile_private.h"
#include "store/identity.h"

#define SENTENCE_BYTES 600

struct _EarshotProfile {
    GObject parent_instance;

    gboolean locked;
    GArray *waiting_events, *waiting_calls; /* while locked: for the store, in their order */

    /* owned */
    char *path;
    EarshotSettings *settings;
    struct ear_home *home;
    struct ear_store *store; /* NULL: locked */
    struct ear_identity identity;
    struct ear_people *people;
    struct ear_calls *calls;
    GListStore *list;    /* EarshotPerson */
    GListStore *history; /* EarshotRecord */
    GHashTable *removed; /* numbers of those who are gone until undone or settled */
    guint port;
};

/* Keys, people and calls out of the open store. Returns 0, or -errno and one sentence. */
EAR_CHECK int earshot_profile_load(EarshotProfile *profile, char *sentence);
/* The lists as the store has them. */
void earshot_profile_refresh(EarshotProfile *profile);

/* While locked. Somebody, without a name. */
EarshotPerson *earshot_profile_find_unnamed(EarshotProfile *profile, guint number);
void earshot_profile_let_wait(EarshotProfile *profile, const struct ear_event *event);

#endif
