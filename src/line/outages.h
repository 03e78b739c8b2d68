/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The times of a talk without the other side. */
#ifndef EAR_OUTAGES_H
#define EAR_OUTAGES_H

#include "base/ear.h"

#define EAR_OUTAGES_KEPT 64

/* One time without the other side; duration 0 while it lasts. Times since the talk began. */
struct ear_outage {
    int64_t begin_us;
    int64_t duration_us;
};

/* Zero: none yet. thread: media. */
struct ear_outages {
    int64_t count; /* in all */
    struct ear_outage first[EAR_OUTAGES_KEPT];
};

void ear_outages_begin(struct ear_outages *outages, int64_t at_us);
void ear_outages_end(struct ear_outages *outages, int64_t at_us);

#endif
