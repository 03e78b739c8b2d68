/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From loss, delay and capacity to a rung of the ladder and its price. */
#include "line/line_verdict.h"

#include <math.h>

#include "line/rate.h"
#include "wire/packet.h"

/* Speech may fill this share of a line (DESIGN, 4); the rest keeps its queue empty. */
#define USED_PERCENT 85
/* Wire bytes per byte of speech that protection takes, and the delay it adds in packets; in
 * reference/playout-and-adaptation.md, 20 % of loss wants 20 kbit/s and 50 % 32. */
static const struct {
    double loss;       /* up to this; 58 packets do not tell 2 % from 5 % */
    int percent;       /* where the line has room */
    int least_percent; /* with less of it a talk is no talk: up to 10 % are concealed and asked for
                        */
    double packets;
} protections[] = {
    {0.05, 100, 100, 0}, {0.10, 130, 100, 1}, {0.25, 180, 150, 2},
    {0.40, 230, 200, 3}, {1.00, 330, 280, 4},
};
/* Beyond this most words are gone whatever is said again. */
#define LOSS_TURNS 0.40
#define LOSS_MESSAGE 0.70
/* A talk in which each answer comes two seconds late is one of taking turns. */
#define DELAY_TURNS_MS 1000
/* Speech is about half pauses, which a stream that may come late uses too. */
#define LATE_PERCENT 55
/* Sound card, echo canceller, codec and one frame: see tests/bench, mouth-to-ear. */
#define OWN_DELAY_MS 50
/* Who listens says so twice a second in 43 bytes. */
#define KEEPALIVE_BPS (2 * 43 * 8)

/* What the worse direction asks for. */
static size_t protection_for(double loss)
{
    size_t i = 0;
    while (i + 1 < EAR_COUNT(protections) && loss > protections[i].loss)
        i++;
    return i;
}

/* What speech may fill; a direction whose capacity was not found out is taken as thin. */
static int usable_bps(const struct ear_line_measures *line, int unknown_bps)
{
    int up = line->up.capacity_bps > 0 ? line->up.capacity_bps : unknown_bps;
    int down = line->down.capacity_bps > 0 ? line->down.capacity_bps : unknown_bps;
    return (int)((int64_t)(up < down ? up : down) * USED_PERCENT / 100);
}

static int format_delay_ms(const struct ear_line_measures *line,
                           const struct ear_codec_format *format, double packets)
{
    int jitter =
        line->up.jitter_ms > line->down.jitter_ms ? line->up.jitter_ms : line->down.jitter_ms;
    return line->rtt_least_ms / 2 + jitter + OWN_DELAY_MS +
           (int)lround((1 + packets) * format->packet_ms);
}

static enum ear_line_rung rung_for(const struct ear_line_check *check, double loss, int need_bps,
                                   int usable, int packet_ms)
{
    if (!check->line.answered || loss > LOSS_MESSAGE ||
        usable < (int64_t)need_bps * LATE_PERCENT / 100)
        return EAR_LINE_MESSAGE_ONLY;
    if (usable < need_bps || loss > LOSS_TURNS || check->mouth_to_ear_ms > DELAY_TURNS_MS)
        return EAR_LINE_TAKE_TURNS;
    return packet_ms >= EAR_PACKET_MS_MAX ? EAR_LINE_LONGER_PACKETS : EAR_LINE_FULL_DUPLEX;
}

void ear_line_judge(struct ear_line_check *check, int wire_budget_bps)
{
    const struct ear_line_measures *line = &check->line;
    double loss = fmax(line->up.loss, line->down.loss);
    size_t i = protection_for(loss);
    const struct ear_codec_format least = ear_rate_format(0);
    int least_bps = ear_rate_wire_bps(&least);
    int need_bps = (int)((int64_t)least_bps * protections[i].least_percent / 100);
    int usable = usable_bps(line, need_bps);
    int budget = usable < wire_budget_bps ? usable : wire_budget_bps;
    const struct ear_codec_format format =
        ear_rate_format((int)((int64_t)budget * 100 / protections[i].percent));
    check->mouth_to_ear_ms = format_delay_ms(line, &format, protections[i].packets);
    check->rung = rung_for(check, loss, need_bps, usable, format.packet_ms);
    check->advice = check->rung == EAR_LINE_MESSAGE_ONLY ? EAR_LINE_LEAVE_MESSAGE
                    : check->rung == EAR_LINE_TAKE_TURNS ? EAR_LINE_TURNS
                                                         : EAR_LINE_TALK;
    int64_t wanted_bps = (int64_t)ear_rate_wire_bps(&format) * protections[i].percent / 100;
    check->wire_bps = (int)ear_max64(ear_min64(wanted_bps, usable), least_bps);
    check->bytes_per_hour = (int64_t)(check->wire_bps + KEEPALIVE_BPS) * 3600 / 8;
    if (check->advice == EAR_LINE_LEAVE_MESSAGE) {
        check->mouth_to_ear_ms = check->wire_bps = 0;
        check->bytes_per_hour = 0;
    }
}

double ear_line_mb(const struct ear_line_check *check, int minutes)
{
    return (double)check->bytes_per_hour * minutes / 60 / 1e6;
}

const char *ear_line_rung_name(enum ear_line_rung rung)
{
    static const char *const names[] = {
        [EAR_LINE_FULL_DUPLEX] = "full-duplex",
        [EAR_LINE_LONGER_PACKETS] = "longer-packets",
        [EAR_LINE_TAKE_TURNS] = "take-turns",
        [EAR_LINE_MESSAGE_ONLY] = "message-only",
    };
    return names[rung];
}

const char *ear_line_advice_name(enum ear_line_advice advice)
{
    static const char *const names[] = {
        [EAR_LINE_TALK] = "talk",
        [EAR_LINE_TURNS] = "turns",
        [EAR_LINE_LEAVE_MESSAGE] = "message",
    };
    return names[advice];
}
