/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the month's calls have cost, how long the rest lasts, and when to say so. */
#ifndef EAR_DATA_USE_H
#define EAR_DATA_USE_H

#include "store/calls.h"

/* What is kept for one urgent call: 20 minutes at the least-data rate, both directions (9.4 kbit/s
 * together, 1.41 MB), with room for its beginning. Nothing is ever blocked: it is only said. */
#define EAR_DATA_RESERVE_BYTES INT64_C(1500000)

/* As the user told it; 0 where something is not known. MB are 10^6 bytes. */
struct ear_data_plan {
    double price_per_mb;
    double bundle_mb, bundle_price; /* so many MB for that price */
    double budget_mb;               /* of a month; else the bundle is taken for it */
};

enum ear_data_level {
    EAR_DATA_FREE,    /* there is no budget, or enough of it */
    EAR_DATA_MOST,    /* four fifths are used */
    EAR_DATA_RESERVE, /* only what one urgent call needs is left, or less */
    EAR_DATA_OVER,    /* nothing is left */
};

/* A month in seconds of UTC since 1970; end is the first second of the next. */
struct ear_data_month {
    int64_t begin_s, end_s, now_s;
};

struct ear_data_use {
    int64_t used_bytes;   /* of this month's calls */
    int64_t budget_bytes; /* 0: none */
    int64_t left_bytes;   /* at least 0 */
    double price_per_mb;  /* 0: not known */
    enum ear_data_level level;
    /* When the budget is used up if the month goes on as it began; 0: not within this month, or it
     * has just begun. */
    int64_t lasts_until_s;
};

/* Price of one MB, the plan's or the bundle's; 0: not known. Pure. */
double ear_data_price_per_mb(const struct ear_data_plan *plan);
/* Bytes of the calls that began in the month. Pure. */
int64_t ear_data_used(const struct ear_calls *calls, const struct ear_data_month *month);
/* Pure. */
struct ear_data_use ear_data_use_of(int64_t used_bytes, const struct ear_data_month *month,
                                    const struct ear_data_plan *plan);

#endif
