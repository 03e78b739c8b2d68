/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A clock that runs as the line does, and its rate, which follows the queue. */
#include "line/pace.h"

#include <math.h>
#include <stdlib.h>

/* Where nothing is known of the line. */
#define START_BPS 16000.0
#define LEAST_BPS 8000.0
/* A disk and a ring of 256 frames keep up with this. */
#define MOST_BPS 4e6
/* In flight is rate x (round trip + this). */
#define QUEUE_US (60 * EAR_US_PER_MS)
/* A queue of our making: without speech it is in nobody's way, and jitter is none (at 60 ms 1 MB
 * over edge took three times as long); beside it, it may hardly stand. */
#define QUEUE_ALONE_US (150 * EAR_US_PER_MS)
#define QUEUE_SPEECH_US (20 * EAR_US_PER_MS)
/* Reports of speech tell the delay in steps of 8 ms. */
#define QUEUE_NONE_MS 32.0
/* Mail waits while speech meets more than this, and then for so long, for others load a line for
 * seconds: on one of which others took 40 of 64 kbit/s mail
 * kept 1.2 s of queue standing for half a minute without. */
#define QUEUE_MOST_MS 60.0
#define QUEUED_US (2 * (int64_t)EAR_US_PER_S)
/* So much of the mean difference from trip to trip is the newest one's. */
#define JITTER_GAIN 0.125
/* Growth a second, without speech, until the line was full once. */
#define GROW_ALONE 0.5
/* No more at once than what so long a time is worth: on 12 kbit/s and 1.4 s the first frames that
 * came back made 16 kbit/s 105, and 8 s of queue. */
#define GROW_MOST_S 0.5
/* From this share of what it carried then on, and beside speech. */
#define NEAR_SHARE 0.8
#define GROW_AGAIN 0.04
/* Two frames that leave together tell what the line carries without filling it. So many pairs must
 * have told, one in each of the first of these times, then one in the second or, where two stand in
 * the way for 200 ms, the third. Until then the rate is what it began with, or less; then it grows
 * fast up to this share. */
#define PAIRS_TELLING 4
#define PAIR_LEAST_US EAR_US_PER_MS
#define PAIR_US (1 * (int64_t)EAR_US_PER_S)
#define PAIR_AGAIN_US (3 * (int64_t)EAR_US_PER_S)
#define PAIR_THIN_US (60 * (int64_t)EAR_US_PER_S)
#define PAIRS_SHARE 0.88
#define GROW_KNOWN 0.25
/* A queue of others makes it no less than this share. */
#define OTHERS_SHARE 0.45
/* No growth where less than this of the rate is used: it would prove nothing. Between packets of
 * speech frames do not fill a line that is known to carry little. */
#define USED_SHARE 0.75
#define USED_SHARE_LOW 0.6
#define USED_LOW_BPS 40000.0
/* After a queue: this share of what came through. */
#define CUT_SHARE 0.75
/* ... and of at least this share of the rate: less may have come because less was sent. */
#define CARRIED_LEAST 0.85
/* What was sent beyond the rate is forgotten after so long. */
#define DEBT_US (300 * EAR_US_PER_MS)
/* The newest frames tell of the queue: so many, if they are as fresh as this and their own time on
 * the line. */
#define FRESH_US (500 * EAR_US_PER_MS)
#define FRESH_FRAMES 4
#define TELLING 3
/* Without a long frame for so long the shorter ones are the long ones. */
#define SHORTER_US (3 * (int64_t)EAR_US_PER_S)
/* The least trip is taken over six bins. */
#define BIN_US (10 * (int64_t)EAR_US_PER_S)
#define THIN_BPS 20000.0
/* A frame that would make a word wait that began now goes this seldom: while they speak; at any
 * other time; and there, until pairs have told what the line carries, when the last packet may have
 * left it. In 10 min on 24 kbit/s one each 10 s made the 95th percentile 50 ms more: a spurt that
 * begins late stays late. */
#define CROSS_US (3 * (int64_t)EAR_US_PER_S)
#define CROSS_SELDOM_US (60 * (int64_t)EAR_US_PER_S)
#define CROSS_FIRST_US (3 * (int64_t)EAR_US_PER_S)
/* What speech sends beside its packets waits no longer than this for a frame. */
#define FRAME_US (40 * EAR_US_PER_MS)
/* A frame is lost after so many times the trip that it should have taken, and this for spikes. */
#define LOST_TRIPS 1.5
#define LOST_US (400 * EAR_US_PER_MS)
/* What speech leaves of its time is filled to this share: a frame that just does not fit waits for
 * the next. */
