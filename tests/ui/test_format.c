/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Figures as words: durations, data, money, dates, other digits. */
#include <glib.h>

#include "bridge/format.h"

static void check(char *made, const char *expected)
{
    g_assert_cmpstr(made, ==, expected);
    g_free(made);
}

static void durations(void)
{
    check(earshot_format_duration(0), "0:00");
    check(earshot_format_duration(252), "4:12");
    check(earshot_format_duration(3599), "59:59");
    check(earshot_format_duration(3852), "1:04:12");
    check(earshot_format_span(252, 256), "4:12–4:16");
    check(earshot_format_span(3599, 3602), "59:59–1:00:02");
    check(earshot_format_span(7, 7), "0:07");
    check(earshot_format_minutes(1), "1 second");
    check(earshot_format_minutes(40), "40 seconds");
    check(earshot_format_minutes(60), "1 minute");
    check(earshot_format_minutes(1075), "18 minutes");
}

static void gaps(void)
{
    check(earshot_format_gaps(0, 0), "no gaps");
    check(earshot_format_gaps(1, 4), "1 gap, 4 s");
    check(earshot_format_gaps(2, 9), "2 gaps, 9 s in all");
}

static void data(void)
{
    check(earshot_format_data(0), "0 kB");
    check(earshot_format_data(1), "1 kB");
    check(earshot_format_data(64000), "64 kB");
    check(earshot_format_data(640000), "0.6 MB");
    check(earshot_format_data(9940000), "9.9 MB");
    check(earshot_format_data(9960000), "10 MB");
    check(earshot_format_data(G_GINT64_CONSTANT(1200000000)), "1.2 GB");
}

static void figures(void)
{
    check(earshot_format_percent(0.05), "5 %");
    check(earshot_format_percent(1), "100 %");
    check(earshot_format_rate(9.08), "9.1 kbit/s");
    check(earshot_format_rate(256), "256 kbit/s");
    check(earshot_format_ms(300), "300 ms");
    check(earshot_format_ms(999.6), "1.0 s");
    check(earshot_format_ms(1234), "1.2 s");
    check(earshot_format_money(4.2, "KES"), "4.20 KES");
    check(earshot_format_money(420.2, "KES"), "420 KES");
    check(earshot_format_number(-3, 0), "-3");
}

static void digits(void)
{
    check(earshot_format_with_digits("4:12", "٠١٢٣٤٥٦٧٨٩"), "٤:١٢");
    check(earshot_format_with_digits("1:04:12 a", "०१२३४५६७८९"), "१:०४:१२ a");
    check(earshot_format_with_digits("", "0123456789"), "");
}

static void dates(void)
{
    g_autoptr(GDateTime) now = g_date_time_new_utc(2025, 11, 15, 0, 5, 0);
    g_autoptr(GDateTime) today = g_date_time_new_utc(2025, 11, 15, 0, 2, 0);
    g_autoptr(GDateTime) yesterday = g_date_time_new_utc(2025, 11, 14, 14, 2, 0);
    g_autoptr(GDateTime) before = g_date_time_new_utc(2025, 11, 13, 23, 59, 0);
    g_autoptr(GDateTime) last_year = g_date_time_new_utc(2024, 12, 31, 23, 59, 0);
    check(earshot_format_when(today, now), "today, 00:02");
    check(earshot_format_when(yesterday, now), "yesterday, 14:02");
    check(earshot_format_when(before, now), "13 Nov");
    check(earshot_format_when(last_year, now), "31 Dec 2024");
    check(earshot_format_when(now, before), "15 Nov"); /* a clock that went back */
    check(earshot_format_date(today), "15 Nov 2025");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/format/durations", durations);
    g_test_add_func("/format/gaps", gaps);
    g_test_add_func("/format/data", data);
    g_test_add_func("/format/figures", figures);
    g_test_add_func("/format/digits", digits);
    g_test_add_func("/format/dates", dates);
    return g_test_run();
}
