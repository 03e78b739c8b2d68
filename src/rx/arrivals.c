/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The wanted playout delay: the one whose cost, delay plus price times lateness, is least. */
#include "rx/arrivals.h"

#include <math.h>

/* Delay that a share of 1 of late packets is worth: 1 % late = 40 ms. On recorded 3G, EDGE, VSAT
 * and LTE links 3000 stalls .04 points more at 1.3 % less delay (median of twelve); but a stall
 * moves all that follows. ESTOI and the delay's 95th percentile on EDGE with 3000, 4500, 6000: .894
 * and 780 ms, .900 and 780, .902 and 780; in a full 3G cell .909, .916, .918 at the same delay.
 * Spikes weigh like all else: at half the weight both change by less than 0.5 %. */
static const double usual_price_ms = 4000;
/* How many packets back the scatter remembers: 24 s of 60 ms packets (250 or 600 change nothing).
 */
static const int memory_packets = 400;
/* The scatter is taken over the least of 2 s: while a queue fills, the target climbs with it before
 * the buffer runs dry. On 3G, EDGE and VSAT traces 10 s cost 0.1 to 0.8 points more stalls at the
 * same delay. */
static const int64_t recent_us = 2 * (int64_t)EAR_US_PER_S;
static const int64_t least_us = 10 * (int64_t)EAR_US_PER_S;
/* Where the recent least itself swings by seconds it is followed up but not down: what is worth its
 * price over the last minute of speech stays. The price is more than usual, for the way back costs
 * as well. With 4000, 6000, 9000 ESTOI on such a queue was .82, .84, .86; with 9000 two of twelve
 * recorded traces are .05 further from the bound. */
static const double far_price_ms = 6000;
static const double far_s = 60;
/* Who has heard less does not know how often a swing comes back: as if nothing had been heard, its
 * price is more by this share. Without it the first of 1.5 s was forgotten just before the second
 * came: ESTOI .859 of .881. */
static const double far_early = 0.4;
static const int64_t far_least_us = 60 * (int64_t)EAR_US_PER_S;
/* Until so much has been heard, swings weigh less. */
static const double far_first_s = 4;
/* Longer than any packet: between two that are further apart there was a pause. */
static const int64_t packet_most_us = 200 * EAR_US_PER_MS;
/* While a queue grows the scatter overshoots what comes of it: no more is believed than this over
 * the most that was seen in a minute; and nothing over it where it is older than that. On a queue
 * that swings by 1.5 s ESTOI and the delay's 95th percentile with 100, 60 and 30 ms are .888 and
 * 1818 ms, .883 and 1778, .883 and 1748; in a full 3G cell .913 and 1757, 1744, 1734. */
static const int64_t growing_us = 30 * EAR_US_PER_MS;
static const int64_t grown_us = 2 * (int64_t)EAR_US_PER_S;
/* Believed before anything came. */
static const int first_bucket = 4;

static void least_init(struct ear_arrivals_least *least, int64_t window_us)
{
    *least = (struct ear_arrivals_least){
        .half_us = window_us / 2, .since_us = INT64_MIN, .now = INT64_MAX, .before = INT64_MAX};
}

static int64_t least_get(const struct ear_arrivals_least *least)
{
    return ear_min64(least->now, least->before);
}

static void least_add(struct ear_arrivals_least *least, int64_t now_us, int64_t value)
{
    if (least->since_us == INT64_MIN || now_us - least->since_us >= least->half_us) {
        least->before = least->now;
        least->now = INT64_MAX;
        least->since_us = now_us;
    }
    least->now = ear_min64(least->now, value);
}

static void shares_add(struct ear_arrivals_shares *shares, int64_t over_us, float gain)
{
    for (int i = 0; i < EAR_ARRIVALS_BUCKETS; i++)
        shares->share[i] *= 1 - gain;
    /* A bucket holds what its number times its width is just enough for. */
    int64_t bucket = (ear_max64(over_us, 0) + EAR_ARRIVALS_BUCKET_US - 1) / EAR_ARRIVALS_BUCKET_US;
    bucket = ear_min64(bucket, EAR_ARRIVALS_BUCKETS - 1);
    shares->share[bucket] += gain;
}

static int64_t cheapest_us(const struct ear_arrivals_shares *shares, double price_us)
{
    double late = 1, best_cost = INFINITY;
    int64_t best = 0;
    for (int i = 0; i < EAR_ARRIVALS_BUCKETS; i++) {
        late -= (double)shares->share[i];
        int64_t delay_us = (int64_t)i * EAR_ARRIVALS_BUCKET_US;
        double cost = (double)delay_us + price_us * late;
        if (cost < best_cost) {
            best_cost = cost;
            best = delay_us;
        }
    }
    return best;
}

