/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A call of Earshot over a simulated link in virtual time: a minute of talk in seconds.
 *
 *     bench_links_earshot LINK SEED SECONDS BUDGET_KBIT FOLDER SAID0.wav SAID1.wav
 *
 * End 0 dials and both talk. FOLDER gets heard0.wav, heard1.wav and stats0.json, stats1.json, what
 * --stats of earshot-cli holds. Prints the same line as bench_links_between. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "port/codec.h"
#include "port/wavfile.h"
#include "sim/rig.h"
#include "tools/report.h"

#define PATH_BYTES 4096
/* As between two programs that are started by hand, so that the weather is the same. */
#define SETTLE_US (1 * (int64_t)EAR_US_PER_S)
#define ANSWER_US (20 * (int64_t)EAR_US_PER_S)
#define GOODBYE_US (5 * (int64_t)EAR_US_PER_S)
#define STEP_US (20 * EAR_US_PER_MS)

struct bench {
    const char *link, *folder, *said[2];
    uint64_t seed;
    int64_t seconds_us;
    int budget_bps;
    struct ear_profile *profile;
    struct ear_wav_mic *mics[2];
    struct ear_wav_speaker *speakers[2];
    struct ear_codec *codecs[2];
    struct ear_rig *rig;
    struct ear_engine_status status[2];
};

static void tend(void *ctx)
{
    struct bench *b = ctx;
    for (int end = 0; end < 2; end++) {
        ear_wav_mic_pump(b->mics[end]);
        (void)ear_wav_speaker_pump(b->speakers[end]); /* close tells the first error again */
    }
}

static int path_of(const struct bench *b, const char *form, int end, char path[static PATH_BYTES])
{
    int len = snprintf(path, PATH_BYTES, "%s/%s%d.%s", b->folder, form, end,
                       strcmp(form, "heard") == 0 ? "wav" : "json");
    return len < PATH_BYTES ? 0 : -ENAMETOOLONG;
}

static int open_end(struct bench *b, int end, char *error, size_t error_bytes)
{
    char path[PATH_BYTES];
    int err = path_of(b, "heard", end, path);
    if (!err)
        err = ear_wav_mic_open(&b->mics[end], b->said[end], false, error, error_bytes);
    if (!err)
        err = ear_wav_speaker_open(&b->speakers[end], path, error, error_bytes);
    if (!err)
        err = ear_codec_opus_new(&b->codecs[end], &ear_codec_opus_usual);
    return err;
}

static int open_bench(struct bench *b)
{
    char error[512] = "";
    struct ear_rig_config config = {.seed = b->seed, .auto_answer = true, .tend = tend, .ctx = b};
    int err = ear_profile_load(&b->profile, b->link, error, sizeof error);
    for (int end = 0; end < 2 && !err; end++) {
        err = open_end(b, end, error, sizeof error);
        if (err)
            break;
        config.ends[end] =
            (struct ear_rig_end){.mic = ear_wav_mic_mic(b->mics[end]),
                                 .speaker = ear_wav_speaker_speaker(b->speakers[end]),
                                 .codec = b->codecs[end],
                                 .wire_budget_bps = b->budget_bps,
                                 .known_bps = b->budget_bps};
    }
    config.profile = b->profile;
    if (!err)
        err = ear_rig_new(&b->rig, &config);
    if (err)
        fprintf(stderr, "earshot: %s\n", *error ? error : strerror(-err));
    return err;
}

static void look(struct bench *b)
{
    for (int end = 0; end < 2; end++)
        ear_engine_get_status(ear_rig_engine(b->rig, end), &b->status[end]);
}

/* Until both talk, and then as long as asked; the goodbye is no part of the figures. */
static int talk(struct bench *b)
{
    ear_rig_run(b->rig, SETTLE_US);
    ear_rig_dial(b->rig);
    int64_t begin_us = ear_rig_now_us(b->rig);
    do {
        ear_rig_run(b->rig, STEP_US);
        look(b);
        if (ear_rig_now_us(b->rig) - begin_us > ANSWER_US)
            return -ETIMEDOUT;
    } while (b->status[0].talk_us <= 0 || b->status[1].talk_us <= 0);
    ear_rig_run(b->rig, b->seconds_us);
    look(b);
    ear_rig_command(b->rig, 0, EAR_COMMAND_HANG_UP, false);
    ear_rig_run(b->rig, GOODBYE_US);
    return 0;
}

static double seconds_of(int64_t us)
{
    return us == INT64_MIN || us == INT64_MAX ? -1 : (double)us / EAR_US_PER_S;
}

static int save(struct bench *b)
{
    char path[PATH_BYTES];
    int err = 0;
    for (int end = 0; end < 2 && !err; end++) {
        const struct ear_report report = {
            .status = b->status[end],
            .mic_t0 = seconds_of(ear_wav_mic_start_us(b->mics[end])),
            .speaker_t0 = seconds_of(ear_wav_speaker_start_us(b->speakers[end])),
            .link = b->link,
            .mouth_to_ear_ms = -1,
            .lookahead_samples = b->codecs[end]->lookahead_samples,
        };
        err = path_of(b, "stats", end, path);
        if (!err)
            err = ear_report_save(&report, path);
    }
    return err;
}

static void print_counts(struct bench *b)
{
    for (int end = 0; end < 2; end++) {
        struct ear_link_counts c;
        ear_link_get_counts(ear_rig_link(b->rig), end, &c);
        printf("%s{\"sent\": %lld, \"bytes\": %lld, \"lost\": %lld, \"overflowed\": %lld, "
               "\"peak_bytes_10s\": %lld}",
               end ? ", " : "[", (long long)c.sent, (long long)c.sent_bytes, (long long)c.lost,
               (long long)c.overflowed, (long long)c.peak_bytes_10s);
    }
    puts(", {\"late_share\": 0}]");
}

static int close_bench(struct bench *b)
{
    int err = 0;
    ear_rig_free(b->rig);
    for (int end = 0; end < 2; end++) {
        int written = b->speakers[end] ? ear_wav_speaker_close(b->speakers[end]) : 0;
        err = err ? err : written;
        ear_wav_mic_close(b->mics[end]);
        ear_codec_opus_free(b->codecs[end]);
    }
    ear_profile_free(b->profile);
    return err;
}

int main(int argc, char **argv)
{
    if (argc != 8) {
        fprintf(stderr, "usage: bench_links_earshot LINK SEED SECONDS BUDGET_KBIT FOLDER SAID0.wav "
                        "SAID1.wav\n");
        return 2;
    }
    struct bench b = {
        .link = argv[1],
        .seed = strtoull(argv[2], NULL, 10),
        .seconds_us = (int64_t)(strtod(argv[3], NULL) * EAR_US_PER_S),
        .budget_bps = (int)(strtod(argv[4], NULL) * 1000),
        .folder = argv[5],
        .said = {argv[6], argv[7]},
    };
    int err = open_bench(&b);
    if (!err) {
        err = talk(&b);
        if (!err)
            err = save(&b);
        if (err)
            fprintf(stderr, "earshot: %s\n", strerror(-err));
        else
            print_counts(&b);
    }
    int closed = close_bench(&b);
    return err || closed ? EXIT_FAILURE : EXIT_SUCCESS;
}
