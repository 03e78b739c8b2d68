/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What keeps the playout delay from moving to and fro: holds and stalls are remembered. */
#include "rx/depth.h"

#include <math.h>
#include <stdlib.h>

/* Delay is left alone this near to its target: two of the shortest periods. */
static const int64_t band_us = 5 * EAR_US_PER_MS;
/* And this much above it within a talk spurt, for the next one begins at the target anyway: each
 * shift costs more than the delay that it takes away. With 0, 80, 130 ms ESTOI on EDGE was .880,
 * .890, .893, on 3G .905, .912, .915; the delay's 95th percentile rose by 5 to 20 ms. */
static const int64_t spared_us = 120 * EAR_US_PER_MS;
/* A smaller hold counts after so long without the larger: where plans changed each few seconds, a
 * playout that followed them cost .1 of ESTOI on lossy lines. At once where the larger was of no
 * use for so long: a call on a good line begins with one. */
static const int64_t hold_us = 6 * (int64_t)EAR_US_PER_S;
/* Talkers pause each few seconds, and pauses are shortened first. Who has not for so long is heard
 * faster. With 5 s ESTOI on GPRS was .02 less. */
static const int64_t patience_us = 8 * (int64_t)EAR_US_PER_S;
/* Pauses that are too short or too few: after so long above this, speech is shortened as well. With
 * 12 s ESTOI was .02 less on GPRS and .04 where outages of 3 s come each 20 s. */
static const int64_t late_us = 25 * (int64_t)EAR_US_PER_S;
static const int64_t late_least_us = 20 * EAR_US_PER_MS;
/* An outage is caught up: from the first excess down to the second, so long after it at the
 * latest. It goes in pauses; speech is shortened as late as it may be, and then as fast, for what
 * is heard faster is understood less, but a little faster not much better: with 9, 17, 25 and 33 %
 * taken out of it ESTOI was .87, .905, .910, .912 where 3 s are lost each 17 to 24 s. At once
 * instead of late it was .72 where .88 was had. The stalls of GPRS, 600 to 1500 ms, are caught up
 * so too: ESTOI .879 to .885. */
static const int64_t hurry_us = 700 * EAR_US_PER_MS;
static const int64_t hurried_us = 280 * EAR_US_PER_MS;
static const int64_t caught_up_us = 13200 * EAR_US_PER_MS;
/* So much of a pause can be taken out. For pauses that are still to come so much of the time left
 * counts more, the less the longer the last one is over; none after so long. Hurrying is reckoned
 * to take out this share of the time left (a third of speech, more of pauses too short to tell),
 * and ends where there is so much to spare. */
static const double pause_cut = 0.85;
static const double pauses_to_come = 0.7;
static const double pauseless_us = 10 * EAR_US_PER_S;
static const double hurried_share = 0.4;
static const int64_t spare_us = 300 * EAR_US_PER_MS;
/* Stalls are one trouble within this; four times their sum is gathered where it is more than the
 * first. On a queue that grows by 375 ms/s: ESTOI .74 to .78. */
static const double stalls_s = 3;
static const double gathered = 4;
static const double first_stall_us = 60 * EAR_US_PER_MS;

void ear_depth_init(struct ear_depth *depth)
{
    *depth = (struct ear_depth){.until_us = INT64_MIN,
                                .missing_us = INT64_MIN / 2,
                                .paused_us = INT64_MIN,
                                .in_time_us = INT64_MIN};
}

void ear_depth_hold(struct ear_depth *depth, int64_t us)
{
    depth->told_us = us;
}

void ear_depth_missing(struct ear_depth *depth, int64_t packets, int64_t now_us)
{
    if (packets != depth->missing)
        depth->missing_us = now_us;
    depth->missing = packets;
}

/* An outage that is caught up: whether pauses will not do. */
static void catch_up(struct ear_depth *depth, int64_t excess_us, int64_t come_us, int64_t now_us)
{
    if (!depth->catches && excess_us > hurry_us)
        depth->back_us = now_us;
    depth->catches = excess_us > (depth->catches ? hurried_us : hurry_us);
    if (!depth->catches) {
        depth->hurries = false;
        return;
    }
    double speech_us = (double)(excess_us - hurried_us) - pause_cut * (double)come_us;
    double needs_us = fmax(speech_us, 0) / hurried_share;
    double pauses =
        fmax(0, 1 - (double)(now_us - depth->paused_us) / pauseless_us) * pauses_to_come;
    double left_us = (1 + pauses) * (double)(depth->back_us + caught_up_us - now_us);
    depth->hurries = needs_us > 0 && needs_us + (depth->hurries ? spare_us : 0) >= left_us;
}

void ear_depth_step(struct ear_depth *depth, bool pause, int64_t excess_us, int64_t pauses_us,
                    int64_t now_us)
{
    if (depth->told_us >= depth->held_us) {
        depth->held_us = depth->told_us;
        depth->until_us = now_us - depth->missing_us < hold_us ? now_us + hold_us : now_us;
    } else if (now_us > depth->until_us) {
        depth->held_us = depth->told_us;
    }
    if (pause || depth->paused_us == INT64_MIN)
        depth->paused_us = now_us;
    if ((!pause && excess_us <= late_least_us) || depth->catches || depth->in_time_us == INT64_MIN)
        depth->in_time_us = now_us;
    if (!pause)
        catch_up(depth, excess_us, pauses_us, now_us);
}

int64_t ear_depth_held_us(const struct ear_depth *depth)
{
    return ear_max64(depth->held_us, depth->told_us);
}

enum ear_stretch_pace ear_depth_pace(const struct ear_depth *depth, int64_t now_us)
{
    if (depth->catches)
        return depth->hurries ? EAR_STRETCH_HURRY : EAR_STRETCH_ALL_PAUSES;
    bool lasts = now_us - depth->paused_us > patience_us || now_us - depth->in_time_us > late_us;
    return lasts ? EAR_STRETCH_BOTH : EAR_STRETCH_PAUSES;
}

bool ear_depth_moves(const struct ear_depth *depth, int64_t excess_us, int64_t now_us)
{
    if (excess_us > 0 && ear_depth_pace(depth, now_us) == EAR_STRETCH_PAUSES)
        return excess_us > spared_us;
    return llabs(excess_us) >= band_us;
}

static double stalled_us(const struct ear_depth *depth, int64_t now_us)
{
    double passed_s = (double)(now_us - depth->stalled_at_us) / EAR_US_PER_S;
    return depth->stalled_us * exp(-passed_s / stalls_s);
}

void ear_depth_stall(struct ear_depth *depth, int64_t us, int64_t now_us)
{
    depth->stalled_us = stalled_us(depth, now_us) + (double)us;
    depth->stalled_at_us = now_us;
    depth->back_us = now_us;
}

int64_t ear_depth_gather_us(const struct ear_depth *depth, int64_t now_us)
{
    double us = stalled_us(depth, now_us);
    return us > first_stall_us ? (int64_t)(gathered * us) : 0;
}
