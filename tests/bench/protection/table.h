/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Simulates every cell of the chooser's table. */
#ifndef EAR_BENCH_TABLE_H
#define EAR_BENCH_TABLE_H

#include "line/plan_table.h"

/* The same table each time: its chance is seeded. packets: how many each cell's run takes. */
#define TABLE_PACKETS 200000
void table_make(struct ear_plan_table *ret, int packets);
/* What it holds for one line: the same share of the work. */
void table_make_line(struct ear_plan_table *ret, int burst, int loss, int packets);

#endif
