/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sound cards of all kinds in virtual time, over a PortAudio that the test plays. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <setjmp.h>

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../fake/audio.h"
#include "port/device.h"

static struct ear_clock clock_;
static struct ear_device *device;

static int16_t tone[EAR_FRAME];

static int reset(void **state)
{
    (void)state;
    for (int i = 0; i < EAR_FRAME; i++)
        tone[i] = (int16_t)lrint(8000 * sin(i * 500 * 6.283185307 / 16000));
    memset(&fake_audio, 0, sizeof fake_audio);
    fake_audio.clock.now_us = 1000000;
    fake_audio.level = 8000;
    clock_ = ear_clock_from_virtual(&fake_audio.clock);
    return 0;
}

static void plug(struct fake_card card)
{
    fake_audio.cards[fake_audio.count++] = card;
}

static int try_open(const char *mic, const char *speaker, char *error, size_t error_bytes)
{
    const struct ear_device_config config = {
        .mic_name = mic, .speaker_name = speaker, .clock = &clock_};
    error[0] = '\0';
    device = NULL;
    return ear_device_open(&device, &config, error, error_bytes);
}

static void open_or_fail(const char *mic, const char *speaker)
{
    char error[512];
    if (try_open(mic, speaker, error, sizeof error))
        fail_msg("%s", error);
}

static void close_all(void)
{
    ear_device_close(device);
    assert_int_equal(fake_audio.initialized, 0);
    assert_int_equal(fake_audio.streams_open, 0);
    assert_int_equal(fake_audio_guard_broken, 0); /* neither callbacks nor media thread allocate */
}

/* What happened while the media thread polled and the worker tended. */
struct tally {
    int heard, played, mic_gone, speaker_gone;
    double heard_least_ms, heard_most_ms; /* age of what was heard */
    double played_least_ms, played_most_ms;
    double step_most_us; /* by how much frames strayed from 10 ms after one another */
    double first_us, last_us;
    double first_play_us, last_play_us;
    int64_t energy;
};

/* Polls as the engine does until then; from_us on it is counted. */
static struct tally run(double seconds, double from_s)
{
    struct tally t = {.heard_least_ms = 1e9, .played_least_ms = 1e9};
    struct ear_mic *mic = ear_device_mic(device);
    struct ear_speaker *speaker = ear_device_speaker(device);
    int64_t start = fake_audio.clock.now_us, until = start + (int64_t)(seconds * 1e6);
    int64_t tend = start, now = start, from = start + (int64_t)(from_s * 1e6);
    int16_t frame[EAR_FRAME];
    int64_t us;
    double last_end = 0;
    while (now < until) {
        int rc;
        bool counts = now >= from;
        fake_audio_guard++;
        while ((rc = mic->read(mic->ctx, now, frame, &us)) == 1) {
            if (!counts)
                continue;
            double age = (double)(now - us) / 1000;
            t.heard_least_ms = fmin(t.heard_least_ms, age);
            t.heard_most_ms = fmax(t.heard_most_ms, age);
            if (t.heard++ == 0)
                t.first_us = (double)us;
            else
                t.step_most_us = fmax(t.step_most_us, fabs((double)us - last_end - EAR_FRAME_US));
            t.last_us = last_end = (double)us;
            for (int i = 0; i < EAR_FRAME; i++)
                t.energy += frame[i] * frame[i];
        }
        t.mic_gone += rc == -ENODEV && counts;
        while ((rc = speaker->wants(speaker->ctx, now, &us)) == 1) {
            speaker->write(speaker->ctx, tone);
            if (!counts)
                continue;
            double ahead = (double)(us - now) / 1000;
            t.played_least_ms = fmin(t.played_least_ms, ahead);
            t.played_most_ms = fmax(t.played_most_ms, ahead);
            if (t.played++ == 0)
                t.first_play_us = (double)us;
            t.last_play_us = (double)us;
        }
        t.speaker_gone += rc == -ENODEV && counts;
        fake_audio_guard--;
        if (now >= tend) {
            ear_device_tend(device);
            tend = now + 1000000;
        }
        int64_t due = ear_min64(mic->due_us(mic->ctx, now), speaker->due_us(speaker->ctx, now));
        assert_true(due >= now);
        now = ear_min64(ear_max64(due, now + 500), until);
        fake_audio_run(now);
    }
    return t;
}

