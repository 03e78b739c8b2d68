/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What resources/earcons makes when the program is built. */
#include "call/earcon.h"

#include <string.h>

#include "call/earcons.h"

static const struct sound {
    const int16_t *pcm;
    size_t samples;
    int period_ms;
} sounds[EAR_EARCONS] = {EARCONS};

size_t ear_earcon_make(enum ear_earcon kind, int16_t *out, size_t cap)
{
    const struct sound *sound = &sounds[kind];
    size_t count = sound->samples < cap ? sound->samples : cap;
    memcpy(out, sound->pcm, count * sizeof *out);
    return count;
}

int64_t ear_earcon_period_us(enum ear_earcon kind)
{
    return (int64_t)sounds[kind].period_ms * EAR_US_PER_MS;
}
