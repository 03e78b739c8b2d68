/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The guard sees what it must see, and the simulator keeps its promises under it. */
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake/guard.h"
#include "sim/link.h"

static void every_way_to_allocate_is_counted(void **state)
{
    (void)state;
    void *blocks[7];
    assert_true(ear_guard_available());
    int64_t balance = ear_guard_balance();
    ear_guard_reset();
    ear_guard_enter();
    blocks[0] = malloc(10);
    blocks[1] = calloc(3, 10);
    blocks[2] = realloc(NULL, 10);
    blocks[2] = realloc(blocks[2], 100000);
    int r = posix_memalign(&blocks[3], 64, 100);
    blocks[4] = aligned_alloc(32, 64);
    blocks[5] = memalign(32, 64);
    blocks[6] = strdup("a library's"); /* malloc of another library */
    ear_guard_leave();
    assert_int_equal(r, 0);
    assert_int_equal(ear_guard_allocations(), 8);
    assert_int_equal(ear_guard_balance() - balance, 7);
    assert_int_equal((uintptr_t)blocks[3] % 64, 0);
    ear_guard_enter();
    ear_guard_enter();
    for (size_t i = 0; i < EAR_COUNT(blocks); i++)
        free(blocks[i]);
    ear_guard_leave();
    free(NULL);
    ear_guard_leave();
    assert_int_equal(ear_guard_allocations(), 15);
    assert_int_equal(ear_guard_balance(), balance);
    assert_int_equal(posix_memalign(&blocks[3], 3, 100), EINVAL);
}

static void nothing_is_counted_outside(void **state)
{
    (void)state;
    ear_guard_reset();
    void *volatile block = malloc(10);
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&lock);
    pthread_mutex_unlock(&lock);
    free(block);
    assert_int_equal(ear_guard_allocations(), 0);
    assert_int_equal(ear_guard_locks(), 0);
}

static void locks_are_counted(void **state)
{
    (void)state;
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
    pthread_spinlock_t spin;
    struct timespec past = {0};
    assert_int_equal(pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE), 0);
    ear_guard_reset();
    ear_guard_enter();
    int taken = pthread_mutex_lock(&lock);
    int late = pthread_mutex_timedlock(&lock, &past);
    pthread_mutex_unlock(&lock);
    taken |= pthread_rwlock_rdlock(&rwlock);
    pthread_rwlock_unlock(&rwlock);
    taken |= pthread_rwlock_wrlock(&rwlock);
    pthread_rwlock_unlock(&rwlock);
    taken |= pthread_spin_lock(&spin);
    pthread_spin_unlock(&spin);
    ear_guard_leave();
    assert_int_equal(taken, 0);
    assert_int_equal(late, ETIMEDOUT);
    assert_int_equal(ear_guard_locks(), 5);
    pthread_spin_destroy(&spin);
}

static void *allocate_elsewhere(void *ctx)
{
    void *volatile block = malloc(10);
    free(block);
    *(int64_t *)ctx = ear_guard_allocations();
    return NULL;
}

static void threads_are_counted_apart(void **state)
{
    (void)state;
    int64_t there = -1;
    pthread_t thread;
    ear_guard_reset();
    assert_int_equal(pthread_create(&thread, NULL, allocate_elsewhere, &there), 0);
    ear_guard_enter();
    pthread_join(thread, NULL);
    ear_guard_leave();
    assert_int_equal(there, 0);
}

static void the_chosen_allocation_fails_once(void **state)
{
    (void)state;
    ear_guard_fail_after(2);
    void *first = malloc(1);
    assert_false(ear_guard_has_failed());
    errno = 0;
    void *second = calloc(1, 1);
    assert_int_equal(errno, ENOMEM);
    assert_true(ear_guard_has_failed());
    void *third = malloc(1);
    assert_non_null(first);
    assert_null(second);
    assert_non_null(third);
    ear_guard_fail_after(1);
    assert_null(realloc(first, 100000)); /* first is as it was */
    free(first);
    free(third);
    ear_guard_fail_after(0);
}

/* Leaks its first block when the second fails, and overlooks that the third does. */
static int careless(void *ctx)
{
    char **kept = ctx;
    char *a = malloc(1), *b = a ? malloc(1) : NULL, *c = b ? malloc(1) : NULL;
    if (!b) {
        *kept = a;
        return -ENOMEM;
    }
    free(a);
    free(b);
    free(c);
    return 0;
}

