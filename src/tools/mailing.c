/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A worker with a store, a mail and a postman of its own. */
#include "tools/mailing.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/ring.h"
#include "call/worker.h"
#include "port/udp.h"
#include "tools/leave.h"
#include "tools/options.h"

#define STEP_US (50 * EAR_US_PER_MS)
#define NEWS 64

struct place {
    uint32_t person;
    bool callable;
    char name[EAR_NAME_BYTES];
    struct ear_address at[1 + EAR_PIPE_OTHERS];
};

struct ear_mailing {
    struct ear_mailing_config config;
    struct place *places;
    size_t count;
    struct ear_store *store; /* the worker's, as mail and postman */
    struct ear_mail *mail;
    struct ear_postman *postman;
    struct ear_worker *worker;
    struct ear_ring news; /* sentences */
    int64_t told;         /* that this message of ours is there: once */
};

/* ---- on the worker's thread ---- */

static bool put(void *ctx, const struct ear_pipe_item *item)
{
    const struct ear_mailing *m = ctx;
    bool put = ear_engine_mail_put(m->config.engine, item);
    ear_media_wake(m->config.media);
    return put;
}

static bool take(void *ctx, struct ear_pipe_item *ret)
{
    return ear_engine_mail_take(((struct ear_mailing *)ctx)->config.engine, ret);
}

static const struct place *place_of(const struct ear_mailing *m, uint32_t person)
{
    for (size_t i = 0; i < m->count; i++)
        if (m->places[i].person == person)
            return &m->places[i];
    return NULL;
}

static bool find(void *ctx, uint32_t person, struct ear_pipe_item *item)
{
    const struct place *place = place_of(ctx, person);
    if (!place || !place->callable)
        return false;
    item->address = place->at[0];
    for (size_t i = 0; i < EAR_PIPE_OTHERS; i++)
        item->others[i] = place->at[1 + i];
    return true;
}

/* What came is told, and what of ours is there now. */
static bool sentence(const struct ear_mailing *m, const struct ear_mail_event *event,
                     const struct ear_message *message, char *text)
{
    static const char *const came[EAR_MESSAGE_KINDS] = {
        [EAR_MESSAGE_TEXT] = "A message from",
        [EAR_MESSAGE_VOICE] = "A voice message from",
        [EAR_MESSAGE_FILE] = "A file from",
        [EAR_MESSAGE_URGENT] = "URGENT, from",
    };
    static const char *const went[EAR_MESSAGE_KINDS] = {
        [EAR_MESSAGE_TEXT] = "message",
        [EAR_MESSAGE_VOICE] = "voice message",
        [EAR_MESSAGE_FILE] = "file",
        [EAR_MESSAGE_URGENT] = "urgent message",
    };
    const struct place *place = place_of(m, event->person);
    const char *name = place ? place->name : "Somebody";
    const char *said = message->kind == EAR_MESSAGE_FILE ? message->name : message->text;
    if (event->change == EAR_MAIL_CAME)
        snprintf(text, EAR_MAILING_SENTENCE_BYTES, "%s %s%s%s", came[message->kind], name,
                 said[0] ? ": " : ".", said);
    else
        snprintf(text, EAR_MAILING_SENTENCE_BYTES, "Your %s is on the computer of %s.",
                 went[message->kind], name);
    return event->change == EAR_MAIL_CAME ||
           (event->change == EAR_MAIL_WENT && message->state == EAR_MESSAGE_ARRIVED);
}

/* Nobody has to say again what a dead line took. */
static void keep_unheard(struct ear_mailing *m)
{
    struct ear_message message;
    char text[EAR_MAILING_SENTENCE_BYTES] = "What was not heard there could not be kept.";
    int64_t ms = ear_leave_unheard(ear_engine_unheard(m->config.engine), m->store,
                                   (int64_t)time(NULL), &message);
    if (ms == 0)
        return;
    if (ms > 0) {
        const struct place *place = place_of(m, message.person);
        ear_postman_posted(m->postman, message.person);
        snprintf(text, sizeof text, "%.0f s that %s did not hear are kept as a voice message.",
                 (double)ms / 1000, place ? place->name : "the other side");
    }
    ear_ring_put(&m->news, text, 1);
}

