/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looks a line up in the table of plans. */
#include "call/plan.h"

#include "call/rate.h"
#include "wire/packet.h"

void ear_plan_choose(const struct ear_plan_line *line, struct ear_plan *ret)
{
    struct ear_codec_format format = ear_rate_format(line->budget_bps);
    *ret = (struct ear_plan){
        .packet_ms = format.packet_ms,
        .rate_bps = format.rate_bps,
        .body_bytes = (size_t)(format.rate_bps * format.packet_ms / 8000),
        .wideband = format.wideband,
    };
}

struct ear_codec_format ear_plan_format(const struct ear_plan *plan)
{
    return (struct ear_codec_format){
        .packet_ms = plan->packet_ms,
        .rate_bps = plan->rate_bps,
        .max_bytes = plan->body_bytes,
        .wideband = plan->wideband,
    };
}

int ear_plan_wire_bps(const struct ear_plan *plan)
{
    return (int)(plan->body_bytes + EAR_SPEECH_FIXED_BYTES) * 8 * 1000 / plan->packet_ms;
}
