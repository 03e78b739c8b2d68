/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The end that is measured: says what came and when, and sends as much back as is asked for. */
#ifndef EAR_CHECK_ANSWER_H
#define EAR_CHECK_ANSWER_H

#include "call/check_packet.h"
#include "call/switchboard.h"

/* thread: media. Zero: nobody measures. One at a time; nobody notices, nothing rings. */
struct ear_check_answer {
    const struct ear_session *session; /* who measures ... */
    int64_t opened_us;                 /* ... and that it is still the same */
    int64_t heard_us;
    bool came[EAR_CHECK_PINGS_MAX];
    int64_t delay_us[EAR_CHECK_PINGS_MAX]; /* of those that came */
    uint16_t first, received;
    struct ear_check_arrivals trains[EAR_CHECK_TRAINS];
    bool sent_back[EAR_CHECK_TRAINS];
    int told; /* packets sent, so that nobody makes us send more than a check takes */
};

/* A packet on a session that no call uses; talks: we are in a call, and say so. */
void ear_check_answer_take(struct ear_check_answer *answer, struct ear_switchboard *board,
                           struct ear_session *session, const struct ear_check_packet *packet,
                           size_t len, bool talks, int64_t now_us);

/* Builds and sends one packet of so many bytes. */
void ear_check_answer_send(struct ear_switchboard *board, struct ear_session *session,
                           const struct ear_check_packet *packet, size_t len, int64_t now_us);
/* A whole train at once: the line itself stretches it. */
void ear_check_answer_send_train(struct ear_switchboard *board, struct ear_session *session,
                                 const struct ear_check_packet *packet, int count, int64_t now_us);

#endif
