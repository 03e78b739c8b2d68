/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Follows, measures and asks. */
#include "call/ways.h"

/* A way that has been silent for so long gives place to any other that is heard. */
#define PATH_DOUBT_US ((int64_t)EAR_US_PER_S)
/* Questions on the usual way before the others are asked too: a pause is no outage. */
#define DOUBTS_ALONE 2
/* After so long without an answer the others are asked in turn, one each time: data is prepaid. */
#define ALL_PATHS_US (10 * (int64_t)EAR_US_PER_S)

static void move_to(struct ear_session *session, const struct ear_address *to, int64_t now_us)
{
    session->address = *to;
    session->path_heard_us = now_us;
}

static void send_probe(struct ear_session *session, struct ear_send *send,
                       const struct ear_address *to)
{
    ear_send_sealed(send, &session->tunnel, to, EAR_KIND_PROBE, NULL, 0);
}

void ear_ways_open(struct ear_session *session, struct ear_meetings *meetings)
{
    struct ear_address met[EAR_PATHS_MAX];
    size_t count = ear_meetings_with(meetings, session->guest, met, EAR_COUNT(met));
    ear_meetings_want(meetings, session->guest, true);
    for (size_t i = 0; i < count; i++)
        ear_paths_add(&session->paths, &met[i], true);
}

void ear_ways_begin(struct ear_session *session, const struct ear_address *from, int64_t now_us)
{
    ear_paths_see(&session->paths, from, ear_meetings_is_relayed(from));
    move_to(session, from, now_us);
}

/* Who was called goes where the caller is. The caller chooses among the ways that are known, and
 * leaves one only when it is silent: if both followed what comes last, two ways at once would have
 * them swap for ever. */
void ear_ways_follow(struct ear_session *session, struct ear_meetings *meetings,
                     const struct ear_address *from, bool moves, int64_t now_us)
{
    ear_meetings_heard(meetings, from);
    if (ear_address_equal(from, &session->address)) {
        session->path_heard_us = now_us;
        return;
    }
    bool known = ear_paths_find(&session->paths, from) != NULL;
    bool chooses = session->caller && known && now_us - session->path_heard_us < PATH_DOUBT_US;
    ear_paths_see(&session->paths, from, ear_meetings_is_relayed(from));
    if (moves && !chooses)
        move_to(session, from, now_us);
}

void ear_ways_choose(struct ear_session *session, struct ear_send *send, int64_t now_us)
{
    struct ear_paths *paths = &session->paths;
    uint8_t body[EAR_PATH_NUMBER_BYTES];
    uint16_t number;
    if (!ear_meetings_is_relayed(&session->address)) {
        ear_paths_direct(paths);
        return;
    }
    ear_paths_relayed(paths, now_us);
    const struct ear_path *better = ear_paths_better(paths, &session->address, now_us);
    if (better) {
        move_to(session, &better->address, now_us);
        send_probe(session, send, &session->address); /* so that they follow at once */
        return;
    }
    if (!ear_paths_round(paths, now_us, &number))
        return;
    body[0] = (uint8_t)(number >> 8);
    body[1] = (uint8_t)number;
    for (uint32_t i = 0; i < paths->count; i++)
        if (ear_paths_asks(paths, &paths->at[i], &session->address))
            ear_send_sealed(send, &session->tunnel, &paths->at[i].address, EAR_KIND_PATH_PROBE,
                            body, sizeof body);
}

void ear_ways_probe(struct ear_session *session, struct ear_meetings *meetings,
                    struct ear_send *send, int64_t now_us)
{
    const struct ear_paths *paths = &session->paths;
    int64_t silent_us = now_us - session->tunnel.heard_us;
    if (session->doubted_us <= session->tunnel.heard_us)
        session->doubts = 0;
    session->doubted_us = now_us;
    session->doubts++;
    send_probe(session, send, &session->address);
    for (uint32_t i = 0; session->doubts > DOUBTS_ALONE && i < paths->count; i++) {
        const struct ear_address *to = &paths->at[i].address;
        bool in_turn = (uint32_t)session->doubts % paths->count == i;
        if (session->doubts == DOUBTS_ALONE + 1)
            ear_meetings_doubt(meetings, to);
        if ((silent_us < ALL_PATHS_US || in_turn) && !ear_address_equal(to, &session->address))
            send_probe(session, send, to);
    }
}
