/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pongs, trains back, and what was seen of the other end's. */
#include "call/check_answer.h"

/* A check is over in 10 s; whoever has been silent for so long has given up. */
#define QUIET_US (4 * (int64_t)EAR_US_PER_S)
/* Pongs, and TOLDs to more questions than a check asks. */
#define ANSWERS_MAX (EAR_CHECK_PINGS_MAX + 48)

void ear_check_answer_send(struct ear_switchboard *board, struct ear_session *session,
                           const struct ear_check_packet *packet, size_t len, int64_t now_us)
{
    uint8_t bytes[EAR_CHECK_BYTES_MAX];
    ear_check_packet_build(packet, bytes, len);
    if (ear_enet_link_send_speech(session->link, bytes, len) == 0)
        ear_switchboard_flush(board, session, now_us);
}

void ear_check_answer_send_train(struct ear_switchboard *board, struct ear_session *session,
                                 const struct ear_check_packet *packet, int count, int64_t now_us)
{
    struct ear_check_packet one = *packet;
    one.at_100us = (uint32_t)(now_us / 100);
    for (int i = 0; i < count; i++) {
        one.place = (uint8_t)i;
        ear_check_answer_send(board, session, &one, packet->bytes, now_us);
    }
}

static void pong(struct ear_check_answer *answer, struct ear_switchboard *board,
                 struct ear_session *session, const struct ear_check_packet *ping, int64_t now_us)
{
    if (answer->came[ping->number])
        return;
    if (answer->received == 0 || ping->number < answer->first)
        answer->first = ping->number;
    answer->came[ping->number] = true;
    answer->delay_us[answer->received++] = ear_check_delay_us(ping, now_us);
    const struct ear_check_packet packet = {
        .kind = EAR_CHECK_PONG,
        .number = ping->number,
        .at_100us = (uint32_t)(now_us / 100),
        .first = answer->first,
        .received = answer->received,
    };
    ear_check_answer_send(board, session, &packet, EAR_CHECK_PING_BYTES, now_us);
}

/* Once, whether the train or the question about it came first. */
static void send_back(struct ear_check_answer *answer, struct ear_switchboard *board,
                      struct ear_session *session, const struct ear_check_packet *packet,
                      int64_t now_us)
{
    struct ear_check_packet back = *packet;
    if (answer->sent_back[packet->train])
        return;
    answer->sent_back[packet->train] = true;
    back.kind = EAR_CHECK_BACK;
    ear_check_answer_send_train(board, session, &back, packet->back, now_us);
}

static void tell(struct ear_check_answer *answer, struct ear_switchboard *board,
                 struct ear_session *session, uint8_t train, int64_t now_us)
{
    const int64_t base_us = ear_check_median_us(answer->delay_us, answer->received);
    const struct ear_check_packet told = {
        .kind = EAR_CHECK_TOLD,
        .train = train,
        .received = (uint16_t)answer->trains[train].count,
        .rate_bps = ear_check_arrivals_rate_bps(&answer->trains[train], base_us),
    };
    ear_check_answer_send(board, session, &told, EAR_CHECK_PING_BYTES, now_us);
}

static bool somebody_else_measures(const struct ear_check_answer *answer,
                                   const struct ear_session *session, int64_t now_us)
{
    const struct ear_session *before = answer->session;
    return before && before->open && !before->close_at_us &&
           before->opened_us == answer->opened_us && before->guest != session->guest &&
           now_us - answer->heard_us < QUIET_US;
}

void ear_check_answer_take(struct ear_check_answer *answer, struct ear_switchboard *board,
                           struct ear_session *session, const struct ear_check_packet *packet,
                           size_t len, bool talks, int64_t now_us)
{
    bool same = answer->session == session && answer->opened_us == session->opened_us;
    if (talks || (!same && somebody_else_measures(answer, session, now_us))) {
        const struct ear_check_packet busy = {.kind = EAR_CHECK_BUSY};
        if (packet->kind == EAR_CHECK_PING)
            ear_check_answer_send(board, session, &busy, EAR_CHECK_PING_BYTES, now_us);
        return;
    }
    if (!same)
        *answer = (struct ear_check_answer){.session = session, .opened_us = session->opened_us};
    answer->heard_us = now_us;
    if (packet->kind == EAR_CHECK_OUT) {
        ear_check_arrivals_add(&answer->trains[packet->train], packet, len, now_us);
        send_back(answer, board, session, packet, now_us);
    }
    if (answer->told++ >= ANSWERS_MAX + EAR_CHECK_TRAINS * EAR_CHECK_TRAIN_MAX)
        return;
    if (packet->kind == EAR_CHECK_PING) {
        pong(answer, board, session, packet, now_us);
    } else if (packet->kind == EAR_CHECK_ASK) {
        send_back(answer, board, session, packet, now_us);
        tell(answer, board, session, packet->train, now_us);
    }
}
