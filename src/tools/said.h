/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recorded speech from the distribution's packages, put together to any length. */
#ifndef EAR_SAID_H
#define EAR_SAID_H

#include "base/ear.h"

/* Two talkers: 0 the clinic, 1 the psychiatrist. */
#define EAR_SAID_TALKERS 2

/* Writes `seconds` of this talker's utterances with pauses between to a wav. files: one recording
 * to use instead, or NULL for those of the packages. Complains in one line. Returns 0, -ENOENT,
 * -EIO, -ENOSPC. */
EAR_CHECK int ear_said_write(const char *path, int talker, double seconds, const char *file);

#endif
