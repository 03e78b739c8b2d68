/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Weighs each way to pack and protect speech by what is heard of it, and takes the best. */
#include "line/plan.h"

#include <math.h>

#include "line/plan_table.h"
#include "wire/packet.h"

/* ESTOI of libopus 1.3.1 with packets of exactly so many kbit/s (codec.h: fill), complexity 6, on
 * five read sentences (24.7 s, pocketsphinx-testdata), in 1/10000. 100 ms are left out: five
 * encodes of 20 ms cost .02 at 9 kbit/s. At one rate narrowband leads wideband up to 24 kbit/s, but
 * ESTOI ends at 4.3 kHz and knows nothing of what wideband adds. */
#define RATES 13
static const double rates_kbps[RATES] = {6.5, 7, 8, 9, 10, 11, 12, 13, 14, 16, 18, 20, 24};
static const struct {
    int packet_ms;
    uint16_t narrow[RATES], wide[RATES]; /* wide: from 9 kbit/s on */
} clean[] = {
    {40,
     {8338, 8620, 8903, 9107, 9271, 9374, 9464, 9541, 9602, 9687, 9753, 9803, 9862},
     {0, 0, 0, 8613, 8930, 9114, 9272, 9373, 9452, 9600, 9673, 9745, 9830}},
    {60,
     {8481, 8686, 8986, 9154, 9307, 9398, 9483, 9561, 9610, 9697, 9772, 9805, 9863},
     {0, 0, 0, 8708, 8968, 9155, 9295, 9370, 9477, 9599, 9698, 9750, 9836}},
    {80,
     {8435, 8632, 8937, 9132, 9285, 9396, 9475, 9547, 9610, 9685, 9758, 9806, 9864},
     {0, 0, 0, 8648, 8950, 9125, 9278, 9371, 9482, 9606, 9685, 9754, 9834}},
    {120,
     {8505, 8734, 8978, 9167, 9311, 9411, 9492, 9575, 9619, 9713, 9763, 9815, 9868},
     {0, 0, 0, 8757, 9017, 9181, 9286, 9416, 9500, 9619, 9692, 9758, 9840}},
};

#define RATE_BPS_MIN 6000   /* Opus' floor */
#define WIDE_BPS_LEAST 8400 /* of wideband */
#define RATE_BPS_MAX 24000  /* ESTOI .986: more costs money and is hardly heard */

/* Wideband where it is clear in every measure: at 16 kbit/s PESQ-WB is 4.25, at 12 it is 3.0
 * to 3.3. The bonus covers what ESTOI (.009) says it costs there, so that more bits never seem
 * worse. With libopus' own repair in the decoder it pays from 8.6. */
#define WIDE_BPS_MIN 16000
#define WIDE_REPAIRED_BPS_MIN 8600
/* Twins of wideband take 2.4 kbit/s more, which narrowband packets make more of up to here. */
#define WIDE_TWINS_BPS_MIN 20000
#define WIDE_BONUS 0.010

/* What a share of lost speech costs. A single gap that the decoder bridges costs ESTOI 1.0 to 1.3
 * times its share (60 ms: 2 % .019, 5 % .041, 10 % .078), with 120 ms up to a third more. At that
 * price 2 % in fades of a satellite line are borne, and what twins would take goes into speech:
 * ESTOI .919 there, with 2.4 .912; in a full 3G cell .908 and .895. But where much is lost the gaps
 * join and words go that ESTOI does not miss; from LOSS_MANY on the price is the least that makes
 * redundancy alone leave 0.3 % of 10 % and 1.5 % of 20 % at 20 kbit/s. */
#define LOSS_PRICE_FEW 1.2
#define LOSS_PRICE_MANY 6.0
/* What repair brings too late is still had, for catching up. With 1.7, 2.0 and 2.8 ESTOI is .874,
 * .870 and .855 at 30 % loss, .880, .886 and .882 where it comes in fades; the delay's 95th
 * percentile 513, 499 and 500 ms, 1106, 1069 and 986. */
