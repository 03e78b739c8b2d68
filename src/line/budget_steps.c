/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The wire rates between which the budget moves. */
#include "line/budget_steps.h"

#include "base/ear.h"

/* Whole configurations of packet, codec and protection differ by about this much. */
static const double steps_bps[] = {
    EAR_BUDGET_STEPS_LEAST_BPS,
    10000,
    11000,
    12000,
    13500,
    15000,
    16000,
    18000,
    20000,
    22000,
    24000,
    28000,
    32000,
    40000,
    48000,
};

double ear_budget_steps_at(double bps)
{
    size_t i = EAR_COUNT(steps_bps) - 1;
    while (i > 0 && steps_bps[i] > bps)
        i--;
    return steps_bps[i];
}

double ear_budget_steps_above(double bps)
{
    size_t i = 0;
    while (i < EAR_COUNT(steps_bps) - 1 && steps_bps[i] <= bps)
        i++;
    return steps_bps[i] > bps ? steps_bps[i] : bps;
}

double ear_budget_steps_below(double bps)
{
    size_t i = EAR_COUNT(steps_bps) - 1;
    while (i > 0 && steps_bps[i] >= bps)
        i--;
    return steps_bps[i];
}
