/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two people with a store and a mail each, and a pipe between them that breaks when it is told to.
 */
#ifndef EAR_TEST_MAIL_PAIR_H
#define EAR_TEST_MAIL_PAIR_H

#include "fake/test.h"

#include "folder.h"
#include "mail/inside.h"

#define PIPE_FRAMES 4096
/* What each calls the other. */
#define THEM 7

struct pipe_frame {
    uint8_t bytes[EAR_MAIL_FRAME_MAX];
    size_t len;
};

struct side {
    char *path;
    struct ear_home *home;
    struct ear_store *store;
    struct ear_mail *mail;
    struct ear_mail_config config;
    /* On the way to the other side. */
    struct pipe_frame *pipe;
    size_t first, count;
    /* Whatever left. */
    uint64_t frames, bytes;
    size_t longest;
    unsigned came; /* events */
};

struct pair {
    struct side sides[2];
    int64_t now_us;
    bool up;
    size_t cap; /* of a frame */
};

struct pair *pair_new(void);
/* Checks that both stores are whole. */
void pair_free(struct pair *pair);

void pair_up(struct pair *pair);
/* Whatever is on its way is lost. */
void pair_down(struct pair *pair);
/* The program of one side ends, and begins again. crash: what is in memory alone is lost. The
 * session ends with it. */
void pair_restart(struct pair *pair, int side, bool crash);

/* One frame goes into the pipe of this side, or comes out of it. Return whether there was one. */
bool pair_put(struct pair *pair, int side);
bool pair_take(struct pair *pair, int side);
/* Everything flows until nothing moves. Returns steps. */
size_t pair_settle(struct pair *pair);

int64_t pair_write(struct pair *pair, int side, enum ear_message_kind kind, const void *body,
                   size_t len);
int64_t pair_say(struct pair *pair, int side, const char *text);
/* Random bytes that tell where a body is cut or doubled; to be freed. */
uint8_t *pair_body(size_t len);
void pair_assert_body(struct pair *pair, int side, int64_t id, const uint8_t *body, size_t len);
/* The newest of a conversation. */
struct ear_message pair_newest(struct pair *pair, int side);
/* Looks at one message; by id. */
struct ear_message pair_message(struct pair *pair, int side, int64_t id);
struct ear_message_totals pair_totals(struct pair *pair, int side);

#endif
