/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the talker knows of its outgoing line, from what it sent and what the listener reports. */
#include "line/line_view.h"

#include <math.h>
#include <stdlib.h>

#include "line/liveness.h"

/* Round trips: RFC 6298. */
#define RTT_GAIN 0.125
#define RTT_VAR_GAIN 0.25
/* Memories of the loss shares, in seconds. A queue's loss must be seen within a few packets; what
 * chance takes is learnt slowly. */
#define LOSS_FAST_S 2.0
#define LOSS_SLOW_S 15.0
#define LOSS_RANDOM_S 60.0
#define LOSS_QUEUED_S 3.0
/* Packets that met less than the first met no queue, more than the second a long one. Jitter of
 * 40 ms is below. */
#define QUEUE_NONE_MS 50.0
#define QUEUE_LONG_MS 80.0
/* Chance takes two of ten often enough: fewer packets and losses in a queue tell nothing. */
#define TELLING_PACKETS 10
#define TELLING_LOST 2.5
#define TELLING_FREE 5
/* So much of the mean loss burst is the newest burst's; of the first ones more, as if so many
 * single losses had been before. With .1 from the first on burst20 held too little for 20 s. */
#define BURST_GAIN 0.1
#define BURSTS_BEFORE 2
/* Losses that lie further apart, in a pause, tell of no fade between: at 20 % two signs of silence
 * in a row were taken for a long one, and playout waited 930 ms instead of 490. */
#define BURST_APART_US (200 * EAR_US_PER_MS)
#define SLOPE_US (1500 * EAR_US_PER_MS)
#define SLOPE_POINTS 3
/* The delay's least is taken over six bins: queues of others may stand for a minute. */
#define LEAST_BIN_US (10 * (int64_t)EAR_US_PER_S)
/* Clocks: sound cards are off by up to 100 ppm, bad ones by 500. Two minutes tell 10 ms apart. */
#define DRIFT_SPAN_US (120 * (int64_t)EAR_US_PER_S)
#define DRIFT_POINTS 8
#define DRIFT_QUEUE_MS 20.0
#define DRIFT_MOST_MS_S 0.5
#define RATE_US (2 * (int64_t)EAR_US_PER_S)
/* Signs of life come each 500 ms; a shorter silence is chance, a longer one an outage. gprs stalls
 * every 12 s. */
#define STALL_LEAST_US (1200 * EAR_US_PER_MS)
#define STALL_MOST_US (4000 * EAR_US_PER_MS)
#define STALL_MEMORY_US (120 * (int64_t)EAR_US_PER_S)

void ear_line_view_init(struct ear_line_view *view, int64_t now_us)
{
    *view = (struct ear_line_view){
        .heard_us = now_us, .stalled_us = INT64_MIN / 2, .highest = -1, .missed_us = INT64_MIN};
    view->unanswered_since_us = INT64_MAX;
    view->burst_begin_us = INT64_MIN;
    view->moved_us = view->outage.from_us = view->outage.to_us = INT64_MIN;
}

void ear_line_view_move(struct ear_line_view *view, int64_t now_us)
{
    view->moved_us = now_us;
    view->least_count = view->drift_count = view->delay_count = 0;
    view->drift_ms_s = 0;
    view->fast = view->slow = view->random = view->queued = (struct ear_line_view_share){0};
    view->burst_begin_us = view->missed_us = INT64_MIN;
    view->unanswered_since_us = INT64_MAX;
    view->line.known = false;
    view->line.queueing_ms = view->line.slope_ms_s = 0;
    view->line.loss = view->line.loss_slow = view->line.loss_random = view->line.loss_queued = 0;
    view->line.burst_ms = view->line.bad_ms = 0;
    view->bursts = 0;
    view->line.rtt_ms = 0;
    view->line.unheard_us = 0;
}

static struct ear_line_view_packet *nth_newest(struct ear_line_view *view, size_t n)
{
    return &view->sent[(view->sent_count - 1 - n) % EAR_LINE_VIEW_SENT];
}

