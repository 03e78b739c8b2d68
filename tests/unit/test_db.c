/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A database file: values, transactions, what is no database, two connections, a copy. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include <cmocka.h>

#include "folder.h"
#include "port/db.h"

static struct ear_db *open_in(const char *path, const char *name)
{
    struct ear_db *db = NULL;
    mkdir(path, 0700);
    assert_int_equal(ear_db_open(&db, folder_file(path, name), true), 0);
    return db;
}

static int put(struct ear_db *db, int64_t number, const void *data, size_t len)
{
    struct ear_db_query *query = ear_db_query(db, "INSERT INTO t(n, b) VALUES(?1, ?2)");
    ear_db_set_int(query, 1, number);
    ear_db_set_bytes(query, 2, data, len);
    return ear_db_do(query);
}

static int64_t count(struct ear_db *db)
{
    int64_t n = -1;
    assert_int_equal(ear_db_ask_int(ear_db_query(db, "SELECT count(*) FROM t"), &n), 1);
    return n;
}

static struct ear_db *with_table(const char *path)
{
    struct ear_db *db = open_in(path, "x.db");
    assert_int_equal(ear_db_run(db, "CREATE TABLE t(n INTEGER PRIMARY KEY, b BLOB NOT NULL)"), 0);
    return db;
}

static void holds_what_it_was_given(void **state)
{
    struct ear_db *db = with_table(*state);
    struct stat s;
    size_t len = 9;
    assert_int_equal(put(db, INT64_MIN, "a\0b", 3), 0);
    assert_int_equal(put(db, INT64_MAX, NULL, 0), 0);
    assert_int_equal(put(db, INT64_MAX, "x", 1), -EEXIST);
    struct ear_db_query *query = ear_db_query(db, "SELECT n, b FROM t ORDER BY n");
    assert_int_equal(ear_db_step(query), 1);
    assert_true(ear_db_int(query, 0) == INT64_MIN);
    assert_memory_equal(ear_db_bytes(query, 1, &len), "a\0b", 3);
    assert_int_equal(len, 3);
    assert_int_equal(ear_db_step(query), 1);
    ear_db_bytes(query, 1, &len);
    assert_int_equal(len, 0);
    assert_int_equal(ear_db_step(query), 0);
    ear_db_close(db);
    assert_int_equal(stat(folder_file(*state, "x.db"), &s), 0);
    assert_int_equal(s.st_mode & 07777, 0600);
    db = open_in(*state, "x.db");
    assert_int_equal(count(db), 2);
    ear_db_close(db);
}

static void a_transaction_is_whole_or_nothing(void **state)
{
    struct ear_db *db = with_table(*state);
    assert_int_equal(ear_db_begin(db), 0);
    assert_int_equal(put(db, 1, "x", 1), 0);
    assert_int_equal(ear_db_end(db, -ECANCELED), -ECANCELED);
    assert_int_equal(count(db), 0);
    assert_int_equal(ear_db_begin(db), 0);
    assert_int_equal(put(db, 1, "x", 1), 0);
    assert_int_equal(ear_db_end(db, 0), 0);
    assert_int_equal(count(db), 1);
    assert_int_equal(ear_db_end(db, -EIO), -EIO); /* none is open: nothing to undo */
    ear_db_close(db);
}

/* A question that cannot be asked says so at its step, and is asked again once it can. */
static void a_wrong_question_fails_at_its_step(void **state)
{
    struct ear_db *db = open_in(*state, "x.db");
    static const char sql[] = "SELECT n FROM later";
    int64_t n = 0;
    assert_int_equal(ear_db_ask_int(ear_db_query(db, sql), &n), -EBADMSG);
    assert_int_equal(ear_db_run(db, "CREATE TABLE later(n); INSERT INTO later VALUES(7)"), 0);
    assert_int_equal(ear_db_ask_int(ear_db_query(db, sql), &n), 1);
    assert_int_equal(n, 7);
    ear_db_close(db);
}

static void what_is_no_database_is_refused(void **state)
{
    struct ear_db *db = with_table(*state);
    uint8_t bytes[1 << 16] = {0};
    for (int64_t i = 0; i < 100; i++)
        assert_int_equal(put(db, i, bytes, 100), 0);
    assert_int_equal(ear_db_check(db), 0);
    ear_db_close(db);
    db = NULL;
    size_t len = folder_read(*state, "x.db", bytes, sizeof bytes);
    memset(bytes + 4096, 0x55, 3000);
    folder_write(*state, "x.db", bytes, len);
    assert_int_equal(ear_db_open(&db, folder_file(*state, "x.db"), false), 0);
    assert_int_equal(ear_db_check(db), -EBADMSG);
    ear_db_close(db);
    db = NULL;
    folder_write(*state, "x.db", (const uint8_t *)"This is a letter, no database.", 30);
    assert_int_equal(ear_db_open(&db, folder_file(*state, "x.db"), true), -EBADMSG);
    assert_int_equal(ear_db_open(&db, folder_file(*state, "y.db"), false), -ENOENT);
    assert_null(db);
}

static void two_connections_see_what_is_committed(void **state)
{
    struct ear_db *first = with_table(*state), *second = open_in(*state, "x.db");
    assert_int_equal(ear_db_begin(first), 0);
    assert_int_equal(put(first, 1, "x", 1), 0);
    assert_int_equal(count(second), 0);
    assert_int_equal(ear_db_end(first, 0), 0);
    assert_int_equal(count(second), 1);
    ear_db_close(first);
    assert_int_equal(put(second, 2, "y", 1), 0);
    ear_db_close(second);
}

static void a_copy_is_as_of_now(void **state)
{
    struct ear_db *db = with_table(*state), *copy;
    struct stat s;
    assert_int_equal(put(db, 1, "x", 1), 0);
    assert_int_equal(ear_db_copy(db, folder_file(*state, "copy.db")), 0);
    assert_int_equal(put(db, 2, "y", 1), 0);
    assert_int_equal(stat(folder_file(*state, "copy.db"), &s), 0);
    assert_int_equal(s.st_mode & 07777, 0600);
    copy = open_in(*state, "copy.db");
    assert_int_equal(count(copy), 1);
    assert_int_equal(count(db), 2);
    ear_db_close(copy);
    ear_db_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(holds_what_it_was_given, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(a_transaction_is_whole_or_nothing, folder_setup,
                                        folder_teardown),
        cmocka_unit_test_setup_teardown(a_wrong_question_fails_at_its_step, folder_setup,
                                        folder_teardown),
        cmocka_unit_test_setup_teardown(what_is_no_database_is_refused, folder_setup,
                                        folder_teardown),
        cmocka_unit_test_setup_teardown(two_connections_see_what_is_committed, folder_setup,
                                        folder_teardown),
        cmocka_unit_test_setup_teardown(a_copy_is_as_of_now, folder_setup, folder_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
