/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A clock that runs as the line does, and its rate, which follows the queue. */
#include "call/pace.h"

#include <math.h>

/* Where nothing is known of the line. */
#define START_BPS 16000.0
/* Beside speech, above what that may take: one frame of 120 bytes in a third of a second. */
#define START_MORE_BPS 4000.0
#define LEAST_BPS 4000.0
/* A disk and a ring of 256 frames keep up with this. */
#define MOST_BPS 4e6
/* A queue of our making: with speech it may stand for less. DESIGN: in flight is rate x (round trip
 * + 60 ms). */
#define QUEUE_US (60 * EAR_US_PER_MS)
#define QUEUE_SPEECH_US (25 * EAR_US_PER_MS)
/* Growth a second. Until the line was full once; up to near that rate; and from there on. Beside
 * speech the queue that it makes before it is seen stays below 40 ms at a round trip of 600 ms. */
#define GROW_ALONE 2.0
#define GROW_FIRST 0.10
#define GROW_AGAIN 0.04
#define GROW_NEAR 0.015
#define NEAR_SHARE 0.92
/* No growth where less than this of the rate is used: it would prove nothing. */
#define USED_SHARE 0.5
/* After a queue: this share of what came through. */
#define CUT_SHARE 0.88
/* Between cuts a round trip, and this for the samples to be new. */
#define CUT_US (300 * EAR_US_PER_MS)
/* Samples of this age, and of as many frames in a row, tell of the queue. */
#define FRESH_US (500 * EAR_US_PER_MS)
#define FRESH_FRAMES 4
#define TELLING 3
/* Without a long frame for so long the shorter ones are the long ones. */
#define SHORTER_US (3 * (int64_t)EAR_US_PER_S)
/* The least trip is taken over six bins. */
#define BIN_US (10 * (int64_t)EAR_US_PER_S)
/* A frame that would make speech wait goes this seldom, on a line that may be thin and on one that
 * is not. */
#define THIN_BPS 24000.0
#define CROSS_THIN_US (3 * (int64_t)EAR_US_PER_S)
#define CROSS_US (250 * EAR_US_PER_MS)
/* So much later than due a packet of speech may leave the line. */
#define SLACK_US (8 * EAR_US_PER_MS)
/* Nobody waits longer than this for one frame to pass. */
#define FRAME_US (60 * EAR_US_PER_MS)

void ear_pace_init(struct ear_pace *p, int bps, int64_t now_us)
{
    *p = (struct ear_pace){
        .rate_bps = bps > 0 ? fmin(bps, MOST_BPS) : START_BPS,
        .free_us = now_us,
        .frame_us = INT64_MIN / 2,
        .grown_us = now_us,
        .cut_us = INT64_MIN / 2,
        .speech.due_us = INT64_MAX,
    };
}

static int64_t wire_us(const struct ear_pace *p, size_t frame_bytes)
{
    double bits = 8.0 * (double)(frame_bytes + EAR_PACE_FRAME_FIXED_BYTES);
    return (int64_t)(bits * EAR_US_PER_S / p->rate_bps);
}

int64_t ear_pace_trip_us(const struct ear_pace *p)
{
    int64_t least = INT64_MAX;
    for (size_t i = 0; i < p->least_count; i++)
        least = ear_min64(least, p->leasts[i]);
    return p->least_count > 0 ? least : 0;
}

/* How long the queue is that the newest long frames met; -1: too few tell. */
static int64_t queue_us(const struct ear_pace *p, int64_t now_us)
{
    int64_t least = INT64_MAX, fresh = FRESH_US + FRESH_FRAMES * wire_us(p, p->long_bytes);
    size_t count = 0;
    for (size_t i = 0; i < p->trip_count; i++) {
        if (now_us - p->trips[i].at_us > fresh)
            continue;
        least = ear_min64(least, p->trips[i].took_us);
        count++;
    }
    return count >= TELLING ? least - ear_pace_trip_us(p) : -1;
}

/* ---- the rate ---- */

static double came_bps(struct ear_pace *p, int64_t now_us)
{
    int seconds = p->rate_bps > 2 * THIN_BPS ? 1 : 3;
    return 8 * ear_meter_rate(&p->came, now_us, seconds);
}

static double least_bps(const struct ear_pace *p)
{
    return p->speech.on ? p->speech.budget_bps : LEAST_BPS;
}

/* A queue stands, so that what came is what the line carries. */
static void cut(struct ear_pace *p, int64_t queue, int64_t now_us)
{
    double others_bps = 8 * ear_meter_rate(&p->sent, now_us, 1) - came_bps(p, now_us);
    double carried_bps = fmin(p->rate_bps, came_bps(p, now_us) + fmax(others_bps, 0));
    p->full_bps = p->rate_bps;
    p->rate_bps = fmax(CUT_SHARE * carried_bps, least_bps(p));
    p->free_us = ear_max64(p->free_us, now_us) + queue;
    p->cut_us = p->grown_us = now_us;
    p->trip_count = 0;
}