#define ROOM_SHARE 0.85
/* What frames may be long is told in such steps: seldom. */
#define CAP_STEP_BYTES 6

void ear_pace_init(struct ear_pace *p, int bps, int64_t now_us)
{
    *p = (struct ear_pace){
        .rate_bps = bps > 0 ? fmin(bps, MOST_BPS) : START_BPS,
        .free_us = now_us,
        .frame_us = INT64_MIN / 2,
        .grown_us = now_us,
        .cut_us = INT64_MIN / 2,
        .queued_us = INT64_MIN / 2,
        .pair_us = INT64_MIN / 2,
    };
}

static int64_t wire_us(const struct ear_pace *p, size_t frame_bytes)
{
    double bits = 8.0 * (double)(frame_bytes + EAR_PACE_FRAME_FIXED_BYTES);
    return (int64_t)(bits * EAR_US_PER_S / p->rate_bps);
}

static int64_t least_trip_us(const struct ear_pace *p)
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
    for (size_t i = p->trip_count > FRESH_FRAMES ? p->trip_count - FRESH_FRAMES : 0;
         i < p->trip_count; i++) {
        if (now_us - p->trips[i].at_us > fresh)
            continue;
        least = ear_min64(least, p->trips[i].took_us);
        count++;
    }
    return count >= TELLING ? least - least_trip_us(p) : -1;
}

/* ---- the rate ---- */

/* What the line carries, as pairs tell: the second that is most, for the first may have come before
 * the least trip was known. 0: too few told. */
static double pairs_bps(const struct ear_pace *p)
{
    double first = 0, second = 0;
    for (size_t i = 0; i < p->pair_count && i < EAR_PACE_PAIRS; i++) {
        second = fmax(second, fmin(first, p->pairs[i]));
        first = fmax(first, p->pairs[i]);
    }
    return p->pair_count < PAIRS_TELLING ? 0 : second;
}

/* No more than this, lest the line be filled to find out that it is full. */
static double most_bps(const struct ear_pace *p)
{
    double pairs = pairs_bps(p);
    if (!p->speech.on)
        return MOST_BPS;
    return pairs > 0 ? fmin(PAIRS_SHARE * pairs, MOST_BPS) : fmin(START_BPS, p->speech.budget_bps);
}

/* ... and no less than this, for queues of others come and go. */
static double least_bps(const struct ear_pace *p)
{
    return p->speech.on ? fmax(OTHERS_SHARE * pairs_bps(p), LEAST_BPS) : LEAST_BPS;
}

static double came_bps(struct ear_pace *p, int64_t now_us)
{
    int seconds = p->rate_bps > 2 * THIN_BPS ? 1 : 3;
    return 8 * ear_meter_rate(&p->came, now_us, seconds);
}

/* A queue stands, so that what came is what the line carries; less came where less was sent. */
static void cut(struct ear_pace *p, int64_t queue, int64_t now_us)
{
    double others_bps = 8 * ear_meter_rate(&p->sent, now_us, 1) - came_bps(p, now_us);
    double carried_bps = came_bps(p, now_us) + fmax(others_bps, 0);
    carried_bps = fmin(fmax(carried_bps, CARRIED_LEAST * p->rate_bps), p->rate_bps);
    p->full_bps = carried_bps;
    p->rate_bps = fmin(p->rate_bps, fmax(CUT_SHARE * carried_bps, least_bps(p)));
    p->free_us = ear_min64(ear_max64(p->free_us, now_us) + queue, now_us + DEBT_US);
    p->cut_us = p->grown_us = now_us;
    p->trip_count = 0;
}

static double growth(const struct ear_pace *p)
{
    bool below = p->full_bps > 0 && p->rate_bps < NEAR_SHARE * p->full_bps;
    if (p->speech.on)
        return p->full_bps > 0 && p->rate_bps >= least_bps(p) ? GROW_AGAIN : GROW_KNOWN;
    return p->full_bps > 0 && !below ? GROW_AGAIN : GROW_ALONE;
}

