/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How many bits a second may go on the wire now. */
#include "line/budget.h"

#include <math.h>

#include "line/budget_evidence.h"
#include "line/budget_steps.h"
#include "line/liveness.h"
#include "line/since.h"

/* Where nothing is known. */
#define START_BPS 16000.0
/* No more than this is believed of a line before it has shown it: clear speech needs no more. */
#define START_BPS_MAX 32000.0
/* What we keep where others fill the queue: yielding would only feed them. */
#define FAIR_LEAST_BPS 16000.0
#define FAIR_MOST_BPS 20000.0

/* The test: so much of the budget, or of what the line carries, whichever is less. */
#define TEST_BUDGET 0.6
#define TEST_CARRIED 0.65
/* Packets sent after so long are of the lesser load. */
#define TEST_SETTLE_US (150 * EAR_US_PER_MS)
#define TEST_US (1200 * EAR_US_PER_MS)
/* So long the lesser load lasts; what the line carries is enough until its reports have come. */
#define TEST_SEND_US (1700 * EAR_US_PER_MS)
#define TEST_EMPTY_US (400 * EAR_US_PER_MS)
#define TEST_GIVE_UP_US (4 * (int64_t)EAR_US_PER_S)
/* Gone before it could drain: a spike. */
#define GONE_MS 60.0
#define EMPTY_MS 40.0
/* Ours when the delay is within this of what less load must make it: share of the change, which
 * counts as a third of the load's own at least, and ms. Over one report to the next, more. */
#define MATCH_RELIEF (1.0 / 3)
#define MATCH_SHARE 0.4
#define MATCH_STEP_SHARE 0.6
#define MATCH_MS 25.0
/* With less effect than this nothing can be told. */
#define MATCH_LEAST_MS 40.0
/* How long no test is made after one that found nothing of ours; doubles up to the second, and
 * starts anew after the third without. */
#define HOLD_US (8 * (int64_t)EAR_US_PER_S)
#define HOLD_MOST_US (64 * (int64_t)EAR_US_PER_S)
#define HOLD_FORGET_US (120 * (int64_t)EAR_US_PER_S)
/* After other people's queue our own needs two tests within the second. */
#define SHARED_US (60 * (int64_t)EAR_US_PER_S)
#define SUSPECT_US (20 * (int64_t)EAR_US_PER_S)
/* A queue as long as the first that is gone again while our load stayed, as the second share of
 * the budget, was not ours. Judged again after the third. */
#define PEAK_MS 150.0
#define SAME_LOAD 0.85
#define RATE_US (2 * (int64_t)EAR_US_PER_S) /* what sent_bps is the mean of */
#define PEAK_US (5 * (int64_t)EAR_US_PER_S)
/* Gone as a queue of ours would be, and again within this: ours. */
#define DRAINED_AGAIN_US (6 * (int64_t)EAR_US_PER_S)
/* After a step down its effect must show first. */
#define SETTLE_US (1 * (int64_t)EAR_US_PER_S)

/* Shares of what the line carries: the budget to keep, and the load until the queue is gone. */
#define KEEP_SHARE 0.95
#define DRAIN_SHARE 0.75
#define DRAINED_MS 60.0
#define DRAIN_US (8 * (int64_t)EAR_US_PER_S)

/* Room is looked for after so long without a queue: on a line where nothing has failed yet, after
 * a probe that found some, after a step down; doubling to the last with each failure. */
#define WAIT_FAST_US (3 * (int64_t)EAR_US_PER_S)
#define WAIT_MORE_US (8 * (int64_t)EAR_US_PER_S)
#define WAIT_DOWN_US (20 * (int64_t)EAR_US_PER_S)
#define WAIT_MOST_US (120 * (int64_t)EAR_US_PER_S)
#define CALM_MS 60.0
#define UNCALM_MS 120.0
#define PROBE_US (3 * (int64_t)EAR_US_PER_S)
#define PROBE_GIVE_UP_US (10 * (int64_t)EAR_US_PER_S)
#define PROBE_MORE_MS 40.0
#define PROBE_FAIL_MS 60.0
/* Evidence is of this share of the budget at least. */
#define UNDER_LOAD 0.6

