/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bins of 100 ms, the oldest thrown out as time goes on. */
#include "line/meter.h"

#include <math.h>

#define BIN_US (100 * EAR_US_PER_MS)
#define BINS_PER_S 10

static void advance(struct ear_meter *meter, int64_t now_us)
{
    int64_t bin = now_us / BIN_US;
    if (bin - meter->bin > EAR_METER_BINS)
        meter->bin = bin - EAR_METER_BINS;
    while (meter->bin < bin) {
        meter->bin++;
        int32_t *oldest = &meter->bins[meter->bin % EAR_METER_BINS];
        meter->sum_10s -= *oldest;
        *oldest = 0;
    }
}

/* So many bins before the newest. */
static int32_t bin_before(const struct ear_meter *meter, int back)
{
    return meter->bins[(meter->bin + EAR_METER_BINS - back) % EAR_METER_BINS];
}

void ear_meter_add(struct ear_meter *meter, int64_t now_us, int64_t amount)
{
    advance(meter, now_us);
    meter->bins[meter->bin % EAR_METER_BINS] += (int32_t)amount;
    meter->sum_10s += amount;
    meter->total += amount;
    if (meter->sum_10s > meter->peak_10s)
        meter->peak_10s = meter->sum_10s;
}

double ear_meter_rate(struct ear_meter *meter, int64_t now_us, int seconds)
{
    advance(meter, now_us);
    int64_t sum = 0;
    for (int i = 0; i < seconds * BINS_PER_S; i++)
        sum += bin_before(meter, i);
    return (double)sum / seconds;
}

double ear_meter_room(struct ear_meter *meter, int64_t now_us, double most, double coming)
{
    advance(meter, now_us);
    double room = INFINITY, spent = 0;
    for (int i = 0; i < EAR_METER_BINS; i++) {
        spent += bin_before(meter, i);
        double left_s = (double)(EAR_METER_BINS - 1 - i) / BINS_PER_S;
        if (i >= BINS_PER_S - 1)
            room = fmin(room, most - spent - left_s * coming);
    }
    return room;
}