static size_t kept(const struct ear_line_view *view)
{
    return view->sent_count < EAR_LINE_VIEW_SENT ? view->sent_count : EAR_LINE_VIEW_SENT;
}

void ear_line_view_sent(struct ear_line_view *view, int64_t index, size_t bytes, int64_t now_us)
{
    view->sent[view->sent_count++ % EAR_LINE_VIEW_SENT] = (struct ear_line_view_packet){
        .index = index,
        .at_us = now_us,
        .bytes = (int64_t)bytes,
        .bytes_before = view->sent_bytes,
    };
    view->sent_bytes += (int64_t)bytes;
    view->unanswered_since_us = ear_min64(view->unanswered_since_us, now_us);
}

void ear_line_view_heard(struct ear_line_view *view, int64_t now_us)
{
    int64_t silent_us = now_us - view->heard_us;
    if (silent_us >= STALL_LEAST_US && silent_us <= STALL_MOST_US)
        view->stalled_us = now_us;
    if (silent_us >= EAR_LIVENESS_LOST_US) {
        view->outage.from_us = view->heard_us - (int64_t)(view->line.rtt_ms * EAR_US_PER_MS);
        view->outage.to_us = now_us;
        view->burst_begin_us = INT64_MIN;
    }
    view->heard_us = now_us;
}

/* ---- loss ---- */

static void share_add(struct ear_line_view_share *share, double passed_s, double memory_s,
                      bool lost)
{
    double keep = exp(-passed_s / memory_s);
    share->lost = share->lost * keep + lost;
    share->all = share->all * keep + 1;
}

static double share_get(const struct ear_line_view_share *share)
{
    return share->all > 0 ? share->lost / share->all : 0;
}

static void end_burst(struct ear_line_view *view, int64_t at_us)
{
    double ms = (double)(at_us - view->burst_begin_us) / EAR_US_PER_MS;
    double *mean = &view->line.burst_ms;
    *mean += *mean > 0 ? BURST_GAIN * (ms - *mean) : ms;
    double bad_ms = (double)(view->burst_last_us - view->burst_begin_us) / EAR_US_PER_MS;
    double gain = fmax(BURST_GAIN, 1.0 / (++view->bursts + BURSTS_BEFORE));
    view->line.bad_ms += gain * (bad_ms - view->line.bad_ms);
    view->burst_begin_us = INT64_MIN;
}

static void count_burst(struct ear_line_view *view, int64_t at_us, bool lost)
{
    int64_t apart_us = view->burst_last_us + BURST_APART_US;
    if (view->burst_begin_us != INT64_MIN && (!lost || at_us > apart_us))
        end_burst(view, ear_min64(at_us, apart_us));
    if (!lost)
        return;
    if (view->burst_begin_us == INT64_MIN)
        view->burst_begin_us = at_us;
    view->burst_last_us = at_us;
}

static void count_fate(struct ear_line_view *view, const struct ear_line_view_packet *packet,
                       bool lost)
{
    double passed_s = (double)(packet->at_us - view->fate_us) / EAR_US_PER_S;
    if (lost && packet->at_us > view->outage.from_us && packet->at_us <= view->outage.to_us)
        return;
    view->fate_us = packet->at_us;
    share_add(&view->fast, passed_s, LOSS_FAST_S, lost);
    share_add(&view->slow, passed_s, LOSS_SLOW_S, lost);
    if (view->line.queueing_ms >= QUEUE_LONG_MS)
        share_add(&view->queued, passed_s, LOSS_QUEUED_S, lost);
    else if (view->line.queueing_ms <= QUEUE_NONE_MS)
        share_add(&view->random, passed_s, LOSS_RANDOM_S, lost);
    count_burst(view, packet->at_us, lost);
}

enum fate { FATE_UNKNOWN, FATE_CAME, FATE_LOST };

