/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The store when its program is killed at any step, when any step fails, when the disk is full. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "base/random.h"
#include "disk_trouble.h"
#include "store/backup.h"
#include "store/messages.h"
#include "store_folder.h"

#define SEED 20240611
/* kill -9: this often, spread over the kinds of work. */
#define KILLS 1000
#define PIECE 200
#define PASSPHRASE "for the drawer"

/* ---- kinds of work: each tells what the store has promised ---- */

struct promise {
    int64_t id;
    uint64_t bytes;
    uint64_t serial;
};

static char error[600];

static void text_of(uint64_t n, char out[static 64])
{
    snprintf(out, 64, "message number %llu", (unsigned long long)n);
}

static void tell(int pipe, struct promise promise)
{
    syscall(SYS_write, pipe, &promise, sizeof promise);
}

static int send_work(struct ear_store *store, int pipe, uint64_t from)
{
    const struct ear_message_draft draft = {1, EAR_MESSAGE_TEXT, 0, 0, NULL};
    int err = 0;
    for (uint64_t i = from; !err && i < from + 8; i++) {
        char text[64];
        int64_t id = 0;
        text_of(i, text);
        err = ear_messages_write(store, &draft, text, strlen(text), &id);
        if (!err)
            tell(pipe, (struct promise){.id = id, .bytes = strlen(text)});
    }
    return err;
}

static struct ear_message head_of(uint64_t n, const char *text)
{
    struct ear_message m = {
        .serial = n, .person = 1, .kind = EAR_MESSAGE_TEXT, .size = strlen(text)};
    const struct ear_bytes piece = {text, strlen(text)};
    memcpy(m.mark, &n, sizeof n);
    ear_sodium_hash(m.hash, sizeof m.hash, NULL, 0, &piece, 1);
    return m;
}

/* Whole ones and pieces by turns; what the last program acknowledged comes again. */
static int receive_work(struct ear_store *store, int pipe, uint64_t from)
{
    int err = 0;
    for (uint64_t i = from > 3 ? from - 3 : 1; !err && i < from + 6; i++) {
        char text[64];
        struct ear_message m = {0};
        int64_t id = 0;
        text_of(i, text);
        const struct ear_message head = head_of(i, text);
        if (i % 2) {
            err = ear_messages_receive(store, &head, text, strlen(text), &id);
        } else {
            err = ear_messages_begin_incoming(store, &head, &m);
            for (uint64_t at = m.have; !err && at < m.size; at += 7) {
                size_t n = (size_t)ear_min64(7, (int64_t)(m.size - at));
                int64_t end = ear_messages_append(store, m.id, at, text + at, n);
                err = end < 0 ? (int)end : 0;
            }
            if (!err)
                err = ear_messages_finish_incoming(store, m.id);
            id = m.id;
        }
        if (!err)
            tell(pipe, (struct promise){.id = id, .bytes = strlen(text), .serial = i});
    }
    return err;
}

static int record_work(struct ear_store *store, int pipe, uint64_t from)
{
    const struct ear_message_draft draft = {2, EAR_MESSAGE_VOICE, 0, 0, NULL};
    uint8_t piece[PIECE];
    int64_t id = 0;
    int err = ear_messages_begin(store, &draft, &id);
    for (uint64_t i = 0; !err && i < 8; i++) {
        memset(piece, (int)i, sizeof piece);
        int64_t end = ear_messages_append(store, id, i * PIECE, piece, sizeof piece);
        err = end < 0 ? (int)end : 0;
        if (!err)
            tell(pipe, (struct promise){.id = id, .bytes = (uint64_t)end});
    }
    if (!err && from % 2)
        err = ear_messages_finish(store, id, 1600);
    return err;
}

typedef int work(struct ear_store *store, int pipe, uint64_t from);

/* Opening counts: that is where tables are made. */
static int open_and(const char *path, work *what, int pipe, uint64_t from)
{
    struct ear_home *home = NULL;
    struct ear_store *store = NULL;
    int err = ear_home_open(&home, path, error, sizeof error);
    if (!err)
        err = ear_store_open(&store, home, NULL, error, sizeof error);
    if (!err && what)
        err = what(store, pipe, from);
    ear_store_close(store);
    ear_home_close(home);
    return err;
}

/* ---- what must hold afterwards ---- */

static void expect_body(struct ear_store *store, const struct ear_message *m)
{
    uint8_t body[16 * PIECE];
    char text[64] = "";
    int64_t len = ear_messages_read(store, m->id, 0, body, sizeof body);
    if (m->kind == EAR_MESSAGE_VOICE) {
        assert_int_equal(len, m->size);
        for (int64_t i = 0; i < len; i++)
            assert_int_equal(body[i], i / PIECE);
        return;
    }
    if (m->state == EAR_MESSAGE_COMING)
        return;
    assert_int_equal(len, m->size);
    unsigned long long number;
    assert_int_equal(sscanf(m->text, "message number %llu", &number), 1);
    text_of(number, text);
    assert_string_equal(m->text, text);
    if (m->direction == EAR_MESSAGE_IN)
        assert_true(m->serial == number);
}

