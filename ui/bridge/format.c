/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Figures as words of the chosen language: pure functions that ask no clock and no locale. */
#include "bridge/format.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#define BYTES_PER_KB 1e3
#define BYTES_PER_MB 1e6
#define BYTES_PER_GB 1e9
/* Data is bought by the megabyte: from here on it is counted so. */
#define SMALL_DATA_BYTES 1e5
#define NUMBER_CHARS 64

char *earshot_format_with_digits(const char *ascii, const char *digits)
{
    GString *out = g_string_new(NULL);
    for (; *ascii; ascii++) {
        if (!g_ascii_isdigit(*ascii)) {
            g_string_append_c(out, *ascii);
            continue;
        }
        const char *digit = g_utf8_offset_to_pointer(digits, *ascii - '0');
        g_string_append_unichar(out, g_utf8_get_char(digit));
    }
    return g_string_free(out, FALSE);
}

static char *localize(const char *ascii)
{
    /* Translators: the ten digits as your readers are used to them, from zero to nine. */
    const char *digits = _("0123456789");
    if (g_utf8_strlen(digits, -1) != 10)
        digits = "0123456789";
    return earshot_format_with_digits(ascii, digits);
}

char *earshot_format_number(double value, int decimals)
{
    char format[8];
    char plain[NUMBER_CHARS];
    g_snprintf(format, sizeof format, "%%.%df", CLAMP(decimals, 0, 6));
    g_ascii_formatd(plain, sizeof plain, format, value);
    g_autofree char *number = localize(plain);
    char *point = strchr(number, '.');
    if (!point)
        return g_steal_pointer(&number);
    *point = '\0';
    /* Translators: the decimal point of your language, often "," */
    return g_strconcat(number, C_("decimal point", "."), point + 1, NULL);
}

char *earshot_format_count(guint count)
{
    g_autofree char *plain = g_strdup_printf("%u", count);
    return localize(plain);
}

char *earshot_format_percent(double share)
{
    g_autofree char *number = earshot_format_number(share * 100, 0);
    /* Translators: a share, such as "5 %" */
    return g_strdup_printf(C_("share", "%s %%"), number);
}

char *earshot_format_duration(guint seconds)
{
    guint hours = seconds / 3600;
    guint minutes = seconds / 60 % 60;
    g_autofree char *plain = hours ? g_strdup_printf("%u:%02u:%02u", hours, minutes, seconds % 60)
                                   : g_strdup_printf("%u:%02u", minutes, seconds % 60);
    return localize(plain);
}

char *earshot_format_span(guint begin_s, guint end_s)
{
    g_autofree char *begin = earshot_format_duration(begin_s);
    g_autofree char *end = earshot_format_duration(end_s);
    /* Translators: from and to, within a call, such as "4:12–4:16" */
    return begin_s < end_s ? g_strdup_printf(C_("span", "%s–%s"), begin, end)
                           : g_steal_pointer(&begin);
}

char *earshot_format_minutes(guint seconds)
{
    guint minutes = (seconds + 30) / 60;
    gboolean brief = seconds < 60;
    g_autofree char *number = earshot_format_count(brief ? seconds : minutes);
    if (brief)
        return g_strdup_printf(ngettext("%s second", "%s seconds", seconds), number);
    return g_strdup_printf(ngettext("%s minute", "%s minutes", minutes), number);
}

char *earshot_format_gaps(guint gaps, guint seconds)
{
    if (!gaps)
        return g_strdup(_("no gaps"));
    g_autofree char *count = earshot_format_count(gaps);
    g_autofree char *length = earshot_format_count(seconds);
    /* Translators: how often the line was gone, and for how many seconds together */
    return g_strdup_printf(ngettext("%s gap, %s s", "%s gaps, %s s in all", gaps), count, length);
}