#define LOSS_PRICE_REPAIRED 2.0
#define LOSS_FEW 0.04
#define LOSS_MANY 0.08
#define LOSS_PRICE_MS 240 /* a packet longer than 60 ms by this costs twice as much */

/* Each doubling of 150 ms + mouth-to-ear delay costs this where nothing is lost: on a clean line of
 * 24 kbit/s ESTOI and its delay's 95th percentile are .962 and .19 s with .035, .967 and .22 with
 * .020, .969 and .19 with .012 (a longer packet, and no hold beside it). Where LOSS_FEW are lost
 * the other: what is missing is longer in longer packets, and with .012 all over loss30 was .862
 * instead of .870. So it is where outages come, for fuller packets take longer to bring behind
 * them: .858 and .870. */
#define DELAY_PRICE .012
#define DELAY_PRICE_LOSSY .035
#define DELAY_MS_UNNOTICED 150
/* ESTOI of speech that is heard from twins alone (80 ms; 60 and 120 differ by .01), and what the
 * step from a packet to a twin and back costs beside (port/codec.c: twins). */
#define TWIN_NARROW 0.830
#define TWIN_WIDE (0.855 + WIDE_BONUS)
#define COPY_PRICE 0.02

/* Most mouth-to-ear delay, ms. Speech that was lost is worth a wait, and turns are taken more
 * slowly on a line that breaks up. At 30 % loss 40 packets tell of 38 % now and then: with a wait
 * that grew from 36 % on it was 200 ms more for 12 s. */
#define DELAY_MS_DEVICES 40 /* sound cards, frames and the codec's lookahead */
#define DELAY_MS_USUAL 520
#define DELAY_MS_BURSTS 1000
#define DELAY_MS_HEAVY 1500
#define BURST_MS_NONE 40 /* below, bursts are as short as a packet */
#define BURST_MS_LONG 100
#define LOSS_HEAVY_FROM 0.40
#define LOSS_HEAVY 0.46
/* Protection without repair may hold speech so long on any line, for on a long one nothing else
 * helps. */
#define HOLD_MS_ALWAYS 360

/* Blocks in a datagram (wire/packet.h): the parcel's byte and the primary's length, then of each
 * block its first bytes and its length. */
#define PARCEL_BYTES 2
#define COPY_BYTES 2
#define XOR_BYTES 5
/* A datagram carries a packet and a repair of one as long, or repair is of no use: with packets of
 * 120 ms and 18 kbit/s over 10 % of loss nothing was ever given back, and ESTOI .849 not .949. */
#define REPAIRED_BODY_MAX ((EAR_AUDIO_SHARED_BYTES - EAR_REPAIR_BLOCK_BYTES) / 2)

/* The budget holds over any 10 s: repair must fit when losses are this many standard deviations
 * above their mean, beyond which packets of speech yield to it. */
#define BUDGET_MS 10000
#define LOAD_DEVIATIONS 1.0

/* What is overdue is asked for before the next packet tells (call/listen), where the moments suit:
 * share of a packet that this is worth in the mean. The table was simulated without. */
#define ASKED_SOONER .5

/* What is measured of a line wavers: a plan in use may miss its bounds by so much before it is said
 * not to serve. A new one keeps them. */
struct grace {
    double delay, budget;
};
static const struct grace none = {1, 1}, in_use = {2.0, 1.04};

/* Where a value lies on an axis. */
struct spot {
    int at;      /* 0 to points - 2 */
    double part; /* 0 to 1 of the way to at + 1 */
};

static struct spot spot_on(const double *axis, int points, double value)
{
    int at = 0;
    while (at < points - 2 && value >= axis[at + 1])
        at++;
    double part = (value - axis[at]) / (axis[at + 1] - axis[at]);
    return (struct spot){at, fmin(1, fmax(0, part))};
}

static double between(double a, double b, double part)
{
    return a + (b - a) * part;
}

/* Where a line lies in the table. */
struct place {
    struct spot burst, loss;
};

static struct place place_of(const struct ear_plan_line *line, int packet_ms)
{
    return (struct place){
        .burst = spot_on(ear_plan_bursts, EAR_PLAN_BURSTS, (double)line->burst_ms / packet_ms),
        .loss = spot_on(ear_plan_losses, EAR_PLAN_LOSSES, line->loss),
    };
}

