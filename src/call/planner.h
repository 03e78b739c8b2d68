/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plan in use: it follows the line in its rate, and changes its kind only for a clear gain. */
#ifndef EAR_PLANNER_H
#define EAR_PLANNER_H

#include "call/line_view.h"
#include "call/plan.h"

/* While little is known of the line the listener holds speech for so long, ms, unasked; by the end
 * of that time a good line has shown itself, and no message of 62 bytes is needed to tell of it. */
#define EAR_PLANNER_HOLD_FIRST_MS 240
#define EAR_PLANNER_HOLD_FIRST_US (22 * (int64_t)EAR_US_PER_S)

/* thread: media. Pure in time. */
struct ear_planner {
    struct ear_plan plan;
    double bad_ms;     /* how long losses last */
    int64_t at_us;     /* when it looked at the line last */
    int64_t better_us; /* since when another would be a little better; EAR_SINCE_NEVER: not now */
};

/* What a look at the line takes into account beside it. */
struct ear_planner_ask {
    int budget_bps;        /* of speech and all that protects it */
    bool passing;          /* this budget lasts a second: only the rate may follow */
    double lost, told;     /* packets of the last 15 s or so: of those told of, those lost */
    bool repairs_wideband; /* the listener's decoder does */
    bool twins;            /* our encoder makes copies of a lower rate */
};

void ear_planner_init(struct ear_planner *planner);
bool ear_planner_due(const struct ear_planner *planner, int64_t now_us);
void ear_planner_step(struct ear_planner *planner, const struct ear_line *line,
                      const struct ear_planner_ask *ask, int64_t now_us);

#endif
