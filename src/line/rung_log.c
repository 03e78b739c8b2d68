/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a talk was carried, since when, and why. */
#include "line/rung_log.h"

#include <assert.h>

void ear_rung_log_note(struct ear_rung_log *log, enum ear_rung in_force,
                       const struct ear_ladder_say *say, const struct ear_codec_format *format,
                       int64_t at_us)
{
    const struct ear_rung_change *last =
        log->count > 0 ? ear_rung_log_get(log, log->count - 1) : NULL;
    if (say->passing || say->probe_bps > 0)
        return;
    bool rung = !last || last->rung != in_force;
    if (!rung && last->budget_bps == say->budget_bps)
        return;
    log->kept[log->count++ % EAR_RUNG_LOG_KEPT] = (struct ear_rung_change){
        .at_us = at_us,
        .rung = in_force,
        .why = rung && last ? say->rung_why : say->budget_why,
        .theirs = in_force > say->rung,
        .budget_bps = say->budget_bps,
        .format = *format,
    };
}

int64_t ear_rung_log_first(const struct ear_rung_log *log)
{
    return ear_max64(0, log->count - EAR_RUNG_LOG_KEPT);
}

const struct ear_rung_change *ear_rung_log_get(const struct ear_rung_log *log, int64_t number)
{
    assert(number >= ear_rung_log_first(log) && number < log->count);
    return &log->kept[number % EAR_RUNG_LOG_KEPT];
}
