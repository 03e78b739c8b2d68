/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A profile's store: locked and open, of other versions, damaged, moved in, put back. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "store/backup.h"
#include "store/calls.h"
#include "store/messages.h"
#include "store/notes.h"
#include "store/people.h"
#include "store/stamps.h"
#include "store_folder.h"

/* Nobody waits for the disk here; test_store_trouble cuts the power. */
int fsync(int fd)
{
    (void)fd;
    return 0;
}

int fdatasync(int fd)
{
    (void)fd;
    return 0;
}

static char error[600];

static int64_t say(struct ear_store *store, const char *text)
{
    const struct ear_message_draft draft = {1, EAR_MESSAGE_TEXT, 1750000000, 0, NULL};
    int64_t id = 0;
    int err = ear_messages_write(store, &draft, text, strlen(text), &id);
    return err ? err : id;
}

static void expect_text(struct ear_store *store, int64_t id, const char *text)
{
    struct ear_message m;
    assert_int_equal(ear_messages_with_id(store, id, &m), 0);
    assert_string_equal(m.text, text);
}

/* ---- the lock ---- */

static void a_locked_store_gives_nothing(void **state)
{
    struct ear_store *store = store_at(*state), *beside = NULL;
    struct ear_message m;
    int64_t id = say(store, "hello");
    assert_false(ear_store_has_passphrase(store));
    assert_int_equal(ear_store_lock(store), -ENOENT);
    assert_int_equal(ear_store_set_passphrase(store, "", error, sizeof error), -EINVAL);
    assert_int_equal(ear_store_set_passphrase(store, "four words are best", error, 600), 0);
    assert_true(ear_store_has_passphrase(store) && !ear_store_is_locked(store));
    expect_text(store, id, "hello");
    assert_int_equal(ear_store_lock(store), 0);
    assert_int_equal(say(store, "x"), -ENOKEY);
    assert_int_equal(ear_messages_with_id(store, id, &m), -ENOKEY);
    assert_int_equal(ear_store_beside(&beside, store), 0);
    assert_true(ear_store_is_locked(beside));
    ear_store_close(beside);
    store_shut(store);
    store = store_at(*state);
    assert_true(ear_store_is_locked(store));
    struct ear_people *people = NULL;
    struct ear_identity identity;
    bool made;
    assert_int_equal(ear_people_load(&people, store, error, sizeof error), -ENOKEY);
    assert_int_equal(ear_identity_open(store, &identity, &made, error, sizeof error), -ENOKEY);
    assert_non_null(strstr(error, "is locked"));
    assert_int_equal(ear_store_unlock(store, "four words are bes", error, sizeof error), -EACCES);
    assert_non_null(strstr(error, "not the passphrase"));
    assert_true(ear_store_is_locked(store));
    assert_int_equal(ear_store_set_passphrase(store, "x", error, sizeof error), -ENOKEY);
    assert_int_equal(ear_store_unlock(store, "four words are best", error, sizeof error), 0);
    expect_text(store, id, "hello");
    assert_int_equal(ear_store_set_passphrase(store, "another", error, sizeof error), 0);
    store_shut(store);
    store = store_at(*state);
    assert_int_equal(ear_store_unlock(store, "four words are best", error, sizeof error), -EACCES);
    assert_int_equal(ear_store_unlock(store, "another", error, sizeof error), 0);
    assert_int_equal(ear_store_set_passphrase(store, NULL, error, sizeof error), 0);
    store_shut(store);
    store = store_at(*state);
    assert_false(ear_store_is_locked(store) || ear_store_has_passphrase(store));
    expect_text(store, id, "hello");
    store_shut(store);
}

static void two_handles_write_the_same_store(void **state)
{
    struct ear_store *store = store_at(*state), *beside = NULL;
    assert_int_equal(ear_store_beside(&beside, store), 0);
    int64_t first = say(store, "first"), second = say(beside, "second");
    expect_text(beside, first, "first");
    expect_text(store, second, "second");
    ear_store_close(beside);
    store_shut(store);
}

/* ---- what is not as it should be ---- */

