/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers for urgent help as settings keep them: "label\tnumber\tYYYY-MM-DD", one a line. */
#ifndef EARSHOT_URGENT_LINE_H
#define EARSHOT_URGENT_LINE_H

#include <glib.h>

G_BEGIN_DECLS

struct earshot_urgent {
    char *label;
    char *number;
    GDateTime *checked; /* the day; NULL: not known */
};

/* Any text gives something: what is missing is "", a day that is none is NULL. */
void earshot_urgent_parse(const char *line, struct earshot_urgent *ret);
/* Blanks around label and number go; checked may be NULL. */
char *earshot_urgent_build(const char *label, const char *number, GDateTime *checked);
void earshot_urgent_clear(struct earshot_urgent *urgent);
/* A new list: line stands in place of lines[at], or before it when insert is set; NULL takes
 * lines[at] out. Behind the end it is appended. lines may be NULL. */
char **earshot_urgent_put(const char *const *lines, guint at, const char *line, gboolean insert);

G_END_DECLS

#endif