static void grow(struct ear_pace *p, int64_t now_us)
{
    double passed_s = (double)(now_us - p->grown_us) / EAR_US_PER_S;
    p->grown_us = now_us;
    if (8 * ear_meter_rate(&p->sent, now_us, 1) < USED_SHARE * p->rate_bps)
        return;
    double share = p->full_bps <= 0                         ? GROW_FIRST
                   : p->rate_bps < NEAR_SHARE * p->full_bps ? GROW_AGAIN
                                                            : GROW_NEAR;
    if (!p->speech.on && p->full_bps <= 0)
        share = GROW_ALONE;
    p->rate_bps = fmin(p->rate_bps * exp(share * passed_s), MOST_BPS);
}

void ear_pace_set_speech(struct ear_pace *p, const struct ear_pace_speech *speech, int64_t now_us)
{
    const int before_bps = p->speech.budget_bps;
    p->speech = *speech;
    if (speech->on && speech->budget_bps == 0) /* nothing new is known of it */
        p->speech.budget_bps = before_bps;
    if (p->speech.budget_bps == 0 || before_bps > 0)
        return;
    p->rate_bps = fmin(p->rate_bps, speech->budget_bps + START_MORE_BPS);
    p->full_bps = 0;
    p->grown_us = now_us;
}

/* ---- what goes and comes ---- */

void ear_pace_sent(struct ear_pace *p, int64_t bytes, int64_t now_us)
{
    ear_meter_add(&p->sent, now_us, bytes);
    double bits = 8.0 * (double)bytes;
    p->free_us = ear_max64(p->free_us, now_us) + (int64_t)(bits * EAR_US_PER_S / p->rate_bps);
}

void ear_pace_frame(struct ear_pace *p, int64_t now_us)
{
    p->frame_us = now_us;
}

static void add_trip(struct ear_pace *p, int64_t took_us, int64_t now_us)
{
    if (p->trip_count == EAR_PACE_TRIPS) {
        for (size_t i = 1; i < EAR_PACE_TRIPS; i++)
            p->trips[i - 1] = p->trips[i];
        p->trip_count--;
    }
    p->trips[p->trip_count++] = (struct ear_pace_trip){.at_us = now_us, .took_us = took_us};
    if (p->least_count > 0 && now_us - p->bin_us < BIN_US) {
        p->leasts[0] = ear_min64(p->leasts[0], took_us);
        return;
    }
    for (size_t i = EAR_PACE_LEASTS - 1; i > 0; i--)
        p->leasts[i] = p->leasts[i - 1];
    p->leasts[0] = took_us;
    p->least_count += p->least_count < EAR_PACE_LEASTS;
    p->bin_us = now_us;
}

/* Frames of other lengths take another time on a thin line. */
static bool is_long(struct ear_pace *p, size_t frame_bytes, int64_t now_us)
{
    bool shorter = frame_bytes < p->long_bytes * 3 / 4;
    if (shorter && now_us - p->long_us < SHORTER_US)
        return false;
    p->long_us = now_us;
    if (!shorter && frame_bytes <= p->long_bytes * 4 / 3)
        return true;
    p->long_bytes = frame_bytes;
    p->trip_count = p->least_count = 0;
    return true;
}

void ear_pace_came(struct ear_pace *p, size_t frame_bytes, int64_t took_us, int64_t now_us)
{
    ear_meter_add(&p->came, now_us, (int64_t)(frame_bytes + EAR_PACE_FRAME_FIXED_BYTES));
    if (!is_long(p, frame_bytes, now_us))
        return;
    add_trip(p, took_us, now_us);
    int64_t queue = queue_us(p, now_us), limit = p->speech.on ? QUEUE_SPEECH_US : QUEUE_US;
    if (queue < 0)
        return;
    if (queue > limit && now_us - p->cut_us > CUT_US + ear_pace_trip_us(p))
        cut(p, queue, now_us);
    else if (queue <= limit / 2)
        grow(p, now_us);
    else
        p->grown_us = now_us;
}

/* ---- may it? ---- */

/* It would have left the line before speech wants it. */
static bool fits(const struct ear_pace *p, size_t frame_bytes, int64_t now_us)
{
    if (!p->speech.on || p->speech.due_us == INT64_MAX)
        return true;
    if (now_us + wire_us(p, frame_bytes) <= p->speech.due_us + SLACK_US)
        return true;
    return now_us - p->frame_us >= (p->rate_bps < THIN_BPS ? CROSS_THIN_US : CROSS_US);
}

bool ear_pace_may(struct ear_pace *p, size_t frame_bytes, size_t count, size_t bytes,
                  int64_t now_us)
{
    if (p->speech.on && p->speech.yields)
        return false;
    if (now_us < p->free_us || !fits(p, frame_bytes, now_us))
        return false;
    double wire = 8.0 * (double)(bytes + count * EAR_PACE_FRAME_FIXED_BYTES);
    double most = p->rate_bps * (double)(ear_pace_trip_us(p) + QUEUE_US) / EAR_US_PER_S;
    return count < 2 || wire <= most;
}

int64_t ear_pace_due_us(const struct ear_pace *p, int64_t now_us)
{
    return p->free_us > now_us ? p->free_us : now_us + 20 * EAR_US_PER_MS;
}

size_t ear_pace_cap(const struct ear_pace *p, size_t most, size_t least)
{
    if (!p->speech.on)
        return most;
    double wire = p->rate_bps * FRAME_US / EAR_US_PER_S / 8;
    double cap = floor((wire - EAR_PACE_FRAME_FIXED_BYTES) / 60) * 60; /* in steps: seldom told */
    return (size_t)fmin(fmax(cap, (double)least), (double)most);
}
