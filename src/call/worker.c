/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A thread that runs a few jobs at their pace. */
#include "call/worker.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"

struct ear_worker {
    struct ear_worker_job jobs[EAR_WORKER_JOBS];
    int64_t due_us[EAR_WORKER_JOBS];
    size_t count;
    pthread_t thread;
    pthread_mutex_t mutex; /* guards stop */
    pthread_cond_t stopped;
    bool stop;
};

static int64_t run_due_jobs(struct ear_worker *worker)
{
    int64_t next = INT64_MAX;
    for (size_t i = 0; i < worker->count; i++) {
        int64_t now = ear_clock_now_us(&ear_clock_monotonic);
        if (now >= worker->due_us[i]) {
            worker->jobs[i].run(worker->jobs[i].ctx);
            worker->due_us[i] = now + worker->jobs[i].every_us;
        }
        next = ear_min64(next, worker->due_us[i]);
    }
    return next;
}

static bool wait_until(struct ear_worker *worker, int64_t due_us)
{
    const struct timespec until = {.tv_sec = due_us / EAR_US_PER_S,
                                   .tv_nsec = due_us % EAR_US_PER_S * 1000};
    pthread_mutex_lock(&worker->mutex);
    int err = 0;
    while (!worker->stop && err != ETIMEDOUT)
        err = pthread_cond_timedwait(&worker->stopped, &worker->mutex, &until);
    bool stop = worker->stop;
    pthread_mutex_unlock(&worker->mutex);
    return !stop;
}

static void *run(void *arg)
{
    struct ear_worker *worker = arg;
    while (wait_until(worker, run_due_jobs(worker)))
        ;
    return NULL;
}

int ear_worker_start(struct ear_worker **ret, const struct ear_worker_job *jobs, size_t count)
{
    if (count > EAR_WORKER_JOBS)
        return -EINVAL;
    struct ear_worker *worker = calloc(1, sizeof *worker);
    if (!worker)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++)
        worker->jobs[i] = jobs[i];
    worker->count = count;
    pthread_mutex_init(&worker->mutex, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&worker->stopped, &attributes);
    pthread_condattr_destroy(&attributes);
    if (pthread_create(&worker->thread, NULL, run, worker) != 0) {
        pthread_cond_destroy(&worker->stopped);
        pthread_mutex_destroy(&worker->mutex);
        free(worker);
        return -EAGAIN;
    }
    *ret = worker;
    return 0;
}

void ear_worker_stop(struct ear_worker *worker)
{
    if (!worker)
        return;
    pthread_mutex_lock(&worker->mutex);
    worker->stop = true;
    pthread_cond_signal(&worker->stopped);
    pthread_mutex_unlock(&worker->mutex);
    pthread_join(worker->thread, NULL);
    pthread_cond_destroy(&worker->stopped);
    pthread_mutex_destroy(&worker->mutex);
    free(worker);
}