static void run(void *ctx)
{
    struct ear_mailing *m = ctx;
    struct ear_mail_event event;
    struct ear_message message;
    char text[EAR_MAILING_SENTENCE_BYTES] = "";
    keep_unheard(m);
    ear_postman_step(m->postman, ear_clock_now_us(&ear_clock_monotonic));
    while (ear_mail_event(m->mail, &event))
        if (event.id && ear_messages_with_id(m->store, event.id, &message) == 0 &&
            (event.change != EAR_MAIL_WENT || event.id != m->told) &&
            sentence(m, &event, &message, text)) {
            m->told = event.change == EAR_MAIL_WENT ? event.id : m->told;
            ear_ring_put(&m->news, text, 1);
        }
}

/* ---- on the main thread ---- */

static int find_places(struct ear_mailing *m)
{
    const struct ear_people *people = m->config.contacts->household.people;
    m->places = calloc(ear_people_count(people) + 1, sizeof *m->places);
    if (!m->places)
        return -ENOMEM;
    for (size_t i = 0; i < ear_people_count(people); i++) {
        const struct ear_person *person = ear_people_at(people, i);
        struct place *place = &m->places[m->count++];
        place->person = person->guest.number;
        place->callable = person->guest.has_key && !person->guest.blocked;
        snprintf(place->name, sizeof place->name, "%s", person->name);
        size_t found = ear_contacts_addresses(m->config.contacts, place->person, place->at,
                                              EAR_COUNT(place->at));
        for (size_t a = 0; a < EAR_COUNT(place->at); a++)
            if (a >= found || !ear_address_fit(&place->at[a], &m->config.bound))
                place->at[a].len = 0;
    }
    return 0;
}

int ear_mailing_start(struct ear_mailing **ret, const struct ear_mailing_config *config)
{
    const struct ear_worker_job job = {.run = run, .every_us = STEP_US};
    struct ear_mailing *m = calloc(1, sizeof *m);
    int err = m ? 0 : -ENOMEM;
    if (!err) {
        m->config = *config;
        err = find_places(m);
    }
    if (!err)
        err = ear_ring_init(&m->news, EAR_MAILING_SENTENCE_BYTES, NEWS);
    if (!err)
        err = ear_store_beside(&m->store, config->contacts->household.store);
    if (!err)
        err = ear_mail_new(&m->mail, &(struct ear_mail_config){.store = m->store});
    if (!err)
        err = ear_postman_new(&m->postman, &(struct ear_postman_config){.mail = m->mail,
                                                                        .store = m->store,
                                                                        .put = put,
                                                                        .take = take,
                                                                        .find = find,
                                                                        .ctx = m});
    if (!err) {
        struct ear_worker_job with = job;
        with.ctx = m;
        err = ear_worker_start(&m->worker, &with, 1);
    }
    if (err) {
        ear_complain("Messages cannot be delivered now (%s).", strerror(-err));
        ear_mailing_stop(m);
        return err;
    }
    *ret = m;
    return 0;
}

bool ear_mailing_news(struct ear_mailing *m, char ret[static EAR_MAILING_SENTENCE_BYTES])
{
    return m && ear_ring_take(&m->news, ret, 1) == 1;
}

void ear_mailing_settle(struct ear_mailing *m)
{
    if (!m || !m->worker)
        return;
    ear_worker_stop(m->worker);
    m->worker = NULL;
    keep_unheard(m);
}

void ear_mailing_stop(struct ear_mailing *m)
{
    if (!m)
        return;
    if (m->worker)
        ear_worker_stop(m->worker);
    ear_postman_free(m->postman);
    ear_mail_free(m->mail);
    ear_store_close(m->store);
    ear_ring_fini(&m->news);
    free(m->places);
    free(m);
}
