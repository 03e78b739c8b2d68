/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looks at each line's address; who roams to and fro is told of once a second at most. */
#include "call/seen_at.h"

#define STAYS_US (1 * (int64_t)EAR_US_PER_S)

/* Whoever comes by an invite is nobody before the secret is proved. */
static bool counts(const struct ear_session *session)
{
    return session->open && session->connected && !session->pins &&
           !ear_meetings_is_relayed(&session->address);
}

void ear_seen_at_step(struct ear_seen_at *seen, const struct ear_switchboard *board,
                      struct ear_mailbox *mail, int64_t now_us)
{
    for (size_t i = 0; i < EAR_SWITCHBOARD_SESSIONS; i++) {
        const struct ear_session *session = &board->sessions[i];
        if (!counts(session)) {
            seen->of[i].guest = 0;
            continue;
        }
        if (seen->of[i].guest != session->guest ||
            !ear_address_equal(&seen->of[i].at, &session->address)) {
            seen->of[i].guest = session->guest;
            seen->of[i].at = session->address;
            seen->of[i].since_us = now_us;
            seen->of[i].told = false;
        }
        if (seen->of[i].told || now_us - seen->of[i].since_us < STAYS_US)
            continue;
        seen->of[i].told = true;
        ear_mailbox_tell(mail, &(struct ear_event){.kind = EAR_EVENT_SEEN_AT,
                                                   .guest = session->guest,
                                                   .seen_at = session->address});
    }
}
