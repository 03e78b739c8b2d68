/* SPDX-License-Identifier: GPL-3.0-or-later */
/* earshot-cli demo: two ends in this program, real speech, a simulated link, real time. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/random.h"
#include "sim/introduce.h"
#include "sim/link.h"
#include "tools/commands.h"
#include "tools/said.h"
#include "tools/station.h"

#define SECONDS_USUAL 30.0
#define LINK_USUAL "edge"
#define PATH_BYTES 4096
#define LOOK_US (200 * EAR_US_PER_MS)
#define SELDOM 25
/* A call that is not up by then has failed; the worst link needs a third of it. */
#define ANSWER_S 20.0

static const char *const usage =
    "earshot-cli demo [--link NAME] [--seconds N] [--out DIR] [--wire-budget KBIT] [--quality "
    "least-data|balanced|clear] [--speech FILE.wav]";

struct demo {
    const struct ear_options *options;
    const char *out;
    double seconds;
    struct ear_profile *profile;
    struct ear_link *link;
    struct ear_guests *guests[2];
    /* 0 the clinic, which dials; 1 the psychiatrist, whose ear is recorded */
    struct ear_station ends[2];
    struct ear_media *media;
    struct ear_worker *worker;
    struct ear_live_line live;
    struct ear_ending_seen {
        bool talked, ended;
        enum ear_ending ending;
    } seen[2];
};

static int path_in(const struct demo *demo, const char *name, char path[static PATH_BYTES])
{
    if (snprintf(path, PATH_BYTES, "%s/%s", demo->out, name) < PATH_BYTES)
        return 0;
    ear_complain("The name of the folder %s is too long.", demo->out);
    return -ENAMETOOLONG;
}

static int make_folder(const char *path)
{
    if (mkdir(path, 0755) == 0 || errno == EEXIST)
        return 0;
    int err = errno;
    ear_complain("The folder %s cannot be made (%s).", path, strerror(err));
    return -err;
}

static int open_end(struct demo *demo, int end)
{
    char said[PATH_BYTES], heard[PATH_BYTES];
    int err = path_in(demo, end ? "answered.wav" : "said.wav", said);
    if (!err)
        err = path_in(demo, end ? "heard.wav" : "heard-back.wav", heard);
    if (!err)
        err = ear_said_write(said, end, demo->seconds, end ? NULL : demo->options->speech);
    if (err)
        return err;
    const struct ear_station_config config = {
        .mic = said,
        .speaker = heard,
        .net = ear_link_end(demo->link, end),
        .wire_budget_bps = demo->options->wire_budget_bps,
        .known_bps = demo->options->known_bps,
        .guests = demo->guests[end],
        .stamps = {.last = 1, .end = UINT64_MAX},
        .accept = end == 1,
        .auto_answer = true,
    };
    return ear_station_open(&demo->ends[end], &config);
}

static int open_link(struct demo *demo)
{
    char error[512];
    const char *name = demo->options->link ? demo->options->link : LINK_USUAL;
    int err = ear_profile_load(&demo->profile, name, error, sizeof error);
    if (err) {
        ear_complain("%s", error);
        return -EINVAL;
    }
    struct ear_random random = ear_random_fresh();
    return ear_link_new(&demo->link, demo->profile, &ear_clock_monotonic, ear_random_u64(&random));
}

/* The two know each other, as after an exchange of invites. */
static int introduce(struct demo *demo)
{
    const struct ear_chance chance = {0};
    for (int end = 0; end < 2; end++)
        demo->guests[end] = calloc(1, sizeof *demo->guests[end]);
    if (!demo->guests[0] || !demo->guests[1] || ear_sodium_start() < 0) {
        ear_complain("Not enough memory for the demo.");
        return -ENOMEM;
    }
    ear_introduce(demo->guests, 2, &chance);
    return 0;
}

static int64_t link_next_us(void *ctx)
{
    return ear_link_next_us(ctx);
}

static void tend_both(void *ctx)
{
    struct demo *demo = ctx;
    ear_sounds_tend(&demo->ends[0].sounds);
    ear_sounds_tend(&demo->ends[1].sounds);
}

