/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the station needs of a profile beyond what pages see. */
#ifndef EARSHOT_PROFILE_PRIVATE_H
#define EARSHOT_PROFILE_PRIVATE_H

#include "bridge/profile.h"
#include "bridge/record_private.h"
#include "call/engine.h"
#include "store/people.h"

/* Signal "guest-changed" (uint number): what the engine knows of this person is to be told anew. */

/* err of the store as a sentence for the user; sentence: the store's own, or "". False unless 0. */
gboolean earshot_profile_tell_opening(int err, const char *sentence, GError **error);

/* As earshot_profile_unlock, with the store's key itself. */
EarshotProfile *earshot_profile_open_with(const char *path, const uint8_t key[static EAR_KEY_BYTES],
                                          GError **error);

struct ear_home *earshot_profile_home(EarshotProfile *profile);
/* NULL while locked. thread: main; another thread takes one of its own (ear_store_beside). */
struct ear_store *earshot_profile_store(EarshotProfile *profile);
const struct ear_identity *earshot_profile_identity(EarshotProfile *profile);
const struct ear_people *earshot_profile_people(EarshotProfile *profile);
const struct ear_calls *earshot_profile_calls(EarshotProfile *profile);

/* Writes down what the engine tells of people (CALLED, PINNED, KEYS). */
void earshot_profile_keep(EarshotProfile *profile, const struct ear_event *event);
/* Adds a call to the history, and to the person it was with. */
void earshot_profile_add_call(EarshotProfile *profile, const struct ear_call_record *record);
/* The lock. Keys, names, people and calls are wiped and the store is closed; calls and what the
 * engine learns of people wait in memory until it is unlocked, and are lost with the program. False
 * where there is not enough memory. */
gboolean earshot_profile_lock(EarshotProfile *profile);
gboolean earshot_profile_is_locked(EarshotProfile *profile);
/* A second on purpose: thread: any. Then, on main, with what that returned, which it takes. */
struct ear_store *earshot_profile_open_store(EarshotProfile *profile, const char *passphrase,
                                             GError **error);
gboolean earshot_profile_unlock_with(EarshotProfile *profile, struct ear_store *store,
                                     GError **error);

/* The port that invites name where the settings say none. */
void earshot_profile_set_port(EarshotProfile *profile, guint port);
void earshot_profile_complain(EarshotProfile *profile, const char *sentence);

#endif
