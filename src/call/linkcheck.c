/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pings for some seconds, then two trains each way, then the verdict. */
#include "call/linkcheck.h"

#include <math.h>

#include "call/say.h"

/* 60 bytes each 60 ms are 8 kbit/s, the least that a talk needs: what does not carry that carries
 * none. In 4.5 s 75 of them; a loss of 20 % is then known to 5 points (one standard deviation). */
#define PING_US (60 * EAR_US_PER_MS)
#define STEADY_US (4500 * EAR_US_PER_MS)
/* Where the line took long to open, so that the trains have time ... */
#define STEADY_LATEST_US (6 * (int64_t)EAR_US_PER_S)
/* ... but not less than this. */
#define STEADY_LEAST_US (1500 * EAR_US_PER_MS)
/* The answer is told before ten seconds are over. */
#define END_US (EAR_LINKCHECK_US - 100 * EAR_US_PER_MS)
/* Four packets of 254 bytes are 0.7 s at 12 kbit/s: no queue of a thin line overflows. */
#define SHORT_COUNT 4
#define SHORT_BYTES 215
/* The long train takes so long at the rate of the short one, or as long as EAR_CHECK_TRAIN_MAX lets
 * it: with 800 ms one check in 60 on "edge" took a delay that just went back (300 ms) for a line a
 * third wider than it is. */
#define LONG_US (1200 * EAR_US_PER_MS)
#define LONG_COUNT_MIN 4
/* On thin lines the packets of a long train are shorter, so that there are enough of them. */
#define LONG_BYTES_MIN 120
#define LONG_WANTED 8
/* A train's answer is asked for again and again until so long after a round trip. */
#define ASK_US (250 * EAR_US_PER_MS)
#define TRAIN_WAIT_US (1800 * EAR_US_PER_MS)
/* What is left over for acknowledgements and goodbyes. */
#define RESERVE_BYTES 2000
/* Share of packets that come within what is called jitter. */
#define SPREAD_PERCENT 95

bool ear_linkcheck_is_on(const struct ear_linkcheck *c)
{
    return c->stage != EAR_LINKCHECK_OFF;
}

static int64_t bytes_now(const struct ear_linkcheck *c)
{
    return ear_switchboard_sent(c->board).bytes + ear_switchboard_received(c->board).bytes;
}

/* ---- the answer ---- */

/* That share of a sorted list lies at or below it. */
static int64_t percentile(const int64_t *sorted, int count, int percent)
{
    return sorted[(count - 1) * percent / 100];
}

static int spread_ms(int64_t *us, int count)
{
    ear_check_median_us(us, count);
    return (int)((percentile(us, count, SPREAD_PERCENT) - us[0]) / EAR_US_PER_MS);
}

static uint32_t down_bps(struct ear_linkcheck *c, int train)
{
    int64_t base_us = ear_check_median_us(c->down_us, c->pongs);
    return ear_check_arrivals_rate_bps(&c->back[train], base_us);
}

/* The long train's, or else the short one's. */
static int capacity_bps(uint32_t long_bps, uint32_t short_bps)
{
    uint32_t bps = long_bps > 0 ? long_bps : short_bps;
    return bps < EAR_LINE_CAPACITY_MOST ? (int)bps : EAR_LINE_CAPACITY_MOST;
}

static struct ear_line_measures measures(struct ear_linkcheck *c)
{
    struct ear_line_measures m = {.answered = c->pongs > 0};
    if (!m.answered)
        return m;
    m.rtt_ms = (int)(ear_check_median_us(c->rtt_us, c->pongs) / EAR_US_PER_MS);
    m.rtt_least_ms = (int)(c->rtt_us[0] / EAR_US_PER_MS);
    m.up.jitter_ms = spread_ms(c->up_us, c->pongs);
    m.down.jitter_ms = spread_ms(c->down_us, c->pongs);
    /* Before the first that came the other end may not have been ready. */
    m.up.loss = fmax(0, 1 - (double)c->received / (c->newest - c->first + 1));
    m.down.loss = fmax(0, 1 - (double)c->pongs / c->received);
    m.up.capacity_bps = capacity_bps(c->up_bps[1], c->up_bps[0]);
    m.down.capacity_bps = capacity_bps(down_bps(c, 1), down_bps(c, 0));
    return m;
}

