/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The profile folder on disk. */
#include "store/home.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "port/sodium.h"

#define MAGIC "EARS"
#define MAGIC_BYTES 4
#define HEADER_BYTES (MAGIC_BYTES + 1 + 1 + 4)
#define SUM_BYTES 16
#define AROUND_BYTES (HEADER_BYTES + SUM_BYTES)
#define OTHERS (S_IRWXG | S_IRWXO)
#define TEMPORARY "new"
#define PATH_BYTES 4096

static const struct {
    const char *name;
    uint8_t version;
    size_t max_bytes; /* of the body: no more is ever read into memory */
    const char *cure; /* what to do about a damaged one */
} files[] = {
    [EAR_HOME_IDENTITY] = {"identity", 1, 4096,
                           "put it back from a backup, or make new keys with \"earshot-cli "
                           "identity --renew\""},
    [EAR_HOME_NAME] = {"name", 1, 4096, "delete it and give your name again"},
    [EAR_HOME_PEOPLE] = {"people", 1, 1 << 20,
                         "put it back from a backup, or delete it and add your people again"},
    [EAR_HOME_CLOCK] = {"clock", 1, 4096,
                        "check that this computer knows the date, then delete it"},
    [EAR_HOME_CALLS] = {"calls", 1, 1 << 19,
                        "put it back from a backup, or delete it: the list of calls begins anew"},
    [EAR_HOME_VAULT] = {"vault", 1, 4096, "put a backup back with \"earshot-cli restore\""},
    [EAR_HOME_VAULT_RESTORED] = {"vault.restored", 1, 4096, "put the backup back once more"},
};

struct ear_home {
    int folder;
    int lock;
    char path[];
};

const char *ear_home_path(const struct ear_home *home)
{
    return home->path;
}

/* So that a power cut does not take the new folder back, where the parent lets itself be opened. */
static void sync_parent(const char *path)
{
    char parent[PATH_BYTES];
    snprintf(parent, sizeof parent, "%s/..", path);
    int fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    fsync(fd);
    close(fd);
}

static int make_folder(const char *path, char *error, size_t error_bytes)
{
    int err = 0;
    if (mkdir(path, S_IRWXU) == 0)
        sync_parent(path);
    else if (errno != EEXIST)
        err = -errno;
    if (err == -EACCES || err == -EROFS)
        snprintf(error, error_bytes, "Nothing may be written where the profile folder %s would be.",
                 path);
    else if (err)
        snprintf(error, error_bytes, "The profile folder %s cannot be made: %s.", path,
                 strerror(-err));
    return err;
}

static int check_folder(int fd, const char *path, char *error, size_t error_bytes)
{
    struct stat s;
    if (fstat(fd, &s) < 0) {
        int err = -errno;
        snprintf(error, error_bytes, "The profile folder %s cannot be read: %s.", path,
                 strerror(-err));
        return err;
    }
    if (s.st_uid != geteuid()) {
        snprintf(error, error_bytes,
                 "The profile folder %s belongs to somebody else: choose one of your own.", path);
        return -EPERM;
    }
    if (s.st_mode & OTHERS) {
        snprintf(error, error_bytes,
                 "Others on this computer may look into the profile folder: make it yours alone "
                 "with \"chmod 700 %s\".",
                 path);
        return -EPERM;
    }
    return 0;
}

static int lock_folder(struct ear_home *home, char *error, size_t error_bytes)
{
    int err;
    home->lock =
        openat(home->folder, "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (home->lock < 0) {
        err = -errno;
        snprintf(error, error_bytes, "The profile folder %s cannot be written: %s.", home->path,
                 strerror(-err));
        return err;
    }
    if (flock(home->lock, LOCK_EX | LOCK_NB) == 0)
        return 0;
    err = errno == EWOULDBLOCK ? -EBUSY : -errno;
    if (err == -EBUSY)
        snprintf(error, error_bytes,
                 "Another Earshot is using the profile folder %s: close it first.", home->path);
    else
        snprintf(error, error_bytes, "The profile folder %s cannot be locked: %s.", home->path,
                 strerror(-err));
    return err;
}

/* Looked at before it is opened, as the folder of somebody else may not be opened at all. */
static int open_folder(struct ear_home *home, char *error, size_t error_bytes)
{
    int err = make_folder(home->path, error, error_bytes);
    if (err)
        return err;
    int fd = open(home->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        err = check_folder(fd, home->path, error, error_bytes);
        if (!err)
            home->folder = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    }
    if (!err && home->folder < 0) {
        err = -errno;
        if (err == -ENOTDIR)
            snprintf(error, error_bytes, "%s is not a folder: choose another profile folder.",
                     home->path);
        else
            snprintf(error, error_bytes, "The profile folder %s cannot be opened: %s.", home->path,
                     strerror(-err));
    }
    if (fd >= 0)
        close(fd);
    return err;
}

