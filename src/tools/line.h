/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What listen, dial and linkcheck share: one end on the UDP socket, told to the person at the
 * terminal. */
#ifndef EAR_LINE_H
#define EAR_LINE_H

#include "line/line_verdict.h"
#include "tools/options.h"

/* Dials where `dials`, waits for calls otherwise. Returns the exit code. */
int ear_line_run(const struct ear_options *options, bool dials);
/* Measures the line to whom dial would call. Returns the exit code; where it is not normal a
 * complaint was printed and ret is not touched. */
int ear_line_measure(const struct ear_options *options, struct ear_line_check *ret);

#endif
