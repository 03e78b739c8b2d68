/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Three rings: commands in, events and snapshots out. */
#include "call/mailbox.h"

#include "base/log.h"

#define COMMANDS 64
#define EVENTS 256
#define SNAPSHOTS 4

int ear_mailbox_init(struct ear_mailbox *mailbox)
{
    int err = ear_ring_init(&mailbox->commands, sizeof(struct ear_command), COMMANDS);
    if (!err)
        err = ear_ring_init(&mailbox->events, sizeof(struct ear_event), EVENTS);
    if (!err)
        err = ear_ring_init(&mailbox->snapshots, sizeof(struct ear_engine_status), SNAPSHOTS);
    return err;
}

void ear_mailbox_fini(struct ear_mailbox *mailbox)
{
    ear_ring_fini(&mailbox->snapshots);
    ear_ring_fini(&mailbox->events);
    ear_ring_fini(&mailbox->commands);
}

bool ear_mailbox_tell(struct ear_mailbox *mailbox, const struct ear_event *event)
{
    bool told = ear_ring_put(&mailbox->events, event, 1) == 1;
    if (!told)
        ear_log(EAR_LOG_ERROR, "engine: an event was dropped, nobody takes them");
    return told;
}

bool ear_mailbox_newest(struct ear_mailbox *mailbox, struct ear_engine_status *ret)
{
    bool fresh = false;
    while (ear_ring_take(&mailbox->snapshots, ret, 1) == 1)
        fresh = true;
    return fresh;
}
