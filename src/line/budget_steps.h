/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The wire rates between which the budget moves. */
#ifndef EAR_BUDGET_STEPS_H
#define EAR_BUDGET_STEPS_H

/* The leanest speech: 6 kbit/s in packets of 120 ms. */
#define EAR_BUDGET_STEPS_LEAST_BPS 9100.0

/* The greatest step up to bps, or the least. */
double ear_budget_steps_at(double bps);
/* The steps next to bps; the last one where there is none beyond it. */
double ear_budget_steps_above(double bps);
double ear_budget_steps_below(double bps);

#endif
