/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One round of a postman: what came, what is wanted, what presses, and where else mail waits. */
#include "mail/postman.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define UP_US (50 * EAR_US_PER_MS)
#define IDLE_US (500 * EAR_US_PER_MS)
/* How often the store is asked whom something waits for. */
#define LOOK_US (2 * (int64_t)EAR_US_PER_S)
/* Nobody is there, or talks: tried again after this, twice that, and so on. An attempt on somebody
 * who is away costs 5 kB. */
#define AGAIN_US (5 * (int64_t)EAR_US_PER_S)
#define AGAIN_MOST_US (300 * (int64_t)EAR_US_PER_S)
/* An engine that says nothing to an OPEN has been given up by then. */
#define OPENING_US (40 * (int64_t)EAR_US_PER_S)
/* What presses is said again so often: at 95 % loss each way one of 240 in a minute is missed by
 * all but five times in a million. Then less, for ten minutes, and then seldom, since each costs
 * 250 bytes: somebody who is away costs 190 kB, and 90 kB an hour. */
#define PRESS_US (250 * EAR_US_PER_MS)
#define PRESS_LATER_US (1 * (int64_t)EAR_US_PER_S)
#define PRESS_SELDOM_US (10 * (int64_t)EAR_US_PER_S)
#define PRESS_FAST 240
#define PRESS_LATER (PRESS_FAST + 600)
/* A session that does not answer so many of these may be ours alone, or of somebody who talks with
 * others: then flares take over, and the session is tried each second. */
#define PRESSES_ALONE 8
#define PEOPLE_AT_ONCE 64

static_assert(EAR_PIPE_FRAME_MAX == EAR_MAIL_FRAME_MAX, "what the mail makes passes the pipe");
static_assert(EAR_PIPE_FRAME_LEAST >= EAR_MAIL_FRAME_LEAST, "whatever the pipe wants can be made");

struct round { /* of one person */
    uint32_t person;
    uint32_t session; /* 0: no line */
    uint32_t wanted;
    size_t cap;
    bool opening;
    int64_t opened_us; /* when an OPEN was put */
    int64_t again_us;  /* no OPEN before */
    int64_t wait_us;   /* how long the next pause is */
    int64_t pressed_us;
    int presses;
    bool urgent; /* something is, and not acknowledged */
    int64_t flared_us;
    int flares;
    /* Where the person was when we last knew: names cannot be looked up on such lines. */
    bool found;
    struct ear_address address, others[EAR_PIPE_OTHERS];
    uint64_t left; /* when the last line began: messages, to see whether it was of use */
};

struct ear_postman {
    struct ear_postman_config config;
    struct round *rounds;
    size_t count, room;
    int64_t looked_us;
};

int ear_postman_new(struct ear_postman **ret, const struct ear_postman_config *config)
{
    struct ear_postman *postman = calloc(1, sizeof *postman);
    if (!postman)
        return -ENOMEM;
    postman->config = *config;
    postman->looked_us = INT64_MIN / 2;
    *ret = postman;
    return 0;
}

void ear_postman_free(struct ear_postman *p)
{
    if (!p)
        return;
    for (size_t i = 0; i < p->count; i++)
        if (p->rounds[i].session)
            ear_mail_down(p->config.mail, p->rounds[i].person);
    free(p->rounds);
    free(p);
}

/* Made where there is none yet; NULL: no memory. Valid until the next call. */
static struct round *round_of(struct ear_postman *p, uint32_t person)
{
    for (size_t i = 0; i < p->count; i++)
        if (p->rounds[i].person == person)
            return &p->rounds[i];
    if (p->count == p->room) {
        size_t room = p->room ? 2 * p->room : 8;
        struct round *rounds = realloc(p->rounds, room * sizeof *rounds);
        if (!rounds)
            return NULL;
        p->rounds = rounds;
        p->room = room;
    }
    p->rounds[p->count] =
        (struct round){.person = person, .wait_us = AGAIN_US, .flared_us = INT64_MIN / 2};
    return &p->rounds[p->count++];
}

