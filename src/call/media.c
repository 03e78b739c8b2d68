/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A thread that sleeps until the next thing is due. */
#include "call/media.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* Above what the desktop does meanwhile; taken where the system allows it. */
#define MEDIA_NICE (-11)

struct ear_media {
    struct ear_media_config config;
    pthread_t thread;
    int wake_fd;
    atomic_bool stop;
};

static int64_t step_all(struct ear_media *media)
{
    int64_t due = INT64_MAX;
    for (size_t i = 0; i < EAR_MEDIA_ENGINES; i++)
        if (media->config.engines[i])
            due = ear_min64(due, ear_engine_step(media->config.engines[i]));
    if (media->config.next_us)
        due = ear_min64(due, media->config.next_us(media->config.ctx));
    return due;
}

static void sleep_until(struct ear_media *media, int64_t due_us)
{
    int64_t wait = due_us - ear_clock_now_us(media->config.clock);
    if (wait <= 0)
        return;
    struct pollfd fds[2] = {{.fd = media->wake_fd, .events = POLLIN},
                            {.fd = media->config.fd, .events = POLLIN}};
    const struct timespec t = {.tv_sec = wait / EAR_US_PER_S,
                               .tv_nsec = wait % EAR_US_PER_S * 1000};
    if (ppoll(fds, 2, &t, NULL) > 0 && fds[0].revents) {
        uint64_t count;
        if (read(media->wake_fd, &count, sizeof count) < 0)
            return;
    }
}

static void *run(void *arg)
{
    struct ear_media *media = arg;
    setpriority(PRIO_PROCESS, 0, MEDIA_NICE);
    while (!atomic_load(&media->stop))
        sleep_until(media, step_all(media));
    return NULL;
}

int ear_media_start(struct ear_media **ret, const struct ear_media_config *config)
{
    struct ear_media *media = calloc(1, sizeof *media);
    if (!media)
        return -ENOMEM;
    media->config = *config;
    atomic_init(&media->stop, false);
    media->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (media->wake_fd < 0 || pthread_create(&media->thread, NULL, run, media) != 0) {
        if (media->wake_fd >= 0)
            close(media->wake_fd);
        free(media);
        return -EAGAIN;
    }
    *ret = media;
    return 0;
}

void ear_media_wake(struct ear_media *media)
{
    const uint64_t one = 1;
    if (write(media->wake_fd, &one, sizeof one) < 0 && errno != EAGAIN)
        return;
}

void ear_media_stop(struct ear_media *media)
{
    if (!media)
        return;
    atomic_store(&media->stop, true);
    ear_media_wake(media);
    pthread_join(media->thread, NULL);
    close(media->wake_fd);
    free(media);
}