static int reopen(const char *path)
{
    struct ear_store *store = NULL;
    error[0] = '\0';
    int err = store_try(&store, path, error);
    if (!err)
        store_shut(store);
    assert_true((err == 0) == (error[0] == '\0'));
    return err;
}

static void a_newer_or_damaged_store_stays_as_it_is(void **state)
{
    static uint8_t before[1 << 18], after[1 << 18];
    struct ear_store *store = store_at(*state);
    for (int i = 0; i < 100; i++)
        say(store, "some text");
    assert_int_equal(ear_db_run(store->db, "PRAGMA user_version=99"), 0);
    store_shut(store);
    assert_int_equal(reopen(*state), -ENOTSUP);
    assert_non_null(strstr(error, "newer Earshot"));
    size_t len = folder_read(*state, "store.db", before, sizeof before);
    memset(before, 'x', 4096);
    folder_write(*state, "store.db", before, len);
    assert_int_equal(reopen(*state), -EBADMSG);
    assert_non_null(strstr(error, "is damaged and stays as it is: put a backup back"));
    struct ear_home *home = folder_open(*state);
    assert_int_equal(ear_store_check(home, error, sizeof error), -EBADMSG);
    ear_home_close(home);
    assert_int_equal(folder_read(*state, "store.db", after, sizeof after), len);
    assert_memory_equal(before, after, len);
}

static void key_and_database_belong_together(void **state)
{
    uint8_t vault[200];
    store_shut(store_at(*state));
    size_t len = folder_read(*state, "vault", vault, sizeof vault);
    assert_int_equal(unlink(folder_file(*state, "vault")), 0);
    assert_int_equal(reopen(*state), -ENOKEY);
    assert_non_null(strstr(error, "vault is gone"));
    folder_write(*state, "vault", vault, len);
    assert_int_equal(chmod(folder_file(*state, "vault"), 0600), 0);
    assert_int_equal(reopen(*state), 0);
    assert_int_equal(unlink(folder_file(*state, "store.db")), 0);
    assert_int_equal(reopen(*state), -ENOENT);
    assert_non_null(strstr(error, "is gone, only its key is left"));
    assert_int_equal(unlink(folder_file(*state, "vault")), 0);
    store_shut(store_at(*state)); /* begins anew, with another key */
    folder_write(*state, "vault", vault, len);
    assert_int_equal(chmod(folder_file(*state, "vault"), 0600), 0);
    assert_int_equal(reopen(*state), -EBADMSG);
    assert_non_null(strstr(error, "do not belong together"));
}

static void damage_within_is_found(void **state)
{
    static uint8_t data[1 << 18];
    struct ear_store *store = store_at(*state);
    for (int i = 0; i < 200; i++)
        say(store, "some text that fills a few pages");
    assert_int_equal(ear_store_check(ear_store_home(store), error, sizeof error), 0);
    store_shut(store);
    size_t len = folder_read(*state, "store.db", data, sizeof data);
    assert_true(len > 15 * 4096);
    memset(data + len - 4096, 0xa5, 4096);
    folder_write(*state, "store.db", data, len);
    struct ear_home *home = folder_open(*state);
    assert_int_equal(ear_store_check(home, error, sizeof error), -EBADMSG);
    ear_home_close(home);
}

static void a_key_out_of_a_keyring_opens_it(void **state)
{
    uint8_t key[EAR_KEY_BYTES], other[EAR_KEY_BYTES] = {7};
    struct ear_store *store = store_at(*state);
    int64_t id = say(store, "kept");
    assert_int_equal(ear_store_lend_key(store, key), 0);
    assert_int_equal(ear_store_set_passphrase(store, "four words are best", error, 600), 0);
    assert_int_equal(ear_store_lock(store), 0);
    assert_int_equal(ear_store_lend_key(store, other), -ENOKEY);
    assert_int_equal(ear_store_unlock_with(store, other, error, sizeof error), -EACCES);
    assert_true(ear_store_is_locked(store));
    assert_int_equal(ear_store_unlock_with(store, key, error, sizeof error), 0);
    expect_text(store, id, "kept");
    store_shut(store);
}

