/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines of urgent numbers: kept, damaged, put in, taken out, put back. */
#include <glib.h>

#include "urgent_line.h"

static const char *const three[] = {"a\t1\t", "b\t2\t", "c\t3\t", NULL};

static void check_list(char **made, const char *expected)
{
    g_autofree char *joined = g_strjoinv("|", made);
    g_assert_cmpstr(joined, ==, expected);
    g_strfreev(made);
}

static void round_trip(void)
{
    struct earshot_urgent urgent;
    g_autoptr(GDateTime) day = g_date_time_new_local(2026, 3, 9, 14, 2, 0);
    g_autofree char *line = earshot_urgent_build(" Ambulance\tnight ", "+254 20 555", day);
    g_assert_cmpstr(line, ==, "Ambulance night\t+254 20 555\t2026-03-09");
    earshot_urgent_parse(line, &urgent);
    g_assert_cmpstr(urgent.label, ==, "Ambulance night");
    g_assert_cmpstr(urgent.number, ==, "+254 20 555");
    g_assert_cmpint(g_date_time_get_day_of_year(urgent.checked), ==, 31 + 28 + 9);
    earshot_urgent_clear(&urgent);
}

/* Nothing that a hand wrote into the file brings the page down. */
static void damaged(void)
{
    static const char *const lines[] = {"",
                                        "\t",
                                        "label",
                                        "label\t112",
                                        "label\t112\tnever",
                                        "label\t112\t2026-02-31",
                                        "label\t112\t2026-13-01"};
    for (gsize i = 0; i < G_N_ELEMENTS(lines); i++) {
        struct earshot_urgent urgent;
        earshot_urgent_parse(lines[i], &urgent);
        g_assert_nonnull(urgent.label);
        g_assert_nonnull(urgent.number);
        g_assert_null(urgent.checked);
        earshot_urgent_clear(&urgent);
    }
    g_autofree char *line = earshot_urgent_build("a", "1", NULL);
    g_assert_cmpstr(line, ==, "a\t1\t");
}

static void put(void)
{
    check_list(earshot_urgent_put(NULL, G_MAXUINT, "n", FALSE), "n");
    check_list(earshot_urgent_put(three, G_MAXUINT, "n", FALSE), "a\t1\t|b\t2\t|c\t3\t|n");
    check_list(earshot_urgent_put(three, 1, "n", FALSE), "a\t1\t|n|c\t3\t");
    check_list(earshot_urgent_put(three, 1, NULL, FALSE), "a\t1\t|c\t3\t");
    check_list(earshot_urgent_put(three, 7, NULL, FALSE), "a\t1\t|b\t2\t|c\t3\t");
}

/* Taking a removal back gives the same list, wherever it stood. */
static void put_back(void)
{
    for (guint at = 0; at < 3; at++) {
        g_auto(GStrv) without = earshot_urgent_put(three, at, NULL, FALSE);
        check_list(earshot_urgent_put((const char *const *)without, at, three[at], TRUE),
                   "a\t1\t|b\t2\t|c\t3\t");
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/urgent-line/round-trip", round_trip);
    g_test_add_func("/urgent-line/damaged", damaged);
    g_test_add_func("/urgent-line/put", put);
    g_test_add_func("/urgent-line/put-back", put_back);
    return g_test_run();
}
