/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames that carry their number. */
#include "letters.h"

#include "fake/test.h"

/* The first byte of a frame. */
#define NUMBERED 'n'
#define URGENT 'u'

void letters_open(struct letters *l, uint32_t person, const struct ear_address *to)
{
    const struct ear_pipe_item item = {.kind = EAR_PIPE_OPEN, .person = person, .address = *to};
    assert_true(ear_engine_mail_put(l->engine, &item));
}

static void take_frame(struct letters *l, const struct ear_pipe_item *item, int64_t now_us)
{
    if (item->data[0] == URGENT) {
        l->first_urgent_us = l->urgent++ ? l->first_urgent_us : now_us;
        return;
    }
    uint32_t number;
    assert_true(item->len >= 5);
    memcpy(&number, item->data + 1, sizeof number);
    l->doubled += number <= l->newest;
    l->misplaced += number > l->newest + 1;
    l->newest = number > l->newest ? number : l->newest;
    l->came++;
    l->came_bytes += item->len;
}

static void take(struct letters *l, const struct ear_pipe_item *item, int64_t now_us)
{
    switch (item->kind) {
    case EAR_PIPE_UP:
        l->ups++;
        if (l->session) /* with somebody else: one is enough here */
            break;
        l->person = item->person;
        l->session = item->session;
        l->credit = 0;
        break;
    case EAR_PIPE_DOWN:
        l->downs++;
        if (item->session == l->session)
            l->session = 0;
        break;
    case EAR_PIPE_WANT:
        if (item->session != l->session)
            break;
        l->credit += item->count;
        l->cap = item->cap;
        break;
    case EAR_PIPE_FRAME:
        if (item->session == l->session)
            take_frame(l, item, now_us);
        break;
    case EAR_PIPE_OPEN:
    case EAR_PIPE_FLARE:
        fail();
    }
}

void letters_step(struct letters *l, int64_t now_us)
{
    struct ear_pipe_item item;
    while (ear_engine_mail_take(l->engine, &item))
        take(l, &item, now_us);
    while (l->session && l->credit > 0 && l->left > 0) {
        item =
            (struct ear_pipe_item){.kind = EAR_PIPE_FRAME,
                                   .person = l->person,
                                   .session = l->session,
                                   .len = (uint16_t)(l->cap < LETTERS_LEN ? l->cap : LETTERS_LEN)};
        l->next++;
        item.data[0] = NUMBERED;
        memcpy(item.data + 1, &l->next, sizeof l->next);
        assert_true(ear_engine_mail_put(l->engine, &item));
        l->credit--;
        l->left--;
    }
}

void letters_press(struct letters *l)
{
    struct ear_pipe_item item = {.kind = EAR_PIPE_FRAME,
                                 .person = l->person,
                                 .session = l->session,
                                 .at_once = true,
                                 .len = 160,
                                 .data = {URGENT}};
    assert_true(ear_engine_mail_put(l->engine, &item));
}
