/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Nothing that is said, named or searched for lies readable on the disk: not in the database, its
 * log, temporary files or a backup, and not in what a killed program leaves. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "disk_trouble.h"
#include "store/backup.h"
#include "store/calls.h"
#include "store/identity.h"
#include "store/messages.h"
#include "store/notes.h"
#include "store/people.h"
#include "store/settings.h"
#include "store_folder.h"

#define MARKER "Zwetschgenknoedel"
/* Capitals or not, and where its ends lie in another piece or page. */
#define CORE "wetschgenknoede"
#define PLACE "zwetschgenknoedel.example:4000"
#define PASSPHRASE MARKER " with plums"
#define VOICE_PIECES 40
#define LARGE_BYTES 100000
#define STEPS_MAX 400

static char error[600];
static const char *folder; /* where files may be made */
static char stray[300];    /* one that was made elsewhere */

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

/* SQLite's as well: what is made outside of the folder would stay unseen. */
int open(const char *path, int flags, ...)
{
    mode_t mode = 0;
    if (flags & (O_CREAT | O_TMPFILE)) {
        va_list args;
        va_start(args, flags);
        mode = va_arg(args, mode_t);
        va_end(args);
    }
    bool makes = (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE;
    if (folder && makes && strncmp(path, folder, strlen(folder)) != 0)
        snprintf(stray, sizeof stray, "%s", path);
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

/* ---- what is written ---- */

static void write_people(struct ear_store *store)
{
    struct ear_people *people = NULL;
    struct ear_calls *calls = NULL;
    struct ear_identity identity = {0};
    struct ear_call_record record = {
        .person = 1, .name = MARKER, .callback = MARKER, .place = MARKER};
    uint8_t psk[EAR_KEY_BYTES] = MARKER;
    assert_int_equal(ear_identity_set_name(store, &identity, MARKER, error, sizeof error), 0);
    assert_int_equal(ear_people_new(&people), 0);
    assert_int_equal(ear_people_invite(people, MARKER, psk, false, error, sizeof error), 0);
    assert_int_equal(ear_people_reached(people, 1, PLACE), 0);
    assert_int_equal(ear_people_save(people, store, error, sizeof error), 0);
    assert_int_equal(ear_calls_new(&calls), 0);
    ear_calls_add(calls, &record);
    assert_int_equal(ear_calls_save(calls, store, error, sizeof error), 0);
    ear_people_free(people);
    ear_calls_free(calls);
}

static void write_message(struct ear_store *store, enum ear_message_kind kind, const char *name,
                          const void *body, size_t len)
{
    const struct ear_message_draft draft = {1, kind, 1750000000, 0, name};
    int64_t id = 0;
    assert_int_equal(ear_messages_write(store, &draft, body, len, &id), 0);
}

/* A recording grows piece by piece, and is looked for where it has not ended. */
static void record_voice(struct ear_store *store)
{
    const struct ear_message_draft draft = {1, EAR_MESSAGE_VOICE, 1750000000, 0, NULL};
    int64_t id = 0;
    assert_int_equal(ear_messages_begin(store, &draft, &id), 0);
    for (uint64_t i = 0; i < VOICE_PIECES; i++)
        assert_true(ear_messages_append(store, id, i * strlen(MARKER), MARKER, strlen(MARKER)) > 0);
}

static void take_one(struct ear_store *store)
{
    struct ear_message head = {.serial = 7,
                               .person = 1,
                               .kind = EAR_MESSAGE_FILE,
                               .name = MARKER ".jpg",
                               .size = 3 * strlen(MARKER)},
                       got = {0};
    assert_int_equal(ear_messages_begin_incoming(store, &head, &got), 0);
    if (got.have == 0)
        assert_true(ear_messages_append(store, got.id, 0, MARKER, strlen(MARKER)) > 0);
}

static void write_everything(struct ear_store *store)
{
    static char large[LARGE_BYTES];
    const struct ear_note note = {.person = 1};
    int64_t id = 0;
    memset(large, 'x', sizeof large);
    for (size_t i = 0; i + strlen(MARKER) < sizeof large; i += strlen(MARKER))
        memcpy(large + i, MARKER, strlen(MARKER));
    write_people(store);
    write_message(store, EAR_MESSAGE_TEXT, NULL, MARKER, strlen(MARKER));
    write_message(store, EAR_MESSAGE_TEXT, NULL, large, 5000);
    write_message(store, EAR_MESSAGE_URGENT, NULL, MARKER "\n+255 700", strlen(MARKER) + 9);
    write_message(store, EAR_MESSAGE_FILE, MARKER ".pdf", large, sizeof large);
    take_one(store);
    record_voice(store);
    assert_int_equal(ear_notes_write(store, &note, MARKER, &id), 0);
    assert_int_equal(ear_settings_save(store, "[people]\nurgent=" MARKER "\n", 34), 0);
}

/* ---- what can be read ---- */

static void look(const char *path, const char *when)
{
    static uint8_t data[1 << 25];
    DIR *entries = opendir(path);
    int files = 0;
    assert_non_null(entries);
    for (struct dirent *d; (d = readdir(entries)) != NULL;) {
        if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
            continue;
        size_t len = folder_read(path, d->d_name, data, sizeof data);
        assert_true(len < sizeof data);
        files++;
        if (memmem(data, len, CORE, strlen(CORE)))
            fail_msg("%s, %s: what was said can be read", when, d->d_name);
    }
    closedir(entries);
    assert_true(files >= 3);
    if (stray[0])
        fail_msg("%s: %s was made", when, stray);
}

/* The test finds what is there: an invite's text in the open. */
static void the_test_finds_a_marker(void **state)
{
    store_shut(store_at(*state));
    static uint8_t data[100] = "x" MARKER;
    folder_write(*state, "leak", data, sizeof data);
    size_t len = folder_read(*state, "leak", data, sizeof data);
    assert_non_null(memmem(data, len, CORE, strlen(CORE)));
    folder = "/nowhere";
    int fd = open(folder_file(*state, "leak"), O_WRONLY | O_CREAT, 0600);
    close(fd);
    assert_true(stray[0] != '\0');
    stray[0] = '\0';
    folder = NULL;
}

static const char *backup_path(const char *path)
{
    static char file[FOLDER_BYTES + 32];
    snprintf(file, sizeof file, "%s/saved", path);
    return file;
}

static int back_up(struct ear_store *store, const char *path)
{
    return ear_backup_make(store, backup_path(path), PASSPHRASE, false, error, sizeof error);
}

static int put_back(const char *path)
{
    struct ear_home *home = folder_open(path);
    int err = ear_backup_restore(home, backup_path(path), PASSPHRASE, true, error, sizeof error);
    ear_home_close(home);
    return err;
}

/* Everybody who looks for a word writes it nowhere. */
static void search(struct ear_store *store)
{
    struct ear_message found[50];
    struct ear_note notes[5];
    assert_true(ear_messages_search(store, 0, CORE, 0, found, EAR_COUNT(found)) >= 4);
    assert_int_equal(ear_notes_search(store, 0, CORE, 0, notes, EAR_COUNT(notes)), 1);
}

static void nothing_can_be_read(const char *path, bool locked)
{
    struct ear_store *store = store_at(path);
    folder = path;
    if (locked)
        assert_int_equal(ear_store_set_passphrase(store, PASSPHRASE, error, sizeof error), 0);
    write_everything(store);
    look(path, "open");
    search(store);
    look(path, "searched");
    assert_int_equal(back_up(store, path), 0);
    look(path, "backed up");
    assert_int_equal(ear_messages_forget_person(store, 1), 0);
    look(path, "forgotten");
    store_shut(store);
    look(path, "closed");
    assert_int_equal(put_back(path), 0);
    look(path, "put back");
    store = store_at(path);
    if (ear_store_is_locked(store))
        assert_int_equal(ear_store_unlock(store, PASSPHRASE, error, sizeof error), 0);
    search(store); /* it is all there */
    store_shut(store);
    look(path, "opened again");
    folder = NULL;
}

static void without_a_passphrase(void **state)
{
    nothing_can_be_read(*state, false);
}

static void with_a_passphrase(void **state)
{
    nothing_can_be_read(*state, true);
}

/* ---- what killed programs leave ---- */

static void write_all_of_it(const char *path)
{
    struct ear_store *store = store_at(path);
    write_everything(store);
    store_shut(store);
}

static void save_it(const char *path)
{
    struct ear_store *store = store_at(path);
    if (back_up(store, path) != 0)
        fail_msg("%s", error);
    store_shut(store);
}

static void put_it_back(const char *path)
{
    assert_int_equal(put_back(path), 0);
}

/* One after the other in the same folder, so that what is left heaps up. */
static int kill_at_steps(const char *path, void (*work)(const char *path), int every)
{
    int killed = 0;
    for (int at = 1;; at += every) {
        int status = 0;
        if (work == save_it)
            unlink(backup_path(path));
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            folder = path;
            expect_trouble(TROUBLE_KILL, at);
            work(path);
            _exit(stray[0] ? 1 : 0);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        look(path, "killed");
        if (WIFEXITED(status)) {
            assert_int_equal(WEXITSTATUS(status), 0);
            return killed;
        }
        killed++;
        assert_true(at < STEPS_MAX * every);
    }
}

static void killed_programs_leave_nothing(void **state)
{
    const char *path = *state;
    store_shut(store_at(path));
    int writing = kill_at_steps(path, write_all_of_it, 31);
    struct ear_store *store = store_at(path);
    assert_int_equal(ear_messages_forget_person(store, 1), 0);
    write_everything(store);
    store_shut(store);
    int saving = kill_at_steps(path, save_it, 5);
    int restoring = kill_at_steps(path, put_it_back, 5);
    print_message("killed %d times writing, %d saving, %d putting back\n", writing, saving,
                  restoring);
    assert_true(writing > 10 && saving > 5 && restoring > 5);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_test_finds_a_marker),
        TEST(without_a_passphrase),
        TEST(with_a_passphrase),
        TEST(killed_programs_leave_nothing),
    };
    return ear_sodium_start() || cmocka_run_group_tests(tests, NULL, NULL);
}
