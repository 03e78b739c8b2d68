/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How loud a piece of sound is. */
#ifndef EAR_LEVEL_H
#define EAR_LEVEL_H

#include "base/ear.h"

#define EAR_LEVEL_DB_MIN (-100.0f)

/* Mean power in dBFS (0: a full-scale square wave), EAR_LEVEL_DB_MIN at least. Pure. */
float ear_level_db(const int16_t *pcm, size_t samples);

#endif