static void one_card_is_one_stream(void **state)
{
    (void)state;
    plug((struct fake_card){.name = "Headset", .inputs = 1, .outputs = 2, .echo = true});
    open_or_fail(NULL, NULL);
    assert_int_equal(fake_audio.streams_open, 1);
    struct tally t = run(10, 2);
    assert_in_range(t.heard, 798, 802);
    assert_in_range(t.played, 798, 802);
    /* Card 15 ms and 25 ms, resamplers 1.5 ms, blocks of 10 ms, a margin of 10 ms. */
    printf("age of what is heard %.1f to %.1f ms, played in %.1f to %.1f ms\n", t.heard_least_ms,
           t.heard_most_ms, t.played_least_ms, t.played_most_ms);
    assert_true(t.heard_least_ms > 4 && t.heard_most_ms < 20);
    assert_true(t.played_least_ms > 25 && t.played_most_ms < 60);
    assert_true(t.step_most_us < 100);
    assert_true(t.energy / t.heard / EAR_FRAME > 20000000); /* the tone went all the way around */
    struct ear_device_stats stats;
    ear_device_get_stats(device, &stats);
    assert_int_equal(stats.underruns, 0);
    assert_int_equal(stats.overruns, 0);
    assert_int_equal(stats.reopened, 0);
    close_all();
}

static void rates_and_channels_are_tried(void **state)
{
    (void)state;
    const struct fake_card cards[] = {
        {.name = "a", .inputs = 1, .outputs = 1, .only_hz = 16000},
        {.name = "b", .inputs = 2, .outputs = 2, .only_hz = 44100, .least_channels = 2},
        {.name = "c", .inputs = 1, .outputs = 2, .refuses_both = true},
        {.name = "d", .inputs = 2, .outputs = 2, .only_hz = 8000, .least_channels = 2},
    };
    for (size_t i = 0; i < EAR_COUNT(cards); i++) {
        reset(NULL);
        plug(cards[i]);
        open_or_fail(NULL, NULL);
        assert_int_equal(fake_audio.streams_open, cards[i].refuses_both ? 2 : 1);
        struct tally t = run(5, 1);
        assert_in_range(t.heard, 398, 402);
        assert_in_range(t.played, 398, 402);
        double level = sqrt((double)t.energy / t.heard / EAR_FRAME);
        assert_true(fabs(level - 8000 / sqrt(2)) < 60);
        close_all();
    }
}

static void names_are_found(void **state)
{
    (void)state;
    char error[512];
    plug((struct fake_card){.name = "HDA Intel: ALC269 (hw:0,0)", .inputs = 2, .outputs = 2});
    plug((struct fake_card){.name = "HDA Intel: HDMI (hw:0,3)", .outputs = 2});
    plug((struct fake_card){.name = "USB Headset", .inputs = 1, .outputs = 2});
    open_or_fail("headset", "alc269");
    assert_int_equal(fake_audio.streams_open, 2);
    close_all();
    open_or_fail("USB Headset", "");
    assert_int_equal(fake_audio.streams_open, 1);
    struct tally t = run(1, 0);
    assert_true(t.heard > 90 && t.played == 0 && t.speaker_gone > 0);
    close_all();
    assert_int_equal(try_open("Jabra", NULL, error, sizeof error), -ENODEV);
    assert_string_equal(error, "There is no microphone called \"Jabra\". There are: "
                               "HDA Intel: ALC269 (hw:0,0), USB Headset.");
    assert_int_equal(try_open(NULL, "hda", error, sizeof error), -ENODEV);
    assert_string_equal(error,
                        "Several sound cards have \"hda\" in their name; give more of it. There "
                        "are: HDA Intel: ALC269 (hw:0,0), HDA Intel: HDMI (hw:0,3), USB Headset.");
    assert_int_equal(try_open("", "", error, sizeof error), -ENODEV);
    assert_true(strlen(error) > 0);
    assert_int_equal(fake_audio.initialized, 0);
}

