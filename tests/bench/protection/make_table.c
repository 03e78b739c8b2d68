/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prints src/line/plan_table.c: make_table > src/line/plan_table.c && clang-format-14 -i it. */
#include <stdio.h>
#include <stdlib.h>

#include "table.h"

static void print_losses(const uint16_t row[EAR_PLAN_LOSSES])
{
    printf("{");
    for (int i = 0; i < EAR_PLAN_LOSSES; i++)
        printf("%s%d", i ? ", " : "", row[i]);
    printf("}, ");
}

static void print_bursts(uint16_t rows[EAR_PLAN_BURSTS][EAR_PLAN_LOSSES])
{
    printf("{");
    for (int i = 0; i < EAR_PLAN_BURSTS; i++)
        print_losses(rows[i]);
    printf("},\n");
}

static void print_pattern(const struct ear_protect_pattern *pattern)
{
    static const char *kinds[] = {"none", "copy", "low copy", "XOR"};
    printf("/* %s", kinds[pattern->kind]);
    for (int i = 0; i < pattern->count; i++)
        printf("%s%d", i ? ", " : " ", pattern->distance[i]);
    printf(" */\n");
}

int main(void)
{
    struct ear_plan_table *table = calloc(1, sizeof *table);
    if (!table)
        return 1;
    table_make(table, TABLE_PACKETS);
    printf(
        "/* SPDX-License-Identifier: GPL-3.0-or-later */\n"
        "/* Made by tests/bench/protection/make_table: rows are bursts, columns losses. */\n"
        "#include \"line/plan_table.h\"\n\n"
        "/* clang-format off */\nconst struct ear_plan_table ear_plan_table = {\n.pattern = {\n");
    for (int p = 0; p < EAR_PLAN_PATTERNS; p++) {
        print_pattern(&ear_plan_patterns[p]);
        print_bursts(table->pattern[p]);
    }
    printf("},\n.repair = {\n");
    for (int a = 0; a < EAR_PLAN_ANSWERS; a++) {
        printf("{\n");
        for (int t = 0; t < EAR_PLAN_TRIPS; t++) {
            printf("/* answers %d, trip %g; by wait */\n{\n", a + 1, ear_plan_trips[t]);
            for (int w = 0; w < EAR_PLAN_WAITS; w++)
                print_bursts(table->repair[a][t][w]);
            printf("},\n");
        }
        printf("},\n");
    }
    printf("},\n};\n/* clang-format on */\n");
    free(table);
    return 0;
}
