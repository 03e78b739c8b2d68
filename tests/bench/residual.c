/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the chooser chooses: speech that comes too late or never, what it costs on the wire in the
 * worst 10 s of an hour, and the delay that protection adds. Redundancy alone is measured on real
 * packets, with repair numbers of packets are simulated. Usage: bench_residual [SCENES]: that many
 */
#include <stdio.h>
#include <stdlib.h>

#include "protection/line.h"
#include "protection/sent.h"
#include "wire/packet.h"

#define SPOKEN_MS (3600 * 1000)
#define SEED 5

struct scene {
    const char *name;
    struct ear_plan_line line;
};

static const struct scene scenes[] = {
    {"10 % random, RTT 1200 ms, 20 kbit/s", {20000, .10, 0, 1200, .jitter_ms = 20}},
    {"20 % random, RTT 1200 ms, 20 kbit/s", {20000, .20, 0, 1200, .jitter_ms = 20}},
    {"30 % random, RTT 1200 ms, 20 kbit/s", {20000, .30, 0, 1200, .jitter_ms = 20}},
    {"10 % in 100 ms bursts, RTT 1200 ms, 20 kbit/s", {20000, .10, 100, 1200, .jitter_ms = 20}},
    {"10 % in 150 ms bursts, RTT 1200 ms, 20 kbit/s", {20000, .10, 150, 1200, .jitter_ms = 20}},
    {"10 % in 250 ms bursts, RTT 1200 ms, 20 kbit/s", {20000, .10, 250, 1200, .jitter_ms = 20}},
    {"50 % random, RTT 1200 ms, 32 kbit/s", {32000, .50, 0, 1200, .jitter_ms = 20}},
    {"10 % random, RTT 100 ms, 24 kbit/s", {24000, .10, 0, 100, .jitter_ms = 20}},
    {"20 % random, RTT 100 ms, 24 kbit/s", {24000, .20, 0, 100, .jitter_ms = 20}},
    {"30 % random, RTT 100 ms, 24 kbit/s", {24000, .30, 0, 100, .jitter_ms = 20}},
    {"50 % random, RTT 100 ms, 32 kbit/s", {32000, .50, 0, 100, .jitter_ms = 20}},
    {"20 % in 250 ms bursts, RTT 120 ms, 24 kbit/s", {24000, .20, 250, 120, .jitter_ms = 20}},
    {"5 % random, RTT 300 ms, 24 kbit/s", {24000, .05, 0, 300, .jitter_ms = 40}},
    {"edge, 20 kbit/s", {20000, .03, 60, 560, .jitter_ms = 100}},
    {"gprs, 15 kbit/s", {15000, .02, 0, 900, .jitter_ms = 40}},
    {"vsat, 20 kbit/s", {20000, .02, 100, 600, .jitter_ms = 20}},
    {"3g-congested, 20 kbit/s", {20000, .01, 0, 300, .jitter_ms = 100}},
    {"thin16, 15 kbit/s", {15000, .02, 0, 200, .jitter_ms = 20}},
    {"thin12, 11 kbit/s", {11000, .02, 0, 200, .jitter_ms = 20}},
    {"clean, 15 kbit/s", {15000, 0, 0, 60, .jitter_ms = 20}},
    {"clean, 24 kbit/s", {24000, 0, 0, 60, .jitter_ms = 20}},
};

static void tell(const struct ear_plan *plan)
{
    static const char *kinds[] = {"bare", "copy", "low copy", "xor"};
    printf("  %d ms, %d bit/s %sband in %zu bytes, %s", plan->packet_ms, plan->rate_bps,
           plan->wideband ? "wide" : "narrow", plan->body_bytes, kinds[plan->pattern.kind]);
    for (int i = 0; i < plan->pattern.count; i++)
        printf("%s%d", i ? "," : " ", plan->pattern.distance[i]);
    if (plan->repair)
        printf(", repair answered %s", plan->answers > 1 ? "twice" : "once");
    printf(", hold %d ms\n", plan->hold_ms);
}

/* Playout waits for hold on any line with loss, so its 95th percentile moves as its mean. */
static int added_ms(const struct ear_plan_line *line, const struct ear_plan *plan)
{
    struct ear_plan_line calm = *line;
    struct ear_plan lossless;
    calm.loss = 0;
    ear_plan_choose(&calm, &lossless);
    int added = plan->packet_ms + plan->hold_ms - lossless.packet_ms;
    return added > 0 ? added : 0;
}

static void send(const struct scene *scene, const struct ear_plan *plan)
{
    struct sent_result sent;
    sent_measure(plan, &scene->line, SPOKEN_MS / 1000, SEED, &sent);
    printf("residual at %s: %.2f %%\n", scene->name, 100 * sent.missed);
    printf("  of %.2f %% lost; from twins: %.2f %%; %.1f bytes of speech in a packet\n",
           100 * sent.lost, 100 * sent.twins, sent.bytes);
    printf("  wire in the worst 10 s: %.1f kbit/s; longest body: %zu\n", sent.wire_kbps,
           sent.body_bytes);
}

static void simulate(const struct scene *scene, const struct ear_plan *plan)
{
    int hold = plan->hold_ms / plan->packet_ms;
    struct line_run run = {.loss = scene->line.loss,
                           .burst_ms = scene->line.burst_ms,
                           .rtt_ms = scene->line.rtt_ms,
                           .packet_ms = plan->packet_ms,
                           .packets = SPOKEN_MS / plan->packet_ms,
                           .pattern = plan->pattern,
                           .answers = plan->answers,
                           .give_up = hold + 1,
                           .seed = SEED};
    struct line_result result;
    line_simulate(&run, &result);
    double block = plan->body_bytes + 5.0;
    double wire =
        ((double)(plan->body_bytes + EAR_SPEECH_FIXED_BYTES) + result.blocks_worst * block) * 8 /
        plan->packet_ms;
    printf("residual at %s: %.2f %% (simulated)\n", scene->name, 100 * result.later[hold]);
    printf("  wire in the worst 10 s: %.1f kbit/s\n", wire);
}

static void show(const struct scene *scene)
{
    struct ear_plan plan;
    ear_plan_choose(&scene->line, &plan);
    if (plan.repair)
        simulate(scene, &plan);
    else
        send(scene, &plan);
    printf("  added delay over the lossless run: %d ms\n", added_ms(&scene->line, &plan));
    printf("  expected: %.2f %%, %.3f\n", 100 * ear_plan_residual(&scene->line, &plan),
           ear_plan_expect(&scene->line, &plan));
    tell(&plan);
}

int main(int argc, char **argv)
{
    size_t most = argc > 1 ? strtoul(argv[1], NULL, 10) : EAR_COUNT(scenes);
    for (size_t i = 0; i < EAR_COUNT(scenes) && i < most; i++)
        show(&scenes[i]);
    return 0;
}
