/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is measured of a line wavers; what the listener waits for should not. */
#include "line/planner.h"

#include <math.h>

#include "line/since.h"

/* The line is looked at this often, and where the budget changes. */
#define EVERY_US (500 * EAR_US_PER_MS)
/* A plan in use gives way to one that promises this much more of ESTOI, or that for so long. With
 * .02 at once the playout delay at 30 % loss moved between 300 and 1040 ms, and ESTOI was .71.
 * Where something was lost .004 for so long lets packets of 60, 80 and 120 ms take turns: the
 * delay's 95th percentile on a satellite line was 40 ms more. Where nothing was, .01 costs ESTOI
 * .014 between outages. */
#define GAIN .03
#define GAIN_LASTING .004
#define GAIN_LASTING_LOSSY .01
#define LASTING_US (6 * (int64_t)EAR_US_PER_S)
/* Or one that is as good and waits less by the first, for the second: what wavers comes back, but a
 * wait of 1.2 s that one fade had brought stayed for the rest of the call. */
#define SHORTER_MS 100
#define SHORTER_US (12 * (int64_t)EAR_US_PER_S)
/* Before the first reports some loss is expected, as if so many packets had told of it: on a good
 * line that costs some quality for seconds, on a bad one it saves the first words. It fades like
 * what is told, while nothing is lost. */
#define LOSS_UNKNOWN .08
#define LOSS_UNKNOWN_PACKETS 15
/* When so many have come and none was lost, there is little to fear: of 30 % that is 1 chance
 * in 70. A good line of 24 kbit/s had 12 kbit/s and copies of them for 6 s: ESTOI .948, and .950
 * without. Once so many were told of, what was expected weighs less, by this, lost or not. */
#define LOSS_NONE_PACKETS 12
#define LOSS_UNKNOWN_LESS .5
/* Of what a minute has lost this much may come again. */
#define LOSS_LINGERS .7
/* The newest loss is believed when losses followed one another, this far apart at most, for so
 * long: one fade of 100 ms in 5 s brought plans for 12 % that lasted a second. And beyond so many
 * standard deviations; it rests on so much speech. */
#define SERIES_GAP_US (2 * (int64_t)EAR_US_PER_S)
#define SERIES_US (900 * EAR_US_PER_MS)
#define LOSS_DEVIATIONS 3.5
#define LOSS_FAST_MS 4000.0
#define LOSS_FAST_PACKETS 30 /* fewer tell too little */
/* The memory of ask->lost is line_view's. */
#define MEMORY_S 15.0
#define SOME_LOST .5
/* Longer losses are believed so soon, shorter ones so late: shares of the change, each time. */
#define BAD_MORE .3
/* What comes through in the middle of a fade cuts it in two. In fades of 250 ms that lose 80 %
 * ESTOI is .82 without this, .85 with it. */
#define FADE 1.6
#define BAD_LESS .03
/* So much more than what chance brings is a fade: at 30 % by chance alone, 2 took it for fades in
 * one call of three, which then waited 950 ms instead of 530. */
#define CHANCE_MORE 3
#define CHANCE_LESS .4
/* What losses lasted with longer packets says nothing of shorter ones, and is forgotten so fast:
 * share each time. When 40 ms followed 60 at 30 % loss, chance was taken for fades half a second
 * later, in two calls of eight. */
#define PACKET_SHORTER .03

void ear_planner_init(struct ear_planner *planner)
{
    *planner = (struct ear_planner){
        .plan = {.packet_ms = EAR_UNIT_MS},
        .at_us = INT64_MIN / 2,
        .known_us = INT64_MIN / 2,
        .since_us = INT64_MIN / 2,
        .lost_us = INT64_MIN / 2,
        .better_us = EAR_SINCE_NEVER,
        .longer_us = EAR_SINCE_NEVER,
    };
}

bool ear_planner_due(const struct ear_planner *planner, int64_t now_us)
{
    return now_us - planner->at_us >= EVERY_US;
}

/* How long the line stays bad in one go. Losses by chance meet as well: of p each, p / (1 - p)
 * packets follow the first on the average. What is not clearly more is chance; but what once was
 * more stays until it is much less, for longer packets hide fades that shorter ones then show
 * again: a plan and another took turns every 6 s. */
static int burst_ms(struct ear_planner *planner, double loss)
{
    double longer_ms = planner->plan.packet_ms - planner->packet_ms;
    planner->packet_ms += longer_ms * (longer_ms > 0 ? 1 : PACKET_SHORTER);
    double packet_ms = planner->packet_ms;
    double chance_ms = packet_ms / 2 + CHANCE_MORE * packet_ms * loss / (1.001 - loss);
    planner->bursts = planner->bad_ms >= (planner->bursts ? CHANCE_LESS * chance_ms : chance_ms);
    return planner->bursts ? (int)(FADE * planner->bad_ms + packet_ms / 2) : 0;
}

