/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Silence of the other side, measured against the clock handed in. */
#include "line/liveness.h"

/* Something comes at least every 500 ms from a live talker; twice that without is worth a question.
 */
#define DOUBT_US (1000 * EAR_US_PER_MS)
/* While in doubt, so that chance loss seldom makes an outage of it: two questions, and then as many
 * as end a burst that takes several datagrams in a row (wifi-long: 6 false alarms an hour with six
 * questions, .3 with these). */
#define DOUBT_PROBE_US (130 * EAR_US_PER_MS)
#define DEEP_DOUBT_US (1200 * EAR_US_PER_MS)
#define DEEP_DOUBT_PROBE_US (45 * EAR_US_PER_MS)
/* While lost: one a second keeps an hour of outage at 100 kB and notices the return within a
 * second. */
#define LOST_PROBE_US (1000 * EAR_US_PER_MS)

void ear_liveness_start(struct ear_liveness *l, int64_t now_us)
{
    *l = (struct ear_liveness){.heard_us = now_us, .probed_us = now_us};
}

enum ear_liveness_verdict ear_liveness_heard(struct ear_liveness *l, int64_t now_us)
{
    l->heard_us = now_us;
    if (!l->lost)
        return EAR_LIVENESS_SAME;
    l->lost = false;
    return EAR_LIVENESS_BACK;
}

enum ear_liveness_verdict ear_liveness_tick(struct ear_liveness *l, int64_t now_us)
{
    int64_t silent = now_us - l->heard_us;
    if (silent >= EAR_LIVENESS_HOLD_US)
        return EAR_LIVENESS_GONE;
    if (l->lost || silent < EAR_LIVENESS_LOST_US)
        return EAR_LIVENESS_SAME;
    l->lost = true;
    return EAR_LIVENESS_LOST;
}

bool ear_liveness_probe(struct ear_liveness *l, int64_t now_us)
{
    if (now_us - l->heard_us < DOUBT_US)
        return false;
    int64_t doubt_us = now_us - l->heard_us < DEEP_DOUBT_US ? DOUBT_PROBE_US : DEEP_DOUBT_PROBE_US;
    if (now_us - l->probed_us < (l->lost ? LOST_PROBE_US : doubt_us))
        return false;
    l->probed_us = now_us;
    return true;
}

bool ear_liveness_speech_worth(const struct ear_liveness *l, int64_t now_us)
{
    return now_us - l->heard_us < EAR_LIVENESS_MUTE_US;
}
