/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the store looks from within: for the files of this folder that keep something in it. */
#ifndef EAR_STORE_INSIDE_H
#define EAR_STORE_INSIDE_H

#include "port/db.h"
#include "store/store.h"
#include "store/vault.h"

#define EAR_STORE_FILE "store.db"
#define EAR_STORE_PATH_BYTES 4200

/* The numbers are sealed with each row: they stay. */
enum ear_table {
    EAR_TABLE_THINGS = 1, /* single ones, enum ear_thing */
    EAR_TABLE_PEOPLE = 2, /* by number */
    EAR_TABLE_CALLS = 3,  /* by id */
    EAR_TABLE_NOTES = 4,
    EAR_TABLE_MESSAGES = 5,
    EAR_TABLE_CHUNKS = 6, /* row: the message's, version: where in its body */
};

enum ear_thing {
    EAR_THING_CHECK = 1, /* opens when key and database belong together */
    EAR_THING_MOVED = 2, /* files of earlier versions that are in here now, and are to be removed */
    EAR_THING_IDENTITY = 3,
    EAR_THING_NAME = 4,
    EAR_THING_PEOPLE = 5, /* the next number */
    EAR_THING_CALLS = 6,  /* the next id */
    EAR_THING_SETTINGS = 7,
};

struct ear_store {
    struct ear_home *home;
    struct ear_db *db;
    struct ear_vault vault;
};

/* out holds EAR_STORE_PATH_BYTES. */
void ear_store_path(const struct ear_home *home, const char *name, char *out);
/* err as one sentence, where something of the store could not be read or written. Returns err. */
int ear_store_complain(const struct ear_store *store, int err, char *error, size_t error_bytes);
/* What earlier versions kept in files; in the transaction of the first opening (move.c). */
EAR_CHECK int ear_store_move_in(struct ear_store *store, char *error, size_t error_bytes);
bool ear_store_has_old(const struct ear_home *home);
/* Removes those files, after the commit. */
EAR_CHECK int ear_store_move_out(struct ear_store *store);
/* Brings the tables to this version, or as far as asked (schema.c). Returns 0, -ENOTSUP when they
 * are further, -errno. */
EAR_CHECK int ear_store_bring(struct ear_db *db, int version);
#define EAR_STORE_VERSION 2

/* Rows of THINGS, PEOPLE, CALLS: a number and a sealed body (rows.c). All: -ENOKEY while locked,
 * -EBADMSG for a row that does not open. */

/* New memory with room for a final 0, to be given back to ear_home_forget. Returns 0, -ENOENT,
 * -errno. */
EAR_CHECK int ear_rows_get(struct ear_store *store, enum ear_table table, int64_t row,
                           uint8_t **ret, size_t *ret_len);
/* The first row above *row, as get. Returns 1, 0 when there is none, -errno. */
EAR_CHECK int ear_rows_next(struct ear_store *store, enum ear_table table, int64_t *row,
                            uint8_t **ret, size_t *ret_len);
/* Writes nothing where it holds that already. */
EAR_CHECK int ear_rows_put(struct ear_store *store, enum ear_table table, int64_t row,
                           const void *body, size_t len);
EAR_CHECK int ear_rows_remove(struct ear_store *store, enum ear_table table, int64_t row);
/* Removes all rows but these, which ascend. */
EAR_CHECK int ear_rows_keep(struct ear_store *store, enum ear_table table, const int64_t *rows,
                            size_t count);

/* A transaction, refused with -ENOKEY while locked. */
EAR_CHECK int ear_store_begin(struct ear_store *store);
EAR_CHECK int ear_store_end(struct ear_store *store, int err);

#endif
