/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counts outages and keeps the first of them. */
#include "line/outages.h"

void ear_outages_begin(struct ear_outages *outages, int64_t at_us)
{
    if (outages->count < EAR_OUTAGES_KEPT)
        outages->first[outages->count] = (struct ear_outage){.begin_us = at_us};
    outages->count++;
}

void ear_outages_end(struct ear_outages *outages, int64_t at_us)
{
    if (outages->count == 0 || outages->count > EAR_OUTAGES_KEPT)
        return;
    struct ear_outage *last = &outages->first[outages->count - 1];
    last->duration_us = at_us - last->begin_us;
}
