/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Status lines and stats files. */
#include "tools/report.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "tools/options.h"

static double share(int64_t part, int64_t whole)
{
    return whole > 0 ? (double)part / (double)whole : 0;
}

double ear_report_concealed_share(const struct ear_report *report)
{
    const struct ear_play_stats *play = &report->status.talk.play;
    return share(play->concealed_us, play->concealed_us + play->spoken_us);
}

double ear_report_mouth_to_ear_ms(const struct ear_report *report)
{
    if (report->mouth_to_ear_ms >= 0)
        return report->mouth_to_ear_ms;
    const struct ear_talk_status *talk = &report->status.talk;
    double codec_ms = (double)report->lookahead_samples / EAR_SAMPLES_PER_MS;
    return talk->rtt_ms / 2 + report->status.format.packet_ms + codec_ms + talk->play.delay_ms;
}

void ear_report_line(const struct ear_report *report, char *out, size_t out_bytes)
{
    const struct ear_engine_status *s = &report->status;
    long seconds = (long)(s->talk_us / EAR_US_PER_S);
    int len = snprintf(out, out_bytes, "%s %02ld:%02ld", ear_phase_name(s->phase), seconds / 60,
                       seconds % 60);
    if (len < 0 || (size_t)len >= out_bytes || !ear_phase_is_talk(s->phase))
        return;
    snprintf(
        out + len, out_bytes - (size_t)len,
        " | out %.1f in %.1f kbit/s | lost %.0f %% here, %.0f %% there | delay %.0f ms | made up "
        "%.1f %% | %s%s%s",
        s->sent_bps / 1000, s->received_bps / 1000, s->talk.play.loss * 100,
        s->talk.loss_there * 100, ear_report_mouth_to_ear_ms(report),
        ear_report_concealed_share(report) * 100, s->talk.hears_me ? "they hear you" : "not heard",
        s->they_muted ? ", they have muted" : "", s->muted ? ", you are muted" : "");
}

/* ---- JSON ---- */

struct json {
    FILE *file;
    int indent;
    bool any;
};

static void begin(struct json *j, const char *key)
{
    fprintf(j->file, "%s%*s\"%s\": ", j->any ? ",\n" : "", j->indent, "", key);
    j->any = true;
}

static void put_number(struct json *j, const char *key, double value, int digits)
{
    begin(j, key);
    if (isfinite(value))
        fprintf(j->file, "%.*f", digits, value);
    else
        fputs("null", j->file);
}

static void put_count(struct json *j, const char *key, int64_t value)
{
    begin(j, key);
    fprintf(j->file, "%lld", (long long)value);
}

static void put_text(struct json *j, const char *key, const char *value)
{
    begin(j, key);
    fputc('"', j->file);
    for (const char *c = value; *c; c++) {
        if (*c == '"' || *c == '\\')
            fputc('\\', j->file);
        fputc((unsigned char)*c < ' ' ? ' ' : *c, j->file);
    }
    fputc('"', j->file);
}

static void put_t0(struct json *j, const char *key, double t0)
{
    begin(j, key);
    if (t0 < 0)
        fputs("null", j->file);
    else
        fprintf(j->file, "%.6f", t0);
}

static void put_outages(struct json *j, const struct ear_engine_status *s)
{
    begin(j, "outages");
    fputc('[', j->file);
    for (int64_t i = 0; i < s->outages && i < EAR_OUTAGES_KEPT; i++)
        fprintf(j->file, "%s{\"at_s\": %.2f, \"seconds\": %.2f}", i ? ", " : "",
                (double)s->outage[i].begin_us / EAR_US_PER_S,
                (double)s->outage[i].duration_us / EAR_US_PER_S);
    fputc(']', j->file);
}

static void put_change(struct json *j, const struct ear_rung_change *change)
{
    const struct ear_codec_format *format = &change->format;
    fprintf(j->file,
            "{\"at_s\": %.2f, \"rung\": \"%s\", \"reason\": \"%s\", \"budget_bps\": %d, "
            "\"packet_ms\": %d, \"codec_bps\": %d, \"band\": \"%s\", \"wire_bps\": %d}",
            (double)change->at_us / EAR_US_PER_S, ear_rung_name(change->rung),
            change->theirs ? "other-side" : ear_ladder_why_name(change->why), change->budget_bps,
            format->packet_ms, format->rate_bps, format->wideband ? "wide" : "narrow",
            ear_rate_wire_bps(format));
}

/* How rung and budget changed, the newest last, and what is in force. */
static void put_rungs(struct json *j, const struct ear_engine_status *s)
{
    const struct ear_rung_log *log = &s->rungs;
    int64_t first = ear_rung_log_first(log);
    begin(j, "rungs");
    fputc('[', j->file);
    for (int64_t i = first; i < log->count; i++) {
        fprintf(j->file, "%s%*s", i > first ? ",\n" : "\n", j->indent + 2, "");
        put_change(j, ear_rung_log_get(log, i));
    }
    fputc(']', j->file);
    put_count(j, "rung_changes", log->count > 0 ? log->count - 1 : 0);
    put_text(j, "rung", ear_rung_name(s->rung));
    put_text(j, "rung_reason", ear_ladder_why_name(s->talk.ladder.rung_why));
    put_count(j, "budget_bps", s->talk.ladder.budget_bps);
}

