/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writing and reading of a backup's pieces. */
#include "store/backup_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"

#define MAGIC "EARB"
#define VERSION 1
#define HEADER_BYTES (4 + 1 + EAR_SALT_BYTES + 4 + 4)
#define PIECE_HEAD_BYTES (1 + 4)
#define PATH_BYTES 4200

/* As the vault's (store/vault.c). */
static const struct ear_cost cost_now = {.passes = 3, .memory_kb = 128 << 10};

struct ear_backup_file {
    int fd;
    bool writing, finished;
    bool last; /* was read */
    char path[PATH_BYTES], temporary[PATH_BYTES + 8];
    uint8_t key[EAR_KEY_BYTES];
    uint8_t head[HEADER_BYTES + PIECE_HEAD_BYTES]; /* associated data; the piece's at its end */
    uint64_t number;
    size_t at, len; /* of the piece in memory */
    uint8_t piece[EAR_BACKUP_PIECE + EAR_TAG_BYTES];
};

void ear_backup_file_free(struct ear_backup_file *file)
{
    if (!file)
        return;
    if (file->fd >= 0)
        close(file->fd);
    if (file->writing && !file->finished && file->fd >= 0)
        unlink(file->temporary);
    ear_sodium_wipe(file, sizeof *file);
    free(file);
}

int ear_backup_write_all(int fd, const uint8_t *data, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, data, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : -EIO;
        data += n;
        len -= (size_t)n;
    }
    return 0;
}

/* As many as there are. */
static int64_t read_all(int fd, uint8_t *out, size_t len)
{
    size_t at = 0;
    while (at < len) {
        ssize_t n = read(fd, out + at, len - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (n == 0)
            break;
        at += (size_t)n;
    }
    return (int64_t)at;
}

static int new_file(struct ear_backup_file **ret, const char *path)
{
    if (strlen(path) >= PATH_BYTES)
        return -ENAMETOOLONG;
    struct ear_backup_file *file = calloc(1, sizeof *file);
    if (!file)
        return -ENOMEM;
    file->fd = -1;
    memcpy(file->path, path, strlen(path) + 1);
    snprintf(file->temporary, sizeof file->temporary, "%s.new", path);
    *ret = file;
    return 0;
}

/* ---- writing ---- */

static int write_header(struct ear_backup_file *file, const char *passphrase,
                        const struct ear_chance *chance)
{
    uint8_t salt[EAR_SALT_BYTES];
    struct ear_writer w = ear_writer_on(file->head, HEADER_BYTES);
    ear_chance_fill(chance, salt, sizeof salt);
    ear_writer_bytes(&w, (const uint8_t *)MAGIC, 4);
    ear_writer_u8(&w, VERSION);
    ear_writer_bytes(&w, salt, sizeof salt);
    ear_writer_u32(&w, cost_now.passes);
    ear_writer_u32(&w, cost_now.memory_kb);
    int err = ear_sodium_derive(file->key, passphrase, salt, &cost_now);
    return err ? err : ear_backup_write_all(file->fd, file->head, HEADER_BYTES);
}

int ear_backup_file_make(struct ear_backup_file **ret, const char *path, const char *passphrase,
                         bool replace, const struct ear_chance *chance)
{
    struct ear_backup_file *file = NULL;
    struct stat s;
    if (!replace && lstat(path, &s) == 0)
        return -EEXIST;
    int err = new_file(&file, path);
    if (err)
        return err;
    file->writing = true;
    unlink(file->temporary);
    file->fd = open(file->temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                    S_IRUSR | S_IWUSR);
    err = file->fd < 0 ? -errno : write_header(file, passphrase, chance);
    if (err)
        ear_backup_file_free(file);
    else
        *ret = file;
    return err;
}

static int write_piece(struct ear_backup_file *file, bool last)
{
    struct ear_writer w = ear_writer_on(file->head + HEADER_BYTES, PIECE_HEAD_BYTES);
    const struct ear_bytes ad = {file->head, sizeof file->head};
    ear_writer_u8(&w, last);
    ear_writer_u32(&w, (uint32_t)file->len);
    ear_sodium_aead_seal(file->piece, file->key, file->number++, &ad, file->piece, file->len);
    int err = ear_backup_write_all(file->fd, file->head + HEADER_BYTES, PIECE_HEAD_BYTES);
    if (!err)
        err = ear_backup_write_all(file->fd, file->piece, file->len + EAR_TAG_BYTES);
    file->len = 0;
    return err;
}

int ear_backup_file_write(struct ear_backup_file *file, const void *data, size_t len)
{
    int err = 0;
    const uint8_t *from = data;
    while (!err && len > 0) {
        size_t part = (size_t)ear_min64((int64_t)(EAR_BACKUP_PIECE - file->len), (int64_t)len);
        memcpy(file->piece + file->len, from, part);
        file->len += part;
        from += part;
        len -= part;
        if (file->len == EAR_BACKUP_PIECE)
            err = write_piece(file, false);
    }
    return err;
}

/* So that the new name outlives a power cut; a file system that cannot do it is none of ours. */
static void sync_folder(const char *path)
{
    char folder[PATH_BYTES];
    const char *slash = strrchr(path, '/');
    snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) + 1 : 1,
             slash ? path : ".");
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    fsync(fd);
    close(fd);
}