static bool session_stands(const struct ear_linkcheck *c)
{
    return c->session && c->session->open && c->session->caller &&
           c->session->opened_us == c->opened_us && c->session->guest == c->guest;
}

/* Says KNOCK, so that the other end lets the line go. */
static void finish(struct ear_linkcheck *c, enum ear_line_outcome outcome, int64_t now_us)
{
    struct ear_event event = {.kind = EAR_EVENT_CHECKED, .guest = c->guest};
    event.check = (struct ear_line_check){
        .outcome = outcome, .guest = c->guest, .took_us = now_us - c->begin_us};
    if (outcome == EAR_LINE_MEASURED) {
        event.check.line = measures(c);
        if (!event.check.line.answered)
            event.check.outcome = EAR_LINE_SILENT;
        ear_line_judge(&event.check, c->wire_budget_bps);
    }
    if (session_stands(c)) {
        if (c->session->connected)
            ear_say(c->session, EAR_SIGNAL_KNOCK, false);
        ear_switchboard_release(c->board, c->session, now_us);
    }
    event.check.bytes = bytes_now(c) - c->begin_bytes;
    c->stage = EAR_LINKCHECK_OFF;
    c->session = NULL;
    ear_mailbox_tell(c->mail, &event);
}

void ear_linkcheck_drop(struct ear_linkcheck *c, int64_t now_us)
{
    if (ear_linkcheck_is_on(c))
        finish(c, EAR_LINE_CROSSED, now_us);
}

/* ---- the way out ---- */

void ear_linkcheck_command(struct ear_linkcheck *c, const struct ear_command *command, bool talks,
                           int wire_budget_bps, int64_t now_us)
{
    if (ear_linkcheck_is_on(c))
        finish(c, EAR_LINE_STOPPED, now_us);
    if (!command->on)
        return;
    *c = (struct ear_linkcheck){
        .board = c->board,
        .mail = c->mail,
        .answer = c->answer,
        .stage = EAR_LINKCHECK_OPENING,
        .guest = command->guest,
        .wire_budget_bps = wire_budget_bps,
        .begin_us = now_us,
        .begin_bytes = bytes_now(c),
        .newest = -1,
    };
    if (!talks)
        c->session = ear_switchboard_call(c->board, command->guest, &command->address,
                                          command->others, now_us);
    if (!c->session)
        finish(c, talks ? EAR_LINE_CROSSED : EAR_LINE_SILENT, now_us);
    else
        c->opened_us = c->session->opened_us;
}

static void ping(struct ear_linkcheck *c, int64_t now_us)
{
    const struct ear_check_packet packet = {
        .kind = EAR_CHECK_PING, .at_100us = (uint32_t)(now_us / 100), .number = (uint16_t)c->pings};
    c->ping_sent_us[c->pings++] = now_us;
    c->ping_us = now_us;
    ear_check_answer_send(c->board, c->session, &packet, EAR_CHECK_PING_BYTES, now_us);
}

/* How many packets of how many bytes make a long train at that rate. */
static int long_train(uint32_t bps, uint16_t *ret_bytes)
{
    double wire = fmin(bps, EAR_LINE_CAPACITY_MOST) / 8 * LONG_US / EAR_US_PER_S;
    double each = fmin(fmax(wire / LONG_WANTED, LONG_BYTES_MIN + EAR_CHECK_FIXED_BYTES),
                       EAR_CHECK_BYTES_MAX + EAR_CHECK_FIXED_BYTES);
    *ret_bytes = (uint16_t)(each - EAR_CHECK_FIXED_BYTES);
    return (int)fmin(fmax(round(wire / each), LONG_COUNT_MIN), EAR_CHECK_TRAIN_MAX);
}

