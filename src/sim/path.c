/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fate of datagrams in one direction: when each arrives, if at all. */
#include "sim/path.h"

#include <math.h>

#define ALL_PPM 1000000

/* Jitter forgets itself in about two packets. */
#define JITTER_MEMORY_US 100000
/* Other people's packets, and how long they load something and pause, on average. */
#define CROSS_BYTES_LEAST 300
#define CROSS_BYTES_MOST 1400
#define CROSS_TURN_US (2 * EAR_US_PER_S)
/* Standard deviation of |N(0, 1)|: sqrt(1 - 2/pi). */
#define FOLDED_SD 0.60281
/* A call is set up before the first outage. */
#define OUTAGE_FREE_US (5 * EAR_US_PER_S)
/* A second copy follows this closely at most. */
#define COPY_SPREAD_US 20000
/* After so many periods without a datagram the weather begins anew shortly before now. */
#define FAR_PERIODS 1000
#define NEAR_PERIODS 10

static int64_t draw_us(struct ear_random *chance, double mean_us)
{
    return llround(ear_random_exponential(chance, mean_us));
}

static int64_t draw_span(struct ear_random *chance, const struct ear_span *span)
{
    double width_us = (double)(span->most_us - span->least_us);
    return span->least_us + llround(ear_random_unit(chance) * width_us);
}

static bool draw_ppm(struct ear_random *chance, int64_t ppm)
{
    return ear_random_unit(chance) * ALL_PPM < (double)ppm;
}

/* Where to go on from at_us to t_us without living through days of silence. */
static int64_t leap(int64_t at_us, int64_t t_us, int64_t period_us)
{
    return t_us - at_us > FAR_PERIODS * period_us ? t_us - NEAR_PERIODS * period_us : at_us;
}

void ear_path_init(struct ear_path *path, const struct ear_effects *effects, int64_t start_us,
                   uint64_t seed, int direction)
{
    *path = (struct ear_path){.effects = effects, .start_us = start_us};
    struct ear_random seeds = ear_random_seeded(seed);
    path->outage.seed = ear_random_u64(&seeds);
    path->outage.period = -1;
    for (int i = 0; i < direction; i++)
        seeds = ear_random_seeded(ear_random_u64(&seeds));
    struct ear_random *chances[] = {&path->chance,      &path->spike.chance, &path->stall.chance,
                                    &path->fade.chance, &path->cross.chance, &path->jitter.chance};
    for (size_t i = 0; i < EAR_COUNT(chances); i++)
        *chances[i] = ear_random_seeded(ear_random_u64(&seeds));
    const struct ear_effects *e = effects;
    path->bottleneck_free_us = path->last_arrival_us = INT64_MIN / 2;
    path->spike.begin_us = path->stall.begin_us = INT64_MIN / 2;
    path->spike.next_us = start_us + draw_us(&path->spike.chance, (double)e->spike.every_us);
    path->stall.next_us = start_us + draw_us(&path->stall.chance, (double)e->stall.every_us);
    path->fade.until_us =
        start_us + draw_us(&path->fade.chance, (double)(e->fade.every_us - e->fade.length_us));
    path->cross.until_us = start_us + draw_us(&path->cross.chance, CROSS_TURN_US);
    path->jitter.normal = ear_random_normal(&path->jitter.chance);
    path->jitter.at_us = start_us;
}

/* Lengths are part of the spacing, so that the mean from one beginning to the next is exact. */
static void advance_event(struct ear_path_event *event, const struct ear_now_and_then *spec,
                          int64_t t_us)
{
    if (spec->every_us == 0)
        return;
    double length_us = (double)(spec->length.least_us + spec->length.most_us) / 2;
    event->next_us = leap(event->next_us, t_us, spec->every_us);
    while (event->next_us <= t_us) {
        event->begin_us = event->next_us;
        event->length_us = draw_span(&event->chance, &spec->length);
        event->next_us +=
            event->length_us + draw_us(&event->chance, (double)spec->every_us - length_us);
    }
}

