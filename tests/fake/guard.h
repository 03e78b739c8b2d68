/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Watches what must not happen in real time, and lets allocations fail: linked into tests only. */
#ifndef EAR_GUARD_H
#define EAR_GUARD_H

#include "base/ear.h"

/* A program that is built with guard_dep has malloc, calloc, realloc, free, posix_memalign,
 * aligned_alloc, memalign and the blocking locks of pthread replaced by counting ones, for the
 * libraries it uses as well. Under a sanitizer, or without glibc, nothing is replaced: available is
 * false and the rest does nothing. All but the balance belongs to the calling thread. */
bool ear_guard_available(void);

/* Between enter and leave (they nest) the calling thread's calls are counted. */
void ear_guard_enter(void);
void ear_guard_leave(void);
/* Counted so far; free is counted, of NULL it is not. */
int64_t ear_guard_allocations(void);
int64_t ear_guard_locks(void);
void ear_guard_reset(void);

/* Makes the n-th allocation of the calling thread from now fail, once; 1 is the next, 0 none. */
void ear_guard_fail_after(int64_t n);
/* Whether it has come to that. */
bool ear_guard_has_failed(void);

/* Blocks that the whole process holds: the difference across a test is what leaked. */
int64_t ear_guard_balance(void);

struct ear_guard_sweep {
    int64_t allocations; /* made by a run in which none fails */
    int64_t leaking;     /* the first allocation whose failure leaks; 0: none */
    int64_t leaked;      /* blocks held after that run; a run without failure may leak, too */
    int64_t unnoticed;   /* the first failure despite which body returned 0; 0: none */
};

/* Runs body again and again, with each of its allocations failing once, and at last with none:
 * body must free what it makes, and return 0 or -errno. Call it once beforehand, so that libraries
 * have made what they keep. Returns 0 when all is well and the last run succeeded, else -EINVAL. */
EAR_CHECK int ear_guard_sweep(int (*body)(void *ctx), void *ctx, struct ear_guard_sweep *ret);

#endif