static void put_lost(struct json *j, const struct ear_talk_status *talk)
{
    begin(j, "lost");
    fputc('[', j->file);
    for (size_t i = 0; i < talk->lost_count; i++)
        fprintf(j->file, "%s{\"at_s\": %.2f, \"seconds\": %.2f}", i ? ", " : "",
                (double)talk->lost[i].begin_us / EAR_US_PER_S,
                (double)talk->lost[i].duration_us / EAR_US_PER_S);
    fputc(']', j->file);
}

static void put_wire(struct json *j, const struct ear_engine_status *s)
{
    double seconds = (double)s->talk_us / EAR_US_PER_S;
    put_count(j, "wire_bytes_sent", s->sent.bytes);
    put_count(j, "wire_bytes_received", s->received_bytes);
    put_count(j, "datagrams_sent", s->sent.datagrams);
    put_count(j, "datagrams_received", s->received_datagrams);
    put_count(j, "datagrams_refused", s->refused_datagrams);
    put_number(j, "wire_kbit_sent_mean", seconds > 0 ? 8e-3 * (double)s->sent.bytes / seconds : 0,
               2);
    put_number(j, "wire_kbit_sent_peak_10s", s->sent_peak_bps / 1000, 2);
    put_count(j, "packets_sent", s->talk.packets_sent);
    put_count(j, "silences_sent", s->talk.silences_sent);
    put_number(j, "speech_sent_s", (double)s->talk.spoken_us / EAR_US_PER_S, 2);
    put_number(j, "speech_withheld_s", (double)s->talk.withheld_us / EAR_US_PER_S, 2);
}

static void put_play(struct json *j, const struct ear_report *report)
{
    const struct ear_play_stats *play = &report->status.talk.play;
    put_count(j, "packets_received", play->packets_received);
    put_count(j, "packets_duplicate", play->packets_duplicate);
    put_count(j, "packets_discarded", play->packets_discarded);
    put_count(j, "packets_lost", play->packets_lost);
    put_count(j, "packets_repaired", play->packets_repaired);
    put_count(j, "repairs_sent", report->status.talk.repairs_sent);
    put_number(j, "repaired_s", (double)play->repaired_us / EAR_US_PER_S, 2);
    put_number(j, "caught_up_s", (double)play->caught_up_us / EAR_US_PER_S, 2);
    put_number(j, "missed_s", (double)report->status.talk.missed_us / EAR_US_PER_S, 2);
    put_number(j, "lost_s", (double)report->status.talk.lost_us / EAR_US_PER_S, 2);
    put_lost(j, &report->status.talk);
    put_number(j, "speech_heard_s", (double)play->spoken_us / EAR_US_PER_S, 2);
    put_number(j, "concealed_s", (double)play->concealed_us / EAR_US_PER_S, 3);
    put_number(j, "concealed_share", ear_report_concealed_share(report), 4);
    put_number(j, "stalled_s", (double)play->stalled_us / EAR_US_PER_S, 3);
    put_number(j, "scaled_share", share(play->scaled_us, play->spoken_us), 4);
    put_number(j, "comfort_noise_s", (double)play->comfort_us / EAR_US_PER_S, 2);
    put_number(j, "playout_delay_ms", play->delay_ms, 1);
    put_number(j, "playout_target_ms", play->target_ms, 1);
    put_number(j, "mouth_to_ear_ms", ear_report_mouth_to_ear_ms(report), 1);
    begin(j, "mouth_to_ear_measured");
    fputs(report->mouth_to_ear_ms >= 0 ? "true" : "false", j->file);
    put_number(j, "rtt_ms", report->status.talk.rtt_ms, 1);
    put_number(j, "loss_there", report->status.talk.loss_there, 4);
}

void ear_report_json(const struct ear_report *report, FILE *file, int indent)
{
    const struct ear_engine_status *s = &report->status;
    struct json j = {.file = file, .indent = indent};
    if (report->link)
        put_text(&j, "link", report->link);
    put_text(&j, "phase", ear_phase_name(s->phase));
    put_text(&j, "ending", ear_ending_name(s->ending));
    put_number(&j, "talk_s", (double)s->talk_us / EAR_US_PER_S, 2);
    put_t0(&j, "mic_t0", report->mic_t0);
    put_t0(&j, "speaker_t0", report->speaker_t0);
    put_wire(&j, s);
    put_play(&j, report);
    put_rungs(&j, s);
    put_outages(&j, s);
    fputc('\n', file);
}

int ear_report_save(const struct ear_report *report, const char *path)
{
    FILE *file = fopen(path, "w");
    if (!file) {
        int err = errno;
        ear_complain("%s cannot be written (%s).", path, strerror(err));
        return -err;
    }
    fputs("{\n", file);
    ear_report_json(report, file, 2);
    fputs("}\n", file);
    int err = ferror(file) ? EIO : 0;
    if (fclose(file) != 0)
        err = errno;
    if (err)
        ear_complain("%s cannot be written (%s).", path, strerror(err));
    return -err;
}