static double on_line(const uint16_t rows[EAR_PLAN_BURSTS][EAR_PLAN_LOSSES],
                      const struct place *place)
{
    double left[2];
    for (int i = 0; i < 2; i++) {
        const uint16_t *row = rows[place->burst.at + i];
        left[i] = between(row[place->loss.at], row[place->loss.at + 1], place->loss.part);
    }
    return between(left[0], left[1], place->burst.part) / EAR_PLAN_WHOLE;
}

/* Share of lost packets that repair leaves. */
static double after_repair(const struct ear_plan_line *line, const struct ear_plan *plan,
                           const struct place *place)
{
    double hold = (double)plan->hold_ms / plan->packet_ms;
    double trip = ear_plan_trip(line->rtt_ms, plan->packet_ms), wait = hold - trip - 1;
    if (wait < 0)
        return 1;
    wait += ASKED_SOONER;
    struct spot trips = spot_on(ear_plan_trips, EAR_PLAN_TRIPS, trip);
    struct spot waits = spot_on(ear_plan_waits, EAR_PLAN_WAITS, wait);
    double left[2];
    for (int t = 0; t < 2; t++) {
        const uint16_t(*rows)[EAR_PLAN_BURSTS][EAR_PLAN_LOSSES] =
            ear_plan_table.repair[plan->answers - 1][trips.at + t];
        left[t] =
            between(on_line(rows[waits.at], place), on_line(rows[waits.at + 1], place), waits.part);
    }
    return between(left[0], left[1], trips.part);
}

static bool same(const struct ear_protect_pattern *a, const struct ear_protect_pattern *b)
{
    bool alike = a->kind == b->kind && a->count == b->count;
    for (int i = 0; alike && i < a->count; i++)
        alike = a->distance[i] == b->distance[i];
    return alike;
}

/* Share of lost packets that the pattern leaves; 1 for one that nobody simulated. */
static double after_pattern(const struct ear_plan *plan, const struct place *place)
{
    for (int i = 0; i < EAR_PLAN_PATTERNS; i++)
        if (same(&plan->pattern, &ear_plan_patterns[i]))
            return on_line(ear_plan_table.pattern[i], place);
    return 1;
}

double ear_plan_repair_load(const struct ear_plan_line *line, const struct ear_plan *plan)
{
    if (!plan->repair)
        return 0;
    /* A round of answers fails when all are lost; each after the first has one more. */
    double p = fmin(line->loss, 0.9), first = plan->answers;
    double rounds = first + pow(p, first) * (first + 1) / (1 - pow(p, first + 1));
    double datagrams = (double)BUDGET_MS / plan->packet_ms;
    double together = 1 + 2.0 * line->burst_ms / plan->packet_ms;
    double deviation = sqrt(p * (1 - p) * together / datagrams);
    return rounds * (p + LOAD_DEVIATIONS * deviation);
}

/* Bytes of wire that a packet may cost, all it needs included. */
static double packet_room(const struct ear_plan_line *line, const struct ear_plan *plan)
{
    return (double)line->budget_bps * plan->packet_ms / 8000;
}

/* Share of the repairs that the budget has room for beside the packets; more than 1 where there is
 * some to spare. */
static double repaired_share(const struct ear_plan_line *line, const struct ear_plan *plan)
{
    double left = packet_room(line, plan) - (double)(plan->body_bytes + EAR_SPEECH_FIXED_BYTES);
    double wanted =
        ear_plan_repair_load(line, plan) * (double)(plan->body_bytes + EAR_REPAIR_BLOCK_BYTES);
    return wanted > 0 ? fmax(0, left) / wanted : 1;
}

double ear_plan_residual(const struct ear_plan_line *line, const struct ear_plan *plan)
{
    struct place place = place_of(line, plan->packet_ms);
    if (!plan->repair)
        return line->loss * after_pattern(plan, &place);
    double given = 1 - after_repair(line, plan, &place);
    return line->loss * (1 - given * fmin(1, repaired_share(line, plan)));
}

