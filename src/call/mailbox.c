/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rings: commands and updates in, events and snapshots out. */
#include "call/mailbox.h"

#include "base/log.h"

#define COMMANDS 64
#define EVENTS 256
#define SNAPSHOTS 4
#define UPDATES 64
#define FRAMES_OUT 128

int ear_mailbox_init(struct ear_mailbox *mailbox)
{
    int err = ear_ring_init(&mailbox->commands, sizeof(struct ear_command), COMMANDS);
    if (!err)
        err = ear_ring_init(&mailbox->events, sizeof(struct ear_event), EVENTS);
    if (!err)
        err = ear_ring_init(&mailbox->snapshots, sizeof(struct ear_engine_status), SNAPSHOTS);
    if (!err)
        err = ear_ring_init(&mailbox->guests, sizeof(struct ear_guests_update), UPDATES);
    if (!err)
        err = ear_ring_init(&mailbox->meetings, sizeof(struct ear_meeting_update), UPDATES);
    if (!err)
        err = ear_ring_init(&mailbox->frames_in, sizeof(struct ear_pipe_item), EAR_PIPE_WAITING);
    if (!err)
        err = ear_ring_init(&mailbox->frames_out, sizeof(struct ear_pipe_item), FRAMES_OUT);
    if (!err)
        err = ear_unheard_new(&mailbox->unheard);
    return err;
}

static void wipe(struct ear_ring *ring)
{
    if (ring->items)
        ear_sodium_wipe(ring->items, (size_t)ring->item_bytes * ring->capacity);
    ear_ring_fini(ring);
}

void ear_mailbox_fini(struct ear_mailbox *mailbox)
{
    ear_unheard_free(mailbox->unheard);
    ear_ring_fini(&mailbox->snapshots);
    ear_ring_fini(&mailbox->events);
    ear_ring_fini(&mailbox->commands);
    wipe(&mailbox->guests);
    wipe(&mailbox->meetings);
    wipe(&mailbox->frames_in);
    wipe(&mailbox->frames_out);
}

void ear_mailbox_update(struct ear_mailbox *mailbox, struct ear_switchboard *board)
{
    struct ear_guests_update guest;
    struct ear_meeting_update meeting;
    while (ear_ring_take(&mailbox->guests, &guest, 1) == 1) {
        if (ear_switchboard_update_guest(board, &guest) < 0)
            ear_log(EAR_LOG_ERROR, "engine: there is no room for another person");
        ear_sodium_wipe(&guest, sizeof guest);
    }
    while (ear_ring_take(&mailbox->meetings, &meeting, 1) == 1) {
        if (ear_switchboard_update_meeting(board, &meeting) < 0)
            ear_log(EAR_LOG_ERROR, "engine: there is no room for another meeting");
        ear_sodium_wipe(&meeting, sizeof meeting);
    }
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