/* All of a conversation: opens, in the order of serials, none twice. Returns how many. */
static int expect_order(struct ear_store *store, uint32_t person)
{
    struct ear_message list[50];
    uint64_t last[2] = {UINT64_MAX, UINT64_MAX};
    int64_t before = 0;
    int n, count = 0;
    while ((n = ear_messages_list(store, person, before, list, EAR_COUNT(list))) > 0) {
        for (int i = 0; i < n; i++) {
            expect_body(store, &list[i]);
            if (list[i].serial > 0)
                assert_true(list[i].serial < last[list[i].direction]);
            if (list[i].serial > 0)
                last[list[i].direction] = list[i].serial;
        }
        before = list[n - 1].id;
        count += n;
    }
    assert_int_equal(n, 0);
    return count;
}

static void expect_promise(struct ear_store *store, const struct promise *p)
{
    struct ear_message m;
    if (ear_messages_with_id(store, p->id, &m) != 0)
        fail_msg("message %lld was promised and is lost", (long long)p->id);
    assert_true(m.size >= p->bytes);
    if (p->serial > 0)
        assert_true(m.serial == p->serial && m.state == EAR_MESSAGE_UNSEEN);
}

static struct ear_store *expect_sound(const char *path)
{
    struct ear_store *store = store_at(path);
    if (ear_store_check(ear_store_home(store), error, sizeof error) != 0)
        fail_msg("%s", error);
    return store;
}

/* ---- killed ---- */

struct toll {
    int killed, promised;
};

/* A child that works until it is killed at one of its first steps; what it had promised holds. */
static void kill_once(const char *path, work *what, int at, uint64_t from, struct toll *toll)
{
    int ends[2], status = 0;
    struct promise promises[64];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        expect_trouble(TROUBLE_KILL, at);
        _exit(open_and(path, what, ends[1], from) ? 1 : 0);
    }
    close(ends[1]);
    assert_int_equal(waitpid(child, &status, 0), child);
    ssize_t len = read(ends[0], promises, sizeof promises);
    close(ends[0]);
    if (WIFEXITED(status))
        assert_int_equal(WEXITSTATUS(status), 0);
    toll->killed += WIFSIGNALED(status);
    struct ear_store *store = expect_sound(path);
    for (size_t i = 0; i < (size_t)len / sizeof promises[0]; i++) {
        expect_promise(store, &promises[i]);
        toll->promised++;
    }
    expect_order(store, 1);
    expect_order(store, 2);
    store_shut(store);
}

/* Recordings that were left are finished, as the user would. */
static void finish_recordings(const char *path)
{
    struct ear_message left[10];
    struct ear_store *store = store_at(path);
    int n = ear_messages_recordings(store, left, EAR_COUNT(left));
    assert_true(n >= 0);
    for (int i = 0; i < n; i++)
        assert_int_equal(left[i].size > 0 ? ear_messages_finish(store, left[i].id, 1)
                                          : ear_messages_delete(store, left[i].id),
                         0);
    store_shut(store);
}

static void kill_many(const char *path, work *what, int times, int steps)
{
    struct ear_random random = ear_random_seeded(SEED);
    struct toll toll = {0};
    for (int i = 0; i < times; i++) {
        int at = 1 + (int)(ear_random_u64(&random) % (unsigned)steps);
        kill_once(path, what, at, (uint64_t)i * 5 + 1, &toll);
        if (what == record_work)
            finish_recordings(path);
    }
    print_message("%d times, %d killed in the middle, %d promises, none broken\n", times,
                  toll.killed, toll.promised);
    assert_true(toll.killed > times / 2);
}

static void sending_is_killed(void **state)
{
    kill_many(*state, send_work, KILLS * 32 / 100, 150);
}

static void receiving_is_killed(void **state)
{
    kill_many(*state, receive_work, KILLS * 32 / 100, 250);
}

static void recording_is_killed(void **state)
{
    kill_many(*state, record_work, KILLS * 21 / 100, 150);
}

/* The first opening: tables, key, and what moves in. */
static void beginning_is_killed(void **state)
{
    struct toll toll = {0};
    for (int i = 0; i < KILLS / 10; i++) {
        struct ear_home *home = folder_open(*state);
        int err = ear_home_save(home, EAR_HOME_NAME, (const uint8_t *)"Amina", 5, error, 600);
        assert_int_equal(err, 0);
        ear_home_close(home);
        kill_once(*state, send_work, 1 + i, 1, &toll);
        struct ear_store *store = expect_sound(*state);
        uint8_t *name = NULL;
        size_t len = 0;
        assert_int_equal(ear_rows_get(store, EAR_TABLE_THINGS, EAR_THING_NAME, &name, &len), 0);
        assert_true(len == 5 && memcmp(name, "Amina", 5) == 0);
        ear_home_forget(name, len);
        store_shut(store);
        static const char *const all[] = {"store.db", "store.db-wal", "store.db-shm", "vault",
                                          "name"};
        for (size_t k = 0; k < EAR_COUNT(all); k++)
            unlink(folder_file(*state, all[k]));
    }
    print_message("%d times, %d killed in the middle\n", KILLS / 10, toll.killed);
    assert_true(toll.killed > KILLS / 20);
}

