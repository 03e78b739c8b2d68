/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What earlier versions kept in files of their own moves into the store, once. */
#include <errno.h>

#include "store/calls_table.h"
#include "store/identity_file.h"
#include "store/inside.h"
#include "store/people_table.h"

/* In the order of the bits of EAR_THING_MOVED. */
static const struct {
    enum ear_home_file file;
    enum ear_thing thing;
} olds[] = {
    {EAR_HOME_IDENTITY, EAR_THING_IDENTITY},
    {EAR_HOME_NAME, EAR_THING_NAME},
    {EAR_HOME_PEOPLE, EAR_THING_PEOPLE},
    {EAR_HOME_CALLS, EAR_THING_CALLS},
};

bool ear_store_has_old(const struct ear_home *home)
{
    for (size_t i = 0; i < EAR_COUNT(olds); i++)
        if (ear_home_has(home, olds[i].file))
            return true;
    return false;
}

static int move_people(struct ear_store *store, char *error, size_t error_bytes)
{
    struct ear_people *people = NULL;
    int err = ear_people_load_file(&people, store->home, error, error_bytes);
    if (!err)
        err = ear_people_put(people, store);
    ear_people_free(people);
    return err;
}

static int move_calls(struct ear_store *store, char *error, size_t error_bytes)
{
    struct ear_calls *calls = NULL;
    int err = ear_calls_load_file(&calls, store->home, error, error_bytes);
    if (!err)
        err = ear_calls_put(calls, store);
    ear_calls_free(calls);
    return err;
}

/* Damaged keys stay where they are: ear_identity_open tells of them, and of what may be done. */
static int move(struct ear_store *store, enum ear_home_file file, char *error, size_t error_bytes)
{
    switch ((unsigned)file) {
    case EAR_HOME_IDENTITY:
        return ear_identity_move_keys(store, error, error_bytes);
    case EAR_HOME_NAME:
        return ear_identity_move_name(store, error, error_bytes);
    case EAR_HOME_PEOPLE:
        return move_people(store, error, error_bytes);
    default:
        return move_calls(store, error, error_bytes);
    }
}

static int get_moved(struct ear_store *store, unsigned *ret)
{
    uint8_t *body = NULL;
    size_t len = 0;
    int err = ear_rows_get(store, EAR_TABLE_THINGS, EAR_THING_MOVED, &body, &len);
    *ret = !err && len == 1 ? body[0] : 0;
    ear_home_forget(body, len);
    return err == -ENOENT ? 0 : err;
}

static bool has_thing(struct ear_store *store, enum ear_thing thing)
{
    uint8_t *body = NULL;
    size_t len = 0;
    int err = ear_rows_get(store, EAR_TABLE_THINGS, thing, &body, &len);
    ear_home_forget(body, len);
    return err != -ENOENT;
}

int ear_store_move_in(struct ear_store *store, char *error, size_t error_bytes)
{
    unsigned moved = 0;
    int err = get_moved(store, &moved);
    for (size_t i = 0; !err && i < EAR_COUNT(olds); i++) {
        if (!ear_home_has(store->home, olds[i].file) || has_thing(store, olds[i].thing))
            continue;
        err = move(store, olds[i].file, error, error_bytes);
        if (!err)
            moved |= 1u << i;
        else if (err == -EBADMSG && olds[i].file == EAR_HOME_IDENTITY)
            err = 0;
    }
    const uint8_t body = (uint8_t)moved;
    return err || !moved ? err : ear_rows_put(store, EAR_TABLE_THINGS, EAR_THING_MOVED, &body, 1);
}

int ear_store_move_out(struct ear_store *store)
{
    unsigned moved = 0;
    int err = get_moved(store, &moved);
    for (size_t i = 0; !err && i < EAR_COUNT(olds); i++)
        if (moved & 1u << i)
            err = ear_home_remove(store->home, olds[i].file);
    return err || !moved ? err : ear_rows_remove(store, EAR_TABLE_THINGS, EAR_THING_MOVED);
}
