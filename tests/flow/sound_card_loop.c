/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Speaks real speech into a real sound server and listens to it, as a call does; on the way the
 * server is stopped and started. Started by tests/flow/sound_cards. */
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "port/device.h"
#include "port/wavfile.h"

#define SECONDS_MAX 60
#define SAMPLES_MAX (SECONDS_MAX * EAR_RATE_HZ)
#define FRAMES_MAX (SECONDS_MAX * 100)
#define FIRST_S 14
#define AGAIN_S 10
#define LAG_MAX (EAR_RATE_HZ / 2)

/* Sound laid out on the clock: where a frame says that it was heard. */
struct take {
    int16_t sound[SAMPLES_MAX];
    int64_t claimed_us[FRAMES_MAX]; /* heard or ended */
    int64_t polled_us[FRAMES_MAX];  /* when it was written or read */
    int frames;
    int lost; /* polls that said that the card is gone */
};

struct loop {
    struct ear_device *device;
    int16_t *speech;
    size_t speech_samples, spoken;
    struct take played, heard;
    _Atomic bool stop;
};

static struct loop loop;
static int failures;

static void expect(bool good, const char *what, double value, const char *unit)
{
    printf("%s: %.2f %s%s\n", what, value, unit, good ? "" : "   <-- FAILED");
    failures += !good;
}

