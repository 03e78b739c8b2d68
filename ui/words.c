/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Persons and calls in words: what the rows and pages of people say. */
#include "words.h"

#include <glib/gi18n.h>

#include "bridge/format.h"

char *earshot_words_when(GDateTime *when)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    return earshot_format_when(when, now);
}

char *earshot_words_person(EarshotPerson *person)
{
    if (earshot_person_is_echo(person))
        return g_strdup(_("Plays your own voice back to you"));
    if (earshot_person_is_blocked(person))
        return g_strdup(_("Blocked"));
    if (earshot_person_is_pending(person))
        return g_strdup(_("Invited, has not come yet"));
    guint unseen = 0;
    g_object_get(person, "unseen", &unseen, NULL);
    if (unseen) {
        g_autofree char *count = earshot_format_count(unseen);
        return g_strdup_printf(ngettext("%s new message", "%s new messages", unseen), count);
    }
    GDateTime *last = earshot_person_get_last_call(person);
    if (!last)
        return g_strdup(_("No call yet"));
    g_autofree char *when = earshot_words_when(last);
    /* Translators: %s is a day and a time, as "today, 14:02" */
    return g_strdup_printf(_("Last call: %s"), when);
}

char *earshot_words_record(EarshotRecord *record)
{
    guint seconds = 0, gaps = 0, gap_seconds = 0;
    gint64 bytes = 0;
    gboolean missed = FALSE;
    g_autofree char *ending = NULL;
    g_object_get(record, "seconds", &seconds, "gaps", &gaps, "gap-seconds", &gap_seconds, "bytes",
                 &bytes, "missed", &missed, "ending", &ending, NULL);
    if (missed)
        return g_strdup(_("Missed call"));
    if (!seconds)
        return g_steal_pointer(&ending);
    g_autofree char *duration = earshot_format_duration(seconds);
    g_autofree char *data = earshot_format_data(bytes);
    g_autofree char *lost = gaps ? earshot_format_gaps(gaps, gap_seconds) : g_strdup(_("no gaps"));
    /* Translators: one call: how long, how much data, gaps: "18:04, 2.7 MB, no gaps" */
    return g_strdup_printf(_("%s, %s, %s"), duration, data, lost);
}

char *earshot_words_mnemonic(const char *format, const char *name)
{
    g_auto(GStrv) parts = g_strsplit(name, "_", -1);
    g_autofree char *escaped = g_strjoinv("__", parts);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    return g_strdup_printf(format, escaped);
#pragma GCC diagnostic pop
}

gboolean earshot_words_can_call(EarshotPerson *person)
{
    return !earshot_person_is_blocked(person) && !earshot_person_is_pending(person);
}