static double most_delay_ms(const struct ear_plan_line *line)
{
    if (line->delay_ms > 0)
        return line->delay_ms;
    double bursts = (double)(line->burst_ms - BURST_MS_NONE) / (BURST_MS_LONG - BURST_MS_NONE);
    double heavy = (line->loss - LOSS_HEAVY_FROM) / (LOSS_HEAVY - LOSS_HEAVY_FROM);
    double most = between(DELAY_MS_USUAL, DELAY_MS_BURSTS, fmin(1, fmax(0, bursts)));
    return between(most, DELAY_MS_HEAVY, fmin(1, fmax(0, heavy)));
}

/* What comes back late has met the line's jitter too, but seldom its worst. */
static double held_ms(const struct ear_plan_line *line, const struct ear_plan *plan)
{
    double back = plan->hold_ms > 0 ? plan->hold_ms + line->jitter_ms / 2.0 : 0;
    return fmax(line->jitter_ms, back);
}

static double delay_of(const struct ear_plan_line *line, const struct ear_plan *plan)
{
    return DELAY_MS_DEVICES + line->rtt_ms / 2.0 + plan->packet_ms + held_ms(line, plan);
}

static bool in_time(const struct ear_plan_line *line, const struct ear_plan *plan,
                    const struct grace *grace)
{
    if (plan->hold_ms == 0 || delay_of(line, plan) <= most_delay_ms(line) * grace->delay)
        return true;
    return !plan->repair && line->delay_ms == 0 && plan->hold_ms <= HOLD_MS_ALWAYS;
}

/* Bytes for the primary in a body; what is not possible gives less than Opus needs. */
static size_t primary_in(const struct ear_plan *plan)
{
    size_t body = plan->body_bytes, blocks = plan->pattern.count;
    size_t around = PARCEL_BYTES + blocks * COPY_BYTES;
    switch (plan->pattern.kind) {
    case EAR_PROTECT_COPY:
        return body > around ? (body - around) / (1 + blocks) : 0;
    case EAR_PROTECT_LOW_COPY:
        around += blocks * ear_codec_least_cap(plan->packet_ms, plan->wideband);
        return body > around ? body - around : 0;
    case EAR_PROTECT_XOR:
        around = PARCEL_BYTES + XOR_BYTES;
        return body > around ? (body - around) / 2 : 0;
    case EAR_PROTECT_NONE:
    default:
        return body;
    }
}

static double in_curve(const uint16_t curve[RATES], int first, double kbps)
{
    struct spot spot = spot_on(rates_kbps + first, RATES - first, kbps);
    const uint16_t *from = curve + first + spot.at;
    return between(from[0], from[1], spot.part) / 10000;
}

/* ESTOI of what is not lost; below 6.5 kbit/s it falls by .05 each half. */
static double clean_quality(int packet_ms, double bps, bool wideband, bool repaired)
{
    const int first_wide = 3;
    size_t row = 0;
    while (row + 1 < EAR_COUNT(clean) && clean[row].packet_ms < packet_ms)
        row++;
    double kbps = bps / 1000;
    if (wideband && !repaired)
        return in_curve(clean[row].wide, first_wide, kbps) + WIDE_BONUS;
    double below = fmax(0, rates_kbps[0] - kbps) * 0.1;
    double bonus = wideband ? WIDE_BONUS : 0;
    return in_curve(clean[row].narrow, 0, kbps) + bonus - below;
}

static double loss_price(const struct ear_plan_line *line, const struct ear_plan *plan)
{
    double many = (line->loss - LOSS_FEW) / (LOSS_MANY - LOSS_FEW);
    double most = plan->repair ? LOSS_PRICE_REPAIRED : LOSS_PRICE_MANY;
    double price = between(LOSS_PRICE_FEW, most, fmin(1, fmax(0, many)));
    /* Where losses hang together the gap is the line's, not the packet's. */
    double alone = fmax(0, 1 - (double)line->burst_ms / plan->packet_ms);
    return price * (1 + alone * (plan->packet_ms - 60) / LOSS_PRICE_MS);
}

