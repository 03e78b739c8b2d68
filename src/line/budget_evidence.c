/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the reports of a line say of our load on it. */
#include "line/budget_evidence.h"

#include <math.h>

#include "line/budget_steps.h"
#include "line/since.h"

/* A queue to act upon: this delay and slope for 1 s, or this delay for 3 s whatever the slope. */
#define RISING_MS 200.0
#define RISING_MS_S 20.0
#define RISING_US (1 * (int64_t)EAR_US_PER_S)
#define STANDING_MS 150.0
#define STANDING_US (3 * (int64_t)EAR_US_PER_S)
/* ... or two reports in a row that rise steeply: 24 kbit/s on a line of 20 do. One spike of a radio
 * is over in one. */
#define STEEP_MS 150.0
#define STEEP_MS_S 120.0
/* ... or one jump that leaves no time for a second look: a line that fell to a third. */
#define JUMP_MS 350.0
#define JUMP_US (700 * EAR_US_PER_MS)
/* A load above the first fills a second's queue before the second report: any clear jump will do,
 * for a test takes little from it. */
#define WIDE_BPS 32000.0
#define WIDE_JUMP_MS 150.0
/* ... or packets that met a queue being lost by so much more than those that met none. */
#define QUEUE_LOSS 0.05
#define QUEUE_LOSS_MS 80.0
#define QUEUE_LOSS_US (1 * (int64_t)EAR_US_PER_S)
/* While a test is held back: only a queue that has grown for so long, or for a share of the hold.
 */
#define URGENT_MS 400.0
#define URGENT_US (3 * (int64_t)EAR_US_PER_S)
#define URGENT_HOLDS 8
/* A queue without load is not ours. */
#define LOAD_LEAST_BPS 5000.0

/* At the least budget: more than this in the queue, and less than this carried. */
#define THIN_MS 200.0
#define THIN_SHARE 0.97

void ear_budget_evidence_anew(struct ear_budget *b)
{
    b->rising_us = b->standing_us = b->lossy_us = EAR_SINCE_NEVER;
}

void ear_budget_evidence_forget(struct ear_budget *b)
{
    b->sample_count = 0;
    b->thin_us = EAR_SINCE_NEVER;
    ear_budget_evidence_anew(b);
}

static bool loses_in_queue(const struct ear_line *line)
{
    return line->queueing_ms > QUEUE_LOSS_MS && line->loss_queued - line->loss_random > QUEUE_LOSS;
}

double ear_budget_evidence_least_ms(const struct ear_budget *b, size_t count)
{
    double least = INFINITY;
    for (size_t i = 0; i < count && i < b->sample_count; i++)
        least = fmin(least, b->samples[i].queueing_ms);
    return least;
}

/* What the line carried between two reports: so many bytes, over the time in which they arrived. 0:
 * cannot be told. */
static double carried_bps(const struct ear_budget_sample *newer,
                          const struct ear_budget_sample *older, double bytes)
{
    double s = (double)(newer->sent_us - older->sent_us) / EAR_US_PER_S +
               (newer->queueing_ms - older->queueing_ms) / 1000;
    return s > 0.05 ? 8 * bytes / s : 0;
}

/* What a full queue throws away has no share of the line, what chance takes has. */
static double kept_bytes(const struct ear_budget_sample *newer,
                         const struct ear_budget_sample *older, const struct ear_line *line)
{
    return (double)(newer->arrived_bytes - older->arrived_bytes) /
           (1 - fmin(line->loss_random, 0.9));
}

double ear_budget_evidence_carried_bps(const struct ear_budget_sample *newer,
                                       const struct ear_budget_sample *older,
                                       const struct ear_line *line)
{
    double bytes = loses_in_queue(line) ? kept_bytes(newer, older, line)
                                        : (double)(newer->sent_bytes - older->sent_bytes);
    return carried_bps(newer, older, bytes);
}

static void watch_thin(struct ear_budget *b, const struct ear_line *line, int64_t now_us)
{
    const struct ear_budget_sample *s = b->samples;
    bool least =
        b->steady_bps <= EAR_BUDGET_STEPS_LEAST_BPS && b->load_bps <= EAR_BUDGET_STEPS_LEAST_BPS;
    bool thin = false;
    if (least && b->sample_count == EAR_BUDGET_SAMPLES && line->sent_bps >= LOAD_LEAST_BPS &&
        ear_budget_evidence_least_ms(b, 3) > THIN_MS) {
        const struct ear_budget_sample *oldest = &s[EAR_BUDGET_SAMPLES - 1];
        double bps = carried_bps(&s[0], oldest, kept_bytes(&s[0], oldest, line));
        thin = bps < THIN_SHARE * fmin(b->steady_bps, line->sent_bps);
    }
    ear_since_watch(&b->thin_us, thin, now_us);
}

void ear_budget_evidence_take(struct ear_budget *b, const struct ear_line *line, int64_t now_us)
{
    b->reports = line->reports;
    for (size_t i = EAR_BUDGET_SAMPLES - 1; i > 0; i--)
        b->samples[i] = b->samples[i - 1];
    b->samples[0] = (struct ear_budget_sample){
        .sent_us = line->acked_sent_us,
        .sent_bytes = line->acked_bytes,
        .arrived_bytes = line->arrived_bytes,
        .queueing_ms = line->queueing_ms,
    };
    if (b->sample_count < EAR_BUDGET_SAMPLES)
        b->sample_count++;
    double ms = line->queueing_ms;
    ear_since_watch(&b->rising_us, ms > RISING_MS && line->slope_ms_s > RISING_MS_S, now_us);
    ear_since_watch(&b->standing_us, ear_budget_evidence_least_ms(b, 3) > STANDING_MS, now_us);
    ear_since_watch(&b->lossy_us, loses_in_queue(line), now_us);
    watch_thin(b, line, now_us);
}

static bool is_steep(const struct ear_budget *b)
{
    const struct ear_budget_sample *s = b->samples;
    if (b->sample_count < 2)
        return false;
    double jump_ms = b->steady_bps > WIDE_BPS ? WIDE_JUMP_MS : JUMP_MS;
    if (s[0].queueing_ms - s[1].queueing_ms > jump_ms && s[0].sent_us - s[1].sent_us <= JUMP_US)
        return true;
    if (b->sample_count < 3 || s[0].queueing_ms < STEEP_MS)
        return false;
    for (size_t i = 0; i < 2; i++) {
        double passed_s = (double)(s[i].sent_us - s[i + 1].sent_us) / EAR_US_PER_S;
        if (s[i].queueing_ms - s[i + 1].queueing_ms < STEEP_MS_S * passed_s)
            return false;
    }
    return true;
}

bool ear_budget_evidence_overfull(const struct ear_budget *b, const struct ear_line *line,
                                  int64_t now_us, enum ear_ladder_why *ret_why)
{
    *ret_why = EAR_LADDER_FULL_LINE;
    if (line->sent_bps < LOAD_LEAST_BPS || b->sample_count == 0)
        return false;
    if (now_us < b->hold_until_us) {
        int64_t urgent_us = ear_max64(URGENT_US, b->hold_us / URGENT_HOLDS);
        return b->samples[0].queueing_ms > URGENT_MS &&
               ear_since_lasts(b->rising_us, urgent_us, now_us);
    }
    if (is_steep(b) || ear_since_lasts(b->rising_us, RISING_US, now_us) ||
        ear_since_lasts(b->standing_us, STANDING_US, now_us))
        return true;
    *ret_why = EAR_LADDER_QUEUE_LOSS;
    return ear_since_lasts(b->lossy_us, QUEUE_LOSS_US, now_us);
}
