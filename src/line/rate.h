/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much of the line a call may use, and how speech is packed to fit. */
#ifndef EAR_RATE_H
#define EAR_RATE_H

#include "port/codec.h"

enum ear_quality { EAR_QUALITY_LEAST_DATA, EAR_QUALITY_BALANCED, EAR_QUALITY_CLEAR, EAR_QUALITIES };

/* Wire rate while speaking, bit/s, EAR_SPEECH_FIXED_BYTES a packet included, when the user says
 * no more than this. */
int ear_rate_usual_budget_bps(enum ear_quality quality);

/* The richest format whose wire rate while speaking stays within budget_bps; the leanest there is
 * when none does. Pure. */
struct ear_codec_format ear_rate_format(int budget_bps);
/* Wire rate of a format while speaking, bit/s. Pure. */
int ear_rate_wire_bps(const struct ear_codec_format *format);

/* "least-data", "balanced", "clear" to quality: returns 0, -EINVAL. */
EAR_CHECK int ear_quality_parse(const char *text, enum ear_quality *ret);
const char *ear_quality_name(enum ear_quality quality);

#endif
