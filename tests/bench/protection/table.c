/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One run for each pattern or trip, on each line of the axes. */
#include "table.h"

#include <math.h>
#include <stdlib.h>

#include "line.h"

/* Times are in packets here, so one of 100 ms stands for all. */
#define PACKET_MS 100
#define SEED 20

static struct line_run run_of(int burst, int loss, int packets)
{
    return (struct line_run){.loss = ear_plan_losses[loss],
                             .burst_ms = ear_plan_bursts[burst] * PACKET_MS,
                             .packet_ms = PACKET_MS,
                             .packets = packets,
                             .seed = SEED};
}

/* later[0] is what the line lost, which in bursts is by chance more or less than was asked for. */
static uint16_t share(const struct line_result *result, int hold)
{
    double left = result->later[0] > 0 ? result->later[hold] / result->later[0] : 0;
    return (uint16_t)lround(left * EAR_PLAN_WHOLE);
}

static void make_patterns(struct ear_plan_table *ret, int burst, int loss, int packets)
{
    for (int p = 0; p < EAR_PLAN_PATTERNS; p++) {
        struct line_run run = run_of(burst, loss, packets);
        struct line_result result;
        run.pattern = ear_plan_patterns[p];
        line_simulate(&run, &result);
        ret->pattern[p][burst][loss] = share(&result, ear_plan_reach(&run.pattern));
    }
}

static void make_repairs(struct ear_plan_table *ret, int burst, int loss, int packets)
{
    for (int a = 0; a < EAR_PLAN_ANSWERS; a++) {
        for (int t = 0; t < EAR_PLAN_TRIPS; t++) {
            struct line_run run = run_of(burst, loss, packets);
            struct line_result result;
            run.answers = a + 1;
            run.rtt_ms = (int)(ear_plan_trips[t] - 1) * PACKET_MS;
            run.give_up = LINE_DELAY_MAX;
            line_simulate(&run, &result);
            for (int w = 0; w < EAR_PLAN_WAITS; w++)
                ret->repair[a][t][w][burst][loss] =
                    share(&result, (int)(ear_plan_trips[t] + 1 + ear_plan_waits[w]));
        }
    }
}

void table_make_line(struct ear_plan_table *ret, int burst, int loss, int packets)
{
    make_patterns(ret, burst, loss, packets);
    make_repairs(ret, burst, loss, packets);
}

void table_make(struct ear_plan_table *ret, int packets)
{
    for (int burst = 0; burst < EAR_PLAN_BURSTS; burst++)
        for (int loss = 0; loss < EAR_PLAN_LOSSES; loss++)
            table_make_line(ret, burst, loss, packets);
}
