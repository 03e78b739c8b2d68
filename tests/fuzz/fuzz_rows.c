/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzz target: what lies in a profile. The first byte says what follows: a message's row, with what
 * is sealed in it sealed here; a note's; settings; the key file's body, whose header and sum are
 * made here; or a place as text. Each is refused, or what it says can be shown. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/utf8.h"
#include "fuzz/fuzz.h"
#include "store/messages_row.h"
#include "store/notes.h"
#include "store/place.h"
#include "store/settings.h"

#define KINDS 5
#define BODY_MAX 4000
#define SUM_BYTES 16
#define CLEAR 8 /* bytes of a message's row that are in the clear */

static char folder[200], other[200], error[700];
static struct ear_home *home, *keys;
static struct ear_store *store;

int __wrap_ear_sodium_derive(uint8_t ret[static EAR_KEY_BYTES], const char *passphrase,
                             const uint8_t salt[static EAR_SALT_BYTES],
                             const struct ear_cost *cost);

/* 128 MB and 0.2 s are not what is looked for. */
int __wrap_ear_sodium_derive(uint8_t ret[static EAR_KEY_BYTES], const char *passphrase,
                             const uint8_t salt[static EAR_SALT_BYTES], const struct ear_cost *cost)
{
    (void)passphrase;
    (void)salt;
    memset(ret, 7, EAR_KEY_BYTES);
    return cost->passes < 1 || cost->passes > 64 || cost->memory_kb > 1 << 20 ? -EINVAL : 0;
}

static void remove_all(void)
{
    static const char *const names[] = {"store.db", "store.db-wal", "store.db-shm", "vault",
                                        "lock"};
    char path[300];
    ear_store_close(store);
    ear_home_close(home);
    ear_home_close(keys);
    for (size_t i = 0; i < 2 * EAR_COUNT(names); i++) {
        snprintf(path, sizeof path, "%s/%s", i % 2 ? folder : other, names[i / 2]);
        unlink(path);
    }
    rmdir(folder);
    rmdir(other);
}

static void make_folder(char path[static 200])
{
    snprintf(path, 200, "/dev/shm/earshot-fuzz-XXXXXX");
    if (mkdtemp(path))
        return;
    snprintf(path, 200, "/tmp/earshot-fuzz-XXXXXX");
    FUZZ_REQUIRE(mkdtemp(path));
}

static void start(void)
{
    FUZZ_REQUIRE(ear_sodium_start() == 0);
    make_folder(folder);
    make_folder(other);
    FUZZ_REQUIRE(ear_home_open(&home, folder, error, sizeof error) == 0);
    FUZZ_REQUIRE(ear_home_open(&keys, other, error, sizeof error) == 0);
    FUZZ_REQUIRE(ear_store_open(&store, home, NULL, error, sizeof error) == 0);
    FUZZ_REQUIRE(ear_db_run(store->db, "PRAGMA synchronous=OFF") == 0);
    atexit(remove_all);
}

/* ---- rows ---- */

static void put_row(const char *sql, enum ear_table table, const uint8_t *clear,
                    const uint8_t *data, size_t len)
{
    uint8_t sealed[BODY_MAX + EAR_VAULT_OVERHEAD];
    const struct ear_seat seat = {(uint8_t)table, 1, 1};
    ear_vault_seal(&store->vault, &seat, data, len, sealed);
    struct ear_db_query *query = ear_db_query(store->db, sql);
    ear_db_set_bytes(query, 1, sealed, len + EAR_VAULT_OVERHEAD);
    for (int i = 0; clear && i < CLEAR; i++)
        ear_db_set_int(query, 2 + i, clear[i] > 250 ? clear[i] - 256 : clear[i]);
    FUZZ_REQUIRE(ear_db_do(query) == 0);
}

static void require_message(const struct ear_message *m)
{
    FUZZ_REQUIRE(m->kind < EAR_MESSAGE_KINDS && m->state < EAR_MESSAGE_STATES);
    FUZZ_REQUIRE(m->reason < EAR_MESSAGE_REASONS && m->direction <= EAR_MESSAGE_IN);
    FUZZ_REQUIRE(strnlen(m->name, sizeof m->name) < sizeof m->name);
    FUZZ_REQUIRE(strnlen(m->text, sizeof m->text) < sizeof m->text);
}

