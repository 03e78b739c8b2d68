/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much has flowed, in all and over the last seconds. */
#ifndef EAR_METER_H
#define EAR_METER_H

#include "base/ear.h"

#define EAR_METER_BINS 100 /* of 100 ms: 10 s */

/* thread: media. All zero is a fresh meter. */
struct ear_meter {
    int64_t total;
    int64_t peak_10s; /* most in any 10 s, to 100 ms */
    int64_t sum_10s;
    int64_t bin; /* number of the newest bin since the clock's zero */
    int32_t bins[EAR_METER_BINS];
};

void ear_meter_add(struct ear_meter *meter, int64_t now_us, int64_t amount);
/* Per second over the last `seconds` (1 to 10). */
double ear_meter_rate(struct ear_meter *meter, int64_t now_us, int seconds);
/* What may flow now so that no 10 s that the last second belongs to hold more than `most`, if
 * `coming` a second follow. Negative where they will anyway. */
double ear_meter_room(struct ear_meter *meter, int64_t now_us, double most, double coming);

#endif
