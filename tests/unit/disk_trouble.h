/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What may happen to a program on its way to the disk: it is killed, a step fails, the disk is
 * full. The functions here take the places of the C library's, for SQLite as well: one file of a
 * test includes this. */
#ifndef EAR_TEST_DISK_TROUBLE_H
#define EAR_TEST_DISK_TROUBLE_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

enum trouble_kind {
    TROUBLE_KILL,
    TROUBLE_FAIL, /* this step alone */
    TROUBLE_FULL, /* from this step on nothing more is written */
};

/* What happens at the steps that a program takes on its way to the disk. */
static struct {
    int left; /* 0: none is counted */
    enum trouble_kind kind;
    int steps; /* taken while counted */
    bool full;
} trouble;

static void expect_trouble(enum trouble_kind kind, int at)
{
    trouble.kind = kind;
    trouble.left = at;
    trouble.steps = 0;
    trouble.full = false;
}

/* Whether this step fails. Does not come back where the program is killed. */
static bool step(bool writes)
{
    trouble.steps++;
    if (trouble.full && writes) {
        errno = ENOSPC;
        return true;
    }
    if (trouble.left == 0 || --trouble.left > 0)
        return false;
    if (trouble.kind == TROUBLE_KILL)
        syscall(SYS_kill, getpid(), SIGKILL);
    trouble.full = trouble.kind == TROUBLE_FULL;
    errno = trouble.full ? ENOSPC : EIO;
    return !trouble.full || writes;
}

static bool last_step(void)
{
    return trouble.left == 1 && trouble.kind == TROUBLE_KILL;
}

/* What is killed in the middle of a write has written half of it. */
ssize_t write(int fd, const void *data, size_t len)
{
    if (last_step() && len > 1)
        syscall(SYS_write, fd, data, len / 2);
    return step(true) ? -1 : (ssize_t)syscall(SYS_write, fd, data, len);
}

ssize_t pwrite64(int fd, const void *data, size_t len, off64_t at)
{
    if (last_step() && len > 1)
        syscall(SYS_pwrite64, fd, data, len / 2, at);
    return step(true) ? -1 : (ssize_t)syscall(SYS_pwrite64, fd, data, len, at);
}

int fsync(int fd)
{
    (void)fd;
    return step(false) ? -1 : 0;
}

int fdatasync(int fd)
{
    (void)fd;
    return step(false) ? -1 : 0;
}

int ftruncate64(int fd, off64_t len)
{
    return step(true) ? -1 : (int)syscall(SYS_ftruncate, fd, len);
}

int renameat(int from_folder, const char *from, int to_folder, const char *to)
{
    return step(true) ? -1 : (int)syscall(SYS_renameat, from_folder, from, to_folder, to);
}

int rename(const char *from, const char *to)
{
    return renameat(AT_FDCWD, from, AT_FDCWD, to);
}

int unlinkat(int folder, const char *name, int flags)
{
    return step(false) ? -1 : (int)syscall(SYS_unlinkat, folder, name, flags);
}

int unlink(const char *path)
{
    return unlinkat(AT_FDCWD, path, 0);
}

#endif
