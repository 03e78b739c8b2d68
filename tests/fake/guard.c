/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Watches what must not happen in real time, and lets allocations fail: linked into tests only. */
#include "fake/guard.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* More allocations than any one object makes: a body that never succeeds ends here. */
#define SWEEP_MAX 100000

static _Thread_local struct {
    int depth;
    int64_t allocations, locks;
    int64_t fail_after;
    bool failed;
} here;

static _Atomic int64_t balance;

#ifdef EAR_GUARD_REPLACES

#include <dlfcn.h>
#include <malloc.h>
#include <pthread.h>

/* glibc's own, behind the names that are replaced below: no dlsym, which allocates at start. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *block);

bool ear_guard_available(void)
{
    return true;
}

/* Counts a call; false when it is the one to fail. */
static bool may_allocate(void)
{
    if (here.depth > 0)
        here.allocations++;
    if (here.fail_after == 0 || --here.fail_after > 0)
        return true;
    here.failed = true;
    errno = ENOMEM;
    return false;
}

static void *held(void *block)
{
    if (block)
        atomic_fetch_add_explicit(&balance, 1, memory_order_relaxed);
    return block;
}

void *malloc(size_t size)
{
    return may_allocate() ? held(__libc_malloc(size)) : NULL;
}

void *calloc(size_t count, size_t size)
{
    return may_allocate() ? held(__libc_calloc(count, size)) : NULL;
}

void *memalign(size_t alignment, size_t size)
{
    return may_allocate() ? held(__libc_memalign(alignment, size)) : NULL;
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return memalign(alignment, size);
}

int posix_memalign(void **ret, size_t alignment, size_t size)
{
    int before = errno; /* which this function leaves alone */
    if (alignment % sizeof(void *) != 0 || (alignment & (alignment - 1)) != 0 || alignment == 0)
        return EINVAL;
    void *block = memalign(alignment, size);
    errno = before;
    if (!block)
        return ENOMEM;
    *ret = block;
    return 0;
}

void free(void *block)
{
    if (!block)
        return;
    if (here.depth > 0)
        here.allocations++;
    atomic_fetch_sub_explicit(&balance, 1, memory_order_relaxed);
    __libc_free(block);
}

void *realloc(void *block, size_t size)
{
    if (!block)
        return malloc(size);
    if (size == 0) {
        free(block);
        return NULL;
    }
    return may_allocate() ? __libc_realloc(block, size) : NULL;
}

/* A lock of pthread that may wait: counted, then passed on to the next library's. */
#define REPLACE_LOCK(name, parameters, arguments)                                                  \
    int name parameters                                                                            \
    {                                                                                              \
        static _Atomic(void *) found;                                                              \
        int(*real) parameters;                                                                     \
        void *next = found;                                                                        \
        if (here.depth > 0)                                                                        \
            here.locks++;                                                                          \
        if (!next)                                                                                 \
            found = next = dlsym(RTLD_NEXT, #name);                                                \
        memcpy(&real, &next, sizeof real); /* ISO C knows no cast between the two */               \
        return real arguments;                                                                     \
    }

REPLACE_LOCK(pthread_mutex_lock, (pthread_mutex_t * lock), (lock))
REPLACE_LOCK(pthread_mutex_timedlock, (pthread_mutex_t * lock, const struct timespec *until),
             (lock, until))
REPLACE_LOCK(pthread_rwlock_rdlock, (pthread_rwlock_t * lock), (lock))
REPLACE_LOCK(pthread_rwlock_wrlock, (pthread_rwlock_t * lock), (lock))
REPLACE_LOCK(pthread_spin_lock, (pthread_spinlock_t * lock), (lock))

#else

bool ear_guard_available(void)
{
    return false;
}

#endif

void ear_guard_enter(void)
{
    here.depth++;
}

void ear_guard_leave(void)
{
    here.depth--;
}

int64_t ear_guard_allocations(void)
{
    return here.allocations;
}

int64_t ear_guard_locks(void)
{
    return here.locks;
}

void ear_guard_reset(void)
{
    here.allocations = here.locks = 0;
}

void ear_guard_fail_after(int64_t n)
{
    here.fail_after = n;
    here.failed = false;
}

bool ear_guard_has_failed(void)
{
    return here.failed;
}

int64_t ear_guard_balance(void)
{
    return atomic_load(&balance);
}

int ear_guard_sweep(int (*body)(void *ctx), void *ctx, struct ear_guard_sweep *ret)
{
    struct ear_guard_sweep sweep = {0};
    for (int64_t n = 1; n <= SWEEP_MAX; n++) {
        int64_t before = ear_guard_balance();
        ear_guard_fail_after(n);
        int r = body(ctx);
        bool failed = ear_guard_has_failed();
        ear_guard_fail_after(0);
        int64_t leaked = ear_guard_balance() - before;
        if (leaked != 0 && sweep.leaked == 0) {
            sweep.leaking = failed ? n : 0;
            sweep.leaked = leaked;
        }
        if (failed && r == 0 && sweep.unnoticed == 0)
            sweep.unnoticed = n;
        if (failed)
            continue;
        sweep.allocations = n - 1;
        *ret = sweep;
        return r == 0 && sweep.leaked == 0 && sweep.unnoticed == 0 ? 0 : -EINVAL;
    }
    *ret = sweep;
    return -EINVAL;
}
