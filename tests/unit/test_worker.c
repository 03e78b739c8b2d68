/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Jobs run at their pace on a thread of their own, which stops when told. */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

#include "fake/test.h"

#include "base/clock.h"
#include "call/worker.h"

struct job {
    atomic_int runs;
    atomic_bool here; /* ran on the thread of the test */
    pthread_t test;
    _Atomic int64_t first_us;
    _Atomic int64_t newest_us;
};

static void run(void *ctx)
{
    struct job *job = ctx;
    int64_t now = ear_clock_now_us(&ear_clock_monotonic);
    if (pthread_equal(pthread_self(), job->test))
        atomic_store(&job->here, true);
    if (atomic_fetch_add(&job->runs, 1) == 0)
        atomic_store(&job->first_us, now);
    atomic_store(&job->newest_us, now);
}

static void wait_for(struct job *job, int runs)
{
    const struct timespec nap = {.tv_nsec = 1000000};
    for (int i = 0; atomic_load(&job->runs) < runs; i++) {
        assert_true(i < 20000);
        nanosleep(&nap, NULL);
    }
}

static void jobs_run_at_their_pace(void **state)
{
    (void)state;
    static struct job quick, slow;
    quick.test = slow.test = pthread_self();
    const struct ear_worker_job jobs[] = {{.run = run, .ctx = &quick, .every_us = 10 * MS},
                                          {.run = run, .ctx = &slow, .every_us = 3600 * S}};
    struct ear_worker *worker = NULL;
    int64_t begin = ear_clock_now_us(&ear_clock_monotonic);
    assert_int_equal(ear_worker_start(&worker, jobs, EAR_COUNT(jobs)), 0);
    wait_for(&quick, 11);
    ear_worker_stop(worker);
    /* Ten spaces of 10 ms at least, however busy the machine; the slow one just once, at once. */
    assert_at_least(atomic_load(&quick.newest_us) - atomic_load(&quick.first_us), 100 * MS);
    assert_at_least(atomic_load(&quick.first_us), begin);
    assert_int_equal(atomic_load(&slow.runs), 1);
    assert_false(atomic_load(&quick.here));
    int runs = atomic_load(&quick.runs);
    const struct timespec nap = {.tv_nsec = 30000000};
    nanosleep(&nap, NULL);
    assert_int_equal(atomic_load(&quick.runs), runs); /* joined: nothing runs any more */
}

/* A worker that would sleep for an hour stops now. */
static void stopping_does_not_wait(void **state)
{
    (void)state;
    static struct job job;
    job.test = pthread_self();
    const struct ear_worker_job jobs[] = {{.run = run, .ctx = &job, .every_us = 3600 * S}};
    struct ear_worker *worker = NULL;
    for (int i = 0; i < 50; i++) {
        assert_int_equal(ear_worker_start(&worker, jobs, 1), 0);
        if (i % 2)
            wait_for(&job, i / 2 + 1);
        int64_t begin = ear_clock_now_us(&ear_clock_monotonic);
        ear_worker_stop(worker);
        assert_at_most(ear_clock_now_us(&ear_clock_monotonic) - begin, 5 * S);
    }
    ear_worker_stop(NULL);
}

static void counts_are_checked(void **state)
{
    (void)state;
    struct ear_worker_job jobs[EAR_WORKER_JOBS + 1] = {0};
    struct ear_worker *worker = NULL;
    assert_int_equal(ear_worker_start(&worker, jobs, EAR_WORKER_JOBS + 1), -EINVAL);
    assert_null(worker);
    assert_int_equal(ear_worker_start(&worker, jobs, 0), 0);
    ear_worker_stop(worker);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jobs_run_at_their_pace),
        cmocka_unit_test(stopping_does_not_wait),
        cmocka_unit_test(counts_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
