/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a call was like, as one line while it lasts and as JSON afterwards. */
#ifndef EAR_REPORT_H
#define EAR_REPORT_H

#include <stdio.h>

#include "call/engine.h"

struct ear_report {
    struct ear_engine_status status;
    double mic_t0, speaker_t0; /* CLOCK_MONOTONIC seconds of sample 0; negative: no recording */
    const char *link;          /* name of a simulated link; NULL: a real one */
    double mouth_to_ear_ms;    /* measured where both ends are in one program; negative: estimate */
    int lookahead_samples;     /* of the codec */
};

/* Share of the other side's speech that was made up because the network lost it. */
double ear_report_concealed_share(const struct ear_report *report);
/* From the other mouth to this ear: measured, or half a round trip and what both ends add. */
double ear_report_mouth_to_ear_ms(const struct ear_report *report);

/* The line without an end: "talking 00:12 | out 14.2 kbit/s, in 13.9 | loss 2 % | ...". */
void ear_report_line(const struct ear_report *report, char *out, size_t out_bytes);
/* One JSON object, its inside only, each line indented by `indent` spaces. */
void ear_report_json(const struct ear_report *report, FILE *file, int indent);
/* Writes {…} to a file. Returns 0, -errno; complains in one line. */
EAR_CHECK int ear_report_save(const struct ear_report *report, const char *path);

#endif
