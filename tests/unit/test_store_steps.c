/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What changes a profile as a whole - bringing it to this version, another passphrase, a backup and
 * putting it back - killed at each of its steps, with each step failing, and with the disk full
 * from there on: there is the old or the new, never half, and never nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "disk_trouble.h"
#include "store/backup.h"
#include "store/messages.h"
#include "store/notes.h"
#include "store_folder.h"

#define STEPS_MAX 400
#define OLD "the old passphrase"
#define NEW "the new one"
#define DRAWER "for the drawer"
#define BEFORE "written before"
#define AFTER "written after the backup"

static char error[600];

int __wrap_ear_sodium_derive(uint8_t ret[static EAR_KEY_BYTES], const char *passphrase,
                             const uint8_t salt[static EAR_SALT_BYTES],
                             const struct ear_cost *cost);

/* 128 MB and 0.2 s are not what is looked for. */
int __wrap_ear_sodium_derive(uint8_t ret[static EAR_KEY_BYTES], const char *passphrase,
                             const uint8_t salt[static EAR_SALT_BYTES], const struct ear_cost *cost)
{
    const struct ear_bytes pieces[] = {{passphrase, strlen(passphrase)}, {salt, EAR_SALT_BYTES}};
    (void)cost;
    ear_sodium_hash(ret, EAR_KEY_BYTES, NULL, 0, pieces, EAR_COUNT(pieces));
    return 0;
}

/* ---- stores ---- */

static void empty(const char *path)
{
    DIR *folder = opendir(path);
    for (struct dirent *d; folder && (d = readdir(folder)) != NULL;)
        unlinkat(dirfd(folder), d->d_name, 0);
    if (folder)
        closedir(folder);
}

static void say(struct ear_store *store, const char *text)
{
    const struct ear_message_draft draft = {.person = 1, .kind = EAR_MESSAGE_TEXT};
    int64_t id;
    assert_int_equal(ear_messages_write(store, &draft, text, strlen(text), &id), 0);
}

/* A store with a few messages. */
static void make(const char *path, const char *passphrase)
{
    empty(path);
    struct ear_store *store = store_at(path);
    for (int i = 0; i < 5; i++)
        say(store, BEFORE);
    if (passphrase)
        assert_int_equal(ear_store_set_passphrase(store, passphrase, error, sizeof error), 0);
    store_shut(store);
}

static int count(struct ear_store *store, const char *text)
{
    struct ear_message list[20];
    int n = ear_messages_list(store, 1, 0, list, EAR_COUNT(list)), found = 0;
    assert_true(n >= 0);
    for (int i = 0; i < n; i++)
        found += strcmp(list[i].text, text) == 0;
    return found;
}

static struct ear_store *sound(const char *path)
{
    struct ear_store *store = store_at(path);
    if (ear_store_check(ear_store_home(store), error, sizeof error) != 0)
        fail_msg("%s", error);
    return store;
}

/* ---- what is done ---- */

struct job {
    void (*prepare)(const char *path);
    int (*work)(const char *path);
    /* done: it said that all went well. */
    void (*check)(const char *path, bool done);
};

static void make_older(const char *path)
{
    make(path, NULL);
    struct ear_store *store = store_at(path);
    assert_int_equal(ear_db_run(store->db, "DROP TABLE notes; PRAGMA user_version=1"), 0);
    store_shut(store);
}

static int open_it(const char *path)
{
    struct ear_home *home = NULL;
    struct ear_store *store = NULL;
    int err = ear_home_open(&home, path, error, sizeof error);
    if (!err)
        err = ear_store_open(&store, home, NULL, error, sizeof error);
    ear_store_close(store);
    ear_home_close(home);
    return err;
}

static void check_older(const char *path, bool done)
{
    const struct ear_note note = {.person = 1};
    int64_t id = 0;
    struct ear_store *store = sound(path);
    (void)done;
    assert_int_equal(count(store, BEFORE), 5);
    assert_int_equal(ear_notes_write(store, &note, "new", &id), 0);
    store_shut(store);
}