/* Gone both ways for as long as liveness calls an outage: who is back after this begins one step
 * lower; sparse signs of life make shorter ones on a lossy line. */
#define OUTAGE_LONG_US (2500 * EAR_US_PER_MS)
/* The listener says that nothing of ours came for so long; or, before anything ever came, says
 * nothing at all. */
#define UNHEARD_US (2 * (int64_t)EAR_US_PER_S)
#define UNHEARD_FIRST_US (5 * (int64_t)EAR_US_PER_S)
/* Without a queue for so long, what was before an outage is had again: sooner than the first probe,
 * for it is no more than the line has carried. With 10 s probes always came before it, one step at
 * a time. */
#define RESTORE_US WAIT_FAST_US
/* What stood in queues meanwhile says nothing. */
#define OUTAGE_HOLD_US (2 * (int64_t)EAR_US_PER_S)

static void enter(struct ear_budget *b, enum ear_budget_phase phase, double load_bps,
                  int64_t now_us)
{
    b->phase = phase;
    b->phase_us = now_us;
    b->load_bps = load_bps;
    b->has_first = false;
    b->over = 0;
}

void ear_budget_move(struct ear_budget *b, int64_t now_us)
{
    /* That the other way went silent says nothing of what this one carries. */
    if (b->restore_bps > 0)
        b->steady_bps = fmax(b->steady_bps, ear_budget_steps_below(b->restore_bps));
    enter(b, EAR_BUDGET_STEADY, b->steady_bps, now_us);
    ear_budget_evidence_forget(b);
    b->calm_us = 0;
    b->hold_us = HOLD_US;
    b->hold_until_us = b->foreign_us = b->let_be_us = INT64_MIN / 2;
    b->suspected_us = b->drained_us = b->peak_us = b->back_us = INT64_MIN / 2;
    b->wait_us = WAIT_FAST_US;
    b->fast = true;
}

void ear_budget_init(struct ear_budget *b, int user_bps, int known_bps, int64_t now_us)
{
    double start_bps = known_bps > 0 ? fmin(known_bps, START_BPS_MAX) : START_BPS;
    *b = (struct ear_budget){
        .steady_bps = fmin(user_bps, start_bps),
        .why = start_bps < user_bps ? EAR_LADDER_START : EAR_LADDER_BUDGET,
        .stepped_us = now_us,
    };
    ear_budget_move(b, now_us);
}

double ear_budget_bps(const struct ear_budget *b)
{
    return b->phase == EAR_BUDGET_STEADY ? b->steady_bps : b->load_bps;
}

double ear_budget_probe_bps(const struct ear_budget *b)
{
    return b->phase == EAR_BUDGET_PROBE ? b->load_bps - b->steady_bps : 0;
}

/* ---- whose queue ---- */

/* Others fill the queue: a fair share, one step at a time. */
static void share(struct ear_budget *b, int64_t now_us)
{
    b->foreign_us = now_us;
    b->why = EAR_LADDER_SHARED;
    if (b->steady_bps > FAIR_MOST_BPS)
        b->steady_bps = FAIR_MOST_BPS;
    else if (b->steady_bps < FAIR_LEAST_BPS)
        b->steady_bps = ear_budget_steps_above(b->steady_bps);
}