int ear_home_open(struct ear_home **ret, const char *path, char *error, size_t error_bytes)
{
    size_t len = strlen(path) + 1;
    struct ear_home *home = malloc(sizeof *home + len);
    if (!home) {
        snprintf(error, error_bytes, "There is not enough memory.");
        return -ENOMEM;
    }
    memcpy(home->path, path, len);
    home->folder = home->lock = -1;
    int err = open_folder(home, error, error_bytes);
    if (!err)
        err = lock_folder(home, error, error_bytes);
    if (err)
        ear_home_close(home);
    else
        *ret = home;
    return err;
}

void ear_home_close(struct ear_home *home)
{
    if (!home)
        return;
    if (home->lock >= 0)
        close(home->lock);
    if (home->folder >= 0)
        close(home->folder);
    free(home);
}

bool ear_home_has(const struct ear_home *home, enum ear_home_file file)
{
    return faccessat(home->folder, files[file].name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

void ear_home_forget(uint8_t *body, size_t len)
{
    if (body)
        ear_sodium_wipe(body, len);
    free(body);
}

/* A restored vault becomes the vault by its name alone. */
static uint8_t kind_of(enum ear_home_file file)
{
    return (uint8_t)(file == EAR_HOME_VAULT_RESTORED ? EAR_HOME_VAULT : file);
}

static void sum_of(const uint8_t *data, size_t len, uint8_t ret[static SUM_BYTES])
{
    const struct ear_bytes piece = {data, len};
    ear_sodium_hash(ret, SUM_BYTES, NULL, 0, &piece, 1);
}

/* The result as one sentence; returns it. */
static int tell(const struct ear_home *home, enum ear_home_file file, int err, char *error,
                size_t error_bytes)
{
    const char *path = home->path, *name = files[file].name;
    if (err == -EPERM)
        snprintf(error, error_bytes,
                 "Others on this computer may read %s/%s: make it yours alone with \"chmod 600 "
                 "%s/%s\", and give new invites if they may have done so.",
                 path, name, path, name);
    else if (err == -EMSGSIZE)
        snprintf(error, error_bytes, "%s/%s has the wrong size, so it is damaged: %s.", path, name,
                 files[file].cure);
    else if (err == -EBADMSG)
        snprintf(error, error_bytes, "%s/%s is damaged: %s.", path, name, files[file].cure);
    else if (err == -ENOTSUP)
        snprintf(error, error_bytes, "%s/%s was written by a newer Earshot: update this one.", path,
                 name);
    else if (err == -ELOOP || err == -EISDIR)
        snprintf(error, error_bytes, "%s/%s is not a file: move it away.", path, name);
    else if (err == -ECHILD)
        snprintf(error, error_bytes,
                 "%s/%s belongs to somebody else: put your own one there, or choose another "
                 "profile folder.",
                 path, name);
    else if (err < 0 && err != -ENOENT)
        snprintf(error, error_bytes, "%s/%s cannot be read: %s.", path, name, strerror(-err));
    return err;
}

int ear_home_complain(const struct ear_home *home, enum ear_home_file file, char *error,
                      size_t error_bytes)
{
    return tell(home, file, -EBADMSG, error, error_bytes);
}

/* Returns the size, -EISDIR, -ECHILD for another owner, -EPERM, -EMSGSIZE, -errno. */
static ssize_t check_file(int fd, enum ear_home_file file)
{
    struct stat s;
    if (fstat(fd, &s) < 0)
        return -errno;
    if (!S_ISREG(s.st_mode))
        return -EISDIR;
    if (s.st_uid != geteuid())
        return -ECHILD;
    if (s.st_mode & OTHERS)
        return -EPERM;
    if (s.st_size < AROUND_BYTES || s.st_size > (off_t)(files[file].max_bytes + AROUND_BYTES))
        return -EMSGSIZE;
    return (ssize_t)s.st_size;
}

static int read_all(int fd, uint8_t *data, size_t len)
{
    for (size_t at = 0; at < len;) {
        ssize_t n = read(fd, data + at, len - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : -EMSGSIZE;
        at += (size_t)n;
    }
    return 0;
}

static int check_content(enum ear_home_file file, const uint8_t *data, size_t len)
{
    struct ear_reader r = ear_reader_on(data, len);
    const uint8_t *magic = ear_reader_bytes(&r, MAGIC_BYTES);
    uint8_t kind = ear_reader_u8(&r), version = ear_reader_u8(&r), sum[SUM_BYTES];
    uint32_t body = ear_reader_u32(&r);
    sum_of(data, len - SUM_BYTES, sum);
    if (memcmp(magic, MAGIC, MAGIC_BYTES) != 0)
        return -EBADMSG;
    if (body != len - AROUND_BYTES)
        return -EMSGSIZE;
    if (memcmp(sum, data + len - SUM_BYTES, SUM_BYTES) != 0 || kind != kind_of(file) ||
        version == 0)
        return -EBADMSG;
    return version > files[file].version ? -ENOTSUP : 0;
}

static int load(const struct ear_home *home, enum ear_home_file file, uint8_t **ret,
                size_t *ret_len)
{
    uint8_t *data = NULL;
    int fd = openat(home->folder, files[file].name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    ssize_t len = check_file(fd, file);
    int err = len < 0 ? (int)len : 0;
    if (!err && !(data = malloc((size_t)len)))
        err = -ENOMEM;
    if (!err)
        err = read_all(fd, data, (size_t)len);
    if (!err)
        err = check_content(file, data, (size_t)len);
    close(fd);
    if (err) {
        ear_home_forget(data, len > 0 ? (size_t)len : 0);
        return err;
    }
    *ret_len = (size_t)len - AROUND_BYTES;
    memmove(data, data + HEADER_BYTES, *ret_len);
    ear_sodium_wipe(data + *ret_len, AROUND_BYTES);
    *ret = data;
    return 0;
}

int ear_home_load(const struct ear_home *home, enum ear_home_file file, uint8_t **ret,
                  size_t *ret_len, char *error, size_t error_bytes)
{
    int err = tell(home, file, load(home, file, ret, ret_len), error, error_bytes);
    return err == -EMSGSIZE ? -EBADMSG : err == -ECHILD ? -EPERM : err;
}

static int write_all(int fd, const uint8_t *data, size_t len)
{
    for (size_t at = 0; at < len;) {
        ssize_t n = write(fd, data + at, len - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : -EIO;
        at += (size_t)n;
    }
    return fsync(fd) < 0 ? -errno : 0;
}

/* Overwrites a file that has no name any more. What fails here costs nobody anything. */
static void wipe_file(int fd)
{
    static const uint8_t zeros[4096];
    struct stat s;
    if (fstat(fd, &s) < 0 || !S_ISREG(s.st_mode) || s.st_nlink > 0)
        return;
    for (off_t left = s.st_size; left > 0; left -= (off_t)sizeof zeros) {
        ssize_t n = write(fd, zeros, (size_t)ear_min64(left, sizeof zeros));
        if (n < 0)
            return;
    }
    fsync(fd);
}

static int replace(struct ear_home *home, const char *name, const uint8_t *data, size_t len)
{
    char temporary[64];
    snprintf(temporary, sizeof temporary, "%s.%s", name, TEMPORARY);
    unlinkat(home->folder, temporary, 0);
    int fd = openat(home->folder, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                    S_IRUSR | S_IWUSR);
    if (fd < 0)
        return -errno;
    int old = openat(home->folder, name, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    int err = write_all(fd, data, len);
    if (!err && renameat(home->folder, temporary, home->folder, name) < 0)
        err = -errno;
    if (err)
        unlinkat(home->folder, temporary, 0);
    else if (fsync(home->folder) < 0)
        err = -errno;
    else if (old >= 0)
        wipe_file(old);
    if (old >= 0)
        close(old);
    close(fd);
    return err;
}

int ear_home_save(struct ear_home *home, enum ear_home_file file, const uint8_t *body, size_t len,
                  char *error, size_t error_bytes)
{
    size_t whole = len + AROUND_BYTES;
    uint8_t *data = malloc(whole);
    int err = -ENOMEM;
    assert(len <= files[file].max_bytes);
    if (data) {
        struct ear_writer w = ear_writer_on(data, whole);
        ear_writer_bytes(&w, (const uint8_t *)MAGIC, MAGIC_BYTES);
        ear_writer_u8(&w, kind_of(file));
        ear_writer_u8(&w, files[file].version);
        ear_writer_u32(&w, (uint32_t)len);
        ear_writer_bytes(&w, body, len);
        sum_of(data, w.at, data + w.at);
        err = replace(home, files[file].name, data, whole);
        ear_home_forget(data, whole);
    }
    if (err)
        snprintf(error, error_bytes, "%s/%s cannot be written: %s.", home->path, files[file].name,
                 strerror(-err));
    return err;
}

int ear_home_remove(struct ear_home *home, enum ear_home_file file)
{
    const char *name = files[file].name;
    int fd = openat(home->folder, name, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    int err = unlinkat(home->folder, name, 0) < 0 && errno != ENOENT ? -errno : 0;
    if (!err && fsync(home->folder) < 0)
        err = -errno;
    if (fd >= 0) {
        if (!err)
            wipe_file(fd);
        close(fd);
    }
    return err;
}

int ear_home_rename(struct ear_home *home, const char *from, const char *to)
{
    if (renameat(home->folder, from, home->folder, to) < 0 || fsync(home->folder) < 0)
        return -errno;
    return 0;
}