void ear_arrivals_init(struct ear_arrivals *arrivals, double price_ms)
{
    *arrivals = (struct ear_arrivals){0};
    arrivals->price_us = (price_ms > 0 ? price_ms : usual_price_ms) * EAR_US_PER_MS;
    arrivals->speech_s = far_first_s;
    arrivals->near.share[first_bucket] = arrivals->far.share[0] = 1;
    arrivals->scatter_us = first_bucket * EAR_ARRIVALS_BUCKET_US;
    least_init(&arrivals->recent, recent_us);
    least_init(&arrivals->minute, far_least_us);
    least_init(&arrivals->most, far_least_us);
    least_init(&arrivals->least, least_us);
    least_init(&arrivals->any, least_us);
}

/* The greatest delay of the last minute. */
static int64_t most_us(const struct ear_arrivals *arrivals)
{
    return -least_get(&arrivals->most);
}

static void note_most(struct ear_arrivals *arrivals, int64_t came_us, int64_t delay_us)
{
    int64_t before = least_get(&arrivals->most);
    least_add(&arrivals->most, came_us, -delay_us);
    if (least_get(&arrivals->most) < before)
        arrivals->most_since_us = came_us;
}

static double far_price_us(const struct ear_arrivals *arrivals)
{
    double early = 1 - arrivals->speech_s / far_s;
    return far_price_ms * EAR_US_PER_MS * (1 + far_early * early);
}

static void learn(struct ear_arrivals *arrivals, int64_t journal_us, int64_t delay_us)
{
    /* The first packets count nearly equally: 1 - 2 / (n + 1). */
    arrivals->packets++;
    float gain = 2.0f / (float)(arrivals->packets + 1);
    shares_add(&arrivals->near, delay_us - least_get(&arrivals->recent),
               fmaxf(gain, 1.0f / (float)memory_packets));
    /* A packet's part of the minute is the speech in it. */
    int64_t us = ear_max64(0, ear_min64(journal_us - arrivals->journal_us, packet_most_us));
    double s = (double)us / EAR_US_PER_S;
    arrivals->speech_s = fmin(arrivals->speech_s + s, far_s);
    /* A frame more or less is the sound card's. */
    shares_add(&arrivals->far,
               least_get(&arrivals->recent) - least_get(&arrivals->minute) - EAR_FRAME_US,
               (float)(s / arrivals->speech_s));
}

void ear_arrivals_add(struct ear_arrivals *arrivals, int64_t journal_us, int64_t came_us,
                      int64_t taken_us, bool spurt_start)
{
    int64_t delay_us = taken_us - journal_us;
    arrivals->came_us = came_us;
    arrivals->newest_us = came_us - journal_us;
    least_add(&arrivals->least, came_us, arrivals->newest_us);
    least_add(&arrivals->any, came_us, arrivals->newest_us);
    least_add(&arrivals->recent, taken_us, delay_us);
    least_add(&arrivals->minute, taken_us, delay_us);
    note_most(arrivals, came_us, delay_us);
    if (!spurt_start)
        learn(arrivals, journal_us, delay_us);
    arrivals->journal_us = journal_us;
    arrivals->scatter_us = cheapest_us(&arrivals->near, arrivals->price_us);
    arrivals->floor_us = cheapest_us(&arrivals->far, far_price_us(arrivals));
}

void ear_arrivals_hear(struct ear_arrivals *arrivals, int64_t journal_us, int64_t came_us)
{
    least_add(&arrivals->any, came_us, came_us - journal_us);
}

int64_t ear_arrivals_expect_us(const struct ear_arrivals *arrivals, int64_t now_us)
{
    return arrivals->any.since_us == INT64_MIN ? 0 : now_us - least_get(&arrivals->any);
}

bool ear_arrivals_known(const struct ear_arrivals *arrivals)
{
    return arrivals->least.since_us != INT64_MIN;
}

int64_t ear_arrivals_target_us(const struct ear_arrivals *arrivals)
{
    bool grows = arrivals->came_us - arrivals->most_since_us < grown_us;
    int64_t most = most_us(arrivals) + (grows ? growing_us : EAR_ARRIVALS_BUCKET_US);
    int64_t now = ear_min64(least_get(&arrivals->recent) + arrivals->scatter_us, most);
    int64_t floor = least_get(&arrivals->minute) + arrivals->floor_us + arrivals->scatter_us;
    return ear_max64(now, ear_min64(floor, most));
}

int64_t ear_arrivals_scatter_us(const struct ear_arrivals *arrivals)
{
    return arrivals->scatter_us;
}

int64_t ear_arrivals_least_us(const struct ear_arrivals *arrivals)
{
    return least_get(&arrivals->least);
}

int64_t ear_arrivals_queueing_us(const struct ear_arrivals *arrivals)
{
    return arrivals->newest_us - ear_arrivals_least_us(arrivals);
}
