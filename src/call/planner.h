/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plan in use: it follows the line in its rate, and changes its kind only for a clear gain. */
#ifndef EAR_PLANNER_H
#define EAR_PLANNER_H

#include "call/line_view.h"
#include "call/plan.h"

/* Until something is known of the line the listener holds speech for so long, ms, unasked. */
#define EAR_PLANNER_HOLD_FIRST_MS 120

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
    bool repairs_wideband; /* the listener's decoder does */
    double lost, told;     /* packets of the last 15 s or so: of those told of, those lost */
};

void ear_planner_init(struct ear_planner *planner);
bool ear_planner_due(const struct ear_planner *planner, int64_t now_us);
void ear_planner_step(struct ear_planner *planner, const struct ear_line *line,
                      const struct ear_planner_ask *ask, int64_t now_us);

#endif
