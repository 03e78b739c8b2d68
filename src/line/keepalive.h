/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How often who is silent tells that he is there. */
#ifndef EAR_KEEPALIVE_H
#define EAR_KEEPALIVE_H

#include "line/line_view.h"

/* Time between two signs of life. told: of so many packets reports have said what became of them,
 * lately; talked_us: since the talk began. Pure. */
int64_t ear_keepalive_us(const struct ear_line *line, double told, int64_t talked_us);

#endif
