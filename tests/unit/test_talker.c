/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The synthetic talkers: they take turns, keep time, and pass for voices. */
#include <math.h>

#include "fake/test.h"

#include "sim/talker.h"
#include "tx/clean.h"

#define MINUTES 10

static struct ear_talker *voice_of(uint64_t seed, int end, int64_t ppm)
{
    const struct ear_talker_config config = {.seed = seed, .end = end, .ppm = ppm, .noise_db = -60};
    struct ear_talker *voice = NULL;
    assert_int_equal(ear_talker_new(&voice, &config), 0);
    return voice;
}

static bool read_one(struct ear_talker *voice, int64_t now_us, int16_t *frame, int64_t *ret_end_us)
{
    const struct ear_mic *mic = ear_talker_mic(voice);
    return mic->read(mic->ctx, now_us, frame, ret_end_us) == 1;
}

static void frames_come_when_they_have_been_spoken(void **state)
{
    (void)state;
    const int64_t ppms[] = {0, 200, -200};
    for (size_t i = 0; i < EAR_COUNT(ppms); i++) {
        struct ear_talker *voice = voice_of(SEED, 0, ppms[i]);
        const struct ear_mic *mic = ear_talker_mic(voice);
        int16_t frame[EAR_FRAME];
        int64_t begin = 77 * S, now = begin, end_us = 0, count = 0;
        assert_false(read_one(voice, now, frame, &end_us));
        while (now < begin + 600 * S) {
            now = mic->due_us(mic->ctx, now);
            assert_false(read_one(voice, now - 2, frame, &end_us));
            assert_true(read_one(voice, now, frame, &end_us));
            assert_true(end_us <= now && end_us >= now - 2);
            count++;
        }
        double expected = 600e6 / EAR_FRAME_US * (1 + (double)ppms[i] * 1e-6);
        assert_at_most(fabs((double)count - expected), 2);
        free(voice);
    }
}

static void the_loudspeaker_keeps_time_too(void **state)
{
    (void)state;
    struct ear_talker *voice = voice_of(SEED, 0, 100);
    const struct ear_speaker *speaker = ear_talker_speaker(voice);
    const int16_t frame[EAR_FRAME] = {0};
    int64_t now = 5 * S, heard_us = 0, count = 0;
    while (now < 605 * S) {
        while (speaker->wants(speaker->ctx, now, &heard_us) == 1) {
            assert_true(heard_us <= now);
            speaker->write(speaker->ctx, frame);
            count++;
        }
        now = speaker->due_us(speaker->ctx, now);
    }
    assert_at_most(fabs((double)count - 60000 * 1.0001), 3);
    free(voice);
}

static double level_db(const int16_t *frame)
{
    double sum = 1e-9;
    for (int i = 0; i < EAR_FRAME; i++)
        sum += (double)frame[i] * frame[i];
    return 10 * log10(sum / EAR_FRAME / 32768 / 32768);
}

/* Both together, frame by frame: loud is who speaks. */
static void two_voices_take_turns(void **state)
{
    (void)state;
    struct ear_talker *voices[2] = {voice_of(SEED, 0, 0), voice_of(SEED, 1, 0)};
    int16_t frame[EAR_FRAME];
    int loud[2] = {0, 0}, both = 0, turns = 0, last = -1, frames = 0;
    int64_t end_us = 0;
    for (int64_t now = 0; now <= MINUTES * 60 * S; now += EAR_FRAME_US) {
        bool speaks[2] = {false, false};
        for (int end = 0; end < 2; end++)
            if (read_one(voices[end], now, frame, &end_us))
                speaks[end] = level_db(frame) > -50;
        for (int end = 0; end < 2; end++) {
            loud[end] += speaks[end];
            if (speaks[end] && last != end) {
                turns++;
                last = end;
            }
        }
        both += speaks[0] && speaks[1];
        frames++;
    }
    assert_int_equal(both, 0);
    for (int end = 0; end < 2; end++) {
        assert_at_least(loud[end], frames * 0.2);
        assert_at_most(loud[end], frames * 0.5);
        double spoken = (double)ear_talker_spoken_us(voices[end]) / EAR_FRAME_US;
        assert_at_least(loud[end], spoken * 0.85); /* syllables begin and end softly */
        free(voices[end]);
    }
    assert_at_least(turns, MINUTES * 5);
}

/* The detector hears speech where it is, and silence where it is not. */
static void the_detector_takes_it_for_speech(void **state)
{
    (void)state;
    struct ear_talker *voice = voice_of(SEED, 1, 0);
    struct ear_clean *clean = NULL;
    int16_t frame[EAR_FRAME];
    int spoken = 0, found = 0, silent = 0, false_alarms = 0;
    int64_t end_us = 0, before = 0;
    assert_int_equal(ear_clean_new(&clean), 0);
    for (int64_t now = 0; now <= 5 * 60 * S; now += EAR_FRAME_US) {
        if (!read_one(voice, now, frame, &end_us))
            continue;
        bool speaks = ear_talker_spoken_us(voice) > before;
        before = ear_talker_spoken_us(voice);
        bool heard = ear_clean_frame(clean, frame).speech;
        spoken += speaks;
        found += speaks && heard;
        silent += !speaks;
        false_alarms += !speaks && heard;
    }
    assert_at_least(found, spoken * 0.93);
    assert_at_most(false_alarms, silent * 0.2); /* the hangover of 180 ms after each phrase */
    ear_clean_free(clean);
    free(voice);
}

static void a_seed_makes_the_same_voice(void **state)
{
    (void)state;
    struct ear_talker *a = voice_of(5, 0, 0), *b = voice_of(5, 0, 0), *c = voice_of(6, 0, 0);
    int16_t fa[EAR_FRAME], fb[EAR_FRAME], fc[EAR_FRAME];
    int64_t end_us;
    int differ = 0;
    for (int64_t now = 0; now <= 20 * S; now += EAR_FRAME_US) {
        bool got = read_one(a, now, fa, &end_us);
        assert_int_equal(read_one(b, now, fb, &end_us), got);
        assert_int_equal(read_one(c, now, fc, &end_us), got);
        if (!got)
            continue;
        assert_memory_equal(fa, fb, sizeof fa);
        differ += memcmp(fa, fc, sizeof fa) != 0;
    }
    assert_at_least(differ, 1000);
    free(a);
    free(b);
    free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_come_when_they_have_been_spoken),
        cmocka_unit_test(the_loudspeaker_keeps_time_too),
        cmocka_unit_test(two_voices_take_turns),
        cmocka_unit_test(the_detector_takes_it_for_speech),
        cmocka_unit_test(a_seed_makes_the_same_voice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