/* What a report says of a packet; slot is the one of its highest. */
static enum fate fate_of(const struct ear_link_report *report, int64_t slot,
                         const struct ear_line_view_packet *packet)
{
    int64_t back = slot - packet->index / EAR_LINK_SLOT_UNITS;
    if (report->brief)
        return FATE_CAME;
    if (back < 0 || back >= EAR_LINK_SLOTS)
        return FATE_UNKNOWN;
    return report->came >> back & 1 ? FATE_CAME : FATE_LOST;
}

/* What became of all packets up to the newest-th newest. Unknown ones are taken for arrived; what
 * went another way tells nothing of this one. That the highest came is no chance: where the report
 * does not reach back to the one before, those lost in between are missing from the sum, and in
 * silence 50 % of loss were taken for 41. */
static void settle_fates(struct ear_line_view *view, const struct ear_link_report *report,
                         size_t newest)
{
    int64_t slot = nth_newest(view, newest)->index / EAR_LINK_SLOT_UNITS;
    size_t oldest = newest;
    enum fate oldest_told = FATE_CAME;
    bool whole = true;
    while (oldest + 1 < kept(view) && !nth_newest(view, oldest + 1)->settled) {
        enum fate fate = fate_of(report, slot, nth_newest(view, ++oldest));
        if (fate != FATE_UNKNOWN)
            oldest_told = fate;
    }
    for (size_t i = oldest + 1; i-- > newest;) {
        struct ear_line_view_packet *packet = nth_newest(view, i);
        if (packet->settled)
            continue;
        enum fate fate = fate_of(report, slot, packet);
        /* A loss longer than the report reaches: the listener had missed its beginning before. */
        if (fate == FATE_UNKNOWN && oldest_told == FATE_LOST && packet->at_us <= view->missed_us)
            fate = FATE_LOST;
        whole = whole && fate != FATE_UNKNOWN;
        if (fate != FATE_UNKNOWN && packet->at_us > view->moved_us && (whole || i > newest))
            count_fate(view, packet, fate == FATE_LOST);
        packet->settled = true;
        if (fate != FATE_LOST)
            view->line.arrived_bytes += packet->bytes;
    }
    view->line.loss = share_get(&view->fast);
    view->line.loss_slow = share_get(&view->slow);
    view->line.loss_random = share_get(&view->random);
    bool tells = view->queued.all >= TELLING_PACKETS && view->queued.lost >= TELLING_LOST &&
                 view->random.all >= TELLING_FREE;
    view->line.loss_queued = tells ? share_get(&view->queued) : view->line.loss_random;
}

/* ---- delay ---- */

static double without_drift(const struct ear_line_view *view, const struct ear_line_view_point *p)
{
    return p->ms - view->drift_ms_s * (double)p->at_us / EAR_US_PER_S;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The median slope over all pairs of points (Theil and Sen), ms/s. */
static double median_slope(const struct ear_line_view_point *points, size_t count)
{
    double slopes[EAR_LINE_VIEW_DRIFTS * (EAR_LINE_VIEW_DRIFTS - 1) / 2];
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        for (size_t j = i + 1; j < count; j++) {
            double s = (double)(points[j].at_us - points[i].at_us) / EAR_US_PER_S;
            slopes[n++] = (points[j].ms - points[i].ms) / s;
        }
    }
    qsort(slopes, n, sizeof slopes[0], by_value);
    return n > 0 ? slopes[n / 2] : 0;
}

/* A line along the lower edge of the bins' least delays: those with a queue are left out. */
static void learn_drift(struct ear_line_view *view)
{
    struct ear_line_view_point low[EAR_LINE_VIEW_DRIFTS];
    size_t count = view->drift_count, n = 0;
    if (count < DRIFT_POINTS ||
        view->drifts[count - 1].at_us - view->drifts[0].at_us < DRIFT_SPAN_US)
        return;
    double slope = median_slope(view->drifts, count), least = INFINITY;
    for (size_t i = 0; i < count; i++)
        least =
            fmin(least, view->drifts[i].ms - slope * (double)view->drifts[i].at_us / EAR_US_PER_S);
    for (size_t i = 0; i < count; i++) {
        const struct ear_line_view_point *p = &view->drifts[i];
        if (p->ms - slope * (double)p->at_us / EAR_US_PER_S - least <= DRIFT_QUEUE_MS)
            low[n++] = *p;
    }
    if (n >= DRIFT_POINTS)
        slope = median_slope(low, n);
    view->drift_ms_s = fmax(fmin(slope, DRIFT_MOST_MS_S), -DRIFT_MOST_MS_S);
    view->line.drift_ppm = view->drift_ms_s * 1000;
}

