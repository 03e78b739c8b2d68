/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers for urgent help as settings keep them. */
#include "urgent_line.h"

#include <stdio.h>

void earshot_urgent_parse(const char *line, struct earshot_urgent *ret)
{
    g_auto(GStrv) parts = g_strsplit(line, "\t", 3);
    guint count = g_strv_length(parts);
    int year = 0, month = 0, day = 0;
    ret->label = g_strdup(count > 0 ? parts[0] : "");
    ret->number = g_strdup(count > 1 ? parts[1] : "");
    ret->checked = NULL;
    if (count > 2 && sscanf(parts[2], "%4d-%2d-%2d", &year, &month, &day) == 3)
        ret->checked = g_date_time_new_local(year, month, day, 0, 0, 0);
}

char *earshot_urgent_build(const char *label, const char *number, GDateTime *checked)
{
    g_autofree char *day = checked ? g_date_time_format(checked, "%Y-%m-%d") : g_strdup("");
    g_autofree char *name = g_strdelimit(g_strdup(label), "\t\n", ' ');
    g_autofree char *digits = g_strdelimit(g_strdup(number), "\t\n", ' ');
    return g_strdup_printf("%s\t%s\t%s", g_strstrip(name), g_strstrip(digits), day);
}

void earshot_urgent_clear(struct earshot_urgent *urgent)
{
    g_clear_pointer(&urgent->label, g_free);
    g_clear_pointer(&urgent->number, g_free);
    g_clear_pointer(&urgent->checked, g_date_time_unref);
}

char **earshot_urgent_put(const char *const *lines, guint at, const char *line, gboolean insert)
{
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
    guint count = 0;
    for (; lines && lines[count]; count++) {
        if (count == at && line)
            g_strv_builder_add(builder, line);
        if (count != at || insert)
            g_strv_builder_add(builder, lines[count]);
    }
    if (at >= count && line)
        g_strv_builder_add(builder, line);
    return g_strv_builder_end(builder);
}