static void try_message(const uint8_t *data, size_t len)
{
    static const char sql[] =
        "INSERT OR REPLACE INTO messages(row, version, body, mark, person, direction, kind, state,"
        " reason, told, serial, place, size, have)"
        " VALUES(1, 1, ?1, x'0102030405060708', 1, ?2, ?3, ?4, ?5, ?6, ?7, 1, ?8, ?9)";
    struct ear_message m;
    struct ear_message_totals totals;
    uint32_t people[4];
    char body[300];
    if (len < CLEAR)
        return;
    put_row(sql, EAR_TABLE_MESSAGES, data, data + CLEAR, len - CLEAR);
    int r = ear_messages_with_id(store, 1, &m);
    FUZZ_REQUIRE(r == 0 || r == -EBADMSG);
    if (r == 0)
        require_message(&m);
    FUZZ_REQUIRE(ear_messages_list(store, 1, 0, &m, 1) == (r ? r : 1));
    FUZZ_REQUIRE(ear_messages_search(store, 0, "a", 0, &m, 1) <= 1);
    FUZZ_REQUIRE(ear_messages_outgoing(store, 1, 0, &m, 1) <= 1);
    FUZZ_REQUIRE(ear_messages_urgent(store, 1, &m, 1) <= 1);
    FUZZ_REQUIRE(ear_messages_read(store, 1, 0, body, sizeof body) <= (int64_t)sizeof body);
    FUZZ_REQUIRE(ear_messages_totals(store, 1, &totals) == 0);
    FUZZ_REQUIRE(ear_messages_people_waiting(store, people, 4) >= 0);
    int set = ear_messages_set_state(store, 1, EAR_MESSAGE_SEEN, EAR_MESSAGE_NO_REASON);
    FUZZ_REQUIRE(set == 0 || set == -EPERM || set == -EBADMSG);
    FUZZ_REQUIRE(ear_db_run(store->db, "DELETE FROM messages; DELETE FROM gone") == 0);
}

static void try_note(const uint8_t *data, size_t len)
{
    struct ear_note note;
    char text[BODY_MAX + 1];
    put_row("INSERT OR REPLACE INTO notes(row, version, body, person, call) VALUES(1, 1, ?1, 1, 1)",
            EAR_TABLE_NOTES, NULL, data, len);
    int64_t got = ear_notes_read(store, 1, text, sizeof text);
    FUZZ_REQUIRE(got >= 0 || got == -EBADMSG);
    FUZZ_REQUIRE(got < 0 || text[got] == '\0');
    FUZZ_REQUIRE(ear_notes_list(store, 0, 0, &note, 1) == (got < 0 ? got : 1));
    FUZZ_REQUIRE(ear_notes_search(store, 0, "a", 0, &note, 1) <= 1);
}

static void try_settings(const uint8_t *data, size_t len)
{
    char *text = NULL;
    size_t got = 0;
    FUZZ_REQUIRE(ear_settings_save(store, (const char *)data, len) == 0);
    FUZZ_REQUIRE(ear_settings_load(store, &text, &got) == 0);
    FUZZ_REQUIRE(got == len && text[got] == '\0' && memcmp(text, data, len) == 0);
    ear_home_forget((uint8_t *)text, got);
}

/* ---- files and texts ---- */

static void try_vault(const uint8_t *data, size_t len)
{
    uint8_t file[10 + BODY_MAX + SUM_BYTES];
    struct ear_writer w = ear_writer_on(file, sizeof file);
    struct ear_vault vault = {0};
    char path[300];
    ear_writer_bytes(&w, (const uint8_t *)"EARS", 4);
    ear_writer_u8(&w, EAR_HOME_VAULT);
    ear_writer_u8(&w, 1);
    ear_writer_u32(&w, (uint32_t)len);
    ear_writer_bytes(&w, data, len);
    const struct ear_bytes piece = {file, w.at};
    ear_sodium_hash(file + w.at, SUM_BYTES, NULL, 0, &piece, 1);
    snprintf(path, sizeof path, "%s/vault", other);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR);
    FUZZ_REQUIRE(fd >= 0 && write(fd, file, w.at + SUM_BYTES) == (ssize_t)(w.at + SUM_BYTES));
    close(fd);
    error[0] = '\0';
    int err = ear_vault_load(keys, &vault, error, sizeof error);
    FUZZ_REQUIRE(err == 0 || (err == -EBADMSG && error[0]));
    if (err || vault.is_open)
        return;
    err = ear_vault_unlock(keys, &vault, "x", error, sizeof error);
    FUZZ_REQUIRE(err == 0 || error[0]);
    FUZZ_REQUIRE(vault.is_open == (err == 0));
}

static void try_place(const uint8_t *data, size_t len)
{
    char text[BODY_MAX + 1];
    uint8_t bytes[2 * EAR_PLACE_BYTES];
    struct ear_place place, again;
    memcpy(text, data, len);
    text[len] = '\0';
    error[0] = '\0';
    int err = ear_place_parse(text, &place, error, sizeof error);
    FUZZ_REQUIRE(err == 0 || (err == -EINVAL && error[0]));
    if (err)
        return;
    FUZZ_REQUIRE(ear_utf8_is_plain(place.text, strlen(place.text)));
    struct ear_writer w = ear_writer_on(bytes, sizeof bytes);
    enum ear_place_form form = ear_place_build(&place, &w);
    struct ear_reader r = ear_reader_on(bytes, w.at);
    FUZZ_REQUIRE(!w.bad && ear_place_read(form, &r, &again) == 0);
    FUZZ_REQUIRE(strcmp(again.text, place.text) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!folder[0])
        start();
    if (size == 0)
        return 0;
    const uint8_t *rest = data + 1;
    size_t len = size - 1 < BODY_MAX ? size - 1 : BODY_MAX;
    switch (data[0] % KINDS) {
    case 0:
        try_message(rest, len);
        break;
    case 1:
        try_note(rest, len);
        break;
    case 2:
        try_settings(rest, len);
        break;
    case 3:
        try_vault(rest, len);
        break;
    default:
        try_place(rest, len);
        break;
    }
    return 0;
}
