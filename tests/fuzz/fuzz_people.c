/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzz target: the files of a profile, as earlier versions wrote them, are refused with a sentence,
 * or what they hold is written to the store and read again as it was. The first byte says which
 * file: bits 1-3; and with bit 0 that what follows is the file's body, whose header and sum are
 * made here; with nothing behind it there is no people, clock or calls. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "fuzz/fuzz.h"
#include "store/calls_table.h"
#include "store/identity_file.h"
#include "store/inside.h"
#include "store/people_table.h"
#include "store/stamps.h"

#define BODY_MAX 8192
#define HEADER_BYTES 10
#define SUM_BYTES 16
#define ERROR_BYTES 700
#define PATH_BYTES 200

static const char *const names[] = {"identity", "name", "people", "clock", "calls"};
static char folder[PATH_BYTES], error[ERROR_BYTES];
static struct ear_home *home;
static struct ear_store *store;

static void path_of(const char *name, char path[static 2 * PATH_BYTES])
{
    snprintf(path, 2 * PATH_BYTES, "%s/%s", folder, name);
}

static void put(const char *name, const uint8_t *data, size_t len)
{
    char path[2 * PATH_BYTES];
    path_of(name, path);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR);
    FUZZ_REQUIRE(fd >= 0 && write(fd, data, len) == (ssize_t)len);
    close(fd);
}

static void remove_file(const char *name)
{
    char path[2 * PATH_BYTES];
    path_of(name, path);
    unlink(path);
}

static void remove_all(void)
{
    ear_store_close(store);
    ear_home_close(home);
    for (size_t i = 0; i < EAR_COUNT(names); i++)
        remove_file(names[i]);
    remove_file("store.db");
    remove_file("vault");
    remove_file("lock");
    rmdir(folder);
}

/* In memory where the system has a folder for that. */
static void start(void)
{
    FUZZ_REQUIRE(ear_sodium_start() == 0);
    snprintf(folder, sizeof folder, "/dev/shm/earshot-fuzz-XXXXXX");
    if (!mkdtemp(folder)) {
        snprintf(folder, sizeof folder, "/tmp/earshot-fuzz-XXXXXX");
        FUZZ_REQUIRE(mkdtemp(folder));
    }
    FUZZ_REQUIRE(ear_home_open(&home, folder, error, sizeof error) == 0);
    FUZZ_REQUIRE(ear_store_open(&store, home, NULL, error, sizeof error) == 0);
    FUZZ_REQUIRE(ear_db_run(store->db, "PRAGMA synchronous=OFF") == 0);
    atexit(remove_all);
}

static size_t wrap(enum ear_home_file file, const uint8_t *body, size_t len, uint8_t *out)
{
    struct ear_writer w = ear_writer_on(out, HEADER_BYTES + BODY_MAX + SUM_BYTES);
    ear_writer_bytes(&w, (const uint8_t *)"EARS", 4);
    ear_writer_u8(&w, (uint8_t)file);
    ear_writer_u8(&w, 1);
    ear_writer_u32(&w, (uint32_t)len);
    ear_writer_bytes(&w, body, len);
    const struct ear_bytes piece = {out, w.at};
    ear_sodium_hash(out + w.at, SUM_BYTES, NULL, 0, &piece, 1);
    return w.at + SUM_BYTES;
}

static void require_sentence(int err)
{
    FUZZ_REQUIRE(err == -EBADMSG || err == -ENOTSUP);
    FUZZ_REQUIRE(strlen(error) > 0 && strlen(error) < sizeof error - 1);
}

static void require_same(const struct ear_person *a, const struct ear_person *b)
{
    FUZZ_REQUIRE(a->guest.number == b->guest.number && strcmp(a->name, b->name) == 0);
    FUZZ_REQUIRE(a->verified == b->verified && a->guest.blocked == b->guest.blocked);
    FUZZ_REQUIRE(memcmp(a->guest.static_key, b->guest.static_key, EAR_KEY_BYTES) == 0);
    FUZZ_REQUIRE(memcmp(a->sign_key, b->sign_key, EAR_SIGN_PUBLIC_BYTES) == 0);
    for (size_t i = 0; i < EAR_PSK_KINDS; i++)
        FUZZ_REQUIRE(memcmp(a->guest.psks[i].id, b->guest.psks[i].id, EAR_PSK_ID_BYTES) == 0);
    FUZZ_REQUIRE(a->at.count == b->at.count && a->relays.count == b->relays.count);
    for (size_t i = 0; i < a->at.count; i++)
        FUZZ_REQUIRE(strcmp(a->at.at[i].text, b->at.at[i].text) == 0);
    FUZZ_REQUIRE(strcmp(a->last.text, b->last.text) == 0 && a->meets.count == b->meets.count);
}