static int change(const char *path, const char *from, const char *to)
{
    struct ear_home *home = NULL;
    struct ear_store *store = NULL;
    int err = ear_home_open(&home, path, error, sizeof error);
    if (!err)
        err = ear_store_open(&store, home, NULL, error, sizeof error);
    if (!err && from)
        err = ear_store_unlock(store, from, error, sizeof error);
    if (!err)
        err = ear_store_set_passphrase(store, to, error, sizeof error);
    ear_store_close(store);
    ear_home_close(home);
    return err;
}

static bool opens(struct ear_store *store, const char *passphrase)
{
    if (!passphrase)
        return !ear_store_has_passphrase(store);
    return ear_store_has_passphrase(store) &&
           ear_store_unlock(store, passphrase, error, sizeof error) == 0;
}

static void check_changed(const char *path, const char *from, const char *to, bool done)
{
    struct ear_store *store = sound(path);
    bool opened = opens(store, to) || (!done && opens(store, from));
    if (!opened)
        fail_msg("neither passphrase opens it");
    assert_int_equal(count(store, BEFORE), 5);
    store_shut(store);
}

static void make_open(const char *path)
{
    make(path, NULL);
}

static void make_locked(const char *path)
{
    make(path, OLD);
}

static int set_first(const char *path)
{
    return change(path, NULL, NEW);
}

static void check_first(const char *path, bool done)
{
    check_changed(path, NULL, NEW, done);
}

static int set_other(const char *path)
{
    return change(path, OLD, NEW);
}

static void check_other(const char *path, bool done)
{
    check_changed(path, OLD, NEW, done);
}

static int set_none(const char *path)
{
    return change(path, OLD, NULL);
}

static void check_none(const char *path, bool done)
{
    check_changed(path, OLD, NULL, done);
}

static const char *backup_path(const char *path)
{
    static char file[FOLDER_BYTES + 32];
    snprintf(file, sizeof file, "%s/saved", path);
    return file;
}

static int back_up(const char *path)
{
    struct ear_home *home = NULL;
    struct ear_store *store = NULL;
    int err = ear_home_open(&home, path, error, sizeof error);
    if (!err)
        err = ear_store_open(&store, home, NULL, error, sizeof error);
    if (!err)
        err = ear_backup_make(store, backup_path(path), DRAWER, false, error, sizeof error);
    ear_store_close(store);
    ear_home_close(home);
    return err;
}

static int put_back(const char *path)
{
    struct ear_home *home = NULL;
    int err = ear_home_open(&home, path, error, sizeof error);
    if (!err)
        err = ear_backup_restore(home, backup_path(path), DRAWER, true, error, sizeof error);
    ear_home_close(home);
    return err;
}

/* There is a whole backup or none; and one can be made now. */
static void check_backup(const char *path, bool done)
{
    struct stat s;
    struct ear_store *store = sound(path);
    assert_int_equal(count(store, BEFORE), 5);
    bool there = stat(backup_path(path), &s) == 0;
    assert_true(there || !done);
    if (!there)
        assert_int_equal(
            ear_backup_make(store, backup_path(path), DRAWER, false, error, sizeof error), 0);
    say(store, AFTER);
    store_shut(store);
    assert_int_equal(put_back(path), 0);
    store = sound(path);
    assert_int_equal(count(store, BEFORE), 5);
    assert_int_equal(count(store, AFTER), 0);
    store_shut(store);
}

static void make_saved(const char *path)
{
    make(path, NULL);
    assert_int_equal(back_up(path), 0);
    struct ear_store *store = store_at(path);
    say(store, AFTER);
    store_shut(store);
}