static void ask(struct ear_linkcheck *c, const struct ear_check_packet *out, int64_t now_us)
{
    struct ear_check_packet packet = *out;
    packet.kind = EAR_CHECK_ASK;
    packet.place = 0;
    c->ask_us = now_us;
    ear_check_answer_send(c->board, c->session, &packet, EAR_CHECK_PING_BYTES, now_us);
}

/* One length serves both ways, so that a train back says what the one out was. */
static struct ear_check_packet train_packet(struct ear_linkcheck *c, int *ret_count)
{
    struct ear_check_packet packet = {
        .kind = EAR_CHECK_OUT, .train = c->train, .back = SHORT_COUNT, .bytes = SHORT_BYTES};
    *ret_count = SHORT_COUNT;
    if (c->train == 0)
        return packet;
    uint32_t up = c->up_bps[0], down = down_bps(c, 0);
    up = up ? up : down;
    down = down ? down : up;
    *ret_count = long_train(up, &packet.bytes);
    size_t up_bytes = packet.bytes;
    packet.back = (uint8_t)long_train(down, &packet.bytes);
    if (up_bytes != packet.bytes) { /* the longer packets, in fewer on the thinner side */
        uint16_t each = (uint16_t)(up_bytes > packet.bytes ? up_bytes : packet.bytes);
        double down_wire = (double)packet.back * (packet.bytes + EAR_CHECK_FIXED_BYTES);
        double up_wire = (double)*ret_count * (double)(up_bytes + EAR_CHECK_FIXED_BYTES);
        *ret_count = (int)fmax(round(up_wire / (each + EAR_CHECK_FIXED_BYTES)), LONG_COUNT_MIN);
        packet.back =
            (uint8_t)fmax(round(down_wire / (each + EAR_CHECK_FIXED_BYTES)), LONG_COUNT_MIN);
        packet.bytes = each;
    }
    return packet;
}

static void start_train(struct ear_linkcheck *c, int64_t now_us)
{
    int count;
    const struct ear_check_packet packet = train_packet(c, &count);
    int64_t cost = (int64_t)(count + packet.back) * (packet.bytes + EAR_CHECK_FIXED_BYTES);
    if (bytes_now(c) - c->begin_bytes + cost + RESERVE_BYTES > EAR_LINKCHECK_BYTES) {
        finish(c, EAR_LINE_MEASURED, now_us);
        return;
    }
    c->stage = EAR_LINKCHECK_TRAIN;
    c->train_us = now_us;
    c->train_back = packet.back;
    ear_check_answer_send_train(c->board, c->session, &packet, count, now_us);
    ask(c, &packet, now_us);
}

static int64_t rtt_now_us(struct ear_linkcheck *c)
{
    return c->pongs > 0 ? ear_check_median_us(c->rtt_us, c->pongs) : EAR_US_PER_S;
}

/* On to the long train, if its answer can be back in time. */
static void end_train(struct ear_linkcheck *c, int64_t now_us)
{
    bool known = c->up_bps[0] > 0 || c->back[0].count > 0;
    int64_t back_us = now_us + LONG_US + rtt_now_us(c);
    if (c->train + 1 >= EAR_CHECK_TRAINS || !known || back_us > c->begin_us + END_US) {
        finish(c, EAR_LINE_MEASURED, now_us);
        return;
    }
    c->train++;
    start_train(c, now_us);
}

static void step_train(struct ear_linkcheck *c, int64_t now_us)
{
    bool all_back = c->told[c->train];
    if (all_back || now_us - c->train_us > TRAIN_WAIT_US + rtt_now_us(c)) {
        end_train(c, now_us);
        return;
    }
    if (now_us - c->ask_us < ASK_US)
        return;
    ask(c,
        &(struct ear_check_packet){
            .train = c->train, .back = (uint8_t)c->train_back, .bytes = EAR_CHECK_PING_BYTES},
        now_us);
}