int ear_backup_file_finish(struct ear_backup_file *file)
{
    int err = write_piece(file, true);
    if (!err && fsync(file->fd) < 0)
        err = -errno;
    if (!err && rename(file->temporary, file->path) < 0)
        err = -errno;
    if (err)
        return err;
    file->finished = true;
    sync_folder(file->path);
    return 0;
}

/* ---- reading ---- */

static int read_header(struct ear_backup_file *file, const char *passphrase)
{
    uint8_t salt[EAR_SALT_BYTES];
    struct ear_cost cost;
    int64_t n = read_all(file->fd, file->head, HEADER_BYTES);
    if (n < 0)
        return (int)n;
    if (n < HEADER_BYTES || memcmp(file->head, MAGIC, 4) != 0 || file->head[4] == 0)
        return -EBADMSG;
    if (file->head[4] > VERSION)
        return -ENOTSUP;
    struct ear_reader r = ear_reader_on(file->head + 5, HEADER_BYTES - 5);
    memcpy(salt, ear_reader_bytes(&r, sizeof salt), sizeof salt);
    cost.passes = ear_reader_u32(&r);
    cost.memory_kb = ear_reader_u32(&r);
    int err = ear_sodium_derive(file->key, passphrase, salt, &cost);
    return err == -EINVAL ? -EBADMSG : err;
}

int ear_backup_file_open(struct ear_backup_file **ret, const char *path, const char *passphrase)
{
    struct ear_backup_file *file = NULL;
    int err = new_file(&file, path);
    if (err)
        return err;
    file->fd = open(path, O_RDONLY | O_CLOEXEC);
    err = file->fd < 0 ? -errno : read_header(file, passphrase);
    if (err)
        ear_backup_file_free(file);
    else
        *ret = file;
    return err;
}

static int read_piece(struct ear_backup_file *file)
{
    uint8_t *head = file->head + HEADER_BYTES;
    const struct ear_bytes ad = {file->head, sizeof file->head};
    int64_t n = read_all(file->fd, head, PIECE_HEAD_BYTES);
    if (n < 0)
        return (int)n;
    struct ear_reader r = ear_reader_on(head + 1, 4);
    size_t len = ear_reader_u32(&r);
    if (n < PIECE_HEAD_BYTES || head[0] > 1 || len > EAR_BACKUP_PIECE)
        return -EBADMSG;
    n = read_all(file->fd, file->piece, len + EAR_TAG_BYTES);
    if (n < 0)
        return (int)n;
    if ((size_t)n < len + EAR_TAG_BYTES ||
        !ear_sodium_aead_open(file->piece, file->key, file->number, &ad, file->piece, (size_t)n))
        return file->number == 0 && (size_t)n == len + EAR_TAG_BYTES ? -EACCES : -EBADMSG;
    file->number++;
    file->at = 0;
    file->len = len;
    file->last = head[0];
    return 0;
}

int64_t ear_backup_file_read(struct ear_backup_file *file, void *out, size_t cap)
{
    size_t done = 0;
    while (done < cap) {
        if (file->at == file->len) {
            if (file->last)
                break;
            int err = read_piece(file);
            if (err)
                return err;
            continue;
        }
        size_t part = (size_t)ear_min64((int64_t)(file->len - file->at), (int64_t)(cap - done));
        memcpy((uint8_t *)out + done, file->piece + file->at, part);
        file->at += part;
        done += part;
    }
    return (int64_t)done;
}