static void failures_have_sentences(void **state)
{
    (void)state;
    char error[512];
    assert_int_equal(try_open(NULL, NULL, error, sizeof error), -ENODEV);
    assert_string_equal(error, "There is no sound card. Plug in a headset, or use --mic FILE.wav "
                               "and --speaker FILE.wav.");
    plug((struct fake_card){.name = "HDMI", .outputs = 2});
    assert_int_equal(try_open(NULL, NULL, error, sizeof error), -ENODEV);
    assert_string_equal(error, "There is no microphone. Plug in a headset, or use --mic FILE.wav.");
    plug((struct fake_card){.name = "Mic", .inputs = 1, .busy = true});
    assert_int_equal(try_open(NULL, NULL, error, sizeof error), -EBUSY);
    assert_string_equal(error, "The sound card \"Mic\" is in use by another program. Close that "
                               "program, or choose another card with --mic device:NAME.");
    fake_audio.cards[1].busy = false;
    fake_audio.cards[1].refuses_start = true;
    assert_int_equal(try_open(NULL, NULL, error, sizeof error), -EIO);
    assert_string_equal(error, "The sound card \"Mic\" cannot be opened: it does not start. Choose "
                               "another card with --mic device:NAME.");
    fake_audio.cards[1].refuses_start = false;
    fake_audio.cards[1].only_hz = 12345;
    assert_int_equal(try_open(NULL, NULL, error, sizeof error), -EIO);
    assert_string_equal(error, "The sound card \"Mic\" cannot be opened: Invalid sample rate. "
                               "Choose another card with --mic device:NAME.");
    fake_audio.no_sound_system = true;
    assert_int_equal(try_open(NULL, NULL, error, sizeof error), -EIO);
    assert_true(strstr(error, "--mic FILE.wav") != NULL);
    assert_int_equal(fake_audio.initialized, 0);
    assert_int_equal(fake_audio.streams_open, 0);
}

static void cards_are_listed(void **state)
{
    (void)state;
    plug((struct fake_card){.name = "One", .inputs = 1, .outputs = 2});
    plug((struct fake_card){.name = "Two", .outputs = 2});
    struct ear_device_info *list;
    size_t count;
    assert_int_equal(ear_device_list(&list, &count), 0);
    assert_int_equal(count, 2);
    assert_string_equal(list[0].name, "One");
    assert_string_equal(list[0].host, "Fake");
    assert_true(list[0].usual_input && list[0].usual_output && !list[1].usual_output);
    assert_int_equal(list[1].inputs, 0);
    assert_true(list[1].rate_hz == 44100);
    free(list);
    fake_audio.no_sound_system = true;
    assert_int_equal(ear_device_list(&list, &count), -EIO);
}

/* Cards that are off, and late by chance, for so long: frames last 10 ms of the clock, and neither
 * ring creeps. */
static void steer_out(double hz, double mic_ppm, double speaker_ppm, double seconds)
{
    reset(NULL);
    fake_audio.level = 0;
    plug((struct fake_card){.name = "Mic",
                            .inputs = 1,
                            .only_hz = hz,
                            .true_hz = hz * (1 + mic_ppm * 1e-6),
                            .jitter_us = 1500});
    plug((struct fake_card){.name = "Speaker",
                            .outputs = 1,
                            .only_hz = hz,
                            .true_hz = hz * (1 + speaker_ppm * 1e-6),
                            .jitter_us = 1500});
    open_or_fail(NULL, NULL);
    run(300, 0);
    struct tally t = run(seconds - 300, 0);
    double heard = (t.last_us - t.first_us) / (t.heard - 1);
    double played = (t.last_play_us - t.first_play_us) / (t.played - 1);
    struct ear_device_stats stats;
    ear_device_get_stats(device, &stats);
    printf("%.0f Hz, %+.0f and %+.0f ppm (measured %+.1f, %+.1f): frames of %.5f and %.5f ms, age "
           "%.1f to %.1f ms, ahead %.1f to %.1f ms\n",
           hz, mic_ppm, speaker_ppm, stats.mic_ppm, stats.speaker_ppm, heard / 1000, played / 1000,
           t.heard_least_ms, t.heard_most_ms, t.played_least_ms, t.played_most_ms);
    assert_true(fabs(heard - EAR_FRAME_US) * t.heard < 5000);
    assert_true(fabs(played - EAR_FRAME_US) * t.played < 5000);
    assert_true(fabs(stats.mic_ppm - mic_ppm) < 25);
    assert_true(fabs(stats.speaker_ppm - speaker_ppm) < 25);
    assert_true(t.heard_most_ms - t.heard_least_ms < 30);
    assert_true(t.played_most_ms - t.played_least_ms < 40);
    assert_true(t.step_most_us < 500);
    assert_int_equal(stats.underruns, 0);
    assert_int_equal(stats.overruns, 0);
    close_all();
}

static void drift_is_steered_out(void **state)
{
    (void)state;
    steer_out(16000, 200, -200, 7200);
    steer_out(48000, -200, 200, 900);
}

static void a_card_that_lies_is_corrected(void **state)
{
    (void)state;
    plug((struct fake_card){
        .name = "Liar", .inputs = 1, .outputs = 1, .true_hz = 44100, .jitter_us = 1000});
    open_or_fail(NULL, NULL);
    run(30, 0);
    struct tally t = run(100, 0);
    assert_in_range(t.heard, 9990, 10010);
    assert_in_range(t.played, 9990, 10010);
    struct ear_device_stats stats;
    ear_device_get_stats(device, &stats);
    assert_true(fabs(stats.mic_ppm) < 30);
    assert_int_equal(stats.reopened, 0);
    assert_int_equal(fake_audio.streams_opened, 1);
    close_all();
}