/* What was there, or what was put back; and it can be tried again. */
static void check_restored(const char *path, bool done)
{
    struct ear_store *store = sound(path);
    assert_int_equal(count(store, BEFORE), 5);
    int after = count(store, AFTER);
    assert_true(after == 0 || (!done && after == 1));
    store_shut(store);
    if (put_back(path) != 0)
        fail_msg("%s", error);
    store = sound(path);
    assert_int_equal(count(store, AFTER), 0);
    store_shut(store);
}

static const struct job bring = {make_older, open_it, check_older};
static const struct job first = {make_open, set_first, check_first};
static const struct job other = {make_locked, set_other, check_other};
static const struct job none = {make_locked, set_none, check_none};
static const struct job backup = {make_open, back_up, check_backup};
static const struct job restore = {make_saved, put_back, check_restored};

/* ---- what happens to it ---- */

/* Returns whether it came to its end; ret_err: what it said. */
static bool run(const struct job *job, const char *path, enum trouble_kind kind, int at,
                int *ret_err)
{
    int status = 0;
    if (kind != TROUBLE_KILL) {
        expect_trouble(kind, at);
        *ret_err = job->work(path);
        bool over = trouble.left > 0;
        expect_trouble(kind, 0);
        return over;
    }
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        expect_trouble(kind, at);
        _exit(job->work(path) ? 1 : 0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    *ret_err = WIFSIGNALED(status) ? -EINTR : -WEXITSTATUS(status);
    if (WIFEXITED(status))
        assert_int_equal(WEXITSTATUS(status), 0);
    return WIFEXITED(status);
}

static void at_each_step(const char *path, const struct job *job, const char *name)
{
    static const char *const kinds[] = {"killed", "failing", "full"};
    for (enum trouble_kind kind = TROUBLE_KILL; kind <= TROUBLE_FULL; kind++) {
        int at = 1, told = 0, err = 0;
        for (bool over = false; !over; at++) {
            assert_true(at < STEPS_MAX);
            job->prepare(path);
            error[0] = '\0';
            over = run(job, path, kind, at, &err);
            if (err && kind != TROUBLE_KILL && error[0] == '\0')
                fail_msg("%s, %s at step %d: %d without a sentence", name, kinds[kind], at, err);
            told += err != 0;
            job->check(path, err == 0);
        }
        print_message("%s, %s: %d steps, %d told\n", name, kinds[kind], at - 2, told);
        assert_true(at > 3);
    }
}

static void bringing_it_here(void **state)
{
    at_each_step(*state, &bring, "an older version");
}

static void passphrases(void **state)
{
    at_each_step(*state, &first, "a first passphrase");
    at_each_step(*state, &other, "another passphrase");
    at_each_step(*state, &none, "no passphrase any more");
}

static void backups(void **state)
{
    at_each_step(*state, &backup, "a backup");
}

static void putting_back(void **state)
{
    at_each_step(*state, &restore, "putting back");
}

/* ---- damaged ---- */

/* Its first page is gone: it says so and stays; what is put back takes its place, and it is kept.
 */
static void a_damaged_one_is_kept(void **state)
{
    static uint8_t before[1 << 18], after[1 << 18];
    struct ear_store *store = NULL;
    make_saved(*state);
    size_t len = folder_read(*state, "store.db", before, sizeof before);
    memset(before, 'x', 4096);
    folder_write(*state, "store.db", before, len);
    assert_int_equal(store_try(&store, *state, error), -EBADMSG);
    assert_non_null(strstr(error, "damaged"));
    if (put_back(*state) != 0)
        fail_msg("%s", error);
    store = sound(*state);
    assert_int_equal(count(store, BEFORE), 5);
    store_shut(store);
    assert_int_equal(folder_read(*state, "store-1.db", after, sizeof after), len);
    assert_memory_equal(before, after, len);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(bringing_it_here), TEST(passphrases),           TEST(backups),
        TEST(putting_back),     TEST(a_damaged_one_is_kept),
    };
    return ear_sodium_start() || cmocka_run_group_tests(tests, NULL, NULL);
}
