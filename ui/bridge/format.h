/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Figures as words of the chosen language: pure functions that ask no clock and no locale. */
#ifndef EARSHOT_FORMAT_H
#define EARSHOT_FORMAT_H

#include <glib.h>

G_BEGIN_DECLS

/* All return a new string with the digits and the decimal point of the language that the texts are
 * in, which is not always the system's: both come from the catalogue. */

/* ascii: digits of C and anything else. digits: ten characters, from zero to nine. */
char *earshot_format_with_digits(const char *ascii, const char *digits);
char *earshot_format_number(double value, int decimals); /* "0.6" */
char *earshot_format_count(guint count);                 /* "12" */
char *earshot_format_percent(double share);              /* 0.05: "5 %" */
char *earshot_format_duration(guint seconds);            /* "4:12", "1:04:12" */
char *earshot_format_span(guint begin_s, guint end_s);   /* "4:12–4:16" */
char *earshot_format_minutes(guint seconds);             /* "40 seconds", "18 minutes" */
char *earshot_format_gaps(guint gaps, guint seconds);    /* "no gaps", "2 gaps, 9 s in all" */
char *earshot_format_data(gint64 bytes);                 /* "64 kB", "0.6 MB", "12 MB" */
char *earshot_format_rate(double kbps);                  /* "9.1 kbit/s" */
char *earshot_format_ms(double ms);                      /* "300 ms", "1.2 s" */
char *earshot_format_money(double amount, const char *currency); /* "4.20 KES" */
char *earshot_format_clock(GDateTime *when);                     /* "14:02" */
char *earshot_format_date(GDateTime *when);                      /* "14 Nov 2025" */
/* Seen from now: "today, 14:02", "yesterday, 14:02", "14 Nov", in another year "14 Nov 2025". */
char *earshot_format_when(GDateTime *when, GDateTime *now);

G_END_DECLS

#endif