static void grow(struct ear_pace *p, int64_t now_us)
{
    double passed_s = fmin((double)(now_us - p->grown_us) / EAR_US_PER_S, GROW_MOST_S);
    p->grown_us = now_us;
    double used = p->rate_bps < USED_LOW_BPS ? USED_SHARE_LOW : USED_SHARE;
    bool proven = p->speech.on && pairs_bps(p) > 0;
    if (!proven && 8 * ear_meter_rate(&p->sent, now_us, 1) < used * p->rate_bps)
        return;
    p->rate_bps = fmin(p->rate_bps * exp(growth(p) * passed_s), most_bps(p));
}

/* Where too few frames go to tell of a queue, those of speech do. */
static void grow_by_speech(struct ear_pace *p, int64_t now_us)
{
    if (!p->speech.on || p->speech.yields || queue_us(p, now_us) >= 0)
        return;
    if (p->speech.queueing_ms < QUEUE_NONE_MS)
        grow(p, now_us);
    else
        p->grown_us = now_us;
}

/* Speech meets a queue, whoever made it: a long packet behind a short one meets its own time. */
static bool speech_queues(const struct ear_pace *p)
{
    double own_ms =
        p->speech.budget_bps / p->rate_bps * (double)p->speech.packet_us / EAR_US_PER_MS;
    return p->speech.queueing_ms > QUEUE_MOST_MS + own_ms;
}

void ear_pace_set_speech(struct ear_pace *p, const struct ear_pace_speech *speech, int64_t now_us)
{
    const int before_bps = p->speech.budget_bps;
    p->speech = *speech;
    if (speech->on && speech->budget_bps == 0) /* nothing new is known of it */
        p->speech.budget_bps = before_bps;
    if (speech->on && speech->full && p->speech.budget_bps > 0) {
        p->full_bps = p->speech.budget_bps;
        p->rate_bps = fmin(p->rate_bps, p->full_bps);
    }
    p->rate_bps = fmin(p->rate_bps, most_bps(p));
    if (speech->on && speech_queues(p))
        p->queued_us = now_us;
    if (p->speech.budget_bps == 0 || before_bps > 0) {
        grow_by_speech(p, now_us);
        return;
    }
    p->rate_bps = fmin(p->rate_bps, fmin(START_BPS, speech->budget_bps));
    p->full_bps = 0;
    p->grown_us = now_us;
}

/* ---- what goes and comes ---- */

void ear_pace_sent(struct ear_pace *p, int64_t bytes, int64_t now_us)
{
    ear_meter_add(&p->sent, now_us, bytes);
    double bits = 8.0 * (double)bytes;
    p->free_us = ear_max64(p->free_us, now_us) + (int64_t)(bits * EAR_US_PER_S / p->rate_bps);
    p->free_us = ear_min64(p->free_us, now_us + DEBT_US);
}

/* It would have left the line before a packet of speech can be there. */
static bool fits(const struct ear_pace *p, int64_t line_us, int64_t now_us)
{
    return !p->speech.on || now_us + line_us <= p->speech.due_us;
}

void ear_pace_frame(struct ear_pace *p, size_t frame_bytes, int64_t now_us)
{
    double told_bps = pairs_bps(p);
    bool tells = told_bps > 0, thin = told_bps < THIN_BPS;
    int64_t every_us = !tells ? PAIR_US : thin ? PAIR_THIN_US : PAIR_AGAIN_US;
    bool may = !tells || p->speech.listens || fits(p, 2 * wire_us(p, frame_bytes), now_us);
    p->frame_us = now_us;
    p->pairs_now = p->speech.on && !p->speech.full && may && now_us - p->pair_us >= every_us;
    if (p->pairs_now)
        p->pair_us = now_us;
}

