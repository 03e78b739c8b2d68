/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A line that is opened to see whether it opens. */
#include "call/knock.h"

/* Who was heard over a line that brings mail so lately is there. */
#define MOVES_US (3 * (int64_t)EAR_US_PER_S)

/* The line that this person has opened to us just now: ours would cut it off before it rings. */
static struct ear_session *their_line(struct ear_switchboard *board, uint32_t guest)
{
    for (size_t i = 0; i < EAR_SWITCHBOARD_SESSIONS; i++) {
        struct ear_session *session = &board->sessions[i];
        if (session->open && !session->close_at_us && !session->caller && session->guest == guest)
            return session;
    }
    return NULL;
}

/* Mail moves to or from that person now: ours would cut it off as well. */
static bool mail_moves(const struct ear_switchboard *board, uint32_t guest, int64_t now_us)
{
    for (size_t i = 0; i < EAR_SWITCHBOARD_SESSIONS; i++) {
        const struct ear_session *session = &board->sessions[i];
        if (session->open && session->quiet && session->connected && session->guest == guest &&
            now_us - session->tunnel.heard_us < MOVES_US)
            return true;
    }
    return false;
}

bool ear_knock_begin(struct ear_knock *knock, struct ear_switchboard *board, uint32_t guest,
                     const struct ear_address *to, const struct ear_address *others, int64_t now_us)
{
    ear_knock_drop(knock, board, NULL, now_us);
    struct ear_session *session = their_line(board, guest);
    if ((session && session->connected) || mail_moves(board, guest, now_us))
        return true;
    *knock = (struct ear_knock){
        .on = true,
        .guest = guest,
        .session = session ? session : ear_switchboard_call(board, guest, to, others, now_us),
        .until_us = now_us + EAR_KNOCK_US,
    };
    return false;
}

void ear_knock_drop(struct ear_knock *knock, struct ear_switchboard *board,
                    const struct ear_session *keep, int64_t now_us)
{
    if (knock->session && knock->session != keep && knock->session->caller)
        ear_switchboard_release(board, knock->session, now_us);
    *knock = (struct ear_knock){0};
}

bool ear_knock_connected(struct ear_knock *knock, const struct ear_session *session)
{
    if (!knock->on || session != knock->session || session->guest != knock->guest)
        return false;
    *knock = (struct ear_knock){0};
    return true;
}

void ear_knock_lose(struct ear_knock *knock, const struct ear_session *session)
{
    if (session == knock->session)
        knock->session = NULL;
}

bool ear_knock_is_vain(struct ear_knock *knock, struct ear_switchboard *board, int64_t now_us)
{
    if (!knock->on || (knock->session && now_us < knock->until_us))
        return false;
    ear_knock_drop(knock, board, NULL, now_us);
    return true;
}