static void a_card_pulled_out_comes_back(void **state)
{
    (void)state;
    plug((struct fake_card){.name = "Headset", .inputs = 1, .outputs = 2});
    open_or_fail("Headset", "Headset");
    run(8, 0);
    fake_audio.cards[0].unplugged = true;
    struct tally t = run(5, 0);
    assert_true(t.heard < 5 && t.played < 10);
    assert_true(t.mic_gone > 100 && t.speaker_gone > 100);
    assert_int_equal(fake_audio.streams_open, 0);
    fake_audio.cards[0].unplugged = false;
    t = run(8, 2);
    assert_in_range(t.heard, 598, 602);
    assert_in_range(t.played, 598, 602);
    assert_int_equal(t.mic_gone + t.speaker_gone, 0);
    struct ear_device_stats stats;
    ear_device_get_stats(device, &stats);
    assert_int_equal(stats.reopened, 1);
    close_all();
}

static void a_card_that_falls_silent_is_gone(void **state)
{
    (void)state;
    plug((struct fake_card){.name = "Headset", .inputs = 1, .outputs = 2});
    open_or_fail(NULL, NULL);
    run(8, 0);
    fake_audio.cards[0].stopped = true;
    struct ear_mic *mic = ear_device_mic(device);
    int16_t frame[EAR_FRAME];
    int64_t us, stopped_us = fake_audio.clock.now_us, now = stopped_us;
    int rc;
    while ((rc = mic->read(mic->ctx, now, frame, &us)) >= 0)
        fake_audio_run(now += 5000);
    assert_int_equal(rc, -ENODEV);
    assert_in_range(now - stopped_us, 490000, 520000);
    fake_audio.cards[0].stopped = false; /* a hiccup of half a second, before the worker looked */
    fake_audio_run(now += 20000);
    struct tally t = run(3, 1);
    assert_in_range(t.heard, 198, 202);
    assert_int_equal(fake_audio.streams_opened, 1);
    fake_audio.cards[0].stopped = true;
    t = run(9, 1);
    assert_true(t.mic_gone + t.speaker_gone > 0);
    assert_true(fake_audio.streams_opened > 1); /* opened anew, in vain as long as it is silent */
    fake_audio.cards[0].stopped = false;
    t = run(4, 2);
    assert_in_range(t.heard, 198, 202);
    close_all();
}

static void another_card_steps_in(void **state)
{
    (void)state;
    plug((struct fake_card){.name = "Built-in", .inputs = 1, .outputs = 1});
    plug((struct fake_card){.name = "Headset", .inputs = 1, .outputs = 1});
    open_or_fail("Headset", "Headset");
    run(6, 0);
    fake_audio.cards[1].unplugged = true;
    struct tally t = run(5, 2);
    assert_in_range(t.heard, 298, 302);
    assert_in_range(t.played, 298, 302);
    close_all();
}

/* The microphone goes for good: the loudspeaker is not cut every second to look for it. */
static void half_a_card_is_better_than_none(void **state)
{
    (void)state;
    plug((struct fake_card){.name = "Mic", .inputs = 1});
    plug((struct fake_card){.name = "Speaker", .outputs = 1});
    open_or_fail(NULL, NULL);
    run(6, 0);
    fake_audio.cards[0].unplugged = true;
    struct tally t = run(60, 2);
    assert_true(t.heard == 0 && t.mic_gone > 100);
    assert_in_range(t.played, 5750, 5830);
    assert_in_range(fake_audio.streams_opened, 5, 8);
    fake_audio.cards[0].unplugged = false;
    run(40, 0);
    t = run(10, 0);
    assert_in_range(t.heard, 998, 1002);
    close_all();
}

static void a_stuttering_card_gets_latency(void **state)
{
    (void)state;
    plug((struct fake_card){.name = "Old", .inputs = 1, .outputs = 1});
    open_or_fail(NULL, NULL);
    double first = fake_audio.last_latency_s;
    assert_true(first >= 0.02);
    fake_audio.break_every = 50; /* twice a second */
    run(10, 0);
    assert_true(fake_audio.last_latency_s > first);
    run(120, 0);
    assert_true(fake_audio.last_latency_s < 0.3);
    int opened = fake_audio.streams_opened;
    run(60, 0);
    assert_int_equal(fake_audio.streams_opened, opened); /* it is not tried for ever */
    struct ear_device_stats stats;
    ear_device_get_stats(device, &stats);
    assert_true(stats.breaks > 300);
    assert_true(fabs(stats.mic_ppm) < 50);
    close_all();
}