static void add_trip(struct ear_pace *p, int64_t took_us, int64_t now_us)
{
    if (p->trip_count > 0) {
        int64_t change = llabs(took_us - p->trips[p->trip_count - 1].took_us);
        p->jitter_us += (int64_t)(JITTER_GAIN * (double)(change - p->jitter_us));
    }
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

/* Of two that left together the second takes its own time longer than the least trip, and more
 * where it met something: acknowledgements wait behind words of the other side. */
static void take_pair(struct ear_pace *p, const struct ear_pace_ack *ack, int64_t now_us)
{
    const struct ear_pace_ack first = p->newest;
    p->newest = *ack;
    if (first.took_us == 0 || ack->took_us == 0 || ack->sent_ms - first.sent_ms > 1 ||
        now_us - p->queued_us < QUEUED_US + ack->took_us)
        return;
    int64_t least_us = p->least_count > 0 ? least_trip_us(p) : first.took_us;
    int64_t took_us = ear_max64(ack->took_us - ear_min64(first.took_us, least_us), PAIR_LEAST_US);
    double bits = 8.0 * (double)(ack->bytes + EAR_PACE_FRAME_FIXED_BYTES);
    p->pairs[p->pair_count++ % EAR_PACE_PAIRS] = bits * EAR_US_PER_S / (double)took_us;
}

void ear_pace_came(struct ear_pace *p, const struct ear_pace_ack *ack, int64_t now_us)
{
    const int64_t took_us = ack->took_us;
    ear_meter_add(&p->came, now_us, (int64_t)(ack->bytes + EAR_PACE_FRAME_FIXED_BYTES));
    take_pair(p, ack, now_us);
    if (took_us == 0 || !is_long(p, ack->bytes, now_us))
        return;
    if (now_us - took_us < p->cut_us) /* it met the queue that was cut */
        return;
    add_trip(p, took_us, now_us);
    int64_t queue = queue_us(p, now_us), limit = QUEUE_ALONE_US;
    if (p->speech.on)
        limit = ear_min64(QUEUE_SPEECH_US + p->jitter_us, QUEUE_ALONE_US);
    if (queue < 0)
        return;
    if (queue > limit)
        cut(p, queue, now_us);
    else if (queue <= limit / 2)
        grow(p, now_us);
    else
        p->grown_us = now_us;
}

/* ---- may it? ---- */

/* Else mail would wait for ever on a line that speech fills. */
static bool may_cross(const struct ear_pace *p, int64_t now_us)
{
    if (!p->speech.on)
        return false;
    int64_t since_us = now_us - p->frame_us;
    if (p->speech.listens)
        return since_us >= CROSS_US;
    if (p->speech.full || pairs_bps(p) > 0)
        return since_us >= CROSS_SELDOM_US;
    bool left = now_us >= p->speech.due_us - p->speech.packet_us / 2;
    return since_us >= CROSS_FIRST_US && (p->speech.silent || left);
}

bool ear_pace_may(struct ear_pace *p, size_t frame_bytes, size_t count, size_t bytes,
                  int64_t now_us)
{
    if (p->speech.on && (p->speech.yields || now_us - p->queued_us < QUEUED_US))
        return false;
    if (p->pairs_now && p->frame_us == now_us)
        return true;
    bool room = now_us >= p->free_us && fits(p, wire_us(p, frame_bytes), now_us);
    if (!room && !may_cross(p, now_us))
        return false;
    double wire = 8.0 * (double)(bytes + count * EAR_PACE_FRAME_FIXED_BYTES);
    double most = p->rate_bps * (double)(least_trip_us(p) + QUEUE_US) / EAR_US_PER_S;
    return count < 2 || wire <= most;
}

int64_t ear_pace_lost_us(const struct ear_pace *p, int64_t trip_us, size_t count, size_t bytes)
{
    size_t all = bytes + (count + 1) * EAR_PACE_FRAME_FIXED_BYTES;
    double line_us = 8.0 * (double)all * EAR_US_PER_S / p->rate_bps;
    return LOST_US + (int64_t)(LOST_TRIPS * ((double)trip_us + line_us));
}

int64_t ear_pace_due_us(const struct ear_pace *p, int64_t now_us)
{
    return p->free_us > now_us ? p->free_us : now_us + 20 * EAR_US_PER_MS;
}

/* So many frames as fill what a packet of speech leaves of its time. */
size_t ear_pace_cap(const struct ear_pace *p, size_t most, size_t least)
{
    if (!p->speech.on || p->speech.packet_us == 0)
        return most;
    double time_s = (double)p->speech.packet_us / EAR_US_PER_S;
    double room = ROOM_SHARE * (p->rate_bps - p->speech.budget_bps) / 8 * time_s;
    double each = fmin((double)(most + EAR_PACE_FRAME_FIXED_BYTES),
                       p->rate_bps / 8 * FRAME_US / EAR_US_PER_S);
    double cap = room / fmax(ceil(room / each), 1) - EAR_PACE_FRAME_FIXED_BYTES;
    cap = floor(cap / CAP_STEP_BYTES) * CAP_STEP_BYTES;
    return (size_t)fmin(fmax(cap, (double)least), (double)most);
}
