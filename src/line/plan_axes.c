/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The axes of the chooser's table, and the patterns that compete. */
#include "line/plan_table.h"

const double ear_plan_losses[EAR_PLAN_LOSSES] = {.01, .03, .06, .1, .2, .3, .4, .5};
const double ear_plan_bursts[EAR_PLAN_BURSTS] = {0, 1, 2, 3.5, 6};
const double ear_plan_trips[EAR_PLAN_TRIPS] = {1, 2, 3, 4, 6, 10, 16};
const double ear_plan_waits[EAR_PLAN_WAITS] = {0, 1, 2, 4, 7, 11, 16, 24};

const struct ear_protect_pattern ear_plan_patterns[EAR_PLAN_PATTERNS] = {
    {EAR_PROTECT_NONE, 0, {0}},       {EAR_PROTECT_COPY, 1, {1}},
    {EAR_PROTECT_COPY, 1, {2}},       {EAR_PROTECT_COPY, 1, {3}},
    {EAR_PROTECT_COPY, 1, {4}},       {EAR_PROTECT_COPY, 2, {1, 2}},
    {EAR_PROTECT_COPY, 2, {1, 3}},    {EAR_PROTECT_COPY, 2, {2, 4}},
    {EAR_PROTECT_COPY, 3, {1, 2, 3}}, {EAR_PROTECT_COPY, 3, {1, 2, 4}},
    {EAR_PROTECT_LOW_COPY, 1, {1}},   {EAR_PROTECT_LOW_COPY, 1, {2}},
    {EAR_PROTECT_LOW_COPY, 1, {3}},   {EAR_PROTECT_LOW_COPY, 2, {1, 3}},
    {EAR_PROTECT_XOR, 2, {2, 3}},     {EAR_PROTECT_XOR, 2, {1, 3}},
    {EAR_PROTECT_XOR, 2, {1, 4}},     {EAR_PROTECT_XOR, 2, {2, 5}},
};

int ear_plan_reach(const struct ear_protect_pattern *pattern)
{
    if (pattern->count == 0)
        return 0;
    int last = pattern->distance[pattern->count - 1];
    /* An XOR may need a packet that the next XOR but one gives back. */
    return pattern->kind == EAR_PROTECT_XOR ? 2 * last - pattern->distance[0] : last;
}

int ear_plan_trip(int rtt_ms, int packet_ms)
{
    return rtt_ms / packet_ms + 1;
}