/* A queue of ours stays while our load does. */
static void watch_peak(struct ear_budget *b, const struct ear_line *line, int64_t now_us)
{
    if (b->phase != EAR_BUDGET_STEADY || line->sent_bps < SAME_LOAD * b->steady_bps ||
        now_us < b->phase_us + RATE_US)
        b->peak_ms = 0;
    else if (b->samples[0].queueing_ms > PEAK_MS && ear_budget_evidence_least_ms(b, 2) > GONE_MS)
        b->peak_ms = b->samples[0].queueing_ms;
    if (b->peak_ms <= 0 || b->samples[0].queueing_ms > GONE_MS)
        return;
    b->peak_ms = 0;
    b->foreign_us = now_us;
    if (b->steady_bps < FAIR_LEAST_BPS && now_us - b->peak_us > PEAK_US)
        share(b, now_us);
    b->peak_us = now_us;
}

/* ---- down ---- */

static void begin_test(struct ear_budget *b, const struct ear_line *line, enum ear_ladder_why why,
                       int64_t now_us)
{
    size_t oldest = b->sample_count - 1;
    while (oldest > 1 && b->samples[oldest].queueing_ms < EMPTY_MS)
        oldest--;
    double bps = 0;
    if (oldest > 0)
        bps = ear_budget_evidence_carried_bps(&b->samples[0], &b->samples[oldest], line);
    if (bps <= 0)
        bps = fmin(line->sent_bps, b->steady_bps);
    double load_bps = ear_budget_steps_at(fmin(TEST_BUDGET * b->steady_bps, TEST_CARRIED * bps));
    b->test_why = why;
    b->carried_bps = bps;
    enter(b, EAR_BUDGET_TEST, fmin(load_bps, b->steady_bps), now_us);
}

/* The queue is ours: what the line carries is known now. */
static void step_down(struct ear_budget *b, const struct ear_line *line, double bps, int64_t now_us)
{
    b->steady_bps =
        fmin(ear_budget_steps_at(KEEP_SHARE * bps), ear_budget_steps_below(b->steady_bps));
    b->why = b->test_why;
    b->restore_bps = 0;
    b->fast = false;
    b->wait_us = ear_max64(b->wait_us, WAIT_DOWN_US);
    b->calm_us = 0;
    b->hold_until_us = now_us + SETTLE_US + (int64_t)(line->rtt_ms * EAR_US_PER_MS);
    ear_budget_evidence_anew(b);
    enter(b, EAR_BUDGET_DRAIN, fmin(ear_budget_steps_at(DRAIN_SHARE * bps), b->steady_bps), now_us);
}

static void hold(struct ear_budget *b, int64_t for_us, int64_t now_us)
{
    b->hold_until_us = now_us + for_us;
    ear_budget_evidence_anew(b);
    enter(b, EAR_BUDGET_STEADY, b->steady_bps, now_us);
}

/* Somebody else's queue, or none any more. */
static void let_be(struct ear_budget *b, bool foreign, int64_t now_us)
{
    if (now_us - b->let_be_us > HOLD_FORGET_US)
        b->hold_us = HOLD_US;
    b->let_be_us = now_us;
    if (foreign)
        share(b, now_us);
    hold(b, b->hold_us, now_us);
    b->hold_us = ear_min64(2 * b->hold_us, HOLD_MOST_US);
}

/* How much the delay must have fallen from one report to a later one if the queue is ours: less
 * load empties it by what the line carries beyond it. Negative where even that is too much. */
static double due_fall_ms(const struct ear_budget *b, const struct ear_budget_sample *older,
                          const struct ear_budget_sample *newer)
{
    double passed_s = (double)(newer->sent_us - older->sent_us) / EAR_US_PER_S;
    double load_bps = 8 * (double)(newer->sent_bytes - older->sent_bytes) / passed_s;
    return fmin((1 - load_bps / b->carried_bps) * passed_s * 1000, older->queueing_ms);
}

/* What the lesser load takes off in that time, against the budget. */
static double relief_ms(const struct ear_budget *b, const struct ear_budget_sample *older,
                        const struct ear_budget_sample *newer)
{
    double passed_s = (double)(newer->sent_us - older->sent_us) / EAR_US_PER_S;
    double load_bps = 8 * (double)(newer->sent_bytes - older->sent_bytes) / passed_s;
    return fmax(b->steady_bps - load_bps, 0) / b->carried_bps * passed_s * 1000;
}

