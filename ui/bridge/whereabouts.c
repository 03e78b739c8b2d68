/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A table of names under a lock, and a pool of one thread that looks them up. */
#include "bridge/whereabouts.h"

#include "port/udp.h"

/* An address is asked for anew after this: clinics' addresses change with each reconnection. */
#define FRESH_US (60 * G_USEC_PER_SEC)

struct spot {
    struct ear_places places;
    gboolean relayed, asked;
    gint64 found_us; /* 0: never */
    guint count;
    struct ear_address at[1 + EAR_PIPE_OTHERS];
};

struct earshot_whereabouts {
    GMutex lock;
    GHashTable *spots; /* person: struct spot; under the lock */
    GThreadPool *pool; /* looks up, one at a time */
};

/* ---- looking up ---- */

static guint resolve(const struct ear_places *places, struct ear_address *ret)
{
    char sentence[256];
    guint count = 0;
    for (guint i = 0; i < places->count && count <= EAR_PIPE_OTHERS; i++)
        if (ear_udp_resolve(places->at[i].text, &ret[count], sentence, sizeof sentence) == 0)
            count++;
    return count;
}

static struct spot *spot_of(struct earshot_whereabouts *where, gpointer person)
{
    return g_hash_table_lookup(where->spots, person);
}

static void look_up(gpointer person, gpointer data)
{
    struct earshot_whereabouts *where = data;
    struct ear_places places = {0};
    struct ear_address at[1 + EAR_PIPE_OTHERS] = {0};
    g_mutex_lock(&where->lock);
    struct spot *spot = spot_of(where, person);
    if (spot)
        places = spot->places;
    g_mutex_unlock(&where->lock);
    guint count = resolve(&places, at);
    g_mutex_lock(&where->lock);
    spot = spot_of(where, person); /* may be gone meanwhile */
    if (spot) {
        spot->asked = FALSE;
        spot->found_us = g_get_monotonic_time();
        if (count > 0) { /* on a dying line no name can be looked up: the last is better */
            spot->count = count;
            memcpy(spot->at, at, sizeof at);
        }
    }
    g_mutex_unlock(&where->lock);
}

/* ---- asking ---- */

static void fill(const struct spot *spot, struct ear_pipe_item *ret)
{
    ret->address = (struct ear_address){0};
    if (spot->count > 0)
        ret->address = spot->at[0];
    for (guint i = 0; i < EAR_PIPE_OTHERS; i++)
        ret->others[i] = i + 1 < spot->count ? spot->at[i + 1] : (struct ear_address){0};
}

gboolean earshot_whereabouts_find(struct earshot_whereabouts *where, guint person,
                                  struct ear_pipe_item *ret)
{
    const gpointer key = GUINT_TO_POINTER(person);
    g_mutex_lock(&where->lock);
    struct spot *spot = spot_of(where, key);
    gboolean fresh =
        spot && spot->found_us && g_get_monotonic_time() - spot->found_us < (gint64)FRESH_US;
    gboolean found = fresh && (spot->count > 0 || spot->relayed);
    if (found)
        fill(spot, ret);
    gboolean ask = spot && !fresh && !spot->asked && (spot->places.count > 0 || spot->relayed);
    if (ask)
        spot->asked = TRUE;
    g_mutex_unlock(&where->lock);
    if (ask)
        g_thread_pool_push(where->pool, key, NULL);
    return found;
}

/* ---- the people ---- */

static void take(struct earshot_whereabouts *where, const struct ear_person *person)
{
    const gpointer key = GUINT_TO_POINTER(person->guest.number);
    struct ear_places places;
    ear_person_places(person, &places);
    struct spot *spot = spot_of(where, key);
    if (!spot) {
        spot = g_new0(struct spot, 1);
        g_hash_table_insert(where->spots, key, spot);
    }
    if (memcmp(&spot->places, &places, sizeof places) != 0)
        spot->found_us = 0;
    spot->places = places;
    spot->relayed = person->relays.count > 0 || person->meets.count > 0;
}

static gboolean is_unknown(gpointer person, gpointer spot, gpointer people)
{
    const struct ear_person *known = ear_people_numbered(people, GPOINTER_TO_UINT(person));
    return !known || known->guest.blocked;
}

void earshot_whereabouts_update(struct earshot_whereabouts *where, EarshotProfile *profile)
{
    const struct ear_people *people = earshot_profile_people(profile);
    g_mutex_lock(&where->lock);
    g_hash_table_foreach_remove(where->spots, is_unknown, (gpointer)people);
    for (size_t i = 0; i < ear_people_count(people); i++)
        if (!ear_people_at(people, i)->guest.blocked)
            take(where, ear_people_at(people, i));
    g_mutex_unlock(&where->lock);
}

/* ---- beginning and end ---- */

struct earshot_whereabouts *earshot_whereabouts_new(void)
{
    struct earshot_whereabouts *where = g_new0(struct earshot_whereabouts, 1);
    g_mutex_init(&where->lock);
    where->spots = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    where->pool = g_thread_pool_new(look_up, where, 1, FALSE, NULL);
    return where;
}

void earshot_whereabouts_free(struct earshot_whereabouts *where)
{
    if (!where)
        return;
    g_thread_pool_free(where->pool, TRUE, TRUE);
    g_hash_table_unref(where->spots);
    g_mutex_clear(&where->lock);
    g_free(where);
}
