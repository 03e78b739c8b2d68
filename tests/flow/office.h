/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One end's store, mail and postman at an engine of a flow, as its worker thread would run them. */
#ifndef EAR_OFFICE_H
#define EAR_OFFICE_H

#include "call/engine.h"
#include "mail/postman.h"

struct office {
    char *path;
    struct ear_home *home;
    struct ear_store *store;
    struct ear_mail *mail;
    struct ear_postman *postman;
    struct ear_engine *engine;
    struct ear_address to; /* where everybody is; length 0 with finds: relays */
    bool finds;
    int64_t due_us;
};

/* finds: opens lines by itself. */
void office_open(struct office *o, struct ear_engine *engine, const struct ear_address *to);
/* With what is on disk. */
void office_close(struct office *o);
/* The program ends and begins again, at this engine. */
void office_restart(struct office *o, struct ear_engine *engine);
void office_step(struct office *o, int64_t now_us);

int64_t office_write(struct office *o, uint32_t person, enum ear_message_kind kind,
                     const void *body, size_t len);
struct ear_message office_message(struct office *o, int64_t id);
/* Messages of a person, the newest first; returns how many of at most most. */
int office_list(struct office *o, uint32_t person, struct ear_message *ret, size_t most);

#endif
