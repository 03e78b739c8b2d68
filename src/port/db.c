/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SQLite under the project's names. */
#include "port/db.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Of the store: no more statements than these are ever prepared. */
#define QUERIES_MAX 96
/* Longer than any write of ours takes on a slow disk: the second handle waits, it does not fail. */
#define BUSY_MS 5000

/* What SQLite is asked before anything else. Nothing goes to temporary files. */
static const char setup[] = "PRAGMA journal_mode=WAL;"
                            "PRAGMA synchronous=FULL;"
                            "PRAGMA secure_delete=ON;"
                            "PRAGMA foreign_keys=ON;"
                            "PRAGMA temp_store=MEMORY;"
                            "PRAGMA cell_size_check=ON;"
                            "PRAGMA trusted_schema=OFF;";

struct ear_db_query {
    const char *sql;
    sqlite3_stmt *statement;
    sqlite3 *db;
    int failed; /* SQLite's code of a prepare or bind, until the next step */
};

struct ear_db {
    sqlite3 *db;
    size_t count;
    struct ear_db_query queries[QUERIES_MAX];
};

static int to_errno(sqlite3 *db, int code)
{
    switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return 0;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_SCHEMA:
    case SQLITE_ERROR: /* a table that should be there is not */
        return -EBADMSG;
    case SQLITE_FULL:
        return -ENOSPC;
    case SQLITE_NOMEM:
        return -ENOMEM;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return -EBUSY;
    case SQLITE_CONSTRAINT:
        return -EEXIST;
    case SQLITE_READONLY:
        return -EROFS;
    case SQLITE_TOOBIG:
        return -EMSGSIZE;
    case SQLITE_CANTOPEN:
        return -EACCES;
    default:
        if (code == SQLITE_IOERR_NOMEM)
            return -ENOMEM;
        return db && sqlite3_system_errno(db) == ENOSPC ? -ENOSPC : -EIO;
    }
}

/* By ourselves, as SQLite would let others read it. Never where it is there: closing any
 * descriptor of the file gives back the locks of all its connections (POSIX). */
static int make_file(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (fd < 0)
        return errno == EEXIST ? 0 : -errno;
    close(fd);
    return 0;
}

static int open_at(sqlite3 **ret, const char *path)
{
    sqlite3 *db = NULL;
    int code = sqlite3_open_v2(
        path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW, NULL);
    if (code == SQLITE_OK) {
        sqlite3_extended_result_codes(db, 1);
        sqlite3_busy_timeout(db, BUSY_MS);
        code = sqlite3_exec(db, setup, NULL, NULL, NULL);
    }
    if (code == SQLITE_OK) {
        *ret = db;
        return 0;
    }
    int err = to_errno(db, code);
    sqlite3_close(db);
    return err;
}

int ear_db_open(struct ear_db **ret, const char *path, bool create)
{
    struct stat s;
    int err = 0;
    if (lstat(path, &s) < 0)
        err = errno == ENOENT && create ? make_file(path) : -errno;
    if (err)
        return err;
    struct ear_db *db = calloc(1, sizeof *db);
    if (!db)
        return -ENOMEM;
    err = open_at(&db->db, path);
    if (err)
        free(db);
    else
        *ret = db;
    return err;
}

void ear_db_close(struct ear_db *db)
{
    if (!db)
        return;
    for (size_t i = 0; i < db->count; i++)
        sqlite3_finalize(db->queries[i].statement);
    sqlite3_close(db->db);
    free(db);
}

int ear_db_run(struct ear_db *db, const char *sql)
{
    return to_errno(db->db, sqlite3_exec(db->db, sql, NULL, NULL, NULL));
}

int ear_db_version(struct ear_db *db, int *ret)
{
    int64_t version = 0;
    int err = ear_db_ask_int(ear_db_query(db, "PRAGMA user_version"), &version);
    if (err >= 0)
        *ret = (int)version;
    return err < 0 ? err : 0;
}

struct ear_db_query *ear_db_query(struct ear_db *db, const char *sql)
{
    struct ear_db_query *query = db->queries;
    for (size_t i = 0; i < db->count; i++, query++)
        if (query->sql == sql) {
            ear_db_reset(query);
            if (query->statement)
                return query;
            break;
        }
    if (query == db->queries + db->count) {
        assert(db->count < QUERIES_MAX);
        db->count++;
    }
    *query = (struct ear_db_query){.sql = sql, .db = db->db};
    query->failed =
        sqlite3_prepare_v3(db->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &query->statement, NULL);
    return query;
}

