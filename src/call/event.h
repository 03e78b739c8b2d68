/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Events made from what sessions and signals hold. */
#ifndef EAR_EVENT_H
#define EAR_EVENT_H

#include "call/engine.h"
#include "call/switchboard.h"

/* thread: media. */
/* REPLACED and CALLED give CALLED, PINNED and RELAY the same. */
struct ear_event ear_event_from(const struct ear_switchboard_event *from);
struct ear_event ear_event_keys(const struct ear_session *session, const struct ear_signal *signal);
struct ear_event ear_event_text(const struct ear_signal *signal);

#endif