/* Drops the first of count points where all places are taken. Returns how many are left. */
static size_t make_room(struct ear_line_view_point *points, size_t count, size_t places)
{
    if (count < places)
        return count;
    for (size_t i = 1; i < count; i++)
        points[i - 1] = points[i];
    return count - 1;
}

static void add_least(struct ear_line_view *view, const struct ear_line_view_point *point)
{
    bool any = view->least_count > 0;
    struct ear_line_view_point *bin = &view->leasts[any ? view->least_count - 1 : 0];
    if (any && point->at_us - view->bin_us < LEAST_BIN_US) {
        if (without_drift(view, point) < without_drift(view, bin))
            *bin = *point;
        return;
    }
    if (any) {
        view->drift_count = make_room(view->drifts, view->drift_count, EAR_LINE_VIEW_DRIFTS);
        view->drifts[view->drift_count++] = *bin;
        learn_drift(view);
    }
    view->least_count = make_room(view->leasts, view->least_count, EAR_LINE_VIEW_LEASTS);
    view->leasts[view->least_count++] = *point;
    view->bin_us = point->at_us;
}

static double least_squares(const struct ear_line_view *view)
{
    const struct ear_line_view_point *newest = &view->delays[view->delay_count - 1];
    double n = 0, t = 0, d = 0, tt = 0, td = 0;
    for (size_t i = 0; i < view->delay_count; i++) {
        double s = (double)(view->delays[i].at_us - newest->at_us) / EAR_US_PER_S;
        if (view->delays[i].at_us < newest->at_us - SLOPE_US)
            continue;
        double ms = without_drift(view, &view->delays[i]) - without_drift(view, newest);
        n++;
        t += s;
        d += ms;
        tt += s * s;
        td += s * ms;
    }
    double spread = n * tt - t * t;
    return n >= SLOPE_POINTS && spread > 0 ? (n * td - t * d) / spread : 0;
}

static void add_delay(struct ear_line_view *view, int64_t sent_us)
{
    struct ear_line_view_point point = {.at_us = sent_us, .ms = view->delay_ms};
    view->delay_count = make_room(view->delays, view->delay_count, EAR_LINE_VIEW_DELAYS);
    view->delays[view->delay_count++] = point;
    add_least(view, &point);
    double least = INFINITY;
    for (size_t i = 0; i < view->least_count; i++)
        least = fmin(least, without_drift(view, &view->leasts[i]));
    view->line.queueing_ms = without_drift(view, &point) - least;
    view->line.slope_ms_s = least_squares(view);
}

/* The delay comes modulo 8 s, and seldom changes by 4. */
static void take_delay(struct ear_line_view *view, const struct ear_link_report *report)
{
    if (report->brief)
        return;
    int units = report->delay_8ms;
    if (view->has_delay) {
        int half = EAR_LINK_DELAY_MODULO / 2;
        int change = (units - view->delay_units + EAR_LINK_DELAY_MODULO) % EAR_LINK_DELAY_MODULO;
        change = (change + half) % EAR_LINK_DELAY_MODULO - half;
        view->delay_ms += (double)change * EAR_LINE_DELAY_UNIT_US / EAR_US_PER_MS;
    }
    view->delay_units = units;
    view->has_delay = true;
}

/* ---- reports ---- */