static bool falls_as_due(const struct ear_budget *b, const struct ear_budget_sample *older,
                         const struct ear_budget_sample *newer, double share)
{
    if (newer->sent_us <= older->sent_us) /* tells nothing */
        return true;
    double fall_ms = due_fall_ms(b, older, newer);
    double off_ms = newer->queueing_ms - (older->queueing_ms - fall_ms);
    double scale_ms = fmax(fabs(fall_ms), MATCH_RELIEF * relief_ms(b, older, newer));
    return fabs(off_ms) <= share * scale_ms + MATCH_MS;
}

/* A queue of others goes its own way, and seldom the same between all reports. */
static void judge_test(struct ear_budget *b, const struct ear_line *line, int64_t now_us)
{
    const struct ear_budget_sample *s = b->samples;
    bool tells = relief_ms(b, &b->first, s) >= MATCH_LEAST_MS;
    if (!tells && now_us - b->phase_us < TEST_GIVE_UP_US)
        return;
    bool ours = tells && falls_as_due(b, &b->first, s, MATCH_SHARE);
    for (size_t i = 0; i + 1 < b->sample_count && s[i].sent_us > b->first.sent_us; i++)
        ours = ours && falls_as_due(b, &s[i + 1], &s[i], MATCH_STEP_SHARE);
    if (!ours) {
        let_be(b, s->queueing_ms > GONE_MS, now_us);
        return;
    }
    /* Among queues of others one looks like ours now and then: twice, and it is. */
    if (now_us - b->foreign_us < SHARED_US && now_us - b->suspected_us > SUSPECT_US) {
        b->suspected_us = now_us;
        hold(b, SETTLE_US + (int64_t)(line->rtt_ms * EAR_US_PER_MS), now_us);
        return;
    }
    double bps = b->carried_bps;
    if (s->queueing_ms >= EMPTY_MS)
        bps = ear_budget_evidence_carried_bps(s, &b->first, line);
    step_down(b, line, bps, now_us);
}

/* A short queue is gone before its fall could be followed, and so is a spike. Ours comes back with
 * our load; so do those of others who come and go. */
static void judge_gone(struct ear_budget *b, const struct ear_line *line, int64_t now_us)
{
    bool as_due = now_us - b->foreign_us >= SHARED_US &&
                  falls_as_due(b, &b->samples[1], &b->samples[0], MATCH_SHARE);
    if (b->test_why == EAR_LADDER_QUEUE_LOSS ||
        (as_due && now_us - b->drained_us < DRAINED_AGAIN_US)) {
        step_down(b, line, b->carried_bps, now_us);
    } else if (as_due) {
        b->drained_us = now_us;
        hold(b, SETTLE_US, now_us);
    } else {
        let_be(b, false, now_us);
    }
}

static void test(struct ear_budget *b, const struct ear_line *line, bool news, int64_t now_us)
{
    if (now_us - b->phase_us > TEST_GIVE_UP_US + (int64_t)(line->rtt_ms * EAR_US_PER_MS)) {
        let_be(b, false, now_us);
        return;
    }
    if (now_us - b->phase_us > TEST_SEND_US)
        b->load_bps = fmax(b->load_bps,
                           fmin(ear_budget_steps_at(KEEP_SHARE * b->carried_bps), b->steady_bps));
    const struct ear_budget_sample *s = &b->samples[0];
    if (!news || s->sent_us < b->phase_us + TEST_SETTLE_US)
        return;
    if (!b->has_first) {
        b->first = *s;
        b->has_first = true;
        if (s->queueing_ms >= GONE_MS)
            return;
        judge_gone(b, line, now_us);
        return;
    }
    if (!falls_as_due(b, &b->samples[1], s, MATCH_STEP_SHARE)) {
        let_be(b, s->queueing_ms > GONE_MS, now_us);
        return;
    }
    int64_t passed_us = s->sent_us - b->first.sent_us;
    if (passed_us >= TEST_US || (passed_us >= TEST_EMPTY_US && s->queueing_ms < EMPTY_MS))
        judge_test(b, line, now_us);
}