/* What is damaged keeps its bytes under another name, as often as that happens. */
static void a_damaged_store_is_laid_aside(void **state)
{
    static const char *const asides[] = {"store-1.db", "store-2.db"};
    static uint8_t after[4096];
    uint8_t noise[4096];
    memset(noise, 0xa5, sizeof noise);
    for (size_t i = 0; i < EAR_COUNT(asides); i++) {
        struct ear_store *store = store_at(*state);
        assert_int_equal(say(store, "lost"), 1);
        store_shut(store);
        folder_write(*state, "store.db", noise, sizeof noise);
        assert_int_equal(reopen(*state), -EBADMSG);
        struct ear_home *home = folder_open(*state);
        assert_int_equal(ear_backup_lay_aside(home, error, sizeof error), 0);
        assert_false(ear_home_has(home, EAR_HOME_VAULT));
        ear_home_close(home);
        assert_int_equal(folder_read(*state, asides[i], after, sizeof after), sizeof noise);
        assert_memory_equal(after, noise, sizeof noise);
    }
    assert_int_equal(access(folder_file(*state, "vault-1"), F_OK), 0);
    assert_int_equal(access(folder_file(*state, "vault-2"), F_OK), 0);
    assert_int_equal(reopen(*state), 0);
}

/* The first version had no notes. */
static void an_older_store_is_brought_here(void **state)
{
    struct ear_store *store = store_at(*state);
    struct ear_note note = {.person = 1};
    int64_t id = say(store, "kept"), note_id = 0;
    assert_int_equal(ear_db_run(store->db, "DROP TABLE notes; PRAGMA user_version=1"), 0);
    store_shut(store);
    store = store_at(*state);
    expect_text(store, id, "kept");
    assert_int_equal(ear_notes_write(store, &note, "new", &note_id), 0);
    store_shut(store);
}

/* ---- files of earlier versions ---- */

static void save_old(struct ear_home *home, enum ear_home_file file, const struct ear_writer *w)
{
    assert_false(w->bad);
    assert_int_equal(ear_home_save(home, file, w->data, w->at, error, sizeof error), 0);
}

static void write_text(struct ear_writer *w, const char *text)
{
    ear_writer_u8(w, (uint8_t)strlen(text));
    ear_writer_bytes(w, (const uint8_t *)text, strlen(text));
}

static void write_old_people(struct ear_home *home)
{
    uint8_t body[200];
    struct ear_writer w = ear_writer_on(body, sizeof body);
    ear_writer_u32(&w, 9); /* the next number */
    ear_writer_u16(&w, 2);
    for (uint32_t number = 3; number <= 7; number += 4) {
        ear_writer_u32(&w, number);
        ear_writer_u16(&w, 0);
        write_text(&w, number == 3 ? "Dr. Ay" : "Ben");
        ear_writer_u16(&w, 0); /* no places, no relays */
        write_text(&w, "192.0.2.1:4000");
    }
    save_old(home, EAR_HOME_PEOPLE, &w);
}

static void write_old_calls(struct ear_home *home)
{
    uint8_t body[200] = {0};
    struct ear_writer w = ear_writer_on(body, sizeof body);
    ear_writer_u64(&w, 6); /* the next id */
    ear_writer_u16(&w, 1);
    ear_writer_u64(&w, 5);
    ear_writer_u32(&w, 7);
    ear_writer_u64(&w, 1718000000);
    for (int i = 0; i < 20; i++) /* lengths, bytes, gaps, flags, ending */
        ear_writer_u8(&w, 0);
    write_text(&w, "Ben");
    write_text(&w, "+43 1 234");
    write_text(&w, "Ward 2");
    save_old(home, EAR_HOME_CALLS, &w);
}

static void write_old(const char *path)
{
    uint8_t body[200], key[EAR_SIGN_PUBLIC_BYTES];
    struct ear_home *home = folder_open(path);
    memset(body, 0x11, EAR_KEY_BYTES);
    ear_sodium_sign_keypair(body + EAR_KEY_BYTES, key);
    struct ear_writer w = {.data = body, .cap = sizeof body, .at = 96};
    save_old(home, EAR_HOME_IDENTITY, &w);
    w = ear_writer_on(body, sizeof body);
    ear_writer_bytes(&w, (const uint8_t *)"Amina", 5);
    save_old(home, EAR_HOME_NAME, &w);
    write_old_people(home);
    write_old_calls(home);
    ear_home_close(home);
}