static void take_rtt(struct ear_line_view *view, const struct ear_link_report *report,
                     int64_t sent_us, int64_t now_us)
{
    if (report->age_20ms >= EAR_LINK_AGE_UNKNOWN)
        return;
    double age_ms = (report->age_20ms + 0.5) * EAR_LINE_AGE_UNIT_US / EAR_US_PER_MS;
    double rtt_ms = fmax((double)(now_us - sent_us) / EAR_US_PER_MS - age_ms, 1);
    struct ear_line *line = &view->line;
    if (line->rtt_ms <= 0) {
        line->rtt_ms = rtt_ms;
        line->rtt_var_ms = rtt_ms / 2;
        return;
    }
    line->rtt_var_ms += RTT_VAR_GAIN * (fabs(rtt_ms - line->rtt_ms) - line->rtt_var_ms);
    line->rtt_ms += RTT_GAIN * (rtt_ms - line->rtt_ms);
}

/* The place, from the newest, of the packet that the report tells as its highest; of two with one
 * index the first. -1: none. */
static int find(struct ear_line_view *view, uint16_t highest)
{
    int found = -1;
    for (size_t i = 0; i < kept(view); i++) {
        if (nth_newest(view, i)->index % EAR_LINK_INDEX_MODULO == highest)
            found = (int)i;
        else if (found >= 0)
            break;
    }
    return found;
}

/* A report without news: what we sent since, a round trip ago and more, did not come. */
static void take_old(struct ear_line_view *view, const struct ear_line_view_packet *packet,
                     int64_t now_us)
{
    if (packet->index < view->highest || view->unanswered_since_us == INT64_MAX)
        return;
    double trip_ms = view->line.rtt_ms + 2 * view->line.rtt_var_ms;
    int64_t us = now_us - view->unanswered_since_us - (int64_t)(trip_ms * EAR_US_PER_MS);
    view->line.unheard_us = ear_max64(us, 0);
    view->missed_us = now_us - (int64_t)(trip_ms * EAR_US_PER_MS);
}

void ear_line_view_report(struct ear_line_view *view, const struct ear_link_report *report,
                          int64_t now_us)
{
    ear_line_view_heard(view, now_us);
    int place = find(view, report->highest);
    if (place < 0)
        return;
    size_t newest = (size_t)place;
    const struct ear_line_view_packet *packet = nth_newest(view, newest);
    if (packet->index <= view->highest) {
        take_old(view, packet, now_us);
        return;
    }
    view->highest = packet->index;
    view->line.unheard_us = 0;
    view->unanswered_since_us =
        newest > 0 ? ear_max64(nth_newest(view, newest - 1)->at_us, view->moved_us) : INT64_MAX;
    if (packet->at_us <= view->moved_us)
        return;
    take_rtt(view, report, packet->at_us, now_us);
    take_delay(view, report);
    if (!view->has_delay)
        return;
    add_delay(view, packet->at_us);
    settle_fates(view, report, newest);
    if (!report->brief)
        view->line.playout_ms =
            (double)report->playout_32ms * EAR_LINE_PLAYOUT_UNIT_US / EAR_US_PER_MS;
    view->line.known = true;
    view->line.reports++;
    view->line.acked_sent_us = packet->at_us;
    view->line.acked_bytes = packet->bytes_before + packet->bytes;
}

void ear_line_view_get(const struct ear_line_view *view, int64_t now_us, struct ear_line *ret)
{
    *ret = view->line;
    ret->silent_us = now_us - view->heard_us;
    ret->stalls = now_us - view->stalled_us < STALL_MEMORY_US;
    ret->unanswered_us = ear_max64(now_us - view->unanswered_since_us, 0);
    if (view->unanswered_since_us == INT64_MAX)
        ret->unanswered_us = 0;
    int64_t bytes = 0;
    for (size_t i = 0; i < kept(view); i++) {
        const struct ear_line_view_packet *p =
            &view->sent[(view->sent_count - 1 - i) % EAR_LINE_VIEW_SENT];
        if (now_us - p->at_us >= RATE_US)
            break;
        bytes += p->bytes;
    }
    ret->sent_bps = (double)bytes * 8 * EAR_US_PER_S / RATE_US;
}