static void the_sweep_finds_leaks_and_oversights(void **state)
{
    (void)state;
    char *kept = NULL;
    struct ear_guard_sweep sweep;
    assert_int_equal(ear_guard_sweep(careless, &kept, &sweep), -EINVAL);
    free(kept);
    assert_int_equal(sweep.allocations, 3);
    assert_int_equal(sweep.leaking, 2);
    assert_int_equal(sweep.leaked, 1);
    assert_int_equal(sweep.unnoticed, 3);
}

static int open_and_close_link(void *ctx)
{
    (void)ctx;
    static const char text[] = "delay = 50 ms\nrate = 64 kbit/s\nfade = 100 ms every 5 s\n";
    char error[128];
    struct ear_profile *profile = NULL;
    struct ear_link *link = NULL;
    int r = ear_profile_parse(&profile, "t", text, strlen(text), error, sizeof error);
    if (r == 0)
        r = ear_link_new(&link, profile, &ear_clock_monotonic, 1);
    ear_link_free(link);
    ear_profile_free(profile);
    return r;
}

static int load_trace(void *ctx)
{
    char error[128];
    struct ear_profile *profile = NULL;
    int r = ear_profile_load(&profile, ctx, error, sizeof error);
    ear_profile_free(profile);
    return r;
}

static void the_simulator_survives_the_sweep(void **state)
{
    (void)state;
    struct ear_guard_sweep sweep;
    assert_int_equal(ear_guard_sweep(open_and_close_link, NULL, &sweep), 0);
    assert_int_equal(sweep.allocations, 4);
    const char *paths[] = {"test_guard.link", "test_guard.csv"};
    const char *texts[] = {"trace = test_guard.csv\n", "0,1\n60,2\n"};
    for (size_t i = 0; i < EAR_COUNT(paths); i++) {
        FILE *f = fopen(paths[i], "w");
        assert_non_null(f);
        assert_true(fputs(texts[i], f) >= 0);
        assert_int_equal(fclose(f), 0);
    }
    assert_int_equal(ear_guard_sweep(load_trace, (void *)paths[0], &sweep), 0);
    /* Profile, trace and trace: text and object each, and what the traces sort their steps in. */
    assert_int_equal(sweep.allocations, 8);
    remove(paths[0]);
    remove(paths[1]);
}

static void the_link_neither_allocates_nor_locks(void **state)
{
    (void)state;
    static const char text[] = "delay = 50 ms\njitter = 20 ms\nrate = 20 kbit/s\n"
                               "cross = 5 kbit/s\nfade = 100 ms every 5 s\nduplicate = 1 %\n"
                               "stall = 100-200 ms every 3 s\noutage = 3 s every 20 s\n";
    char error[128];
    struct ear_profile *profile = NULL;
    struct ear_link *link = NULL;
    struct ear_clock_virtual time = {0};
    struct ear_clock clock = ear_clock_from_virtual(&time);
    uint8_t bytes[100] = {0};
    struct ear_address to = ear_link_address(1), from;
    struct ear_link_counts counts;
    assert_int_equal(ear_profile_parse(&profile, "t", text, strlen(text), error, sizeof error), 0);
    assert_int_equal(ear_link_new(&link, profile, &clock, 1), 0);
    struct ear_datagrams clinic = ear_link_end(link, 0), doctor = ear_link_end(link, 1);
    ear_guard_reset();
    ear_guard_enter();
    int refused = 0;
    for (; time.now_us < 600 * (int64_t)EAR_US_PER_S; time.now_us += 20 * EAR_US_PER_MS) {
        refused += clinic.send(clinic.ctx, &to, bytes, sizeof bytes) != 0;
        while (doctor.receive(doctor.ctx, &from, bytes, sizeof bytes) >= 0)
            ;
    }
    ear_guard_leave();
    ear_link_get_counts(link, 0, &counts);
    assert_int_equal(refused, 0);
    assert_true(counts.delivered > 1000 && counts.overflowed > 1000 && counts.lost > 1000);
    assert_int_equal(ear_guard_allocations(), 0);
    assert_int_equal(ear_guard_locks(), 0);
    ear_link_free(link);
    ear_profile_free(profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_way_to_allocate_is_counted),
        cmocka_unit_test(nothing_is_counted_outside),
        cmocka_unit_test(locks_are_counted),
        cmocka_unit_test(threads_are_counted_apart),
        cmocka_unit_test(the_chosen_allocation_fails_once),
        cmocka_unit_test(the_sweep_finds_leaks_and_oversights),
        cmocka_unit_test(the_simulator_survives_the_sweep),
        cmocka_unit_test(the_link_neither_allocates_nor_locks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
