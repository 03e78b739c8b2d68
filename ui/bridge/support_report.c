/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plain lines of text, English on purpose: those who help read it. */
#include "bridge/support_report.h"

static void add_cards(GString *report, const char *what, const char *const *cards)
{
    g_string_append_printf(report, "%s:\n", what);
    for (gsize i = 0; cards[i]; i++)
        g_string_append_printf(report, "  %s\n", cards[i]);
}

static void add_outages(GString *report, const struct ear_engine_status *s)
{
    g_string_append_printf(report, "outages: %" G_GINT64_FORMAT "\n", s->outages);
    for (gint64 i = 0; i < MIN(s->outages, EAR_OUTAGES_KEPT); i++)
        g_string_append_printf(report, "  at %.1f s for %.1f s\n",
                               (double)s->outage[i].begin_us / EAR_US_PER_S,
                               (double)s->outage[i].duration_us / EAR_US_PER_S);
}

char *earshot_support_report(const struct ear_engine_status *s, const char *const *microphones,
                             const char *const *loudspeakers, const char *trouble)
{
    GString *report = g_string_new("Earshot " EAR_VERSION "\n");
    g_autofree char *system = g_get_os_info(G_OS_INFO_KEY_PRETTY_NAME);
    g_string_append_printf(report, "system: %s\n", system ? system : "unknown");
    g_string_append_printf(report, "trouble: %s\n", trouble);
    add_cards(report, "microphones", microphones);
    add_cards(report, "loudspeakers", loudspeakers);
    g_string_append_printf(report, "last call: %.0f s, ended: %s\n",
                           (double)s->talk_us / EAR_US_PER_S, ear_ending_name(s->ending));
    g_string_append_printf(report, "packets: %d ms at %d bit/s\n", s->format.packet_ms,
                           s->format.rate_bps);
    g_string_append_printf(
        report, "sent: %" G_GINT64_FORMAT " bytes; received: %" G_GINT64_FORMAT " bytes\n",
        s->sent.bytes, s->received_bytes);
    g_string_append_printf(report, "round trip: %.0f ms; playout delay: %.0f ms, wanted %.0f ms\n",
                           s->talk.rtt_ms, s->talk.play.delay_ms, s->talk.play.target_ms);
    g_string_append_printf(report, "loss here: %.1f %%; loss there: %.1f %%\n",
                           s->talk.play.loss * 100, s->talk.loss_there * 100);
    g_string_append_printf(report, "made up: %.1f s of %.1f s\n",
                           (double)s->talk.play.concealed_us / EAR_US_PER_S,
                           (double)s->talk.play.spoken_us / EAR_US_PER_S);
    add_outages(report, s);
    return g_string_free(report, FALSE);
}
