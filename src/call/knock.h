/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Is somebody there? Opens a line without ringing, and lets it go once it stands. */
#ifndef EAR_KNOCK_H
#define EAR_KNOCK_H

#include "call/switchboard.h"

/* Nineteen in twenty of those who are there answer at 50 % loss each way. */
#define EAR_KNOCK_US (20 * (int64_t)EAR_US_PER_S)

/* thread: media. Zero: nobody is looked for. */
struct ear_knock {
    bool on;
    uint32_t guest;
    struct ear_session *session; /* NULL: there is no way to that person */
    int64_t until_us;
};

/* In place of the one before; to and others as in ear_switchboard_call. Returns whether that person
 * is known to be there already. */
bool ear_knock_begin(struct ear_knock *knock, struct ear_switchboard *board, uint32_t guest,
                     const struct ear_address *to, const struct ear_address *others,
                     int64_t now_us);
/* A call comes first; keep: the session that the call goes over, if it is this one. */
void ear_knock_drop(struct ear_knock *knock, struct ear_switchboard *board,
                    const struct ear_session *keep, int64_t now_us);
/* ENet says that this session stands: returns whether it is the one, which is then over with. The
 * caller says KNOCK on it, if it is ours, and lets it go. */
bool ear_knock_connected(struct ear_knock *knock, const struct ear_session *session);
/* The session is gone. */
void ear_knock_lose(struct ear_knock *knock, const struct ear_session *session);
/* Returns whether nobody is there, which is then over with. */
bool ear_knock_is_vain(struct ear_knock *knock, struct ear_switchboard *board, int64_t now_us);

#endif