static uint64_t waiting(struct ear_postman *p, uint32_t person)
{
    struct ear_mail_view view;
    return ear_mail_view(p->config.mail, person, &view) == 0 ? view.waiting + view.bytes : 0;
}

/* ---- what the engine says ---- */

static void go_down(struct ear_postman *p, struct round *r, int64_t now_us)
{
    bool useful = r->session && waiting(p, r->person) != r->left;
    if (r->session)
        ear_mail_down(p->config.mail, r->person);
    r->session = r->wanted = 0;
    r->opening = false;
    r->wait_us = useful ? AGAIN_US : r->wait_us;
    r->again_us = now_us + r->wait_us;
    r->wait_us = ear_min64(2 * r->wait_us, AGAIN_MOST_US);
}

static void go_up(struct ear_postman *p, struct round *r, uint32_t session, int64_t now_us)
{
    if (r->session)
        ear_mail_down(p->config.mail, r->person);
    r->opening = false;
    r->wanted = 0;
    r->presses = r->flares = 0;
    r->left = waiting(p, r->person);
    r->session = ear_mail_up(p->config.mail, r->person, now_us) == 0 ? session : 0;
}

static void take_flare(struct ear_postman *p, const struct ear_pipe_item *item, int64_t now_us)
{
    struct ear_pipe_item answer = {.kind = EAR_PIPE_FLARE, .person = item->person};
    size_t len;
    (void)ear_mail_take_flare(p->config.mail, item->person, item->data, item->len, now_us,
                              answer.data, &len);
    answer.len = (uint16_t)len;
    if (len > 0)
        p->config.put(p->config.ctx, &answer);
    p->looked_us = INT64_MIN / 2; /* whether anything is urgent still */
}

static void take(struct ear_postman *p, const struct ear_pipe_item *item, int64_t now_us)
{
    struct round *r = round_of(p, item->person);
    if (!r)
        return;
    if (item->kind == EAR_PIPE_FLARE) {
        take_flare(p, item, now_us);
    } else if (item->kind == EAR_PIPE_UP) {
        go_up(p, r, item->session, now_us);
    } else if (item->kind == EAR_PIPE_DOWN) {
        if (item->session ? item->session == r->session : r->opening)
            go_down(p, r, now_us);
    } else if (item->session != r->session) {
        return; /* of a line that the mail could not use */
    } else if (item->kind == EAR_PIPE_WANT) {
        r->wanted += item->count;
        r->cap = item->cap;
    } else if (item->kind == EAR_PIPE_FRAME) {
        (void)ear_mail_take(p->config.mail, r->person, item->data, item->len, now_us);
    }
}

/* ---- what goes ---- */

static bool put_frame(struct ear_postman *p, const struct round *r, struct ear_pipe_item *item,
                      size_t len, bool at_once)
{
    item->kind = EAR_PIPE_FRAME;
    item->person = r->person;
    item->session = r->session;
    item->at_once = at_once;
    item->len = (uint16_t)len;
    return p->config.put(p->config.ctx, item);
}

/* The engine wants no more than its ring holds, so that each has its place. */
static void give(struct ear_postman *p, struct round *r, int64_t now_us)
{
    struct ear_pipe_item item = {0};
    while (r->session && r->wanted > 0) {
        size_t len = ear_mail_next(p->config.mail, r->person, item.data, r->cap, now_us);
        if (len == 0)
            return;
        r->wanted--;
        if (!put_frame(p, r, &item, len, false)) { /* never; and if, the mail begins anew */
            ear_mail_down(p->config.mail, r->person);
            (void)!ear_mail_up(p->config.mail, r->person, now_us);
            ear_mail_ready(p->config.mail, r->person);
            return;
        }
    }
}

