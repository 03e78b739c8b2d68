/* SPDX-License-Identifier: GPL-3.0-or-later */
/* earshot-cli replay: a recorded network under the real playout, in virtual time. */
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "port/codec.h"
#include "port/wavfile.h"
#include "rx/play.h"
#include "sim/trace.h"
#include "tools/commands.h"
#include "tools/options.h"
#include "tools/speech.h"

#define ERROR_BYTES 256
#define PACKET_MS_MAX 120.0
/* What a call sends at 60 ms on about 16 kbit/s of wire. */
static const int rate_bps = 10000;
/* After the last arrival nothing takes longer to be heard: 10 s of backlog at 1.33 times, doubled.
 */
static const int64_t tail_us = 30 * (int64_t)EAR_US_PER_S;
/* Speech resumes after a pause in the trace this much longer than a packet. */
static const double spurt_gap = 1.5; /* packets */
static const int8_t silence_db = -65;

struct options {
    const char *trace;
    const char *log;
    const char *speech;
    const char *out;
    double packet_ms; /* 0: the trace's spacing */
};

struct row {
    int64_t sent_us; /* since the first row's sending */
    int64_t index;
    int64_t arrival_us; /* INT64_MAX: lost */
    bool spurt_start;
    bool played;
    double heard_ms;
    double scale;
    int bytes;
    uint8_t packet[EAR_PAYLOAD_MAX];
};

struct replay {
    struct ear_trace *trace;
    struct ear_speech speech;
    struct ear_codec *codec;
    struct ear_play *play;
    struct ear_wav_speaker *wav;
    struct row *rows;
    size_t count;  /* rows */
    size_t *order; /* rows by arrival */
    size_t arrived;
    size_t settled;
    int units;
};

static const char usage[] =
    "earshot-cli replay TRACE.csv --log OUT.csv [--packet-ms 20|40|60|80|100|120] "
    "[--speech FILE.wav] [--out FILE.wav]";

static bool is_packet_length(double ms)
{
    return ms == 20 || ms == 40 || ms == 60 || ms == 80 || ms == 100 || ms == 120;
}

static int take_packet_ms(const char *text, double *ret)
{
    double ms;
    if (ear_number_parse(text, PACKET_MS_MAX, &ms) < 0 || !is_packet_length(ms)) {
        ear_complain("--packet-ms %s: give 20, 40, 60, 80, 100 or 120.", text);
        return -EINVAL;
    }
    *ret = ms;
    return 0;
}

static int parse_options(struct options *ret, int argc, char **argv)
{
    static const struct option names[] = {
        {"log", required_argument, NULL, 'l'},    {"packet-ms", required_argument, NULL, 'p'},
        {"speech", required_argument, NULL, 's'}, {"out", required_argument, NULL, 'o'},
        {"help", no_argument, NULL, 'h'},         {0}};
    opterr = 0;
    optind = 1;
    for (int c; (c = getopt_long(argc, argv, ":", names, NULL)) != -1;) {
        if (c == 'l')
            ret->log = optarg;
        else if (c == 's')
            ret->speech = optarg;
        else if (c == 'o')
            ret->out = optarg;
        else if (c != 'p')
            return ear_options_explain(c, argv, usage);
        else if (take_packet_ms(optarg, &ret->packet_ms) < 0)
            return -EINVAL;
    }
    if (optind + 1 != argc || !ret->log) {
        ear_complain("%s. Usage: %s",
                     !ret->log           ? "--log is missing"
                     : optind + 1 < argc ? "One trace at a time"
                                         : "A trace is missing",
                     usage);
        return -EINVAL;
    }
    ret->trace = argv[optind];
    return 0;
}

static void on_event(void *ctx, const struct ear_play_event *event)
{
    struct replay *replay = ctx;
    if (event->source != EAR_PLAY_PRIMARY)
        return;
    size_t low = 0, high = replay->count;
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        *(replay->rows[middle].index <= event->index ? &low : &high) = middle;
    }
    struct row *row = &replay->rows[low];
    row->played = true;
    row->heard_ms = (double)event->heard_us / EAR_US_PER_MS +
                    (double)ear_trace_begin_us(replay->trace) / EAR_US_PER_MS;
    row->scale = event->scale;
    replay->settled++;
}

/* When each packet is sent and when it comes: the trace's own rows, or, with packets of another
 * length, rows at that spacing, each with the delay of the row in whose time it is sent. */
