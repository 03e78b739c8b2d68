/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an engine consists of: for the files of src/call that together are the engine, no others. */
#ifndef EAR_ENGINE_INSIDE_H
#define EAR_ENGINE_INSIDE_H

#include "call/accord.h"
#include "call/engine.h"
#include "call/lookout.h"
#include "call/mail_way.h"
#include "call/mailbox.h"
#include "call/seen_at.h"
#include "line/liveness.h"
#include "line/meter.h"

struct ear_engine {
    struct ear_engine_config config;
    struct ear_mailbox mail;
    struct ear_switchboard board;
    struct ear_session *current; /* of the call; NULL when there is none */
    struct ear_lookout lookout;  /* only while there is no call */
    struct ear_seen_at seen;
    struct ear_mail_way post; /* beside a call with its other end alone */
    struct ear_talk *talk;
    struct ear_address way; /* by which the talk's newest datagrams went */
    struct ear_meter sent_meter, received_meter;

    uint8_t binding[EAR_SIGNAL_KEYS_BYTES];
    bool has_binding;

    enum ear_phase phase;
    enum ear_ending ending;
    int64_t phase_us;  /* since when */
    int64_t talk_us;   /* when the talk began */
    int64_t talked_us; /* how long the last talk was */
    struct ear_liveness liveness;
    bool muted, they_muted, their_mic_dead;
    bool mic_dead, mic_gone, mic_echoes, speaker_gone, relayed; /* as told last */
    struct ear_outages outages;
    struct ear_accord accord;
    struct ear_rung_log rungs;
    int64_t snapshot_us;
    int64_t refused; /* speech that was none */
};

int64_t ear_engine_now_us(const struct ear_engine *e);
/* The one way from phase to phase: what goes with it happens there. False: that cannot happen now.
 */
bool ear_engine_go(struct ear_engine *e, enum ear_happening happening, enum ear_ending ending,
                   int64_t now_us);
/* An event of that kind, where it is not as it was told last. */
void ear_engine_tell_change(struct ear_engine *e, enum ear_event_kind kind, bool *told, bool is);
/* The user, or the program for him, takes the call that rings. */
void ear_engine_answer(struct ear_engine *e, int64_t now_us);
/* A message of control came in a session, be it of the call or not. */
void ear_engine_take_signal(struct ear_engine *e, struct ear_session *session, const uint8_t *data,
                            size_t len, int64_t now_us);
bool ear_engine_is_relayed(const struct ear_engine *e);

#endif
