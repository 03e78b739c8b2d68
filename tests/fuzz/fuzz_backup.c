/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzz target: a backup file, or what lies sealed in one, is refused with a sentence, or put back
 * as a store that opens. The first byte says which: with bit 0 what follows is sealed here as it
 * should be, in pieces. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz/fuzz.h"
#include "store/backup.h"
#include "store/backup_file.h"

#define PATH_BYTES 200
#define ERROR_BYTES 700

static char folder[PATH_BYTES], backup[PATH_BYTES + 16], error[ERROR_BYTES];

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

static void remove_file(const char *name)
{
    char path[2 * PATH_BYTES];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    unlink(path);
}

static void empty(void)
{
    static const char *const names[] = {"store.db",   "store.db-wal",   "store.db-shm", "vault",
                                        "clock",      "vault.restored", "restored.db",  "backup.db",
                                        "store-1.db", "vault-1"};
    for (size_t i = 0; i < EAR_COUNT(names); i++)
        remove_file(names[i]);
}

static void remove_all(void)
{
    empty();
    remove_file("lock");
    unlink(backup);
    rmdir(folder);
}

static void start(void)
{
    FUZZ_REQUIRE(ear_sodium_start() == 0);
    snprintf(folder, sizeof folder, "/dev/shm/earshot-fuzz-XXXXXX");
    if (!mkdtemp(folder)) {
        snprintf(folder, sizeof folder, "/tmp/earshot-fuzz-XXXXXX");
        FUZZ_REQUIRE(mkdtemp(folder));
    }
    snprintf(backup, sizeof backup, "%s.backup", folder);
    atexit(remove_all);
}

static void write_raw(const uint8_t *data, size_t len)
{
    int fd = open(backup, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR);
    FUZZ_REQUIRE(fd >= 0 && ear_backup_write_all(fd, data, len) == 0);
    close(fd);
}

static void write_sealed(const uint8_t *data, size_t len)
{
    static const struct ear_chance chance = {NULL, NULL};
    struct ear_backup_file *file = NULL;
    unlink(backup);
    FUZZ_REQUIRE(ear_backup_file_make(&file, backup, "x", false, &chance) == 0);
    FUZZ_REQUIRE(ear_backup_file_write(file, data, len) == 0);
    FUZZ_REQUIRE(ear_backup_file_finish(file) == 0);
    ear_backup_file_free(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ear_home *home = NULL;
    struct ear_store *store = NULL;
    if (!folder[0])
        start();
    if (size == 0)
        return 0;
    if (data[0] & 1)
        write_sealed(data + 1, size - 1);
    else
        write_raw(data + 1, size - 1);
    error[0] = '\0';
    FUZZ_REQUIRE(ear_home_open(&home, folder, error, sizeof error) == 0);
    int err = ear_backup_restore(home, backup, "x", true, error, sizeof error);
    if (err) {
        FUZZ_REQUIRE(strlen(error) > 0 && strlen(error) < sizeof error - 1);
    } else {
        err = ear_store_open(&store, home, NULL, error, sizeof error);
        FUZZ_REQUIRE(err == 0 || strlen(error) > 0);
        ear_store_close(store);
    }
    ear_home_close(home);
    empty();
    return 0;
}
