/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The media thread: steps engines when their time has come or a datagram has. */
#ifndef EAR_MEDIA_H
#define EAR_MEDIA_H

#include "call/engine.h"

#define EAR_MEDIA_ENGINES 2

struct ear_media_config {
    const struct ear_clock *clock;
    struct ear_engine *engines[EAR_MEDIA_ENGINES]; /* borrowed; NULL where there is none */
    int fd;                                        /* readable when a datagram waits; -1: none */
    int64_t (*next_us)(void *ctx); /* when a simulated datagram arrives; may be NULL */
    void *ctx;
};

struct ear_media;

/* Returns 0, -ENOMEM, -EAGAIN. thread: main. */
EAR_CHECK int ear_media_start(struct ear_media **ret, const struct ear_media_config *config);
/* Joins the thread. thread: main. */
void ear_media_stop(struct ear_media *media);
/* Wakes the thread: a command waits. thread: main. */
void ear_media_wake(struct ear_media *media);

#endif
