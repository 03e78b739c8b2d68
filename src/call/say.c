/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signals onto ENet's reliable channel. */
#include "call/say.h"

#include "base/log.h"

void ear_say_signal(struct ear_session *session, const struct ear_signal *signal)
{
    uint8_t bytes[EAR_SIGNAL_BYTES_MAX];
    size_t len = ear_signal_build(signal, bytes);
    int err = ear_enet_link_send_control(session->link, bytes, len);
    if (err)
        ear_log(EAR_LOG_DEBUG, "signal: %d was not sent (%d)", (int)signal->kind, err);
}

void ear_say(struct ear_session *session, enum ear_signal_kind kind, bool on)
{
    ear_say_signal(session, &(struct ear_signal){.kind = kind, .on = on});
}

void ear_say_ring(struct ear_session *session, const uint8_t *binding)
{
    ear_say(session, EAR_SIGNAL_RING, false);
    if (binding)
        ear_say_signal(session, &(struct ear_signal){.kind = EAR_SIGNAL_KEYS, .keys = binding});
}