void ear_db_set_int(struct ear_db_query *query, int at, int64_t value)
{
    if (query->failed == SQLITE_OK)
        query->failed = sqlite3_bind_int64(query->statement, at, value);
}

void ear_db_set_bytes(struct ear_db_query *query, int at, const void *data, size_t len)
{
    if (query->failed == SQLITE_OK)
        query->failed =
            sqlite3_bind_blob64(query->statement, at, len > 0 ? data : "", len, SQLITE_STATIC);
}

void ear_db_reset(struct ear_db_query *query)
{
    if (query->statement) {
        sqlite3_reset(query->statement);
        sqlite3_clear_bindings(query->statement);
    }
    query->failed = SQLITE_OK;
}

int ear_db_step(struct ear_db_query *query)
{
    int code = query->failed;
    if (code == SQLITE_OK)
        code = sqlite3_step(query->statement);
    if (code == SQLITE_ROW)
        return 1;
    int err = to_errno(query->db, code);
    ear_db_reset(query);
    return err;
}

int ear_db_do(struct ear_db_query *query)
{
    int row = ear_db_step(query);
    if (row > 0)
        ear_db_reset(query);
    return row < 0 ? row : 0;
}

int64_t ear_db_int(struct ear_db_query *query, int column)
{
    return sqlite3_column_int64(query->statement, column);
}

const uint8_t *ear_db_bytes(struct ear_db_query *query, int column, size_t *ret_len)
{
    const uint8_t *bytes = sqlite3_column_blob(query->statement, column);
    *ret_len = bytes ? (size_t)sqlite3_column_bytes(query->statement, column) : 0;
    return bytes;
}

int ear_db_ask_int(struct ear_db_query *query, int64_t *ret)
{
    int row = ear_db_step(query);
    if (row > 0) {
        *ret = ear_db_int(query, 0);
        ear_db_reset(query);
    }
    return row;
}

int64_t ear_db_last_id(const struct ear_db *db)
{
    return sqlite3_last_insert_rowid(db->db);
}

int64_t ear_db_changed(const struct ear_db *db)
{
    return sqlite3_changes(db->db);
}

int ear_db_begin(struct ear_db *db)
{
    return ear_db_do(ear_db_query(db, "BEGIN IMMEDIATE"));
}

int ear_db_end(struct ear_db *db, int err)
{
    if (!err)
        err = ear_db_do(ear_db_query(db, "COMMIT"));
    /* Some errors have undone it already. */
    if (err && !sqlite3_get_autocommit(db->db))
        sqlite3_exec(db->db, "ROLLBACK", NULL, NULL, NULL);
    return err;
}

void ear_db_empty_log(struct ear_db *db)
{
    sqlite3_wal_checkpoint_v2(db->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
}

int ear_db_check(struct ear_db *db)
{
    struct ear_db_query *query = ear_db_query(db, "PRAGMA quick_check(1)");
    int row = ear_db_step(query);
    if (row > 0) {
        size_t len;
        const uint8_t *said = ear_db_bytes(query, 0, &len);
        row = len == 2 && memcmp(said, "ok", 2) == 0 ? 0 : -EBADMSG;
        ear_db_reset(query);
    }
    return row;
}

int ear_db_copy(struct ear_db *db, const char *path)
{
    sqlite3 *copy = NULL;
    unlink(path);
    int err = make_file(path);
    if (err)
        return err;
    int code = sqlite3_open_v2(
        path, &copy, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW, NULL);
    sqlite3_backup *backup =
        code == SQLITE_OK ? sqlite3_backup_init(copy, "main", db->db, "main") : NULL;
    if (backup) {
        do
            code = sqlite3_backup_step(backup, -1);
        while (code == SQLITE_BUSY || code == SQLITE_LOCKED);
        code = sqlite3_backup_finish(backup);
    } else if (code == SQLITE_OK) {
        code = sqlite3_errcode(copy);
    }
    err = to_errno(copy, code);
    if (sqlite3_close(copy) != SQLITE_OK && !err)
        err = -EIO;
    if (err)
        unlink(path);
    return err;
}