static void drain(struct ear_budget *b, int64_t now_us)
{
    bool shows = b->samples[0].sent_us >= b->phase_us + TEST_SETTLE_US;
    if ((shows && b->samples[0].queueing_ms < DRAINED_MS) || now_us - b->phase_us > DRAIN_US)
        enter(b, EAR_BUDGET_STEADY, b->steady_bps, now_us);
}

/* ---- up ---- */

/* Time without a queue counts only under load. */
static void watch_calm(struct ear_budget *b, const struct ear_line *line, int64_t passed_us)
{
    double ms = ear_budget_evidence_least_ms(b, 3);
    if (b->sample_count == 0 || b->outage || b->unheard)
        return;
    if (ms > UNCALM_MS)
        b->calm_us = 0;
    else if (ms < CALM_MS && line->sent_bps >= UNDER_LOAD * b->steady_bps)
        b->calm_us += passed_us;
}

static void fail_probe(struct ear_budget *b, int64_t now_us)
{
    b->fast = false;
    b->wait_us = ear_min64(ear_max64(2 * b->wait_us, WAIT_DOWN_US), WAIT_MOST_US);
    b->calm_us = 0;
    ear_budget_evidence_anew(b);
    enter(b, EAR_BUDGET_DRAIN, ear_budget_steps_at(DRAIN_SHARE * b->steady_bps), now_us);
}

static void probe(struct ear_budget *b, const struct ear_line *line, int user_bps, bool news,
                  int64_t now_us)
{
    const struct ear_budget_sample *s = &b->samples[0];
    enum ear_ladder_why why;
    if (news && s->sent_us >= b->phase_us + TEST_SETTLE_US) {
        b->over = s->queueing_ms > b->before_ms + PROBE_FAIL_MS ? b->over + 1 : 0;
        if (b->over >= 2 || ear_budget_evidence_overfull(b, line, now_us, &why)) {
            fail_probe(b, now_us);
            return;
        }
    }
    if (now_us - b->phase_us > PROBE_GIVE_UP_US ||
        (now_us - b->phase_us > PROBE_US && line->sent_bps < UNDER_LOAD * b->load_bps)) {
        enter(b, EAR_BUDGET_STEADY, b->steady_bps, now_us);
        b->calm_us = 0;
        return;
    }
    if (!news || s->sent_us < b->phase_us + PROBE_US)
        return;
    if (ear_budget_evidence_least_ms(b, 3) > b->before_ms + PROBE_MORE_MS) {
        fail_probe(b, now_us);
        return;
    }
    b->steady_bps = b->load_bps;
    b->why = b->steady_bps >= user_bps ? EAR_LADDER_BUDGET : EAR_LADDER_ROOM;
    b->wait_us = b->fast ? WAIT_FAST_US : WAIT_MORE_US;
    b->calm_us = 0;
    enter(b, EAR_BUDGET_STEADY, b->steady_bps, now_us);
}

/* Back to what was before an outage, the last step of it after a second look. */
static bool restore(struct ear_budget *b, int user_bps)
{
    double before_bps = fmin(b->restore_bps, user_bps);
    if (before_bps <= b->steady_bps || b->calm_us < RESTORE_US)
        return false;
    double below_bps = ear_budget_steps_below(before_bps);
    b->steady_bps = b->steady_bps < below_bps ? below_bps : before_bps;
    b->why = b->steady_bps >= user_bps ? EAR_LADDER_BUDGET : EAR_LADDER_ROOM;
    b->calm_us = 0;
    if (b->steady_bps >= before_bps)
        b->restore_bps = 0;
    return true;
}