/* How much of the event is still to come at t_us. */
static int64_t event_left_us(const struct ear_path_event *event, int64_t t_us)
{
    if (t_us < event->begin_us)
        return 0;
    return ear_max64(event->begin_us + event->length_us - t_us, 0);
}

static bool is_fading(struct ear_path *path, int64_t t_us)
{
    const struct ear_effects *e = path->effects;
    if (e->fade.length_us == 0)
        return false;
    path->fade.until_us = leap(path->fade.until_us, t_us, e->fade.every_us);
    while (path->fade.until_us <= t_us) {
        path->fade.bad = !path->fade.bad;
        int64_t mean_us = path->fade.bad ? e->fade.length_us : e->fade.every_us - e->fade.length_us;
        path->fade.until_us += draw_us(&path->fade.chance, (double)mean_us);
    }
    return path->fade.bad;
}

static bool is_out(struct ear_path *path, int64_t now_us)
{
    const struct ear_now_and_then *outage = &path->effects->outage;
    if (outage->every_us == 0)
        return false;
    int64_t period = (now_us - path->start_us) / outage->every_us;
    if (period != path->outage.period) {
        struct ear_random chance = ear_random_seeded(path->outage.seed + (uint64_t)period);
        path->outage.period = period;
        path->outage.begin_us =
            path->start_us + (period + 1) * outage->every_us - draw_span(&chance, &outage->length);
        if (path->outage.begin_us < path->start_us + OUTAGE_FREE_US)
            path->outage.begin_us = INT64_MAX;
    }
    return now_us >= path->outage.begin_us;
}

static int64_t ramp_us(const struct ear_path *path, int64_t t_us)
{
    const struct ear_effects *e = path->effects;
    if (e->ramp.every_us == 0)
        return 0;
    int64_t busy_us = e->ramp.rise_us + e->ramp.hold_us + e->ramp.fall_us;
    int64_t at_us = (t_us - path->start_us) % e->ramp.every_us - (e->ramp.every_us - busy_us);
    if (at_us < 0)
        return 0;
    if (at_us < e->ramp.rise_us)
        return e->ramp.peak_us * at_us / e->ramp.rise_us;
    at_us -= e->ramp.rise_us + e->ramp.hold_us;
    if (at_us < 0)
        return e->ramp.peak_us;
    return e->ramp.peak_us * (e->ramp.fall_us - at_us) / e->ramp.fall_us;
}

/* An Ornstein-Uhlenbeck walk, folded at 0. */
static int64_t jitter_us(struct ear_path *path, int64_t t_us)
{
    if (path->effects->jitter_us == 0)
        return 0;
    double kept = exp((double)(path->jitter.at_us - t_us) / JITTER_MEMORY_US);
    path->jitter.normal = kept * path->jitter.normal +
                          sqrt(1 - kept * kept) * ear_random_normal(&path->jitter.chance);
    path->jitter.at_us = t_us;
    return llround(fabs(path->jitter.normal) / FOLDED_SD * (double)path->effects->jitter_us);
}

/* Joins the queue before the bottleneck unless it is full; an idle one takes anything. */
static bool queue_up(struct ear_path *path, int64_t t_us, size_t bytes)
{
    const struct ear_effects *e = path->effects;
    int64_t wait_us = ear_max64(path->bottleneck_free_us - t_us, 0);
    int64_t bits = (int64_t)bytes * 8;
    int64_t send_us = (bits * EAR_US_PER_S + e->rate_bps - 1) / e->rate_bps;
    if (wait_us > 0 && wait_us + send_us > e->queue_us)
        return false;
    path->bottleneck_free_us = t_us + wait_us + send_us;
    return true;
}

