/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows with a number and a sealed body. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "store/inside.h"

#define QUESTIONS(table)                                                                           \
    {                                                                                              \
        "SELECT row, version, body FROM " table " WHERE row = ?1",                                 \
            "SELECT row, version, body FROM " table " WHERE row > ?1 ORDER BY row LIMIT 1",        \
            "INSERT INTO " table "(row, version, body) VALUES(?1, ?2, ?3)"                         \
            " ON CONFLICT(row) DO UPDATE SET version = ?2, body = ?3",                             \
            "DELETE FROM " table " WHERE row = ?1",                                                \
            "SELECT row FROM " table " WHERE row > ?1 ORDER BY row LIMIT 1",                       \
    }

static const struct {
    const char *get, *next, *put, *remove, *above;
} questions[] = {
    [EAR_TABLE_THINGS] = QUESTIONS("things"),
    [EAR_TABLE_PEOPLE] = QUESTIONS("people"),
    [EAR_TABLE_CALLS] = QUESTIONS("calls"),
};

int ear_store_begin(struct ear_store *store)
{
    return store->vault.is_open ? ear_db_begin(store->db) : -ENOKEY;
}

int ear_store_end(struct ear_store *store, int err)
{
    return ear_db_end(store->db, err);
}

/* The row that the query stands on, opened. */
static int open_row(struct ear_store *store, enum ear_table table, struct ear_db_query *query,
                    uint8_t **ret, size_t *ret_len)
{
    size_t len;
    const struct ear_seat seat = {table, ear_db_int(query, 0), ear_db_int(query, 1)};
    const uint8_t *sealed = ear_db_bytes(query, 2, &len);
    if (len < EAR_VAULT_OVERHEAD)
        return -EBADMSG;
    uint8_t *body = malloc(len - EAR_VAULT_OVERHEAD + 1);
    if (!body)
        return -ENOMEM;
    int64_t opened = ear_vault_open(&store->vault, &seat, sealed, len, body);
    if (opened < 0) {
        free(body);
        return (int)opened;
    }
    *ret = body;
    *ret_len = (size_t)opened;
    return 0;
}

static int fetch(struct ear_store *store, enum ear_table table, const char *sql, int64_t *row,
                 int64_t *ret_version, uint8_t **ret, size_t *ret_len)
{
    if (!store->vault.is_open)
        return -ENOKEY;
    struct ear_db_query *query = ear_db_query(store->db, sql);
    ear_db_set_int(query, 1, *row);
    int found = ear_db_step(query);
    if (found <= 0)
        return found;
    int err = open_row(store, table, query, ret, ret_len);
    if (!err) {
        *row = ear_db_int(query, 0);
        *ret_version = ear_db_int(query, 1);
    }
    ear_db_reset(query);
    return err ? err : 1;
}

int ear_rows_get(struct ear_store *store, enum ear_table table, int64_t row, uint8_t **ret,
                 size_t *ret_len)
{
    int64_t version;
    int found = fetch(store, table, questions[table].get, &row, &version, ret, ret_len);
    return found > 0 ? 0 : found == 0 ? -ENOENT : found;
}

int ear_rows_next(struct ear_store *store, enum ear_table table, int64_t *row, uint8_t **ret,
                  size_t *ret_len)
{
    int64_t version;
    return fetch(store, table, questions[table].next, row, &version, ret, ret_len);
}

int ear_rows_put(struct ear_store *store, enum ear_table table, int64_t row, const void *body,
                 size_t len)
{
    uint8_t *old = NULL;
    size_t old_len = 0;
    int64_t version = 0;
    int found = fetch(store, table, questions[table].get, &row, &version, &old, &old_len);
    bool same = found > 0 && old_len == len && memcmp(old, body, len) == 0;
    ear_home_forget(old, old_len);
    if (found < 0 || same)
        return found < 0 ? found : 0;
    uint8_t *sealed = malloc(len + EAR_VAULT_OVERHEAD);
    if (!sealed)
        return -ENOMEM;
    const struct ear_seat seat = {table, row, version + 1};
    ear_vault_seal(&store->vault, &seat, body, len, sealed);
    struct ear_db_query *query = ear_db_query(store->db, questions[table].put);
    ear_db_set_int(query, 1, row);
    ear_db_set_int(query, 2, version + 1);
    ear_db_set_bytes(query, 3, sealed, len + EAR_VAULT_OVERHEAD);
    int err = ear_db_do(query);
    free(sealed);
    return err;
}

int ear_rows_remove(struct ear_store *store, enum ear_table table, int64_t row)
{
    struct ear_db_query *query = ear_db_query(store->db, questions[table].remove);
    ear_db_set_int(query, 1, row);
    return ear_db_do(query);
}

int ear_rows_keep(struct ear_store *store, enum ear_table table, const int64_t *rows, size_t count)
{
    int64_t row = INT64_MIN;
    size_t at = 0;
    for (;;) {
        struct ear_db_query *query = ear_db_query(store->db, questions[table].above);
        ear_db_set_int(query, 1, row);
        int found = ear_db_ask_int(query, &row);
        if (found <= 0)
            return found;
        while (at < count && rows[at] < row)
            at++;
        if (at < count && rows[at] == row)
            continue;
        int err = ear_rows_remove(store, table, row);
        if (err)
            return err;
    }
}