static void steady(struct ear_budget *b, const struct ear_line *line, int user_bps, bool may_probe,
                   int64_t now_us)
{
    enum ear_ladder_why why;
    if (ear_budget_evidence_overfull(b, line, now_us, &why)) {
        if (b->steady_bps > EAR_BUDGET_STEPS_LEAST_BPS)
            begin_test(b, line, why, now_us);
        return;
    }
    if (restore(b, user_bps) || b->steady_bps >= user_bps || !may_probe ||
        b->calm_us < b->wait_us || line->sent_bps < UNDER_LOAD * b->steady_bps)
        return;
    b->before_ms = ear_budget_evidence_least_ms(b, 3);
    enter(b, EAR_BUDGET_PROBE, fmin(ear_budget_steps_above(b->steady_bps), user_bps), now_us);
}

/* ---- outages ---- */

/* Nothing moves: what we have is kept, and taken up again with care. Returns whether it is so. */
static bool watch_outage(struct ear_budget *b, const struct ear_line *line, int64_t now_us)
{
    bool outage = line->silent_us > EAR_LIVENESS_LOST_US;
    bool unheard =
        !outage &&
        (line->unheard_us > UNHEARD_US ||
         (!line->known && ear_min64(line->unanswered_us, now_us - b->back_us) > UNHEARD_FIRST_US));
    bool before = b->outage || b->unheard;
    if ((outage || unheard) && !before) {
        b->restore_bps = fmax(b->restore_bps, b->steady_bps);
        enter(b, EAR_BUDGET_STEADY, b->steady_bps, now_us);
        ear_budget_evidence_forget(b);
        b->calm_us = 0;
    }
    if (unheard && !b->unheard) {
        b->steady_bps = fmin(b->steady_bps, ear_budget_steps_at(b->steady_bps / 2));
        b->why = EAR_LADDER_UNHEARD;
    }
    if (line->silent_us > OUTAGE_LONG_US &&
        b->steady_bps > ear_budget_steps_below(b->restore_bps)) {
        b->steady_bps = fmin(b->steady_bps, ear_budget_steps_below(b->restore_bps));
        b->why = EAR_LADDER_OUTAGE;
    }
    if (outage)
        b->back_us = now_us;
    if (before && !outage && !unheard)
        b->hold_until_us = ear_max64(b->hold_until_us, now_us + OUTAGE_HOLD_US +
                                                           (int64_t)(line->rtt_ms * EAR_US_PER_MS));
    b->outage = outage;
    b->unheard = unheard;
    return outage || unheard;
}

void ear_budget_step(struct ear_budget *b, const struct ear_line *line, int user_bps,
                     bool may_probe, int64_t now_us)
{
    bool news = line->reports != b->reports;
    int64_t passed_us = now_us - b->stepped_us;
    b->stepped_us = now_us;
    if (b->steady_bps > user_bps || (b->steady_bps == user_bps && b->why == EAR_LADDER_ROOM)) {
        b->steady_bps = user_bps;
        b->load_bps = fmin(b->load_bps, user_bps);
        b->why = EAR_LADDER_BUDGET;
    }
    if (news) {
        ear_budget_evidence_take(b, line, now_us);
        watch_peak(b, line, now_us);
    }
    if (watch_outage(b, line, now_us))
        return;
    watch_calm(b, line, passed_us);
    switch (b->phase) {
    case EAR_BUDGET_STEADY:
        steady(b, line, user_bps, may_probe, now_us);
        break;
    case EAR_BUDGET_TEST:
        test(b, line, news, now_us);
        break;
    case EAR_BUDGET_DRAIN:
        drain(b, now_us);
        break;
    case EAR_BUDGET_PROBE:
        probe(b, line, user_bps, news, now_us);
        break;
    }
}
