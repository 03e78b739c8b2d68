/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Is the other side there? Says when to knock, when the line is lost, and when it is back. */
#ifndef EAR_LIVENESS_H
#define EAR_LIVENESS_H

#include "base/ear.h"

/* A line is lost when nothing has come for this long; the user is to know within 2 s. */
#define EAR_LIVENESS_LOST_US (1900 * EAR_US_PER_MS)
/* After this long no live speech is sent: it would cost prepaid data and reach nobody. */
#define EAR_LIVENESS_MUTE_US (10 * EAR_US_PER_S)
/* A call is held for this long. Promised are 120 s; the journal keeps 180 s. */
#define EAR_LIVENESS_HOLD_US (180 * (int64_t)EAR_US_PER_S)

/* thread: media. Pure in time: nothing here reads a clock. */
struct ear_liveness {
    int64_t heard_us;  /* when the newest datagram of the other side came */
    int64_t probed_us; /* when we last knocked */
    bool lost;
};

enum ear_liveness_verdict {
    EAR_LIVENESS_SAME,
    EAR_LIVENESS_LOST,
    EAR_LIVENESS_BACK,
    EAR_LIVENESS_GONE, /* lost for longer than a call is held */
};

void ear_liveness_start(struct ear_liveness *l, int64_t now_us);
/* Something came. Returns BACK when the line had been lost. */
enum ear_liveness_verdict ear_liveness_heard(struct ear_liveness *l, int64_t now_us);
/* Time passed. Returns LOST and GONE once each. */
enum ear_liveness_verdict ear_liveness_tick(struct ear_liveness *l, int64_t now_us);
/* Whether to knock now; counts as done when true. */
bool ear_liveness_probe(struct ear_liveness *l, int64_t now_us);
/* Whether live speech is worth its bytes. */
bool ear_liveness_speech_worth(const struct ear_liveness *l, int64_t now_us);

#endif