/* Lets the others send until t_us: Poisson packets while they load, nothing while they pause. */
static void advance_cross(struct ear_path *path, int64_t t_us)
{
    const struct ear_effects *e = path->effects;
    if (e->cross_bps == 0)
        return;
    double gap_us = (CROSS_BYTES_LEAST + CROSS_BYTES_MOST) / 2.0 * 8 * EAR_US_PER_S /
                    (2.0 * (double)e->cross_bps);
    struct ear_random *chance = &path->cross.chance;
    int64_t until_us = leap(path->cross.until_us, t_us, CROSS_TURN_US);
    path->cross.packet_us += until_us - path->cross.until_us;
    path->cross.until_us = until_us;
    for (;;) {
        if (path->cross.on && path->cross.packet_us < path->cross.until_us) {
            if (path->cross.packet_us > t_us)
                return;
            uint32_t spread = CROSS_BYTES_MOST - CROSS_BYTES_LEAST + 1;
            queue_up(path, path->cross.packet_us,
                     CROSS_BYTES_LEAST + ear_random_below(chance, spread));
            path->cross.packet_us += draw_us(chance, gap_us);
        } else {
            if (path->cross.until_us > t_us)
                return;
            path->cross.on = !path->cross.on;
            path->cross.packet_us = path->cross.until_us + draw_us(chance, gap_us);
            path->cross.until_us += draw_us(chance, CROSS_TURN_US);
        }
    }
}

/* A Gilbert chain over datagrams. */
static bool is_in_burst(struct ear_path *path, double draw)
{
    const struct ear_effects *e = path->effects;
    if (e->burst.ppm == 0)
        return false;
    double leave = (double)ALL_PPM / (double)e->burst.datagrams_ppm;
    double share = (double)e->burst.ppm / ALL_PPM;
    path->in_burst = path->in_burst ? draw >= leave : draw < leave * share / (1 - share);
    return path->in_burst;
}

/* Delay after the bottleneck, in order unless a trace says otherwise. */
static int64_t arrival_us(struct ear_path *path, int64_t left_us, int64_t trace_us)
{
    const struct ear_effects *e = path->effects;
    advance_event(&path->spike, &e->spike, left_us);
    int64_t t_us = left_us + e->delay_us + trace_us + jitter_us(path, left_us) +
                   event_left_us(&path->spike, left_us) + ramp_us(path, left_us);
    if (!e->trace)
        t_us = ear_max64(t_us, path->last_arrival_us);
    advance_event(&path->stall, &e->stall, t_us);
    t_us += event_left_us(&path->stall, t_us);
    path->last_arrival_us = ear_max64(t_us, path->last_arrival_us);
    return t_us;
}

struct ear_path_fate ear_path_send(struct ear_path *path, int64_t now_us, size_t bytes)
{
    const struct ear_effects *e = path->effects;
    struct ear_path_fate fate = {0};
    bool lost = draw_ppm(&path->chance, e->loss_ppm);
    lost |= is_in_burst(path, ear_random_unit(&path->chance));
    bool faded = draw_ppm(&path->chance, e->fade.losing_ppm);
    bool doubled = draw_ppm(&path->chance, e->duplicate_ppm);
    bool held = draw_ppm(&path->chance, e->reorder.ppm);
    int64_t held_us = draw_span(&path->chance, &e->reorder.held);
    int64_t copy_us = llround(ear_random_unit(&path->chance) * COPY_SPREAD_US);

    if (is_out(path, now_us))
        return fate;
    int64_t left_us = now_us;
    if (e->rate_bps > 0) {
        advance_cross(path, now_us);
        fate.overflowed = !queue_up(path, now_us, bytes);
        left_us = path->bottleneck_free_us;
    }
    if (fate.overflowed)
        return fate;
    int64_t trace_us = e->trace ? ear_trace_delay_us(e->trace, left_us - path->start_us) : 0;
    if ((is_fading(path, left_us) && faded) || lost || trace_us == EAR_TRACE_LOST)
        return fate;
    fate.copies = doubled ? 2 : 1;
    fate.arrive_us[0] = arrival_us(path, left_us, trace_us) + (held ? held_us : 0);
    fate.arrive_us[1] = fate.arrive_us[0] + copy_us;
    return fate;
}
