/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SQLite, thin and typed: a database file, prepared questions, transactions. */
#ifndef EAR_DB_H
#define EAR_DB_H

#include "base/ear.h"

/* One connection. thread: whoever opened it, one at a time; every function may wait for the disk.
 * What is committed is on the disk (write-ahead log, synchronous=FULL); what is deleted is
 * overwritten with zeros (secure_delete). Errors are -errno: -EBADMSG damaged or no database,
 * -ENOSPC, -EIO, -EBUSY after five seconds of another connection's write, -EEXIST for a broken
 * UNIQUE, -ENOMEM. Where a commit fails the change is undone; should the power fail right after
 * that, it may still be found as a whole, never as a half. */
struct ear_db;
/* A prepared statement of that connection, in its cache: borrowed until the connection closes. */
struct ear_db_query;

/* Opens the file; makes it (mode 0600) if create. Returns 0, -ENOENT, or as above. */
EAR_CHECK int ear_db_open(struct ear_db **ret, const char *path, bool create);
/* NULL is allowed. The last one to close brings the log into the database. */
void ear_db_close(struct ear_db *db);

/* Statements without values, separated by semicolons. */
EAR_CHECK int ear_db_run(struct ear_db *db, const char *sql);
/* PRAGMA user_version. */
EAR_CHECK int ear_db_version(struct ear_db *db, int *ret);

/* sql: a string that lives as long as the program, of one statement; the cache goes by its address.
 * Reset and without values. A failure here or in a bind is told by the next step. */
struct ear_db_query *ear_db_query(struct ear_db *db, const char *sql);
/* at: from 1, as ?1 in the text. Bytes are borrowed until the query's end. */
void ear_db_set_int(struct ear_db_query *query, int at, int64_t value);
void ear_db_set_bytes(struct ear_db_query *query, int at, const void *data, size_t len);
/* Returns 1 with a row, 0 at the end, -errno; after the last two it is reset. */
EAR_CHECK int ear_db_step(struct ear_db_query *query);
/* For a statement that gives no row. Returns 0 or -errno. */
EAR_CHECK int ear_db_do(struct ear_db_query *query);
/* Of the row; column from 0. */
int64_t ear_db_int(struct ear_db_query *query, int column);
/* Borrowed until the next step; NULL with *ret_len 0 for an empty one. */
const uint8_t *ear_db_bytes(struct ear_db_query *query, int column, size_t *ret_len);
/* Before the end of the rows; wipes the values. */
void ear_db_reset(struct ear_db_query *query);
/* One number of one row: *ret stays when there is none. Returns 1, 0 for none, -errno. */
EAR_CHECK int ear_db_ask_int(struct ear_db_query *query, int64_t *ret);

int64_t ear_db_last_id(const struct ear_db *db);
/* Rows that the last statement changed. */
int64_t ear_db_changed(const struct ear_db *db);

/* A transaction, for writing from its beginning. None inside of another. */
EAR_CHECK int ear_db_begin(struct ear_db *db);
/* Commits if err is 0, else undoes all since begin. Returns err, or the commit's error. */
EAR_CHECK int ear_db_end(struct ear_db *db, int err);

/* Brings the log into the database and empties it, unless another connection reads just now. */
void ear_db_empty_log(struct ear_db *db);
/* Reads every page. Returns 0, -EBADMSG, -errno. */
EAR_CHECK int ear_db_check(struct ear_db *db);
/* A copy as of now in a new file (0600), on the disk when this returns. */
EAR_CHECK int ear_db_copy(struct ear_db *db, const char *path);

#endif