static void time_row(struct replay *replay, size_t i)
{
    struct row *row = &replay->rows[i];
    int64_t packet_us = (int64_t)replay->units * EAR_UNIT_US;
    bool own = ear_trace_interval_us(replay->trace) == packet_us;
    row->sent_us = own ? ear_trace_sent_us(replay->trace, i) : (int64_t)i * packet_us;
    int64_t delay_us = ear_trace_delay_us(replay->trace, row->sent_us);
    row->arrival_us = delay_us == EAR_TRACE_LOST ? INT64_MAX : row->sent_us + delay_us;
    row->index = (row->sent_us + EAR_UNIT_US / 2) / EAR_UNIT_US;
    if (i > 0)
        row->index = ear_max64(row->index, row[-1].index + replay->units);
    row->spurt_start =
        i == 0 || (double)(row->sent_us - row[-1].sent_us) > spurt_gap * (double)packet_us;
}

static int encode_rows(struct replay *replay)
{
    struct ear_codec_format format = {.packet_ms = replay->units * EAR_UNIT_MS,
                                      .rate_bps = rate_bps,
                                      .max_bytes = EAR_PAYLOAD_MAX};
    for (size_t i = 0; i < replay->count; i++) {
        int16_t pcm[EAR_PACKET_SAMPLES_MAX];
        struct row *row = &replay->rows[i];
        ear_speech_read(&replay->speech, pcm, (size_t)replay->units * EAR_UNIT);
        row->bytes = replay->codec->encode(replay->codec->ctx, &format, pcm, row->packet);
        if (row->bytes < 0)
            return row->bytes;
        time_row(replay, i);
    }
    return 0;
}

static int by_arrival(const void *a, const void *b, void *ctx)
{
    const struct row *rows = ctx;
    int64_t x = rows[*(const size_t *)a].arrival_us, y = rows[*(const size_t *)b].arrival_us;
    if (x == y)
        return (*(const size_t *)a > *(const size_t *)b) -
               (*(const size_t *)a < *(const size_t *)b);
    return x < y ? -1 : 1;
}

static void sort_rows(struct replay *replay)
{
    size_t n = replay->count;
    for (size_t i = 0; i < n; i++)
        replay->order[i] = i;
    qsort_r(replay->order, n, sizeof(*replay->order), by_arrival, replay->rows);
    while (n > 0 && replay->rows[replay->order[n - 1]].arrival_us == INT64_MAX)
        n--;
    replay->arrived = n;
}

static int put_row(struct replay *replay, size_t at)
{
    const struct row *row = &replay->rows[at];
    const struct ear_play_packet packet = {.index = row->index,
                                           .spurt_start = row->spurt_start,
                                           .bytes = row->packet,
                                           .len = (size_t)row->bytes};
    int result = ear_play_put(replay->play, &packet, row->arrival_us);
    if (at + 1 < replay->count && row[1].spurt_start)
        ear_play_put_silence(replay->play, row->index + replay->units, silence_db, row->arrival_us);
    return result == -EEXIST || result == -ESTALE ? 0 : result;
}

static int play_frame(struct replay *replay, int64_t now_us)
{
    int16_t frame[EAR_FRAME];
    ear_play_frame(replay->play, now_us, now_us, frame);
    if (!replay->wav)
        return 0;
    struct ear_speaker *speaker = ear_wav_speaker_speaker(replay->wav);
    int64_t heard_us;
    if (speaker->wants(speaker->ctx, now_us, &heard_us) > 0)
        speaker->write(speaker->ctx, frame);
    return ear_wav_speaker_pump(replay->wav);
}

static int run(struct replay *replay)
{
    size_t next = 0;
    int64_t end_us = tail_us;
    struct ear_play_stats stats = {0};
    for (int64_t now_us = 0; now_us < end_us; now_us += EAR_FRAME_US) {
        for (; next < replay->arrived; next++) {
            int64_t arrival_us = replay->rows[replay->order[next]].arrival_us;
            if (arrival_us > now_us)
                break;
            end_us = arrival_us + tail_us;
            int result = put_row(replay, replay->order[next]);
            if (result < 0)
                return result;
        }
        if (next < replay->arrived)
            end_us = now_us + tail_us;
        int result = play_frame(replay, now_us);
        if (result < 0)
            return result;
        ear_play_get_stats(replay->play, &stats);
        if (next == replay->arrived &&
            replay->settled + (size_t)stats.packets_discarded >= replay->arrived)
            return 0;
    }
    return 0;
}

