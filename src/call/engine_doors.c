/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where other threads come to an engine: its rings, and nothing else of it. */
#include "call/mailbox.h"

bool ear_engine_command(struct ear_engine *e, const struct ear_command *command)
{
    return ear_ring_put(&ear_engine_mailbox(e)->commands, command, 1) == 1;
}

bool ear_engine_update_guest(struct ear_engine *e, const struct ear_guests_update *update)
{
    return ear_ring_put(&ear_engine_mailbox(e)->guests, update, 1) == 1;
}

bool ear_engine_update_meeting(struct ear_engine *e, const struct ear_meeting_update *update)
{
    return ear_ring_put(&ear_engine_mailbox(e)->meetings, update, 1) == 1;
}

bool ear_engine_event(struct ear_engine *e, struct ear_event *ret)
{
    return ear_ring_take(&ear_engine_mailbox(e)->events, ret, 1) == 1;
}

bool ear_engine_poll_status(struct ear_engine *e, struct ear_engine_status *ret)
{
    return ear_mailbox_newest(ear_engine_mailbox(e), ret);
}

bool ear_engine_mail_put(struct ear_engine *e, const struct ear_pipe_item *item)
{
    return ear_ring_put(&ear_engine_mailbox(e)->frames_out, item, 1) == 1;
}

bool ear_engine_mail_take(struct ear_engine *e, struct ear_pipe_item *ret)
{
    return ear_ring_take(&ear_engine_mailbox(e)->frames_in, ret, 1) == 1;
}

struct ear_unheard *ear_engine_unheard(struct ear_engine *e)
{
    return ear_engine_mailbox(e)->unheard;
}
