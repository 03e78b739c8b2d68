/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plan in use: it follows the line in its rate, and changes its kind only for a clear gain. */
#ifndef EAR_PLANNER_H
#define EAR_PLANNER_H

#include "line/line_view.h"
#include "line/plan.h"

/* While little is known of the line the listener holds speech for so long, ms, unasked, so that the
 * first copies serve without a message of 62 bytes. With 240 a minute on a good line was heard 240
 * ms later for 30 s; with 0, 80, 120 and 240 the first 20 s at 10, 20 and 30 % loss lacked as much
 * (0.5, 0.7, 2.1 % and 0.3, 1.1, 2.7 %), for a loss that is seen asks for more at once. */
#define EAR_PLANNER_HOLD_FIRST_MS 90
#define EAR_PLANNER_HOLD_FIRST_US (22 * (int64_t)EAR_US_PER_S)

/* thread: media. Pure in time. */
struct ear_planner {
    struct ear_plan plan;
    int hold_ms;      /* what the plan needs; nobody waits for it before something was lost */
    bool lossy;       /* something was */
    bool sure;        /* enough packets were told of, when it looked last */
    bool breaks;      /* an outage was */
    bool bursts;      /* losses hang together */
    double bad_ms;    /* how long losses last */
    double packet_ms; /* of the packets that told so */
    double lost;      /* when it looked last */
    int64_t at_us;    /* when it looked at the line last */
    int64_t known_us; /* until when nothing was known of it */
    int64_t since_us, lost_us; /* when losses that follow one another began, and went on last */
    int64_t better_us; /* since when another would be a little better; EAR_SINCE_NEVER: not now */
    int64_t longer_us; /* since when another would wait clearly less */
};

/* What a look at the line takes into account beside it. */
struct ear_planner_ask {
    int budget_bps;        /* of speech and all that protects it */
    bool passing;          /* this budget lasts a second: only the rate may follow */
    bool broke;            /* what an outage took is sent */
    double lost, told;     /* packets of the last 15 s or so: of those told of, those lost */
    bool repairs_wideband; /* the listener's decoder does */
    bool twins;            /* our encoder makes copies of a lower rate */
};

void ear_planner_init(struct ear_planner *planner);
bool ear_planner_due(const struct ear_planner *planner, int64_t now_us);
void ear_planner_step(struct ear_planner *planner, const struct ear_line *line,
                      const struct ear_planner_ask *ask, int64_t now_us);

#endif