static void sleep_until(int64_t us)
{
    struct timespec t = {.tv_sec = us / EAR_US_PER_S, .tv_nsec = us % EAR_US_PER_S * 1000};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

static void *worker(void *arg)
{
    struct loop *l = arg;
    while (!atomic_load(&l->stop)) {
        ear_device_tend(l->device);
        usleep(300000);
    }
    return NULL;
}

static void speak(struct loop *l, int64_t now, int64_t heard_us)
{
    struct ear_speaker *speaker = ear_device_speaker(l->device);
    struct take *t = &l->played;
    int16_t frame[EAR_FRAME];
    for (int i = 0; i < EAR_FRAME; i++)
        frame[i] = l->speech[l->spoken++ % l->speech_samples];
    speaker->write(speaker->ctx, frame);
    if (t->frames == FRAMES_MAX)
        return;
    memcpy(t->sound + t->frames * EAR_FRAME, frame, sizeof frame);
    t->claimed_us[t->frames] = heard_us;
    t->polled_us[t->frames++] = now;
}

static void listen_once(struct loop *l, int64_t now, const int16_t *frame, int64_t end_us)
{
    struct take *t = &l->heard;
    if (t->frames == FRAMES_MAX)
        return;
    memcpy(t->sound + t->frames * EAR_FRAME, frame, EAR_FRAME * sizeof frame[0]);
    t->claimed_us[t->frames] = end_us;
    t->polled_us[t->frames++] = now;
}

/* The media thread's part for some seconds, or until the card is gone / back for both directions.
 */
static int64_t run(struct loop *l, double seconds, int until)
{
    struct ear_mic *mic = ear_device_mic(l->device);
    struct ear_speaker *speaker = ear_device_speaker(l->device);
    int64_t start = ear_clock_now_us(&ear_clock_monotonic), now = start;
    l->played.frames = l->heard.frames = 0;
    while (now < start + (int64_t)(seconds * EAR_US_PER_S)) {
        int16_t frame[EAR_FRAME];
        int64_t time_us;
        int hears, plays;
        while ((hears = mic->read(mic->ctx, now, frame, &time_us)) == 1)
            listen_once(l, now, frame, time_us);
        while ((plays = speaker->wants(speaker->ctx, now, &time_us)) == 1)
            speak(l, now, time_us);
        l->heard.lost += hears == -ENODEV;
        l->played.lost += plays == -ENODEV;
        if (until == -ENODEV && hears == -ENODEV && plays == -ENODEV)
            return now - start;
        if (until == 1 && l->heard.frames > 0 && l->played.frames > 0)
            return now - start;
        int64_t due = mic->due_us(mic->ctx, now), other = speaker->due_us(speaker->ctx, now);
        sleep_until(due < other ? due : other);
        now = ear_clock_now_us(&ear_clock_monotonic);
    }
    return until ? -1 : now - start;
}

/* Correlation of a second of what was heard, from this sample on, with what was played lag earlier
 * (in samples of either's own count); level does not matter. */
static double correlation(const struct loop *l, int at, int lag)
{
    double xy = 0, xx = 1e-9, yy = 1e-9;
    if (at - lag < 0 || at - lag + EAR_RATE_HZ > l->played.frames * EAR_FRAME)
        return 0;
    for (int i = 0; i < EAR_RATE_HZ; i++) {
        double x = l->heard.sound[at + i], y = l->played.sound[at - lag + i];
        xy += x * y, xx += x * x, yy += y * y;
    }
    return xy / sqrt(xx * yy);
}

/* The lag in samples at which that second fits best. */
static int best_lag(const struct loop *l, int at, int guess, int range, double *ret_peak)
{
    int best = guess;
    *ret_peak = -1;
    for (int lag = guess - range; lag <= guess + range; lag++) {
        double c = correlation(l, at, lag);
        if (c > *ret_peak) {
            *ret_peak = c;
            best = lag;
        }
    }
    return best;
}

static bool is_loud(const struct loop *l, int at)
{
    double xx = 0;
    for (int i = 0; i < EAR_RATE_HZ; i++)
        xx += (double)l->heard.sound[at + i] * l->heard.sound[at + i];
    return sqrt(xx / EAR_RATE_HZ) > 200;
}

/* Each second of what was heard must be found in what was played, in order and with one delay. */
static void compare(const struct loop *l, int from_s, const char *name)
{
    double worst_peak = 1, delay_most = -1e9, delay_least = 1e9, off_most = -1e9, off_least = 1e9;
    int seconds = l->heard.frames / 100, tested = 0, guess = 0;
    printf("\n%s: %d frames heard, %d played\n", name, l->heard.frames, l->played.frames);
    for (int s = from_s; s + 1 < seconds; s++) {
        int at = s * EAR_RATE_HZ;
        double peak;
        if (!is_loud(l, at))
            continue;
        int lag = best_lag(l, at, guess, tested ? 400 : LAG_MAX, &peak);
        guess = lag;
        int heard_frame = at / EAR_FRAME, played_frame = (at - lag) / EAR_FRAME;
        int within = (at - lag) % EAR_FRAME;
        /* From being written to being read, and between the times that both ends claim for it. */
        double delay =
            (double)(l->heard.polled_us[heard_frame] - l->played.polled_us[played_frame] +
                     within * 1000 / 16 - EAR_FRAME_US);
        double off = (double)(l->heard.claimed_us[heard_frame] - EAR_FRAME_US -
                              l->played.claimed_us[played_frame] - within * 1000 / 16);
        printf("  second %d: correlation %.3f, delay %.1f ms, claimed times differ by %.1f ms\n", s,
               peak, delay / 1000, off / 1000);
        worst_peak = fmin(worst_peak, peak);
        delay_most = fmax(delay_most, delay / 1000), delay_least = fmin(delay_least, delay / 1000);
        off_most = fmax(off_most, off / 1000), off_least = fmin(off_least, off / 1000);
        tested++;
    }
    expect(tested >= (seconds - from_s) / 2, "seconds of speech compared", tested, "s");
    expect(worst_peak > 0.8, "worst correlation", worst_peak, "");
    expect(delay_most < 500, "longest delay from write to read", delay_most, "ms");
    expect(delay_most - delay_least < 60, "its spread", delay_most - delay_least, "ms");
    expect(off_most - off_least < 20, "spread of the claimed times", off_most - off_least, "ms");
}

static int read_speech(struct loop *l, const char *path)
{
    struct ear_wav_mic *wav;
    char error[256];
    if (ear_wav_mic_open(&wav, path, false, error, sizeof error)) {
        fprintf(stderr, "%s\n", error);
        return -1;
    }
    struct ear_mic *mic = ear_wav_mic_mic(wav);
    l->speech = calloc(SAMPLES_MAX, sizeof *l->speech);
    int64_t now = 0, end;
    int16_t frame[EAR_FRAME];
    while (l->speech && !ear_wav_mic_ended(wav) && l->speech_samples + EAR_FRAME <= SAMPLES_MAX) {
        ear_wav_mic_pump(wav);
        if (mic->read(mic->ctx, now, frame, &end) == 1) {
            memcpy(l->speech + l->speech_samples, frame, sizeof frame);
            l->speech_samples += EAR_FRAME;
        }
        now += EAR_FRAME_US;
    }
    ear_wav_mic_close(wav);
    return l->speech ? 0 : -1;
}

static double cpu_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void show_stats(struct loop *l, struct ear_device_stats *ret)
{
    ear_device_get_stats(l->device, ret);
    printf("underruns %d, overruns %d, breaks %d, reopened %d, ppm %.1f and %.1f, latency %.1f and "
           "%.1f ms\n",
           (int)ret->underruns, (int)ret->overruns, (int)ret->breaks, (int)ret->reopened,
           ret->mic_ppm, ret->speaker_ppm, ret->mic_latency_ms, ret->speaker_latency_ms);
}

static void whole_way(struct loop *l)
{
    struct ear_device_stats early, late;
    double cpu = cpu_s();
    expect(run(l, 10, 1) >= 0, "card works", 1, "");
    run(l, 5, 0); /* the server begins */
    show_stats(l, &early);
    run(l, FIRST_S, 0);
    expect(true, "CPU", (cpu_s() - cpu) / (FIRST_S + 5) * 100, "% of a core");
    show_stats(l, &late);
    expect(late.underruns == early.underruns, "underruns",
           (double)(late.underruns - early.underruns), "");
    expect(late.overruns == early.overruns, "overruns", (double)(late.overruns - early.overruns),
           "");
    expect(fabs(l->played.frames / (FIRST_S * 100.0) - 1) < 0.005, "frames played a second",
           (double)l->played.frames / FIRST_S, "");
    expect(fabs(l->heard.frames / (FIRST_S * 100.0) - 1) < 0.005, "frames heard a second",
           (double)l->heard.frames / FIRST_S, "");
    compare(l, 1, "before the server was stopped");
}

static void outage(struct loop *l, const char *stop_server, const char *start_server)
{
    struct ear_device_stats stats;
    printf("\nthe sound server is stopped\n");
    if (system(stop_server))
        expect(false, "stopping the server", 0, "");
    int64_t gone_us = run(l, 10, -ENODEV);
    expect(gone_us >= 0 && gone_us < 2000000, "card reported gone after", (double)gone_us / 1000,
           "ms");
    run(l, 3, 0);
    expect(l->heard.frames == 0 && l->played.frames == 0, "frames while gone", l->heard.frames, "");
    if (system(start_server))
        expect(false, "starting the server", 0, "");
    int64_t back_us = run(l, 15, 1);
    expect(back_us >= 0, "card back after", (double)back_us / 1000, "ms");
    run(l, 5, 0);
    run(l, AGAIN_S, 0);
    show_stats(l, &stats);
    expect(stats.reopened == 1, "reopened", (double)stats.reopened, "times");
    compare(l, 1, "after the server came back");
}

/* Usage: sound_card_loop SPEECH.wav MIC SPEAKER STOP-COMMAND START-COMMAND */
int main(int argc, char **argv)
{
    char error[512];
    if (argc != 6 || read_speech(&loop, argv[1]))
        return 2;
    ear_log_set_sink(ear_log_to_stderr);
    struct ear_device_config config = {
        .mic_name = argv[2], .speaker_name = argv[3], .clock = &ear_clock_monotonic};
    if (ear_device_open(&loop.device, &config, error, sizeof error)) {
        fprintf(stderr, "%s\n", error);
        return 1;
    }
    pthread_t thread;
    if (pthread_create(&thread, NULL, worker, &loop))
        return 1;
    setvbuf(stdout, NULL, _IOLBF, 0);
    whole_way(&loop);
    outage(&loop, argv[4], argv[5]);
    atomic_store(&loop.stop, true);
    pthread_join(thread, NULL);
    ear_device_close(loop.device);
    free(loop.speech);
    printf("\n%s\n", failures ? "FAILED" : "all good");
    return failures != 0;
}
