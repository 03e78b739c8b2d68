/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From dBFS to the length of a level meter. */
#ifndef EARSHOT_METER_H
#define EARSHOT_METER_H

#include <glib.h>

/* Meters go from here to 0 dBFS. */
#define EARSHOT_METER_FLOOR_DB 54.0

static inline double earshot_meter(float level_db)
{
    double level = 1 + (double)level_db / EARSHOT_METER_FLOOR_DB;
    return CLAMP(level, 0, 1);
}

#endif