static void press(struct ear_postman *p, struct round *r, int64_t now_us)
{
    struct ear_pipe_item item = {0};
    int fast = r->urgent ? PRESSES_ALONE : PRESS_FAST;
    if (!r->session || now_us - r->pressed_us < (r->presses < fast ? PRESS_US : PRESS_LATER_US))
        return;
    size_t len = ear_mail_urgent(p->config.mail, r->person, item.data, sizeof item.data, now_us);
    if (len == 0)
        return;
    r->pressed_us = now_us;
    r->presses++;
    put_frame(p, r, &item, len, true);
}

/* Where no session stands, or one that the other side may have forgotten. */
static void flare(struct ear_postman *p, struct round *r, int64_t now_us)
{
    struct ear_pipe_item item = {.kind = EAR_PIPE_FLARE, .person = r->person};
    int64_t gap_us = r->flares < PRESS_FAST    ? PRESS_US
                     : r->flares < PRESS_LATER ? PRESS_LATER_US
                                               : PRESS_SELDOM_US;
    if (!r->urgent || (r->session && r->presses < PRESSES_ALONE) || now_us - r->flared_us < gap_us)
        return;
    if (p->config.find(p->config.ctx, r->person, &item)) {
        r->found = true;
        r->address = item.address;
        memcpy(r->others, item.others, sizeof r->others);
    }
    item.address = r->address;
    memcpy(item.others, r->others, sizeof item.others);
    item.len = (uint16_t)ear_mail_flare(p->config.mail, r->person, item.data, sizeof item.data);
    r->flared_us = now_us;
    if (!r->found || item.len == 0)
        return;
    r->flares++;
    p->config.put(p->config.ctx, &item);
}

/* ---- where mail waits ---- */

static void open_line(struct ear_postman *p, struct round *r, int64_t now_us)
{
    struct ear_mail_view view;
    struct ear_pipe_item item = {.kind = EAR_PIPE_OPEN, .person = r->person};
    r->urgent = ear_mail_view(p->config.mail, r->person, &view) == 0 && view.urgent;
    if (r->opening && now_us - r->opened_us < OPENING_US)
        return;
    if (r->session || now_us < r->again_us || !p->config.find(p->config.ctx, r->person, &item))
        return;
    r->opening = p->config.put(p->config.ctx, &item);
    r->opened_us = now_us;
}

static void look(struct ear_postman *p, int64_t now_us)
{
    uint32_t people[PEOPLE_AT_ONCE];
    if (now_us - p->looked_us < LOOK_US)
        return;
    p->looked_us = now_us;
    for (size_t i = 0; i < p->count; i++)
        p->rounds[i].urgent = false;
    int count = ear_messages_people_waiting(p->config.store, people, PEOPLE_AT_ONCE);
    for (int i = 0; i < count; i++) {
        struct round *r = round_of(p, people[i]);
        if (r)
            open_line(p, r, now_us);
    }
}

int64_t ear_postman_step(struct ear_postman *p, int64_t now_us)
{
    struct ear_pipe_item item;
    bool any = false;
    while (p->config.take(p->config.ctx, &item))
        take(p, &item, now_us);
    for (size_t i = 0; i < p->count; i++) {
        give(p, &p->rounds[i], now_us);
        press(p, &p->rounds[i], now_us);
        any = any || p->rounds[i].session || p->rounds[i].opening;
    }
    look(p, now_us);
    for (size_t i = 0; i < p->count; i++) {
        flare(p, &p->rounds[i], now_us);
        any = any || p->rounds[i].urgent;
    }
    return now_us + (any ? UP_US : IDLE_US);
}

void ear_postman_posted(struct ear_postman *p, uint32_t person)
{
    struct round *r = round_of(p, person);
    ear_mail_posted(p->config.mail, person);
    p->looked_us = INT64_MIN / 2;
    if (!r)
        return;
    r->again_us = INT64_MIN / 2;
    r->wait_us = AGAIN_US;
    r->presses = r->flares = 0;
}
