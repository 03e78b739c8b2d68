/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Says a signal to the other end; what cannot be sent is logged. */
#ifndef EAR_SAY_H
#define EAR_SAY_H

#include "call/session.h"
#include "call/signal.h"

/* thread: media. The session is connected. */
void ear_say_signal(struct ear_session *session, const struct ear_signal *signal);
/* One without a value, or with on. */
void ear_say(struct ear_session *session, enum ear_signal_kind kind, bool on);
/* I call you; binding: EAR_SIGNAL_KEYS_BYTES, or NULL. */
void ear_say_ring(struct ear_session *session, const uint8_t *binding);

#endif