static void expect_old(const char *path)
{
    struct ear_store *store = store_at(path);
    struct ear_identity identity;
    struct ear_people *people = NULL;
    struct ear_calls *calls = NULL;
    bool made = true;
    assert_int_equal(ear_identity_open(store, &identity, &made, error, sizeof error), 0);
    assert_true(!made && identity.static_secret[0] == 0x11);
    assert_string_equal(identity.name, "Amina");
    assert_int_equal(ear_people_load(&people, store, error, sizeof error), 0);
    assert_int_equal(ear_people_count(people), 2);
    assert_string_equal(ear_people_numbered(people, 3)->name, "Dr. Ay");
    assert_string_equal(ear_people_numbered(people, 7)->last.text, "192.0.2.1:4000");
    assert_int_equal(ear_calls_load(&calls, store, error, sizeof error), 0);
    assert_int_equal(ear_calls_count(calls), 1);
    assert_string_equal(ear_calls_with_id(calls, 5)->place, "Ward 2");
    for (enum ear_home_file file = EAR_HOME_IDENTITY; file <= EAR_HOME_CALLS; file++)
        if (file != EAR_HOME_CLOCK)
            assert_false(ear_home_has(ear_store_home(store), file));
    ear_people_free(people);
    ear_calls_free(calls);
    store_shut(store);
}

static void earlier_files_move_in(void **state)
{
    write_old(*state);
    expect_old(*state);
    expect_old(*state);
    struct ear_home *home = folder_open(*state);
    write_old_people(home); /* somebody put one back: it is not looked at */
    ear_home_close(home);
    assert_int_equal(reopen(*state), 0);
    home = folder_open(*state);
    assert_true(ear_home_has(home, EAR_HOME_PEOPLE));
    ear_home_close(home);
}

static void a_damaged_earlier_file_stays(void **state)
{
    uint8_t data[300];
    write_old(*state);
    size_t len = folder_read(*state, "people", data, sizeof data);
    data[20] ^= 1;
    folder_write(*state, "people", data, len);
    assert_int_equal(reopen(*state), -EBADMSG);
    assert_non_null(strstr(error, "people is damaged"));
    data[20] ^= 1;
    folder_write(*state, "people", data, len);
    expect_old(*state);
}

/* ---- backup ---- */

#define BACKUP_PASSPHRASE "for the drawer"

static const char *backup_path(const char *path)
{
    static char file[FOLDER_BYTES + 32];
    snprintf(file, sizeof file, "%s/saved.earshot-backup", path);
    return file;
}

static int make(struct ear_store *store, const char *path)
{
    return ear_backup_make(store, backup_path(path), BACKUP_PASSPHRASE, false, error, sizeof error);
}

static int put_back(const char *path, const char *passphrase, bool replace)
{
    struct ear_home *home = folder_open(path);
    int err = ear_backup_restore(home, backup_path(path), passphrase, replace, error, sizeof error);
    ear_home_close(home);
    return err;
}