char *earshot_format_data(gint64 bytes)
{
    double size = (double)bytes;
    if (size < SMALL_DATA_BYTES) {
        g_autofree char *kb = earshot_format_number(ceil(size / BYTES_PER_KB), 0);
        return g_strdup_printf(_("%s kB"), kb);
    }
    if (size < BYTES_PER_GB) {
        double mb = size / BYTES_PER_MB;
        g_autofree char *number = earshot_format_number(mb, mb < 9.95 ? 1 : 0);
        return g_strdup_printf(_("%s MB"), number);
    }
    g_autofree char *gb = earshot_format_number(size / BYTES_PER_GB, 1);
    return g_strdup_printf(_("%s GB"), gb);
}

char *earshot_format_rate(double kbps)
{
    g_autofree char *number = earshot_format_number(kbps, kbps < 99.95 ? 1 : 0);
    return g_strdup_printf(_("%s kbit/s"), number);
}

char *earshot_format_ms(double ms)
{
    gboolean brief = ms < 999.5;
    g_autofree char *number = earshot_format_number(brief ? ms : ms / 1000, brief ? 0 : 1);
    return g_strdup_printf(brief ? _("%s ms") : _("%s s"), number);
}

char *earshot_format_money(double amount, const char *currency)
{
    g_autofree char *number = earshot_format_number(amount, amount < 99.995 ? 2 : 0);
    /* Translators: an amount and its currency, such as "4.20 KES" */
    return g_strdup_printf(C_("money", "%s %s"), number, currency);
}

char *earshot_format_clock(GDateTime *when)
{
    g_autofree char *plain =
        g_strdup_printf("%02d:%02d", g_date_time_get_hour(when), g_date_time_get_minute(when));
    return localize(plain);
}

/* The system's names of months may be in another language than ours. */
static const char *month(GDateTime *when)
{
    static const char *const names[] = {
        NC_("month", "Jan"), NC_("month", "Feb"), NC_("month", "Mar"), NC_("month", "Apr"),
        NC_("month", "May"), NC_("month", "Jun"), NC_("month", "Jul"), NC_("month", "Aug"),
        NC_("month", "Sep"), NC_("month", "Oct"), NC_("month", "Nov"), NC_("month", "Dec"),
    };
    return g_dpgettext2(NULL, "month", names[g_date_time_get_month(when) - 1]);
}

static char *day_and_month(GDateTime *when)
{
    g_autofree char *day = earshot_format_count((guint)g_date_time_get_day_of_month(when));
    /* Translators: day and month, such as "14 Nov"; turn them round with %2$s %1$s */
    return g_strdup_printf(C_("date", "%s %s"), day, month(when));
}

char *earshot_format_date(GDateTime *when)
{
    g_autofree char *day = earshot_format_count((guint)g_date_time_get_day_of_month(when));
    g_autofree char *year = earshot_format_count((guint)g_date_time_get_year(when));
    /* Translators: day, month and year, such as "14 Nov 2025" */
    return g_strdup_printf(C_("date", "%s %s %s"), day, month(when), year);
}

/* Days of the calendar, not of 24 hours. */
static gint days_between(GDateTime *from, GDateTime *to)
{
    GDate a, b;
    g_date_clear(&a, 1);
    g_date_clear(&b, 1);
    g_date_set_dmy(&a, (GDateDay)g_date_time_get_day_of_month(from),
                   (GDateMonth)g_date_time_get_month(from), (GDateYear)g_date_time_get_year(from));
    g_date_set_dmy(&b, (GDateDay)g_date_time_get_day_of_month(to),
                   (GDateMonth)g_date_time_get_month(to), (GDateYear)g_date_time_get_year(to));
    return g_date_days_between(&a, &b);
}

char *earshot_format_when(GDateTime *when, GDateTime *now)
{
    g_autofree char *clock = earshot_format_clock(when);
    switch (days_between(when, now)) {
    case 0:
        return g_strdup_printf(_("today, %s"), clock);
    case 1:
        return g_strdup_printf(_("yesterday, %s"), clock);
    default:
        break;
    }
    if (g_date_time_get_year(when) == g_date_time_get_year(now))
        return day_and_month(when);
    return earshot_format_date(when);
}
