/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of formats, leanest first. */
#include "line/rate.h"

#include <errno.h>
#include <string.h>

#include "wire/packet.h"

/* VBR aims at the rate; single packets may take half as much again, never more: a word that is
 * hard to code then costs its neighbours nothing. */
#define PACKET_CAP_PERCENT 150

struct rung {
    int packet_ms;
    int rate_bps;
    bool wideband;
};

/* Long packets first: below 20 kbit/s on the wire the header's share decides. Narrowband leads
 * wideband by .01 to .05 of ESTOI at equal rate up to 13 kbit/s (libopus 1.3.1; see port/codec.c),
 * so wideband begins at 16. ESTOI: 6 kbit/s .79, 8 .87, 10 .92, 11.5 .94, wideband 16 .95. */
static const struct rung rungs[] = {
    {120, 6000, false}, {120, 8000, false}, {120, 10000, false}, {80, 10000, false},
    {80, 11500, false}, {60, 16000, true},  {60, 20000, true},   {40, 24000, true},
};

static const struct {
    const char *name;
    int budget_bps;
} qualities[EAR_QUALITIES] = {
    [EAR_QUALITY_LEAST_DATA] = {"least-data", 9100},
    [EAR_QUALITY_BALANCED] = {"balanced", 16000},
    [EAR_QUALITY_CLEAR] = {"clear", 26000},
};

int ear_rate_usual_budget_bps(enum ear_quality quality)
{
    return qualities[quality].budget_bps;
}

int ear_rate_wire_bps(const struct ear_codec_format *format)
{
    return format->rate_bps + EAR_SPEECH_FIXED_BYTES * 8 * 1000 / format->packet_ms;
}

static struct ear_codec_format to_format(const struct rung *rung)
{
    size_t usual = (size_t)(rung->rate_bps * rung->packet_ms / 8000);
    return (struct ear_codec_format){
        .packet_ms = rung->packet_ms,
        .rate_bps = rung->rate_bps,
        .max_bytes = usual * PACKET_CAP_PERCENT / 100,
        .wideband = rung->wideband,
    };
}

struct ear_codec_format ear_rate_format(int budget_bps)
{
    struct ear_codec_format best = to_format(&rungs[0]);
    for (size_t i = 1; i < EAR_COUNT(rungs); i++) {
        struct ear_codec_format format = to_format(&rungs[i]);
        if (ear_rate_wire_bps(&format) <= budget_bps)
            best = format;
    }
    return best;
}

int ear_quality_parse(const char *text, enum ear_quality *ret)
{
    for (int i = 0; i < EAR_QUALITIES; i++) {
        if (strcmp(text, qualities[i].name) == 0) {
            *ret = (enum ear_quality)i;
            return 0;
        }
    }
    return -EINVAL;
}

const char *ear_quality_name(enum ear_quality quality)
{
    return qualities[quality].name;
}
