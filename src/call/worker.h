/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The worker thread: whatever may block, done again and again. */
#ifndef EAR_WORKER_H
#define EAR_WORKER_H

#include "base/ear.h"

#define EAR_WORKER_JOBS 8

struct ear_worker_job {
    void (*run)(void *ctx);
    void *ctx;
    int64_t every_us; /* at least 10 ms */
};

struct ear_worker;

/* Runs each job at once and then again after its time. Returns 0, -EINVAL, -ENOMEM, -EAGAIN.
 * thread: main. */
EAR_CHECK int ear_worker_start(struct ear_worker **ret, const struct ear_worker_job *jobs,
                               size_t count);
/* Lets the running job finish and joins. thread: main. */
void ear_worker_stop(struct ear_worker *worker);

#endif