static int start_threads(struct demo *demo)
{
    const struct ear_media_config media = {
        .clock = &ear_clock_monotonic,
        .engines = {demo->ends[0].engine, demo->ends[1].engine},
        .fd = -1,
        .next_us = link_next_us,
        .ctx = demo->link,
    };
    const struct ear_worker_job job = {
        .run = tend_both, .ctx = demo, .every_us = 100 * EAR_US_PER_MS};
    int err = ear_worker_start(&demo->worker, &job, 1);
    if (!err)
        err = ear_media_start(&demo->media, &media);
    if (err)
        ear_complain("Not enough memory for the demo.");
    return err;
}

static void command(struct demo *demo, int end, enum ear_command_kind kind)
{
    const struct ear_command c = {.kind = kind, .address = ear_link_address(1), .guest = 2};
    ear_engine_command(demo->ends[end].engine, &c);
    ear_media_wake(demo->media);
}

static void watch(struct demo *demo, int end)
{
    struct ear_event event;
    while (ear_engine_event(demo->ends[end].engine, &event)) {
        if (event.kind != EAR_EVENT_PHASE)
            continue;
        if (event.phase == EAR_PHASE_TALKING)
            demo->seen[end].talked = true;
        if (event.phase == EAR_PHASE_ENDED) {
            demo->seen[end].ended = true;
            demo->seen[end].ending = event.ending;
        }
        if (end == 1 && event.phase == EAR_PHASE_LOST) {
            ear_live_line_end(&demo->live);
            puts("The line is gone. Trying...");
        }
    }
    ear_engine_poll_status(demo->ends[end].engine, &demo->ends[end].status);
}

/* Both ends are here, so the way from mouth to ear can be measured: when the ear heard an index
 * less when the mouth spoke it, and what the codec keeps back. */
static double mouth_to_ear_ms(const struct ear_engine_status *mouth,
                              const struct ear_engine_status *ear, int lookahead_samples)
{
    if (ear->talk.play.spoken_us == 0)
        return -1;
    int64_t us = ear->talk.play.offset_median_us - mouth->talk.journal_t0_us;
    return (double)us / EAR_US_PER_MS + (double)lookahead_samples / EAR_SAMPLES_PER_MS;
}

static void show(struct demo *demo)
{
    char text[256];
    const struct ear_report report = {
        .status = demo->ends[1].status,
        .mouth_to_ear_ms = mouth_to_ear_ms(&demo->ends[0].status, &demo->ends[1].status,
                                           demo->ends[1].codec->lookahead_samples),
    };
    ear_report_line(&report, text, sizeof text);
    ear_live_line_show(&demo->live, text);
}

static void run_call(struct demo *demo)
{
    const struct timespec look = {.tv_nsec = LOOK_US * 1000};
    int64_t begin_us = ear_clock_now_us(&ear_clock_monotonic), hung_up_us = 0;
    command(demo, 0, EAR_COMMAND_DIAL);
    while (!demo->seen[0].ended || (demo->seen[1].talked && !demo->seen[1].ended)) {
        nanosleep(&look, NULL);
        watch(demo, 0);
        watch(demo, 1);
        show(demo);
        int64_t now_us = ear_clock_now_us(&ear_clock_monotonic);
        double talked = (double)demo->ends[0].status.talk_us / EAR_US_PER_S;
        double waited = (double)(now_us - begin_us) / EAR_US_PER_S;
        bool enough = talked >= demo->seconds || (!demo->seen[0].talked && waited >= ANSWER_S);
        if (!hung_up_us && (enough || ear_interrupts() > 0)) {
            command(demo, 0, EAR_COMMAND_HANG_UP);
            hung_up_us = now_us;
        }
        /* On a dead line the goodbye does not arrive: the other end hangs up by itself. */
        if (hung_up_us && demo->seen[0].ended && now_us - hung_up_us > 5 * (int64_t)EAR_US_PER_S)
            command(demo, 1, EAR_COMMAND_HANG_UP);
    }
    ear_live_line_end(&demo->live);
}