void ear_linkcheck_step(struct ear_linkcheck *c, int64_t now_us)
{
    if (!ear_linkcheck_is_on(c))
        return;
    if (!session_stands(c) || now_us - c->begin_us >= END_US) {
        finish(c, EAR_LINE_MEASURED, now_us);
        return;
    }
    if (c->stage == EAR_LINKCHECK_TRAIN)
        step_train(c, now_us);
    if (c->stage != EAR_LINKCHECK_STEADY)
        return;
    if (now_us >= c->steady_end_us)
        start_train(c, now_us);
    else if (now_us - c->ping_us >= PING_US && c->pings < EAR_CHECK_PINGS_MAX)
        ping(c, now_us);
}

/* ---- the way in ---- */

static void begin_steady(struct ear_linkcheck *c, int64_t now_us)
{
    c->stage = EAR_LINKCHECK_STEADY;
    c->ping_us = INT64_MIN / 2;
    c->steady_end_us = ear_max64(ear_min64(now_us + STEADY_US, c->begin_us + STEADY_LATEST_US),
                                 now_us + STEADY_LEAST_US);
}

static void take_pong(struct ear_linkcheck *c, const struct ear_check_packet *p, int64_t now_us)
{
    int n = p->number;
    if (n >= c->pings || c->ponged[n] || p->received == 0 || p->first > n)
        return;
    c->ponged[n] = true;
    c->rtt_us[c->pongs] = now_us - c->ping_sent_us[n];
    c->down_us[c->pongs] = ear_check_delay_us(p, now_us);
    c->up_us[c->pongs] = c->rtt_us[c->pongs] - c->down_us[c->pongs];
    c->pongs++;
    if (n <= c->newest)
        return;
    c->newest = n;
    c->first = p->first;
    c->received = p->received < c->pongs ? c->pongs : p->received;
}

static void take_packet(struct ear_linkcheck *c, const struct ear_check_packet *p, size_t len,
                        int64_t now_us)
{
    if (p->kind == EAR_CHECK_PONG) {
        take_pong(c, p, now_us);
    } else if (p->kind == EAR_CHECK_BACK) {
        ear_check_arrivals_add(&c->back[p->train], p, len, now_us);
    } else if (p->kind == EAR_CHECK_TOLD) {
        c->told[p->train] = true;
        c->up_bps[p->train] = p->rate_bps;
    } else if (p->kind == EAR_CHECK_BUSY) {
        finish(c, EAR_LINE_BUSY, now_us);
    }
}

static bool take_speech(struct ear_linkcheck *c, const struct ear_switchboard_event *event,
                        bool talks, int64_t now_us)
{
    struct ear_check_packet packet;
    if (ear_check_packet_parse(event->data, event->len, &packet) < 0)
        return true;
    if (ear_linkcheck_is_on(c) && event->session == c->session && session_stands(c))
        take_packet(c, &packet, event->len, now_us);
    else if (!event->session->caller)
        ear_check_answer_take(&c->answer, c->board, event->session, &packet, event->len, talks,
                              now_us);
    return true;
}

bool ear_linkcheck_take(struct ear_linkcheck *c, const struct ear_switchboard_event *event,
                        const struct ear_session *current, int64_t now_us)
{
    if (event->kind == EAR_SWITCHBOARD_SPEECH)
        return event->session != current && take_speech(c, event, current != NULL, now_us);
    if (!ear_linkcheck_is_on(c) || event->session != c->session || !c->session)
        return false;
    if (event->kind == EAR_SWITCHBOARD_CONNECTED && session_stands(c))
        begin_steady(c, now_us);
    else if (event->kind == EAR_SWITCHBOARD_DISCONNECTED)
        finish(c, EAR_LINE_MEASURED, now_us);
    else if (event->kind == EAR_SWITCHBOARD_REPLACED || event->kind == EAR_SWITCHBOARD_CALLED)
        finish(c, EAR_LINE_CROSSED, now_us);
    return false;
}