static const char *backup_path(const char *path)
{
    static char file[FOLDER_BYTES + 32];
    snprintf(file, sizeof file, "%s/saved", path);
    return file;
}

static int put_back(const char *path)
{
    struct ear_home *home = folder_open(path);
    int err = ear_backup_restore(home, backup_path(path), PASSPHRASE, true, error, sizeof error);
    ear_home_close(home);
    return err;
}

static int back_up(struct ear_store *store, const char *path)
{
    return ear_backup_make(store, backup_path(path), PASSPHRASE, false, error, sizeof error);
}

/* Returns whether the child was killed. */
static bool kill_backup(const char *path, int at, bool restore)
{
    int status = 0;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        int err;
        if (restore) {
            expect_trouble(TROUBLE_KILL, at);
            err = put_back(path);
        } else {
            struct ear_store *store = store_at(path);
            expect_trouble(TROUBLE_KILL, at);
            err = back_up(store, path);
        }
        _exit(err ? 1 : 0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFEXITED(status))
        assert_int_equal(WEXITSTATUS(status), 0);
    return WIFSIGNALED(status);
}

/* Either there is a whole backup or none; either the old store is there or the restored one. */
static void backup_and_restore_are_killed(void **state)
{
    int killed = 0, times = KILLS / 40;
    assert_int_equal(open_and(*state, send_work, -1, 1), 0);
    for (int i = 0; i < times; i++) {
        struct stat s;
        killed += kill_backup(*state, 1 + i, false);
        struct ear_store *store = expect_sound(*state);
        if (stat(backup_path(*state), &s) < 0)
            assert_int_equal(back_up(store, *state), 0);
        int before = expect_order(store, 1);
        assert_int_equal(send_work(store, -1, 100), 0);
        store_shut(store);
        killed += kill_backup(*state, 1 + i, true);
        store = expect_sound(*state);
        int after = expect_order(store, 1);
        assert_true(after == before || after == before + 8);
        store_shut(store);
        unlink(backup_path(*state));
    }
    print_message("%d times, %d killed in the middle\n", 2 * times, killed);
    assert_true(killed > times);
}

/* ---- failing ---- */

/* One kind of work with its n-th step failing, for all n. What was promised holds, errors are told,
 * and the next try goes through. */
static void fail_each(const char *path, work *what, enum trouble_kind kind)
{
    int told = 0, at = 1, ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    for (;; at++) {
        struct promise promises[64];
        expect_trouble(kind, at);
        int err = open_and(path, what, ends[1], (uint64_t)at * 8 + 1);
        bool over = trouble.left > 0;
        expect_trouble(kind, 0);
        ssize_t len = read(ends[0], promises, sizeof promises);
        struct ear_store *store = expect_sound(path);
        for (ssize_t i = 0; i < len / (ssize_t)sizeof promises[0]; i++)
            expect_promise(store, &promises[i]);
        expect_order(store, 1);
        expect_order(store, 2);
        store_shut(store);
        if (over) {
            assert_int_equal(err, 0);
            break;
        }
        told += err != 0;
        if (err && kind == TROUBLE_FULL)
            assert_int_equal(err, -ENOSPC);
        else if (err)
            assert_true(err == -EIO || err == -ENOSPC || err == -EACCES);
        assert_true(at < 1000);
    }
    close(ends[0]);
    close(ends[1]);
    print_message("%d steps, %d told\n", at - 1, told);
    assert_true(told > at / 2);
}

static void each_step_of_sending_fails(void **state)
{
    fail_each(*state, send_work, TROUBLE_FAIL);
}

static void each_step_of_receiving_fails(void **state)
{
    fail_each(*state, receive_work, TROUBLE_FAIL);
}

static void each_step_of_recording_fails(void **state)
{
    fail_each(*state, record_work, TROUBLE_FAIL);
}

static void a_full_disk_is_told(void **state)
{
    fail_each(*state, send_work, TROUBLE_FULL);
}

static void a_full_disk_refuses_what_comes(void **state)
{
    fail_each(*state, receive_work, TROUBLE_FULL);
}

static void a_full_disk_keeps_what_was_recorded(void **state)
{
    fail_each(*state, record_work, TROUBLE_FULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(sending_is_killed),
        TEST(receiving_is_killed),
        TEST(recording_is_killed),
        TEST(beginning_is_killed),
        TEST(backup_and_restore_are_killed),
        TEST(each_step_of_sending_fails),
        TEST(each_step_of_receiving_fails),
        TEST(each_step_of_recording_fails),
        TEST(a_full_disk_is_told),
        TEST(a_full_disk_refuses_what_comes),
        TEST(a_full_disk_keeps_what_was_recorded),
    };
    return ear_sodium_start() || cmocka_run_group_tests(tests, NULL, NULL);
}
