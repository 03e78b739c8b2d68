/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The more is lost, the more often. */
#include "line/keepalive.h"

/* In silence one packet in this time tells that we are there (DESIGN: reports every 250-500 ms);
 * more where many are lost, so that a line is taken for dead less than once an hour: at 50 % loss
 * 500 ms made 71 false alarms (210 with 600 ms of round trip), and with 110 ms there were 4. What
 * the other side tells in silence is less than what is lost, and wavers: of 50 % in the middle 48,
 * in a second of twenty below 36; of 40 % 38 and 31, of 30 % 27 and 19, of 20 % 17 and 10. */
static const struct {
    double loss; /* as the other side tells, up to this */
    int64_t every_us;
} keepalives[] = {
    {0.10, 500 * EAR_US_PER_MS}, {0.18, 350 * EAR_US_PER_MS}, {0.25, 250 * EAR_US_PER_MS},
    {0.30, 180 * EAR_US_PER_MS}, {1.00, 100 * EAR_US_PER_MS},
};
/* For so long, until reports have told of so many packets: what is sent seldom is told of no
 * better (at 50 % loss three of five false alarms fell into the first 25 s). */
#define KEEPALIVE_FIRST_US (120 * EAR_US_PER_MS)
#define FIRST_US (3 * (int64_t)EAR_US_PER_S)
#define FIRST_TOLD 12

/* Where the line stalls for up to 1.5 s: the line counts as lost after 1.9. */
#define KEEPALIVE_STALLS_US (250 * EAR_US_PER_MS)

int64_t ear_keepalive_us(const struct ear_line *line, double told, int64_t talked_us)
{
    size_t i = 0;
    if (line->known ? told < FIRST_TOLD : talked_us < FIRST_US)
        return KEEPALIVE_FIRST_US;
    while (i + 1 < EAR_COUNT(keepalives) && line->loss_slow > keepalives[i].loss)
        i++;
    return line->stalls ? ear_min64(keepalives[i].every_us, KEEPALIVE_STALLS_US)
                        : keepalives[i].every_us;
}
