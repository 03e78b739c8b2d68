/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The switchboard's part in urgent messages without a session. */
#include <string.h>

#include "call/switchboard.h"

/* Later than what any of our sessions has said: they run ahead with the time. */
static uint64_t next_stamp(void *ctx)
{
    struct ear_switchboard *board = ctx;
    for (size_t i = 0; i < EAR_SWITCHBOARD_SESSIONS; i++)
        if (board->sessions[i].open && board->sessions[i].tunnel.clock_ms > board->stamps.last)
            board->stamps.last = board->sessions[i].tunnel.clock_ms;
    return ++board->stamps.last;
}

void ear_switchboard_begin_flares(struct ear_switchboard *board)
{
    const struct ear_flares_parts parts = {
        .door = &board->door,
        .guests = &board->guests,
        .meetings = &board->meetings,
        .send = &board->send,
        .chance = board->config.chance,
        .stamp = next_stamp,
        .ctx = board,
    };
    ear_guests_begin_flares(&board->guests);
    ear_flares_init(&board->flares, &parts);
}

bool ear_switchboard_take_flare(struct ear_switchboard *board, const struct ear_received *in,
                                int64_t now_us, struct ear_switchboard_event *ret)
{
    struct ear_flares_news news;
    if (!ear_flares_take(&board->flares, in, board->config.accept, now_us, &news))
        return false;
    ret->kind = EAR_SWITCHBOARD_FLARE;
    ret->session = NULL;
    ret->guest = news.person;
    ret->len = news.len;
    memcpy(ret->data, news.data, news.len);
    ear_sodium_wipe(&news, sizeof news);
    return true;
}

void ear_switchboard_flare(struct ear_switchboard *board, const struct ear_pipe_item *item,
                           int64_t now_us)
{
    const struct ear_address *heard = NULL;
    for (size_t i = 0; i < EAR_SWITCHBOARD_SESSIONS; i++) {
        const struct ear_session *session = &board->sessions[i];
        if (session->guest == item->person && ear_session_is_answered(session))
            heard = &session->address;
    }
    if (item->len == EAR_FLARE_ANSWER_SAID)
        ear_flares_told(&board->flares, item->person, item->data, item->len, now_us);
    else
        ear_flares_send(&board->flares, item, heard, now_us);
}