static int save_report(struct demo *demo)
{
    char path[PATH_BYTES];
    struct ear_report reports[2];
    ear_station_report(&demo->ends[0], &reports[0]);
    ear_station_report(&demo->ends[1], &reports[1]);
    for (int end = 0; end < 2; end++) {
        reports[end].link = ear_profile_name(demo->profile);
        reports[end].mouth_to_ear_ms = mouth_to_ear_ms(&reports[!end].status, &reports[end].status,
                                                       demo->ends[end].codec->lookahead_samples);
    }
    /* The recorded ear's report: what was said at mic_t0 was heard in heard.wav. */
    reports[1].mic_t0 = ear_sounds_mic_t0(&demo->ends[0].sounds);
    reports[0].mic_t0 = ear_sounds_mic_t0(&demo->ends[1].sounds);
    int err = path_in(demo, "report.json", path);
    if (err)
        return err;
    FILE *file = fopen(path, "w");
    if (!file) {
        ear_complain("%s cannot be written (%s).", path, strerror(errno));
        return -EIO;
    }
    fprintf(file, "{\n  \"said\": \"said.wav\",\n  \"heard\": \"heard.wav\",\n");
    ear_report_json(&reports[1], file, 2);
    fprintf(
        file,
        "  ,\"other\": {\n    \"said\": \"answered.wav\",\n    \"heard\": \"heard-back.wav\",\n");
    ear_report_json(&reports[0], file, 4);
    fprintf(file, "  }\n}\n");
    bool bad = ferror(file);
    if (fclose(file) != 0 || bad) {
        ear_complain("%s cannot be written (%s).", path, strerror(errno));
        return -EIO;
    }
    return 0;
}

static void print_summary(struct demo *demo)
{
    struct ear_report report;
    ear_station_report(&demo->ends[1], &report);
    report.mouth_to_ear_ms = mouth_to_ear_ms(&demo->ends[0].status, &report.status,
                                             demo->ends[1].codec->lookahead_samples);
    struct ear_engine_status *clinic = &demo->ends[0].status;
    printf(
        "%s: %.0f s of talk, %.1f kbit/s at most from the clinic, %.1f %% of its speech made up, "
        "%.0f ms from mouth to ear.\n%s/heard.wav is what arrived, %s/report.json has the "
        "figures.\n",
        ear_profile_name(demo->profile), (double)report.status.talk_us / EAR_US_PER_S,
        clinic->sent_peak_bps / 1000, 100 * ear_report_concealed_share(&report),
        ear_report_mouth_to_ear_ms(&report), demo->out, demo->out);
}

static int close_demo(struct demo *demo, bool finished)
{
    int err = 0;
    ear_media_stop(demo->media);
    ear_worker_stop(demo->worker);
    if (finished) {
        ear_engine_get_status(demo->ends[0].engine, &demo->ends[0].status);
        err = save_report(demo);
        if (demo->seen[0].talked)
            print_summary(demo);
    }
    for (int end = 0; end < 2; end++) {
        int written = demo->ends[end].engine ? ear_station_close(&demo->ends[end]) : 0;
        err = err ? err : written;
    }
    for (int end = 0; end < 2; end++) {
        if (demo->guests[end])
            ear_guests_wipe(demo->guests[end]);
        free(demo->guests[end]);
    }
    ear_link_free(demo->link);
    ear_profile_free(demo->profile);
    return err;
}

int ear_demo_main(int argc, char **argv)
{
    struct ear_options options;
    int err = ear_options_parse(&options, EAR_OPTION_DEMO, argc, argv, usage);
    if (err)
        return err == -ECANCELED ? EAR_EXIT_NORMAL : EAR_EXIT_USAGE;
    struct demo demo = {
        .options = &options,
        .out = options.out ? options.out : "earshot-demo",
        .seconds = options.seconds > 0 ? options.seconds : SECONDS_USUAL,
        .live = {.seldom = SELDOM},
    };
    ear_interrupts_count();
    err = open_link(&demo);
    if (!err)
        err = introduce(&demo);
    if (!err)
        err = make_folder(demo.out);
    for (int end = 0; !err && end < 2; end++)
        err = open_end(&demo, end);
    if (!err)
        err = start_threads(&demo);
    if (!err)
        run_call(&demo);
    bool finished = !err;
    int closed = close_demo(&demo, finished);
    if (err)
        return ear_exit_after(err);
    bool normal = ear_ending_is_normal(demo.seen[0].ending) && demo.seen[0].talked;
    if (!demo.seen[0].talked)
        ear_complain("The call did not come up: see %s/report.json, or choose another --link.",
                     demo.out);
    else if (!normal)
        ear_complain("%s", ear_ending_sentence(demo.seen[0].ending));
    return normal && !closed ? EAR_EXIT_NORMAL : EAR_EXIT_FAILED;
}