static void try_people(void)
{
    struct ear_people *people = NULL, *again = NULL;
    int err = ear_people_load_file(&people, home, error, sizeof error);
    if (err) {
        require_sentence(err);
        return;
    }
    FUZZ_REQUIRE(ear_people_save(people, store, error, sizeof error) == 0);
    FUZZ_REQUIRE(ear_people_load(&again, store, error, sizeof error) == 0);
    FUZZ_REQUIRE(ear_people_count(people) == ear_people_count(again));
    for (size_t i = 0; i < ear_people_count(people); i++) {
        const struct ear_person *person = ear_people_at(people, i);
        FUZZ_REQUIRE(ear_people_named(people, person->name) == person);
        FUZZ_REQUIRE(ear_people_numbered(people, person->guest.number) == person);
        require_same(person, ear_people_at(again, i));
    }
    ear_people_free(people);
    ear_people_free(again);
}

static void try_calls(void)
{
    struct ear_calls *calls = NULL, *again = NULL;
    int err = ear_calls_load_file(&calls, home, error, sizeof error);
    if (err) {
        require_sentence(err);
        return;
    }
    FUZZ_REQUIRE(ear_calls_save(calls, store, error, sizeof error) == 0);
    FUZZ_REQUIRE(ear_calls_load(&again, store, error, sizeof error) == 0);
    FUZZ_REQUIRE(ear_calls_count(calls) == ear_calls_count(again));
    for (size_t i = 0; i < ear_calls_count(calls); i++) {
        const struct ear_call_record *a = ear_calls_at(calls, i), *b = ear_calls_at(again, i);
        FUZZ_REQUIRE(ear_calls_with_id(calls, a->id) == a && a->id == b->id);
        FUZZ_REQUIRE(a->begin_s == b->begin_s && a->bytes == b->bytes && a->missed == b->missed);
        FUZZ_REQUIRE(strcmp(a->name, b->name) == 0 && strcmp(a->place, b->place) == 0);
        FUZZ_REQUIRE(strcmp(a->callback, b->callback) == 0);
    }
    ear_calls_free(calls);
    ear_calls_free(again);
}

static void try_identity(void)
{
    struct ear_identity identity;
    bool made = true;
    FUZZ_REQUIRE(ear_store_begin(store) == 0);
    int err = ear_identity_move_keys(store, error, sizeof error);
    if (!err)
        err = ear_identity_move_name(store, error, sizeof error);
    err = ear_store_end(store, err);
    if (err) {
        require_sentence(err);
        return;
    }
    FUZZ_REQUIRE(ear_identity_open(store, &identity, &made, error, sizeof error) == 0 && !made);
    ear_identity_wipe(&identity);
}

static void try_clock(void)
{
    struct ear_stamps first, then;
    int err = ear_stamps_reserve(home, 1000, &first, error, sizeof error);
    if (err) {
        require_sentence(err);
        return;
    }
    uint64_t stamp = ear_stamps_next(&first, 1000);
    FUZZ_REQUIRE(stamp > 0);
    /* One that is full says so, and no stamp comes twice. */
    err = ear_stamps_reserve(home, 1, &then, error, sizeof error);
    if (err)
        require_sentence(err);
    else
        FUZZ_REQUIRE(ear_stamps_next(&then, 1) > stamp);
}

/* A name and keys, whatever the last input was. */
static void put_usual(void)
{
    static uint8_t identity[HEADER_BYTES + BODY_MAX + SUM_BYTES], name[sizeof identity];
    static size_t identity_len, name_len;
    if (identity_len == 0) {
        uint8_t body[EAR_KEY_BYTES + EAR_SIGN_SECRET_BYTES] = {1}, key[EAR_SIGN_PUBLIC_BYTES];
        ear_sodium_sign_keypair(body + EAR_KEY_BYTES, key);
        identity_len = wrap(EAR_HOME_IDENTITY, body, sizeof body, identity);
        name_len = wrap(EAR_HOME_NAME, (const uint8_t *)"Amina", 5, name);
    }
    put("identity", identity, identity_len);
    put("name", name, name_len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t whole[HEADER_BYTES + BODY_MAX + SUM_BYTES];
    if (!home)
        start();
    if (size == 0 || size > BODY_MAX)
        return 0;
    enum ear_home_file file = (enum ear_home_file)((data[0] >> 1 & 7) % EAR_COUNT(names));
    if (file == EAR_HOME_IDENTITY || file == EAR_HOME_NAME)
        put_usual();
    if (size == 1 && file >= EAR_HOME_PEOPLE)
        remove_file(names[file]);
    else if (data[0] & 1)
        put(names[file], whole, wrap(file, data + 1, size - 1, whole));
    else
        put(names[file], data + 1, size - 1);
    error[0] = '\0';
    if (file == EAR_HOME_PEOPLE)
        try_people();
    else if (file == EAR_HOME_CLOCK)
        try_clock();
    else if (file == EAR_HOME_CALLS)
        try_calls();
    else
        try_identity();
    return 0;
}
