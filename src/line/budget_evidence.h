/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the reports of a line say of our load on it: for call/budget alone. */
#ifndef EAR_BUDGET_EVIDENCE_H
#define EAR_BUDGET_EVIDENCE_H

#include "line/budget.h"

/* Nothing is known; or only: what goes on begins anew. */
void ear_budget_evidence_forget(struct ear_budget *budget);
void ear_budget_evidence_anew(struct ear_budget *budget);
/* The line has a new report. */
void ear_budget_evidence_take(struct ear_budget *budget, const struct ear_line *line,
                              int64_t now_us);
/* The least queueing delay of the newest count reports; INFINITY: there are none. */
double ear_budget_evidence_least_ms(const struct ear_budget *budget, size_t count);
/* What the line carried between two reports. 0: cannot be told. */
double ear_budget_evidence_carried_bps(const struct ear_budget_sample *newer,
                                       const struct ear_budget_sample *older,
                                       const struct ear_line *line);
/* Whether something speaks for a line that is too full; ret_why tells what. */
bool ear_budget_evidence_overfull(const struct ear_budget *budget, const struct ear_line *line,
                                  int64_t now_us, enum ear_ladder_why *ret_why);

#endif
