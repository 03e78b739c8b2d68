/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plays one tone and hears another while cards are pulled out from under both: how long until each
 * is there on another card, for good? Started by tests/flow/sound_changes. */
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

#define TURN 6.283185307179586
#define LEVEL 8000
/* A new card runs this long before the change: sound servers begin with blocks of 2 s. */
#define WARM_US 2600000
#define AFTER_US 3500000
/* A silence longer than this is a gap. */
#define GAP_US 80000
#define CHANGES_MAX 1000
#define REACH_MS 1000

/* Tones that a frame of 10 ms tells apart: each change begins the other one of what is played; of
 * what hums in the rooms tests/flow/sound_changes knows the two. */
static const double played_hz[] = {700, 1900}, hum_hz[] = {3100, 4300};

/* One direction: since when the right tone has been there without a gap. */
struct ear {
    _Atomic int64_t since_us, newest_us;
    _Atomic int hz;
};

static struct ear_device *device;
static struct ear mine, theirs; /* what the microphone hears, what the loudspeaker says */
static _Atomic bool stop;
static int played, hum; /* which of the two */

static int64_t now_us(void)
{
    return ear_clock_now_us(&ear_clock_monotonic);
}

static void sleep_until(int64_t us)
{
    struct timespec t = {.tv_sec = us / EAR_US_PER_S, .tv_nsec = us % EAR_US_PER_S * 1000};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

static void *worker(void *arg)
{
    (void)arg;
    while (!atomic_load(&stop)) {
        ear_device_tend(device);
        usleep(EAR_DEVICE_TEND_US);
    }
    return NULL;
}

/* A quarter of the power at least. */
static bool holds_tone(const int16_t *frame, double hz)
{
    double re = 0, im = 0, all = 1;
    for (int i = 0; i < EAR_FRAME; i++) {
        re += frame[i] * cos(TURN * hz * i / EAR_RATE_HZ);
        im += frame[i] * sin(TURN * hz * i / EAR_RATE_HZ);
        all += (double)frame[i] * frame[i];
    }
    return all > 1e5 * EAR_FRAME && (re * re + im * im) * 2 / EAR_FRAME > 0.25 * all;
}

static void hear(struct ear *ear, int64_t now, const int16_t *frame)
{
    if (!holds_tone(frame, atomic_load(&ear->hz)))
        return;
    if (now - atomic_load(&ear->newest_us) > GAP_US)
        atomic_store(&ear->since_us, now);
    atomic_store(&ear->newest_us, now);
}

static void listen_for(struct ear *ear, double hz)
{
    atomic_store(&ear->newest_us, 0);
    atomic_store(&ear->hz, (int)hz);
}

/* From this moment to sound that stayed; negative: there is none. */
static double took_ms(const struct ear *ear, int64_t from_us)
{
    int64_t now = now_us();
    if (now - atomic_load(&ear->newest_us) > GAP_US + GAP_US)
        return -1;
    return fmax(0, (double)(atomic_load(&ear->since_us) - from_us) / 1000);
}

static void speak(struct ear_speaker *speaker)
{
    static double phase;
    int16_t frame[EAR_FRAME];
    for (int i = 0; i < EAR_FRAME; i++) {
        phase = fmod(phase + TURN * played_hz[played] / EAR_RATE_HZ, TURN);
        frame[i] = (int16_t)lrint(LEVEL * sin(phase));
    }
    speaker->write(speaker->ctx, frame);
}

/* The media thread's part. */
static void run(int64_t until_us)
{
    struct ear_mic *mic = ear_device_mic(device);
    struct ear_speaker *speaker = ear_device_speaker(device);
    int64_t time_us;
    for (int64_t now = now_us(); now < until_us; now = now_us()) {
        int16_t frame[EAR_FRAME];
        while (mic->read(mic->ctx, now, frame, &time_us) == 1)
            hear(&mine, now, frame);
        while (speaker->wants(speaker->ctx, now, &time_us) == 1)
            speak(speaker);
        int64_t due = ear_min64(mic->due_us(mic->ctx, now), speaker->due_us(speaker->ctx, now));
        sleep_until(ear_max64(due, now + 1000));
    }
}

/* A command runs beside the media thread, as a hand that pulls a plug does. */
struct hand {
    char command[512];
    _Atomic bool done;
    int code;
};

static void *pull(void *arg)
{
    struct hand *hand = arg;
    hand->code = system(hand->command);
    atomic_store(&hand->done, true);
    return NULL;
}

static int command(const char *path, const char *verb, int number)
{
    struct hand hand = {.code = -1};
    pthread_t thread;
    snprintf(hand.command, sizeof hand.command, "%s %s %d", path, verb, number);
    if (pthread_create(&thread, NULL, pull, &hand))
        return -1;
    while (!atomic_load(&hand.done))
        run(now_us() + 2000);
    pthread_join(thread, NULL);
    return hand.code;
}

/* What the loudspeaker that shall be used says, as somebody in the room hears it. */
static void *witness(void *arg)
{
    int16_t frame[EAR_FRAME];
    while (fread(frame, sizeof frame, 1, arg) == 1)
        hear(&theirs, now_us(), frame);
    return NULL;
}

static double change(const char *path, int number)
{
    char listen[512];
    pthread_t thread;
    if (command(path, "plug", number))
        return -1;
    snprintf(listen, sizeof listen, "%s listen %d", path, number);
    FILE *room = popen(listen, "r");
    if (!room || pthread_create(&thread, NULL, witness, room))
        return -1;
    run(now_us() + WARM_US + number % 10 * 20000);
    int code = command(path, "pull", number);
    int64_t pulled_us = now_us();
    played = !played;
    hum = number % 3 == 2 ? hum : !hum; /* one card is cut off and comes back */
    listen_for(&theirs, played_hz[played]);
    listen_for(&mine, hum_hz[hum]);
    run(pulled_us + AFTER_US);
    double mine_ms = took_ms(&mine, pulled_us), theirs_ms = took_ms(&theirs, pulled_us);
    if (command(path, "deaf", number))
        code = -1;
    pthread_join(thread, NULL);
    pclose(room);
    printf("change %d: microphone %.0f ms, loudspeaker %.0f ms\n", number, mine_ms, theirs_ms);
    return code || mine_ms < 0 || theirs_ms < 0 ? -1 : fmax(mine_ms, theirs_ms);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int show(double *ms, int count)
{
    struct ear_device_stats stats;
    int in_time = 0;
    ear_device_get_stats(device, &stats);
    qsort(ms, (size_t)count, sizeof *ms, by_size);
    for (int i = 0; i < count; i++)
        in_time += ms[i] >= 0 && ms[i] <= REACH_MS;
    printf("sound on another card within 1 s: %d of %d\n", in_time, count);
    printf("from the change to sound both ways: median %.0f ms, longest %.0f ms\n", ms[count / 2],
           ms[count - 1]);
    printf("opened anew: %d times\n", (int)stats.reopened);
    return in_time == count ? 0 : 1;
}

/* Usage: sound_change COUNT COMMAND: runs "COMMAND plug|listen|pull|deaf NUMBER" for each change.
 */
int main(int argc, char **argv)
{
    static double ms[CHANGES_MAX];
    char error[512];
    int count = argc == 3 ? atoi(argv[1]) : 0;
    if (count < 1 || count > CHANGES_MAX)
        return 2;
    ear_log_set_sink(ear_log_to_stderr);
    setvbuf(stdout, NULL, _IOLBF, 0);
    const struct ear_device_config config = {.clock = &ear_clock_monotonic};
    if (ear_device_open(&device, &config, error, sizeof error)) {
        fprintf(stderr, "%s\n", error);
        return 1;
    }
    pthread_t thread;
    if (pthread_create(&thread, NULL, worker, NULL))
        return 1;
    for (int i = 0; i < count; i++)
        ms[i] = change(argv[2], i);
    int code = show(ms, count);
    atomic_store(&stop, true);
    pthread_join(thread, NULL);
    ear_device_close(device);
    return code;
}