static double delay_price(const struct ear_plan_line *line, double delay_ms)
{
    double lossy = line->breaks ? 1 : fmin(1, line->loss / LOSS_FEW);
    double price = between(DELAY_PRICE, DELAY_PRICE_LOSSY, lossy);
    return price * log2(1 + delay_ms / DELAY_MS_UNNOTICED);
}

/* Repairs yield where there is no room for all of them (repaired_share). */
static bool in_budget(const struct ear_plan_line *line, const struct ear_plan *plan,
                      const struct grace *grace)
{
    return (double)(plan->body_bytes + EAR_SPEECH_FIXED_BYTES) <=
           packet_room(line, plan) * grace->budget;
}

static double expect(const struct ear_plan_line *line, const struct ear_plan *plan,
                     const struct grace *grace)
{
    if (!in_budget(line, plan, grace) || !in_time(line, plan, grace))
        return -INFINITY;
    double left = ear_plan_residual(line, plan);
    double heard =
        clean_quality(plan->packet_ms, plan->rate_bps, plan->wideband, line->enhances_wideband);
    if (plan->pattern.kind == EAR_PROTECT_LOW_COPY) {
        double low = plan->wideband ? TWIN_WIDE : TWIN_NARROW;
        heard -= (line->loss - left) * fmax(0, heard - low + COPY_PRICE);
    }
    /* The packet's length counts twice: when one is lost, that shows so much later. */
    double delay_ms = delay_of(line, plan) + plan->packet_ms;
    return heard - loss_price(line, plan) * left - delay_price(line, delay_ms);
}

double ear_plan_expect(const struct ear_plan_line *line, const struct ear_plan *plan)
{
    return expect(line, plan, &in_use);
}

/* How much of a body of so many bytes is the primary's, and what that gives. */
static void fit_primary(struct ear_plan *plan, size_t body)
{
    plan->body_bytes = body;
    size_t primary = primary_in(plan), most = (size_t)(RATE_BPS_MAX * plan->packet_ms / 8000);
    if (primary > most) {
        plan->body_bytes -=
            (primary - most) * (1 + (plan->pattern.kind == EAR_PROTECT_XOR) +
                                (plan->pattern.kind == EAR_PROTECT_COPY ? plan->pattern.count : 0));
        primary = primary_in(plan);
    }
    plan->rate_bps = (int)(primary * 8000 / (size_t)plan->packet_ms);
}

static int wide_bps_min(const struct ear_plan_line *line, const struct ear_plan *plan)
{
    if (line->enhances_wideband)
        return WIDE_REPAIRED_BPS_MIN;
    return plan->pattern.kind == EAR_PROTECT_LOW_COPY ? WIDE_TWINS_BPS_MIN : WIDE_BPS_MIN;
}

/* The least body that Opus can do with. */
static double least_body(const struct ear_plan *plan)
{
    return fmax((double)ear_codec_least_cap(plan->packet_ms, false),
                ceil(RATE_BPS_MIN * plan->packet_ms / 8000.0));
}

/* Fills in what follows from the packet's length and the protection. Returns whether Opus can.
 * Speech at its least leaves repair what is left: at 42 % loss and 16 kbit/s there was no room for
 * all of it, and with none .46 of the speech was missing. */
static bool fit(const struct ear_plan_line *line, struct ear_plan *plan)
{
    double load = ear_plan_repair_load(line, plan);
    double room = packet_room(line, plan) - EAR_SPEECH_FIXED_BYTES;
    double most = plan->repair ? REPAIRED_BODY_MAX : EAR_PAYLOAD_MAX;
    double body = fmin((room - load * EAR_REPAIR_BLOCK_BYTES) / (1 + load), most);
    if (plan->repair)
        body = fmax(body, least_body(plan));
    if (body < 1 || body > room)
        return false;
    plan->wideband = true;
    fit_primary(plan, (size_t)body);
    plan->wideband = plan->rate_bps >= wide_bps_min(line, plan);
    fit_primary(plan, (size_t)body);
    return plan->rate_bps >= RATE_BPS_MIN &&
           primary_in(plan) >= ear_codec_least_cap(plan->packet_ms, plan->wideband);
}

