/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much of the line we may use now, and in which way we talk over it. */
#include "line/ladder.h"

#include "line/since.h"

/* Below this the header's share asks for packets of 120 ms. */
#define LONGER_BELOW_BPS 13500.0
/* Up to FULL after so long above. */
#define FULL_US (20 * (int64_t)EAR_US_PER_S)
/* TURNS when the least speech has overfilled the line for so long. */
#define THIN_US (6 * (int64_t)EAR_US_PER_S)
/* TURNS is offered above these, and no more below those. P.1305, and reference 5.4. */
#define ECHO_MS 1200.0
#define ECHO_LESS_MS 1000.0
#define COLLISIONS 3.0
#define COLLISIONS_LESS 1.0
/* Speech missing: bad, and good again. */
#define GAPS 0.15
#define GAPS_LESS 0.05
#define GAPS_US (10 * (int64_t)EAR_US_PER_S)
/* MESSAGE when nothing of ours was confirmed for so long though the line answered all the time, for
 * in an outage nothing is; through again when confirmed within the second. */
#define NOTHING_US (25 * (int64_t)EAR_US_PER_S)
#define THROUGH_US (5 * (int64_t)EAR_US_PER_S)
/* Up from TURNS and below after so long of evidence; doubles when we fall back within the third. */
#define CLIMB_US (25 * (int64_t)EAR_US_PER_S)
#define CLIMB_MOST_US (200 * (int64_t)EAR_US_PER_S)
#define CLIMB_FORGET_US (120 * (int64_t)EAR_US_PER_S)
/* Room for both to speak at once, beyond the least. */
#define ROOM_BPS 11000.0

static const char *const rung_names[EAR_RUNGS] = {
    [EAR_RUNG_FULL] = "full-duplex",      [EAR_RUNG_LONGER] = "longer-packets",
    [EAR_RUNG_TURNS] = "take-turns",      [EAR_RUNG_STREAM] = "voice-stream",
    [EAR_RUNG_MESSAGE] = "voice-message",
};

static const char *const why_names[EAR_LADDER_WHYS] = {
    [EAR_LADDER_START] = "start",
    [EAR_LADDER_USER] = "user",
    [EAR_LADDER_BUDGET] = "budget",
    [EAR_LADDER_FULL_LINE] = "full-line",
    [EAR_LADDER_QUEUE_LOSS] = "queue-loss",
    [EAR_LADDER_UNHEARD] = "unheard",
    [EAR_LADDER_OUTAGE] = "outage",
    [EAR_LADDER_SHARED] = "shared",
    [EAR_LADDER_TOO_THIN] = "too-thin",
    [EAR_LADDER_SLOW_ECHO] = "slow-echo",
    [EAR_LADDER_GAPS] = "gaps",
    [EAR_LADDER_NOTHING] = "nothing",
    [EAR_LADDER_ROOM] = "room",
};

const char *ear_rung_name(enum ear_rung rung)
{
    return rung_names[rung];
}

const char *ear_ladder_why_name(enum ear_ladder_why why)
{
    return why_names[why];
}

static enum ear_rung duplex_rung(const struct ear_ladder *l)
{
    return l->budget.steady_bps < LONGER_BELOW_BPS ? EAR_RUNG_LONGER : EAR_RUNG_FULL;
}

void ear_ladder_init(struct ear_ladder *l, int budget_bps, int known_bps, int64_t now_us)
{
    *l = (struct ear_ladder){
        .rung_us = now_us,
        .good_us = EAR_SINCE_NEVER,
        .gaps_us = EAR_SINCE_NEVER,
        .there_us = now_us,
        .wait_us = CLIMB_US,
        .climbed_us = INT64_MIN / 2,
    };
    ear_budget_init(&l->budget, budget_bps, known_bps, now_us);
    l->rung = duplex_rung(l);
    l->why = l->budget.why;
}

void ear_ladder_move(struct ear_ladder *l, int64_t now_us)
{
    ear_budget_move(&l->budget, now_us);
    l->wait_us = CLIMB_US;
    l->good_us = l->gaps_us = EAR_SINCE_NEVER;
}

static void change(struct ear_ladder *l, enum ear_rung rung, enum ear_ladder_why why,
                   int64_t now_us)
{
    bool low = rung >= EAR_RUNG_TURNS;
    if (rung > l->rung && low && now_us - l->climbed_us < CLIMB_FORGET_US)
        l->wait_us = ear_min64(2 * l->wait_us, CLIMB_MOST_US);
    else if (rung > l->rung && low)
        l->wait_us = CLIMB_US;
    if (rung < l->rung && l->rung >= EAR_RUNG_TURNS)
        l->climbed_us = now_us;
    l->rung = rung;
    l->why = why;
    l->rung_us = now_us;
    l->good_us = l->gaps_us = EAR_SINCE_NEVER;
}