/* What is left of what was told then. */
static double fading(int64_t then_us, int64_t now_us)
{
    return exp(-(double)(now_us - then_us) / EAR_US_PER_S / MEMORY_S);
}

/* What was lost since the last look, one time after another. */
static void watch_losses(struct ear_planner *planner, double all, int64_t now_us)
{
    double lost = all - fading(planner->at_us, now_us) * planner->lost;
    planner->lost = all;
    if (lost < SOME_LOST)
        return;
    planner->lossy = true;
    if (now_us - planner->lost_us > SERIES_GAP_US)
        planner->since_us = now_us;
    planner->lost_us = now_us;
}

/* The share lost, as about 15 s tell and what was expected before. */
static double loss_told(const struct ear_planner *planner, const struct ear_planner_ask *ask,
                        int64_t now_us)
{
    double before = LOSS_UNKNOWN_PACKETS;
    if (!planner->lossy)
        before *= fading(planner->known_us, now_us);
    if (ask->told >= LOSS_NONE_PACKETS)
        before *= LOSS_UNKNOWN_LESS;
    return (ask->lost + LOSS_UNKNOWN * before) / (ask->told + before);
}

/* The share lost: what is told, at once more where 2 s tell more than chance would, and for a
 * minute not much less than before. */
static double loss_of(const struct ear_planner *planner, const struct ear_line *line,
                      const struct ear_planner_ask *ask, int64_t now_us)
{
    if (!line->known)
        return LOSS_UNKNOWN;
    double slow = loss_told(planner, ask, now_us);
    if (ask->told < LOSS_FAST_PACKETS)
        return slow;
    slow = fmax(slow, LOSS_LINGERS * line->loss_random);
    if (planner->lost_us - planner->since_us < SERIES_US)
        return slow;
    double packets = LOSS_FAST_MS / (planner->plan.packet_ms + 2 * line->bad_ms);
    double chance = LOSS_DEVIATIONS * sqrt(fmax(slow, .02) * (1 - slow) / packets);
    return line->loss > slow + chance ? line->loss : slow;
}

void ear_planner_step(struct ear_planner *planner, const struct ear_line *line,
                      const struct ear_planner_ask *ask, int64_t now_us)
{
    watch_losses(planner, ask->lost, now_us);
    planner->breaks |= ask->broke;
    if (!line->known)
        planner->known_us = now_us;
    double longer_ms = line->bad_ms - planner->bad_ms;
    double loss = loss_of(planner, line, ask, now_us);
    planner->bad_ms += longer_ms * (longer_ms > 0 ? BAD_MORE : BAD_LESS);
    planner->at_us = now_us;
    const struct ear_plan_line view = {
        .budget_bps = ask->budget_bps,
        .loss = loss,
        .burst_ms = burst_ms(planner, loss),
        .rtt_ms = (int)line->rtt_ms,
        .breaks = planner->breaks,
        .no_repair = line->rtt_ms <= 0,
        .no_low_copy = !ask->twins,
        .enhances_wideband = ask->repairs_wideband,
    };
    planner->plan.hold_ms = planner->hold_ms;
    struct ear_plan best, kept = planner->plan;
    bool fits = ear_plan_refit(&view, &planner->plan, &kept);
    ear_plan_choose(&view, &best);
    double gain = ear_plan_expect(&view, &best) - ear_plan_expect(&view, &kept);
    double lasting = planner->lossy ? GAIN_LASTING_LOSSY : GAIN_LASTING;
    ear_since_watch(&planner->better_us, fits && gain >= lasting, now_us);
    ear_since_watch(&planner->longer_us, fits && best.hold_ms + SHORTER_MS <= kept.hold_ms, now_us);
    bool lasts = ear_since_lasts(planner->better_us, LASTING_US, now_us) ||
                 ear_since_lasts(planner->longer_us, SHORTER_US, now_us);
    /* What was taken for fear of losses deserves no patience where there are none. */
    bool sure = line->known && ask->told >= LOSS_NONE_PACKETS;
    bool guessed = sure && !planner->sure && !planner->lossy;
    bool keep = fits && (ask->passing || (gain < GAIN && !lasts && !guessed));
    planner->plan = keep ? kept : best;
    planner->hold_ms = planner->plan.hold_ms;
    planner->sure = sure;
    if (!line->known && planner->plan.hold_ms < EAR_PLANNER_HOLD_FIRST_MS)
        planner->plan.hold_ms = EAR_PLANNER_HOLD_FIRST_MS;
    if (line->known && !planner->lossy)
        planner->plan.hold_ms = 0;
    if (!keep)
        planner->better_us = planner->longer_us = EAR_SINCE_NEVER;
}