static void a_backup_comes_back(void **state)
{
    struct ear_store *store = store_at(*state);
    struct ear_stamps stamps;
    struct stat s;
    int64_t id = say(store, "before");
    struct ear_home *home = ear_store_home(store);
    assert_int_equal(ear_stamps_reserve(home, 5000000, &stamps, error, sizeof error), 0);
    assert_int_equal(make(store, *state), 0);
    assert_int_equal(make(store, *state), -EEXIST);
    assert_int_equal(ear_backup_make(store, backup_path(*state), "another", true, error, 600), 0);
    assert_int_equal(
        ear_backup_make(store, backup_path(*state), BACKUP_PASSPHRASE, true, error, 600), 0);
    assert_int_equal(stat(backup_path(*state), &s), 0);
    assert_int_equal(s.st_mode & 07777, 0600);
    assert_true(say(store, "after") > id);
    store_shut(store);
    assert_int_equal(put_back(*state, BACKUP_PASSPHRASE, false), -EEXIST);
    assert_int_equal(put_back(*state, "for the drawe", true), -EACCES);
    assert_int_equal(unlink(folder_file(*state, "clock")), 0);
    if (put_back(*state, BACKUP_PASSPHRASE, true) != 0)
        fail_msg("%s", error);
    store = store_at(*state);
    struct ear_message m;
    expect_text(store, id, "before");
    assert_int_equal(ear_messages_with_id(store, id + 1, &m), -ENOENT);
    assert_false(ear_store_has_passphrase(store));
    assert_int_equal(ear_stamps_reserve(ear_store_home(store), 1, &stamps, error, 600), 0);
    assert_true(stamps.last >= 5000000); /* handshakes go on after those of before */
    store_shut(store);
    assert_int_equal(stat(folder_file(*state, "store-1.db"), &s), 0); /* nothing is lost */
    assert_int_equal(stat(folder_file(*state, "vault-1"), &s), 0);
}

static void a_forgotten_passphrase_is_the_backups_from_now_on(void **state)
{
    struct ear_store *store = store_at(*state);
    int64_t id = say(store, "before");
    assert_int_equal(ear_store_set_passphrase(store, "forgotten", error, sizeof error), 0);
    assert_int_equal(ear_store_lock(store), 0);
    assert_int_equal(make(store, *state), -ENOKEY);
    assert_int_equal(ear_store_unlock(store, "forgotten", error, sizeof error), 0);
    assert_int_equal(make(store, *state), 0);
    store_shut(store);
    assert_int_equal(put_back(*state, BACKUP_PASSPHRASE, true), 0);
    store = store_at(*state);
    assert_true(ear_store_is_locked(store));
    assert_int_equal(ear_store_unlock(store, BACKUP_PASSPHRASE, error, sizeof error), 0);
    expect_text(store, id, "before");
    store_shut(store);
}

/* Cut short, or a byte of it another: refused, and what is there stays. */
static void an_altered_backup_is_refused(void **state)
{
    static uint8_t data[1 << 20];
    struct ear_store *store = store_at(*state);
    int64_t id = say(store, "stays");
    assert_int_equal(make(store, *state), 0);
    store_shut(store);
    size_t len = folder_read(*state, "saved.earshot-backup", data, sizeof data);
    assert_true(len > 70000); /* more than one piece */
    const size_t bytes[] = {0, 4, 5, 20, 24, 29, 33, 40, 65570, 65590, 65600, len - 1};
    for (size_t i = 0; i < EAR_COUNT(bytes); i++) {
        data[bytes[i]] ^= 0x10;
        folder_write(*state, "saved.earshot-backup", data, len);
        int err = put_back(*state, BACKUP_PASSPHRASE, true);
        assert_true(err == -EBADMSG || err == -EACCES || err == -ENOTSUP);
        data[bytes[i]] ^= 0x10;
    }
    const size_t cuts[] = {0, 3, 28, 30, 100, 65580, 65587, len - 1};
    for (size_t i = 0; i < EAR_COUNT(cuts); i++) {
        folder_write(*state, "saved.earshot-backup", data, cuts[i]);
        assert_int_equal(put_back(*state, BACKUP_PASSPHRASE, true), -EBADMSG);
    }
    store = store_at(*state);
    expect_text(store, id, "stays");
    store_shut(store);
}

/* ---- what lies in the folder ---- */

#define MARKER "Zwetschgenknoedel"

static void expect_no_marker(const char *path, const char *when)
{
    static uint8_t data[1 << 21];
    DIR *folder = opendir(path);
    int files = 0;
    assert_non_null(folder);
    for (struct dirent *d; (d = readdir(folder)) != NULL;) {
        if (d->d_name[0] == '.')
            continue;
        size_t len = folder_read(path, d->d_name, data, sizeof data);
        assert_true(len < sizeof data);
        files++;
        if (memmem(data, len, MARKER, strlen(MARKER)) || memmem(data, len, "wetschgenkn", 11))
            fail_msg("%s, %s: what was said can be read", when, d->d_name);
    }
    closedir(folder);
    assert_true(files >= 3);
}

