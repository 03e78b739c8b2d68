/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Carries frames between the mail and an engine, has lines opened where mail waits, and says what
 * is urgent again and again, with or without one. */
#ifndef EAR_POSTMAN_H
#define EAR_POSTMAN_H

#include "mail/mail.h"
#include "wire/pipe.h"

struct ear_postman_config {
    struct ear_mail *mail; /* borrowed, as all here */
    struct ear_store *store;
    /* An engine's ear_engine_mail_put and ear_engine_mail_take. */
    bool (*put)(void *ctx, const struct ear_pipe_item *item);
    bool (*take)(void *ctx, struct ear_pipe_item *ret);
    /* Where a person is: fills address and others, which may all be empty where relays are to find
     * them. False: no line is to be opened there now. May look names up. */
    bool (*find)(void *ctx, uint32_t person, struct ear_pipe_item *item);
    void *ctx; /* of all three */
};

/* thread: worker, the mail's. */
struct ear_postman;

/* Returns 0, -ENOMEM. */
EAR_CHECK int ear_postman_new(struct ear_postman **ret, const struct ear_postman_config *config);
/* Tells the mail that no session is up. NULL is allowed. */
void ear_postman_free(struct ear_postman *postman);
/* Does all that is due; waits for the disk. Returns when it should be called again: 50 ms from now
 * while a line is up, which then carries as much as it can. */
int64_t ear_postman_step(struct ear_postman *postman, int64_t now_us);
/* The user wrote something to this person: tells the mail, and a line is opened at once. */
void ear_postman_posted(struct ear_postman *postman, uint32_t person);

#endif
