/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Look-ups on a thread of GLib's pool, their results to the engine. */
#include "bridge/relays.h"

#include <glib/gi18n.h>
#include <string.h>

#include "port/udp.h"

#define LOOK_AGAIN_S 60

struct relay {
    char *place;
    struct ear_address address; /* length 0: not found yet */
    enum ear_relay_state state;
};

struct earshot_relays {
    EarshotProfile *profile;            /* borrowed */
    struct earshot_engine_room *engine; /* borrowed */
    GCancellable *cancellable;
    GHashTable *list; /* place to struct relay */
    guint again_source;
};

static void free_relay(gpointer data)
{
    struct relay *relay = data;
    g_free(relay->place);
    g_free(relay);
}

static void tell_engine(struct earshot_relays *self, const struct relay *relay)
{
    const struct ear_people *people = earshot_profile_people(self->profile);
    const uint8_t *own = earshot_profile_identity(self->profile)->static_public;
    struct ear_person_meeting meetings[EAR_PERSON_MEETINGS_MAX];
    for (size_t i = 0; i < ear_people_count(people); i++) {
        size_t count = ear_person_meetings(ear_people_at(people, i), own, meetings);
        for (size_t j = 0; j < count; j++)
            if (strcmp(meetings[j].relay.text, relay->place) == 0)
                earshot_engine_room_meet(self->engine, &meetings[j], &relay->address);
    }
    ear_sodium_wipe(meetings, sizeof meetings);
}

static void look_up(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    char sentence[256];
    g_autofree struct ear_address *address = g_new0(struct ear_address, 1);
    if (ear_udp_resolve(data, address, sentence, sizeof sentence) < 0)
        address->len = 0;
    g_task_return_pointer(task, g_steal_pointer(&address), g_free);
}

static void on_found(GObject *source, GAsyncResult *result, gpointer data)
{
    g_autofree struct ear_address *address = g_task_propagate_pointer(G_TASK(result), NULL);
    struct earshot_relays *self = data;
    if (!address) /* cancelled: self is gone */
        return;
    struct relay *relay = g_hash_table_lookup(self->list, g_task_get_task_data(G_TASK(result)));
    if (!relay || address->len == 0 || !earshot_engine_room_fit(self->engine, address))
        return;
    relay->address = *address;
    tell_engine(self, relay);
}

static void ask(struct earshot_relays *self, const struct relay *relay)
{
    g_autoptr(GTask) task = g_task_new(self->profile, self->cancellable, on_found, self);
    g_task_set_return_on_cancel(task, FALSE);
    g_task_set_task_data(task, g_strdup(relay->place), g_free);
    g_task_run_in_thread(task, look_up);
}

static void want(struct earshot_relays *self, const char *place)
{
    struct relay *relay = g_hash_table_lookup(self->list, place);
    if (!relay) {
        relay = g_new0(struct relay, 1);
        relay->place = g_strdup(place);
        g_hash_table_insert(self->list, relay->place, relay);
    }
    if (relay->address.len == 0)
        ask(self, relay);
    else
        tell_engine(self, relay);
}

void earshot_relays_look_up(struct earshot_relays *self)
{
    const struct ear_people *people = earshot_profile_people(self->profile);
    const uint8_t *own = earshot_profile_identity(self->profile)->static_public;
    struct ear_person_meeting meetings[EAR_PERSON_MEETINGS_MAX];
    for (size_t i = 0; i < ear_people_count(people); i++) {
        size_t count = ear_person_meetings(ear_people_at(people, i), own, meetings);
        for (size_t j = 0; j < count; j++)
            want(self, meetings[j].relay.text);
    }
    ear_sodium_wipe(meetings, sizeof meetings);
}

/* The network may have come meanwhile. */
static gboolean on_again(gpointer data)
{
    struct earshot_relays *self = data;
    GHashTableIter iter;
    struct relay *relay;
    g_hash_table_iter_init(&iter, self->list);
    while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&relay))
        if (relay->address.len == 0)
            ask(self, relay);
    return G_SOURCE_CONTINUE;
}

void earshot_relays_take_event(struct earshot_relays *self, const struct ear_event *event)
{
    GHashTableIter iter;
    struct relay *relay;
    g_hash_table_iter_init(&iter, self->list);
    while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&relay))
        if (ear_address_equal(&relay->address, &event->relay))
            relay->state = event->relay_state;
}

char *earshot_relays_trouble(struct earshot_relays *self)
{
    GHashTableIter iter;
    struct relay *relay;
    g_hash_table_iter_init(&iter, self->list);
    while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&relay)) {
        if (relay->address.len > 0 && relay->state == EAR_RELAY_SILENT)
            return g_strdup_printf(
                /* Translators: %s is an address like relay.example:4010. */
                _("The relay at %s does not answer: people who need it cannot reach you. Trying "
                  "on."),
                relay->place);
        if (relay->address.len > 0 && relay->state == EAR_RELAY_REFUSES)
            return g_strdup_printf(
                /* Translators: %s is an address like relay.example:4010. */
                _("The relay at %s has no room now: people who need it cannot reach you."),
                relay->place);
    }
    return NULL;
}

struct earshot_relays *earshot_relays_new(EarshotProfile *profile,
                                          struct earshot_engine_room *engine)
{
    struct earshot_relays *self = g_new0(struct earshot_relays, 1);
    self->profile = profile;
    self->engine = engine;
    self->cancellable = g_cancellable_new();
    self->list = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, free_relay);
    self->again_source = g_timeout_add_seconds(LOOK_AGAIN_S, on_again, self);
    earshot_relays_look_up(self);
    return self;
}

void earshot_relays_free(struct earshot_relays *self)
{
    if (!self)
        return;
    g_cancellable_cancel(self->cancellable);
    g_object_unref(self->cancellable);
    g_source_remove(self->again_source);
    g_hash_table_unref(self->list);
    g_free(self);
}