/* The media thread sleeps for a second: what was said meanwhile is too old, what is played has a
 * gap; then all is as before. */
static void a_late_media_thread_leaves_no_delay(void **state)
{
    (void)state;
    plug((struct fake_card){.name = "Headset", .inputs = 1, .outputs = 1});
    open_or_fail(NULL, NULL);
    struct tally before = run(10, 5);
    for (int i = 0; i < 3; i++) {
        fake_audio_run(fake_audio.clock.now_us + 1000000);
        run(1, 0);
    }
    struct tally after = run(5, 1);
    assert_in_range(after.heard, 398, 402);
    assert_true(after.heard_most_ms < before.heard_most_ms + 12);
    assert_true(after.played_most_ms < before.played_most_ms + 35);
    fake_audio_run(fake_audio.clock.now_us + 3000000); /* the ring runs over */
    after = run(5, 1);
    assert_true(after.heard_most_ms < before.heard_most_ms + 12);
    struct ear_device_stats stats;
    ear_device_get_stats(device, &stats);
    assert_true(stats.underruns > 0 && stats.overruns > 0);
    close_all();
}

static void the_terminal_stays_clean(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    int saved = dup(STDERR_FILENO);
    dup2(ends[1], STDERR_FILENO);
    plug((struct fake_card){.name = "Headset", .inputs = 1, .outputs = 1});
    open_or_fail(NULL, NULL);
    close_all();
    fprintf(stderr, "!"); /* and is itself again */
    dup2(saved, STDERR_FILENO);
    close(saved);
    char text[16];
    assert_int_equal(read(ends[0], text, sizeof text), 1);
    close(ends[0]);
    close(ends[1]);
}

/* The worker swaps sessions under a media thread that polls as fast as it can. */
static _Atomic bool polling;

static void *poll_hard(void *arg)
{
    struct ear_mic *mic = ear_device_mic(device);
    struct ear_speaker *speaker = ear_device_speaker(device);
    (void)arg;
    int16_t frame[EAR_FRAME] = {0};
    int64_t us, now = 0;
    while (atomic_load(&polling)) {
        (void)mic->read(mic->ctx, now, frame, &us);
        if (speaker->wants(speaker->ctx, now, &us) == 1)
            speaker->write(speaker->ctx, frame);
        (void)mic->due_us(mic->ctx, now);
        (void)speaker->due_us(speaker->ctx, now);
    }
    return NULL;
}

static int64_t still(void *ctx)
{
    (void)ctx;
    return 1000000;
}

static void sessions_change_under_the_media_thread(void **state)
{
    (void)state;
    plug((struct fake_card){.name = "Headset", .inputs = 1, .outputs = 1});
    clock_ = (struct ear_clock){.now_us = still};
    open_or_fail(NULL, NULL);
    pthread_t thread;
    atomic_store(&polling, true);
    assert_int_equal(pthread_create(&thread, NULL, poll_hard, NULL), 0);
    for (int i = 0; i < 300; i++) {
        fake_audio.cards[0].unplugged = true;
        fake_audio_run(fake_audio.clock.now_us + 50000);
        fake_audio.cards[0].unplugged = false;
        ear_device_tend(device);
    }
    atomic_store(&polling, false);
    pthread_join(thread, NULL);
    assert_int_equal(fake_audio.streams_opened, 301);
    close_all();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(one_card_is_one_stream, reset),
        cmocka_unit_test_setup(rates_and_channels_are_tried, reset),
        cmocka_unit_test_setup(names_are_found, reset),
        cmocka_unit_test_setup(failures_have_sentences, reset),
        cmocka_unit_test_setup(cards_are_listed, reset),
        cmocka_unit_test_setup(drift_is_steered_out, reset),
        cmocka_unit_test_setup(a_card_that_lies_is_corrected, reset),
        cmocka_unit_test_setup(a_card_pulled_out_comes_back, reset),
        cmocka_unit_test_setup(a_card_that_falls_silent_is_gone, reset),
        cmocka_unit_test_setup(another_card_steps_in, reset),
        cmocka_unit_test_setup(half_a_card_is_better_than_none, reset),
        cmocka_unit_test_setup(a_stuttering_card_gets_latency, reset),
        cmocka_unit_test_setup(a_late_media_thread_leaves_no_delay, reset),
        cmocka_unit_test_setup(the_terminal_stays_clean, reset),
        cmocka_unit_test_setup(sessions_change_under_the_media_thread, reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