static int write_log(const struct replay *replay, const char *path)
{
    FILE *file = fopen(path, "w");
    if (!file)
        return -errno;
    fprintf(file, "t_send_ms,t_play_ms,source,scale\n");
    for (size_t i = 0; i < replay->count; i++) {
        const struct row *row = &replay->rows[i];
        double sent_ms = (double)(ear_trace_begin_us(replay->trace) + row->sent_us) / EAR_US_PER_MS;
        if (row->played)
            fprintf(file, "%.10g,%.4f,primary,%.4f\n", sent_ms, row->heard_ms, row->scale);
        else
            fprintf(file, "%.10g,,plc,1\n", sent_ms);
    }
    bool failed = ferror(file);
    return fclose(file) != 0 || failed ? -EIO : 0;
}

static void print_stats(const struct replay *replay)
{
    struct ear_play_stats stats;
    ear_play_get_stats(replay->play, &stats);
    printf("packets arrived: %zu\n", replay->arrived);
    printf("packets discarded: %lld\n", (long long)stats.packets_discarded);
    printf("packets lost: %lld\n", (long long)stats.packets_lost);
    printf("speech played: %.2f s\n", (double)stats.spoken_us / EAR_US_PER_S);
    printf("speech time-scaled: %.2f s\n", (double)stats.scaled_us / EAR_US_PER_S);
    printf("concealed: %.2f s\n", (double)stats.concealed_us / EAR_US_PER_S);
    printf("stalled: %.2f s\n", (double)stats.stalled_us / EAR_US_PER_S);
}

static int open_all(struct replay *replay, const struct options *options, char *error)
{
    int result = ear_trace_load(&replay->trace, options->trace, error, ERROR_BYTES);
    if (result < 0)
        return result;
    double interval_ms = (double)ear_trace_interval_us(replay->trace) / EAR_US_PER_MS;
    double packet_ms = options->packet_ms > 0 ? options->packet_ms : interval_ms;
    if (!is_packet_length(packet_ms)) {
        snprintf(error, ERROR_BYTES,
                 "Opus has no packets of %g ms: give --packet-ms 20, 40, 60, 80, 100 or 120.",
                 packet_ms);
        return -EINVAL;
    }
    replay->units = (int)packet_ms / EAR_UNIT_MS;
    size_t rows = ear_trace_rows(replay->trace);
    double span_ms =
        (double)ear_trace_sent_us(replay->trace, rows - 1) / EAR_US_PER_MS + interval_ms;
    replay->count = packet_ms == interval_ms ? rows : (size_t)fmax(1, span_ms / packet_ms);
    if (result == 0)
        result = ear_speech_open(&replay->speech, options->speech, error, ERROR_BYTES);
    if (result == 0 && options->out)
        result = ear_wav_speaker_open(&replay->wav, options->out, error, ERROR_BYTES);
    return result;
}

static int make_all(struct replay *replay)
{
    size_t n = replay->count;
    replay->rows = calloc(n, sizeof(*replay->rows));
    replay->order = calloc(n, sizeof(*replay->order));
    if (!replay->rows || !replay->order)
        return -ENOMEM;
    int result = ear_codec_opus_new(&replay->codec, &ear_codec_opus_usual);
    if (result < 0)
        return result;
    struct ear_play_config config = {.codec = replay->codec, .on_event = on_event, .ctx = replay};
    result = ear_play_new(&replay->play, &config);
    if (result < 0)
        return result;
    result = encode_rows(replay);
    if (result == 0)
        sort_rows(replay);
    return result;
}

static void close_all(struct replay *replay)
{
    if (replay->wav && ear_wav_speaker_close(replay->wav) < 0)
        ear_complain("What was heard could not be written whole.");
    ear_play_free(replay->play);
    ear_codec_opus_free(replay->codec);
    ear_speech_close(&replay->speech);
    ear_trace_free(replay->trace);
    free(replay->rows);
    free(replay->order);
}

int ear_replay_main(int argc, char **argv)
{
    struct options options = {0};
    struct replay replay = {0};
    char error[ERROR_BYTES] = "";
    int result = parse_options(&options, argc, argv);
    if (result < 0)
        return result == -ECANCELED ? EAR_EXIT_NORMAL : EAR_EXIT_USAGE;
    int code = EAR_EXIT_USAGE;
    result = open_all(&replay, &options, error);
    if (result < 0)
        goto out;
    code = EXIT_FAILURE;
    result = make_all(&replay);
    if (result == 0)
        result = run(&replay);
    if (result < 0)
        goto out;
    result = write_log(&replay, options.log);
    if (result < 0) {
        snprintf(error, sizeof(error), "The log %s cannot be written: %s.", options.log,
                 strerror(-result));
        code = EAR_EXIT_USAGE;
        goto out;
    }
    print_stats(&replay);
    code = EXIT_SUCCESS;
out:
    if (result < 0)
        ear_complain("%s", *error ? error : strerror(-result));
    close_all(&replay);
    return code;
}
