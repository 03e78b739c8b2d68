/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A profile folder for one test, gone after it. */
#ifndef EAR_TEST_FOLDER_H
#define EAR_TEST_FOLDER_H

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/home.h"

#define FOLDER_BYTES 64

/* The folder's name; the folder itself is not made yet. */
static inline int folder_setup(void **state)
{
    char *path = malloc(FOLDER_BYTES);
    assert_non_null(path);
    /* In memory, where fsync costs nothing. */
    bool memory = access("/dev/shm", W_OK) == 0;
    snprintf(path, FOLDER_BYTES, "%s/earshot-test-XXXXXX", memory ? "/dev/shm" : "/tmp");
    assert_non_null(mkdtemp(path));
    assert_int_equal(chmod(path, 0755), 0);
    strcat(path, "/profile");
    *state = path;
    return 0;
}

static inline int folder_teardown(void **state)
{
    char *path = *state;
    DIR *folder = opendir(path);
    if (folder) {
        for (struct dirent *d; (d = readdir(folder)) != NULL;)
            if (unlinkat(dirfd(folder), d->d_name, 0) < 0)
                unlinkat(dirfd(folder), d->d_name, AT_REMOVEDIR);
        closedir(folder);
        rmdir(path);
    } else {
        unlink(path);
    }
    *strrchr(path, '/') = '\0';
    int left = rmdir(path);
    free(path);
    return left;
}

static inline struct ear_home *folder_open(const char *path)
{
    char error[600] = "";
    struct ear_home *home = NULL;
    if (ear_home_open(&home, path, error, sizeof error) != 0)
        fail_msg("%s", error);
    return home;
}

static inline const char *folder_file(const char *path, const char *name)
{
    static char file[FOLDER_BYTES + 256];
    snprintf(file, sizeof file, "%s/%s", path, name);
    return file;
}

/* Bytes of a file. */
static inline size_t folder_read(const char *path, const char *name, uint8_t *out, size_t cap)
{
    FILE *f = fopen(folder_file(path, name), "rb");
    assert_non_null(f);
    size_t len = fread(out, 1, cap, f);
    fclose(f);
    return len;
}

static inline void folder_write(const char *path, const char *name, const uint8_t *data, size_t len)
{
    FILE *f = fopen(folder_file(path, name), "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, len, f), len);
    fclose(f);
}

#endif