/* Down at once on evidence. Returns whether it was so. */
static bool fall(struct ear_ladder *l, const struct ear_line *line,
                 const struct ear_ladder_ask *ask, int64_t now_us)
{
    if (l->rung < EAR_RUNG_MESSAGE && ask->answers && line->unanswered_us > NOTHING_US &&
        ear_since_lasts(l->there_us, NOTHING_US, now_us)) {
        change(l, EAR_RUNG_MESSAGE, EAR_LADDER_NOTHING, now_us);
        return true;
    }
    if (l->rung == EAR_RUNG_TURNS && ear_since_lasts(l->gaps_us, GAPS_US, now_us)) {
        change(l, EAR_RUNG_STREAM, EAR_LADDER_GAPS, now_us);
        return true;
    }
    if (l->rung < EAR_RUNG_TURNS && ear_since_lasts(l->budget.thin_us, THIN_US, now_us)) {
        change(l, EAR_RUNG_TURNS, EAR_LADDER_TOO_THIN, now_us);
        return true;
    }
    if (l->rung == EAR_RUNG_FULL && duplex_rung(l) == EAR_RUNG_LONGER) {
        change(l, EAR_RUNG_LONGER, l->budget.why, now_us);
        return true;
    }
    return false;
}

/* Evidence for the rung above, and how long it must last. */
static bool is_good(const struct ear_ladder *l, const struct ear_line *line,
                    const struct ear_ladder_ask *ask, int user_bps)
{
    bool through = line->known && line->silent_us < THROUGH_US && line->unanswered_us < THROUGH_US;
    switch (l->rung) {
    case EAR_RUNG_MESSAGE:
        return through;
    case EAR_RUNG_STREAM:
        return through && ask->concealed < GAPS_LESS;
    case EAR_RUNG_TURNS:
        return through && ask->concealed < GAPS_LESS && l->budget.thin_us == EAR_SINCE_NEVER &&
               l->budget.steady_bps >= (user_bps < ROOM_BPS ? user_bps : ROOM_BPS);
    case EAR_RUNG_LONGER:
        return duplex_rung(l) == EAR_RUNG_FULL;
    case EAR_RUNG_FULL:
    case EAR_RUNGS:
        break;
    }
    return false;
}

static void climb(struct ear_ladder *l, int64_t now_us)
{
    int64_t wait_us = l->rung == EAR_RUNG_LONGER ? FULL_US : l->wait_us;
    if (!ear_since_lasts(l->good_us, wait_us, now_us))
        return;
    enum ear_rung rung = l->rung == EAR_RUNG_TURNS ? duplex_rung(l) : (enum ear_rung)(l->rung - 1);
    change(l, rung, EAR_LADDER_ROOM, now_us);
}

static void consider_offer(struct ear_ladder *l, const struct ear_ladder_ask *ask, int64_t now_us)
{
    bool echo = ask->mouth_to_ear_rtt_ms > ECHO_MS && ask->collisions_per_min >= COLLISIONS;
    bool no_echo =
        ask->mouth_to_ear_rtt_ms < ECHO_LESS_MS || ask->collisions_per_min < COLLISIONS_LESS;
    bool gaps = ear_since_lasts(l->gaps_us, GAPS_US, now_us);
    bool better = l->offer_why == EAR_LADDER_SLOW_ECHO ? no_echo : ask->concealed < GAPS_LESS;
    if (l->rung >= EAR_RUNG_TURNS || (l->offered && better)) {
        l->offered = false;
    } else if (!l->offered && (echo || gaps)) {
        l->offered = true;
        l->offer_why = echo ? EAR_LADDER_SLOW_ECHO : EAR_LADDER_GAPS;
    }
}

static void choose(struct ear_ladder *l, const struct ear_line *line,
                   const struct ear_ladder_ask *ask, int64_t now_us)
{
    bool outage = line->silent_us > THROUGH_US;
    ear_since_watch(&l->gaps_us, ask->concealed > GAPS && !outage, now_us);
    ear_since_watch(&l->there_us, !outage, now_us);
    if (ask->forced) {
        if (l->rung != ask->rung)
            change(l, ask->rung, EAR_LADDER_USER, now_us);
        l->why = EAR_LADDER_USER;
        return;
    }
    if (l->why == EAR_LADDER_USER) /* let go again */
        change(l, duplex_rung(l), l->budget.why, now_us);
    if (outage) /* the line is gone both ways: no rung would help */
        return;
    ear_since_watch(&l->good_us, is_good(l, line, ask, ask->budget_bps), now_us);
    if (!fall(l, line, ask, now_us))
        climb(l, now_us);
    consider_offer(l, ask, now_us);
}

void ear_ladder_step(struct ear_ladder *l, const struct ear_line *line,
                     const struct ear_ladder_ask *ask, int64_t now_us, struct ear_ladder_say *ret)
{
    ear_budget_step(&l->budget, line, ask->budget_bps, !ask->delicate, now_us);
    choose(l, line, ask, now_us);
    *ret = (struct ear_ladder_say){
        .rung = l->rung,
        .rung_why = l->why,
        .budget_bps = (int)ear_budget_bps(&l->budget),
        .budget_why = l->budget.why,
        .passing = l->budget.phase == EAR_BUDGET_TEST || l->budget.phase == EAR_BUDGET_DRAIN,
        .probe_bps = (int)ear_budget_probe_bps(&l->budget),
        .turns_offered = l->offered && !ask->forced,
        .offer_why = l->offer_why,
    };
}