bool ear_plan_refit(const struct ear_plan_line *line, const struct ear_plan *plan,
                    struct ear_plan *ret)
{
    struct ear_plan fitted = *plan;
    if (!fit(line, &fitted))
        return false;
    *ret = fitted;
    return true;
}

struct best {
    struct ear_plan plan;
    double expected;
};

static void consider(struct best *best, const struct ear_plan_line *line, struct ear_plan plan)
{
    if ((line->no_low_copy && plan.pattern.kind == EAR_PROTECT_LOW_COPY) || !fit(line, &plan))
        return;
    double expected = expect(line, &plan, &none);
    if (expected > best->expected)
        *best = (struct best){plan, expected};
}

static void consider_patterns(struct best *best, const struct ear_plan_line *line, int packet_ms)
{
    for (int i = 0; i < EAR_PLAN_PATTERNS; i++)
        consider(best, line,
                 (struct ear_plan){.packet_ms = packet_ms,
                                   .pattern = ear_plan_patterns[i],
                                   .hold_ms = ear_plan_reach(&ear_plan_patterns[i]) * packet_ms});
}

/* Half a packet more is often enough: what is asked for again comes when it comes. */
static void consider_repair(struct best *best, const struct ear_plan_line *line, int packet_ms)
{
    int soonest = ear_plan_trip(line->rtt_ms, packet_ms) + 1;
    for (int answers = 1; answers <= EAR_PLAN_ANSWERS; answers++)
        for (int half = 0; half <= 2 * (int)ear_plan_waits[EAR_PLAN_WAITS - 1]; half++)
            consider(best, line,
                     (struct ear_plan){.packet_ms = packet_ms,
                                       .repair = true,
                                       .answers = answers,
                                       .hold_ms = (2 * soonest + half) * packet_ms / 2});
}

void ear_plan_choose(const struct ear_plan_line *line, struct ear_plan *ret)
{
    /* The leanest: as little as Opus can do, in packets that spare headers. */
    struct best best = {.plan = {.packet_ms = EAR_PACKET_MS_MAX, .rate_bps = RATE_BPS_MIN},
                        .expected = -INFINITY};
    best.plan.body_bytes = ear_codec_least_cap(EAR_PACKET_MS_MAX, false);
    for (size_t i = 0; i < EAR_COUNT(clean); i++) {
        consider_patterns(&best, line, clean[i].packet_ms);
        if (!line->no_repair)
            consider_repair(&best, line, clean[i].packet_ms);
    }
    *ret = best.plan;
}

struct ear_codec_format ear_plan_format(const struct ear_plan *plan)
{
    return (struct ear_codec_format){
        .packet_ms = plan->packet_ms,
        .rate_bps = plan->rate_bps,
        .max_bytes = primary_in(plan),
        .wideband = plan->wideband,
        /* Wideband of 18 kbit/s on a clean line: .958 without, .962 with, for 1 % of a core. */
        .fill = true,
    };
}

size_t ear_plan_cap(const struct ear_plan *plan, size_t left)
{
    bool rides = plan->pattern.kind == EAR_PROTECT_COPY || plan->pattern.kind == EAR_PROTECT_XOR;
    size_t share = primary_in(plan), least = ear_codec_least_cap(plan->packet_ms, plan->wideband);
    size_t cap = rides && left > share ? share : left;
    return cap > least ? cap : least;
}

struct ear_codec_format ear_plan_low_format(const struct ear_plan *plan)
{
    return (struct ear_codec_format){
        .packet_ms = plan->packet_ms,
        .rate_bps = plan->wideband ? WIDE_BPS_LEAST : RATE_BPS_MIN,
        .max_bytes = ear_codec_least_cap(plan->packet_ms, plan->wideband),
        .wideband = plan->wideband,
        .fill = true,
    };
}

int ear_plan_wire_bps(const struct ear_plan *plan)
{
    return (int)(plan->body_bytes + EAR_SPEECH_FIXED_BYTES) * 8 * 1000 / plan->packet_ms;
}
