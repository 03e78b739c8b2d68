/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Knocks and checks between the engine and the switchboard. */
#include "call/lookout.h"

#include "call/say.h"

void ear_lookout_init(struct ear_lookout *l, struct ear_switchboard *board,
                      struct ear_mailbox *mail)
{
    *l =
        (struct ear_lookout){.board = board, .mail = mail, .check = {.board = board, .mail = mail}};
}

static void tell_there(struct ear_lookout *l, uint32_t guest, bool on)
{
    ear_mailbox_tell(l->mail,
                     &(struct ear_event){.kind = EAR_EVENT_THERE, .guest = guest, .on = on});
}

void ear_lookout_command(struct ear_lookout *l, const struct ear_command *command, bool talks,
                         int wire_budget_bps, int64_t now_us)
{
    if (command->kind == EAR_COMMAND_CHECK) {
        if (command->on)
            ear_knock_drop(&l->knock, l->board, NULL, now_us);
        ear_linkcheck_command(&l->check, command, talks, wire_budget_bps, now_us);
    } else if (!talks && !ear_linkcheck_is_on(&l->check) &&
               ear_knock_begin(&l->knock, l->board, command->guest, &command->address,
                               command->others, now_us)) {
        tell_there(l, command->guest, true);
    }
}

void ear_lookout_drop(struct ear_lookout *l, const struct ear_session *keep, int64_t now_us)
{
    ear_knock_drop(&l->knock, l->board, keep, now_us);
    ear_linkcheck_drop(&l->check, now_us);
}

static void connected(struct ear_lookout *l, struct ear_session *session, int64_t now_us)
{
    if (!ear_knock_connected(&l->knock, session))
        return;
    tell_there(l, session->guest, true);
    if (!session->caller)
        return; /* their call crossed our knock, and may ring */
    ear_say(session, EAR_SIGNAL_KNOCK, false);
    ear_switchboard_release(l->board, session, now_us);
}

bool ear_lookout_take(struct ear_lookout *l, const struct ear_switchboard_event *event,
                      const struct ear_session *current, int64_t now_us)
{
    if (event->kind == EAR_SWITCHBOARD_CONNECTED)
        connected(l, event->session, now_us);
    else if (event->kind == EAR_SWITCHBOARD_DISCONNECTED)
        ear_knock_lose(&l->knock, event->session);
    return ear_linkcheck_take(&l->check, event, current, now_us);
}

void ear_lookout_step(struct ear_lookout *l, int64_t now_us)
{
    uint32_t sought = l->knock.guest;
    if (ear_knock_is_vain(&l->knock, l->board, now_us))
        tell_there(l, sought, false);
    ear_linkcheck_step(&l->check, now_us);
}
