/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loudness in dBFS. */
#include "tx/level.h"

#include <math.h>

float ear_level_db(const int16_t *pcm, size_t samples)
{
    int64_t sum = 0;
    for (size_t i = 0; i < samples; i++)
        sum += pcm[i] * pcm[i];
    if (sum == 0)
        return EAR_LEVEL_DB_MIN;
    float db = 10 * log10f((float)sum / ((float)samples * 32768.0f * 32768.0f));
    return db > EAR_LEVEL_DB_MIN ? db : EAR_LEVEL_DB_MIN;
}
