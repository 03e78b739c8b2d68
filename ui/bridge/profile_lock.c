/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lock of an open profile: what it forgets, what waits meanwhile, and how it comes back. */
#include <errno.h>
#include <glib/gi18n.h>
#include <string.h>

#include "bridge/profile_state.h"

/* Of those who call while it is locked; the oldest are forgotten beyond that. */
#define WAITING_MAX 256

EarshotPerson *earshot_profile_find_unnamed(EarshotProfile *self, guint number)
{
    g_autoptr(EarshotPerson) person = earshot_person_new(number, _("Somebody you know"));
    g_list_store_append(self->list, person);
    return person;
}

/* Of each person's calls the newest stamp is enough. */
void earshot_profile_let_wait(EarshotProfile *self, const struct ear_event *event)
{
    for (guint i = 0; event->kind == EAR_EVENT_CALLED && i < self->waiting_events->len; i++) {
        const struct ear_event *was = &g_array_index(self->waiting_events, struct ear_event, i);
        if (was->kind == EAR_EVENT_CALLED && was->guest == event->guest) {
            g_array_remove_index(self->waiting_events, i);
            break;
        }
    }
    if (self->waiting_events->len == WAITING_MAX)
        g_array_remove_index(self->waiting_events, 0);
    g_array_append_vals(self->waiting_events, event, 1);
}

static void settle_removed(EarshotProfile *self)
{
    g_autoptr(GList) numbers = g_hash_table_get_keys(self->removed);
    for (GList *each = numbers; each; each = each->next) {
        g_autoptr(EarshotPerson) gone = earshot_person_new(GPOINTER_TO_UINT(each->data), "");
        earshot_profile_settle(self, gone);
    }
}

/* What the engine needs it has a copy of. */
gboolean earshot_profile_lock(EarshotProfile *self)
{
    struct ear_people *nobody = NULL;
    struct ear_calls *none = NULL;
    if (self->locked || ear_people_new(&nobody) < 0 || ear_calls_new(&none) < 0) {
        ear_people_free(nobody);
        return self->locked;
    }
    settle_removed(self);
    earshot_settings_lock(self->settings);
    ear_people_free(self->people);
    ear_calls_free(self->calls);
    self->people = nobody;
    self->calls = none;
    ear_identity_wipe(&self->identity);
    g_clear_pointer(&self->store, ear_store_close);
    g_list_store_remove_all(self->list);
    g_list_store_remove_all(self->history);
    self->waiting_events = g_array_new(FALSE, FALSE, sizeof(struct ear_event));
    self->waiting_calls = g_array_new(FALSE, FALSE, sizeof(struct ear_call_record));
    self->locked = TRUE;
    return TRUE;
}

gboolean earshot_profile_is_locked(EarshotProfile *self)
{
    return self->locked;
}

struct ear_store *earshot_profile_open_store(EarshotProfile *self, const char *passphrase,
                                             GError **error)
{
    char sentence[SENTENCE_BYTES] = "";
    struct ear_store *store = NULL;
    int err = ear_store_open(&store, self->home, NULL, sentence, sizeof sentence);
    if (!err && ear_store_is_locked(store))
        err = ear_store_unlock(store, passphrase, sentence, sizeof sentence);
    if (earshot_profile_tell_opening(err, sentence, error))
        return store;
    ear_store_close(store);
    return NULL;
}

static void keep_what_waited(EarshotProfile *self)
{
    g_autoptr(GArray) events = g_steal_pointer(&self->waiting_events);
    g_autoptr(GArray) calls = g_steal_pointer(&self->waiting_calls);
    for (guint i = 0; i < events->len; i++)
        earshot_profile_keep(self, &g_array_index(events, struct ear_event, i));
    for (guint i = 0; i < calls->len; i++) {
        struct ear_call_record *record = &g_array_index(calls, struct ear_call_record, i);
        const struct ear_person *person = ear_people_numbered(self->people, record->person);
        g_strlcpy(record->name, person ? person->name : "", sizeof record->name);
        earshot_profile_add_call(self, record);
    }
}

gboolean earshot_profile_unlock_with(EarshotProfile *self, struct ear_store *store, GError **error)
{
    char sentence[SENTENCE_BYTES] = "";
    struct ear_people *nobody = self->people;
    struct ear_calls *none = self->calls;
    self->store = store;
    self->people = NULL;
    self->calls = NULL;
    if (!earshot_profile_tell_opening(earshot_profile_load(self, sentence), sentence, error)) {
        ear_people_free(self->people);
        ear_calls_free(self->calls);
        self->people = nobody;
        self->calls = none;
        ear_identity_wipe(&self->identity);
        g_clear_pointer(&self->store, ear_store_close);
        return FALSE;
    }
    ear_people_free(nobody);
    ear_calls_free(none);
    self->locked = FALSE;
    g_list_store_remove_all(self->list);
    earshot_settings_unlock(self->settings, store);
    earshot_profile_refresh(self);
    keep_what_waited(self);
    return TRUE;
}
