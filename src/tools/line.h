/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What listen and dial share: one call over the UDP socket, told to the person at the terminal. */
#ifndef EAR_LINE_H
#define EAR_LINE_H

#include "tools/options.h"

/* Dials where `dials`, waits for calls otherwise. Returns the exit code. */
int ear_line_run(const struct ear_options *options, bool dials);

#endif
