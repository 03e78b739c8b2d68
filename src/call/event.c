/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the main thread needs to know of the rest, copied. */
#include "call/event.h"

#include <string.h>

struct ear_event ear_event_from(const struct ear_switchboard_event *from)
{
    struct ear_event event = {.kind = EAR_EVENT_CALLED, .guest = from->guest};
    if (from->kind == EAR_SWITCHBOARD_RELAY)
        return (struct ear_event){.kind = EAR_EVENT_RELAY,
                                  .on = from->relay_state == EAR_RELAY_ANSWERS,
                                  .relay = from->relay,
                                  .relay_state = from->relay_state};
    if (from->kind != EAR_SWITCHBOARD_PINNED) {
        event.stamp = from->stamp;
        return event;
    }
    event.kind = EAR_EVENT_PINNED;
    memcpy(event.psk_id, from->session->psk_id, sizeof event.psk_id);
    memcpy(event.key, from->session->tunnel.config.peer, sizeof event.key);
    return event;
}

struct ear_event ear_event_keys(const struct ear_session *session, const struct ear_signal *signal)
{
    struct ear_event event = {.kind = EAR_EVENT_KEYS, .guest = session->guest};
    memcpy(event.key, session->tunnel.config.peer, sizeof event.key);
    memcpy(event.keys, signal->keys, sizeof event.keys);
    return event;
}

struct ear_event ear_event_text(const struct ear_signal *signal)
{
    struct ear_event event = {.kind = EAR_EVENT_TEXT, .number = signal->number};
    memcpy(event.text, signal->text, signal->text_len);
    return event;
}
