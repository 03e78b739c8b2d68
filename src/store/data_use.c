/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rules of the data meter, on the month's calls. */
#include "store/data_use.h"

#define BYTES_PER_MB 1e6
#define MOST_PERCENT 80
/* One call on the first morning says nothing about a month. */
#define FORECAST_AFTER_S (2 * (int64_t)86400)

double ear_data_price_per_mb(const struct ear_data_plan *plan)
{
    if (plan->price_per_mb > 0)
        return plan->price_per_mb;
    return plan->bundle_mb > 0 && plan->bundle_price > 0 ? plan->bundle_price / plan->bundle_mb : 0;
}

int64_t ear_data_used(const struct ear_calls *calls, const struct ear_data_month *month)
{
    int64_t bytes = 0;
    for (size_t i = 0; i < ear_calls_count(calls); i++) {
        const struct ear_call_record *call = ear_calls_at(calls, i);
        if (call->begin_s >= month->begin_s && call->begin_s < month->end_s && call->bytes > 0)
            bytes += call->bytes;
    }
    return bytes;
}

static enum ear_data_level level_of(const struct ear_data_use *use)
{
    if (use->budget_bytes <= 0)
        return EAR_DATA_FREE;
    if (use->left_bytes == 0)
        return EAR_DATA_OVER;
    if (use->left_bytes <= EAR_DATA_RESERVE_BYTES)
        return EAR_DATA_RESERVE;
    return use->used_bytes >= use->budget_bytes / 100 * MOST_PERCENT ? EAR_DATA_MOST
                                                                     : EAR_DATA_FREE;
}

static int64_t forecast(const struct ear_data_use *use, const struct ear_data_month *month)
{
    int64_t gone_s = month->now_s - month->begin_s;
    if (use->budget_bytes <= 0 || use->used_bytes <= 0 || use->left_bytes <= 0 ||
        gone_s < FORECAST_AFTER_S)
        return 0;
    double left_s = (double)use->left_bytes * (double)gone_s / (double)use->used_bytes;
    return left_s < (double)(month->end_s - month->now_s) ? month->now_s + (int64_t)left_s : 0;
}

struct ear_data_use ear_data_use_of(int64_t used_bytes, const struct ear_data_month *month,
                                    const struct ear_data_plan *plan)
{
    double budget_mb = plan->budget_mb > 0 ? plan->budget_mb : plan->bundle_mb;
    struct ear_data_use use = {
        .used_bytes = used_bytes,
        .budget_bytes = budget_mb > 0 ? (int64_t)(budget_mb * BYTES_PER_MB) : 0,
        .price_per_mb = ear_data_price_per_mb(plan),
    };
    use.left_bytes = ear_max64(use.budget_bytes - used_bytes, 0);
    use.level = level_of(&use);
    use.lasts_until_s = forecast(&use, month);
    return use;
}