static void write_everything(struct ear_store *store)
{
    const struct ear_message_draft file = {1, EAR_MESSAGE_FILE, 1750000000, 0, MARKER ".pdf"};
    const struct ear_note note = {.person = 1};
    struct ear_call_record record = {
        .person = 1, .name = MARKER, .callback = MARKER, .place = MARKER};
    struct ear_people *people = NULL;
    struct ear_calls *calls = NULL;
    struct ear_identity identity = {0};
    uint8_t psk[EAR_KEY_BYTES] = MARKER;
    char large[5000] = MARKER;
    int64_t id = 0, note_id = 0;
    memset(large + strlen(large), ' ', sizeof large - 1 - strlen(large));
    memcpy(large + 4000, MARKER, strlen(MARKER));
    assert_int_equal(ear_identity_set_name(store, &identity, MARKER, error, sizeof error), 0);
    assert_int_equal(ear_people_new(&people), 0);
    assert_int_equal(ear_people_invite(people, MARKER, psk, false, error, sizeof error), 0);
    assert_int_equal(ear_people_save(people, store, error, sizeof error), 0);
    assert_int_equal(ear_calls_new(&calls), 0);
    ear_calls_add(calls, &record);
    assert_int_equal(ear_calls_save(calls, store, error, sizeof error), 0);
    assert_true(say(store, MARKER) > 0 && say(store, large) > 0);
    assert_int_equal(ear_messages_write(store, &file, large, sizeof large, &id), 0);
    assert_int_equal(ear_notes_write(store, &note, MARKER, &note_id), 0);
    ear_people_free(people);
    ear_calls_free(calls);
}

static void nothing_can_be_read_without_the_key(void **state)
{
    struct ear_store *store = store_at(*state);
    write_everything(store);
    expect_no_marker(*state, "open");
    assert_int_equal(make(store, *state), 0);
    expect_no_marker(*state, "backed up");
    store_shut(store);
    expect_no_marker(*state, "closed");
    assert_int_equal(put_back(*state, BACKUP_PASSPHRASE, true), 0);
    expect_no_marker(*state, "put back");
    store_shut(store_at(*state));
}

/* What was deleted is not in the folder, not even sealed. */
static void what_is_deleted_is_gone(void **state)
{
    static uint8_t data[1 << 21];
    struct ear_store *store = store_at(*state);
    uint8_t sealed[64];
    size_t len;
    for (int i = 0; i < 50; i++)
        say(store, "stays");
    int64_t id = say(store, "goes");
    struct ear_db_query *query =
        ear_db_query(store->db, "SELECT body FROM messages ORDER BY row DESC LIMIT 1");
    assert_int_equal(ear_db_step(query), 1);
    memcpy(sealed, ear_db_bytes(query, 0, &len), sizeof sealed);
    ear_db_reset(query);
    assert_int_equal(ear_messages_delete(store, id), 0);
    static const char *const names[] = {"store.db", "store.db-wal"};
    for (size_t i = 0; i < EAR_COUNT(names); i++) {
        len = folder_read(*state, names[i], data, sizeof data);
        assert_null(memmem(data, len, sealed, sizeof sealed));
    }
    store_shut(store);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_locked_store_gives_nothing),
        TEST(two_handles_write_the_same_store),
        TEST(a_newer_or_damaged_store_stays_as_it_is),
        TEST(key_and_database_belong_together),
        TEST(a_key_out_of_a_keyring_opens_it),
        TEST(damage_within_is_found),
        TEST(a_damaged_store_is_laid_aside),
        TEST(an_older_store_is_brought_here),
        TEST(earlier_files_move_in),
        TEST(a_damaged_earlier_file_stays),
        TEST(a_backup_comes_back),
        TEST(a_forgotten_passphrase_is_the_backups_from_now_on),
        TEST(an_altered_backup_is_refused),
        TEST(nothing_can_be_read_without_the_key),
        TEST(what_is_deleted_is_gone),
    };
    return ear_sodium_start() || cmocka_run_group_tests(tests, NULL, NULL);
}
