/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each library that cleans: nothing allocates, silence stays silent, paths change without a step.
 */
#include <errno.h>
#include <math.h>

#include "fake/guard.h"
#include "fake/test.h"

#include "base/random.h"
#include "port/cleaner.h"

#define FRAMES 300

static const enum ear_cleaner_kind kinds[] = {EAR_CLEANER_WEBRTC, EAR_CLEANER_SPEEX};

static struct ear_cleaner *make(enum ear_cleaner_kind kind, bool gain)
{
    const struct ear_cleaner_config config = {.kind = kind, .denoise = true, .gain = gain};
    struct ear_cleaner *cleaner = NULL;
    int err = ear_cleaner_new(&cleaner, &config);
    assert_int_equal(err, ear_cleaner_has(kind) ? 0 : -ENOTSUP);
    return cleaner;
}

static void noise(struct ear_random *random, double level, int16_t frame[static EAR_FRAME])
{
    for (int i = 0; i < EAR_FRAME; i++)
        frame[i] = (int16_t)lrint(level * ear_random_normal(random));
}

static void there_is_one_at_least(void **state)
{
    (void)state;
    assert_true(ear_cleaner_has(EAR_CLEANER_USUAL));
    assert_true(ear_cleaner_has(EAR_CLEANER_SPEEX));
    struct ear_cleaner *cleaner = make(EAR_CLEANER_USUAL, false);
    assert_true(strlen(ear_cleaner_name(cleaner)) > 0);
    ear_cleaner_free(cleaner);
    ear_cleaner_free(NULL);
}

/* WebRTC 1.x looks a setting up by its name whenever it runs, whatever is switched on: a string of
 * 48 letters, which is gone at once. It runs on the media thread, never in the sound card's
 * callback. */
static int64_t allocations_most(const struct ear_cleaner *cleaner)
{
    return cleaner && strstr(ear_cleaner_name(cleaner), "WebRTC 1") ? 2 * FRAMES : 0;
}

static void nothing_allocates_while_it_runs(void **state)
{
    (void)state;
    for (size_t k = 0; k < EAR_COUNT(kinds); k++) {
        struct ear_cleaner *cleaner = make(kinds[k], true);
        struct ear_random random = ear_random_seeded(SEED);
        ear_guard_reset();
        for (int i = 0; cleaner && i < FRAMES; i++) {
            int16_t played[EAR_FRAME], frame[EAR_FRAME];
            noise(&random, i % 50 < 30 ? 3000 : 10, played);
            noise(&random, i % 70 < 30 ? 3000 : 10, frame);
            ear_guard_enter();
            ear_cleaner_run(cleaner, i / 50 % 3 == 2 ? NULL : played, frame);
            ear_guard_leave();
        }
        assert_in_range(ear_guard_allocations(), 0, allocations_most(cleaner));
        ear_cleaner_free(cleaner);
    }
}

static void silence_stays_silent(void **state)
{
    (void)state;
    static const int16_t silence[EAR_FRAME];
    for (size_t k = 0; k < EAR_COUNT(kinds); k++) {
        struct ear_cleaner *cleaner = make(kinds[k], true);
        for (int i = 0; cleaner && i < FRAMES; i++) {
            int16_t frame[EAR_FRAME] = {0};
            ear_cleaner_run(cleaner, i % 3 == 0 ? NULL : silence, frame);
            for (int s = 0; s < EAR_FRAME; s++)
                assert_in_range(frame[s] + 4, 0, 8);
        }
        ear_cleaner_free(cleaner);
    }
}

/* A slow tone has no corners: a seam would make one. */
static void a_change_of_path_is_not_heard(void **state)
{
    (void)state;
    static const int16_t silence[EAR_FRAME];
    for (size_t k = 0; k < EAR_COUNT(kinds); k++) {
        struct ear_cleaner *cleaner = make(kinds[k], false);
        double most = 0, last = 0;
        for (int i = 0; cleaner && i < FRAMES; i++) {
            int16_t frame[EAR_FRAME];
            for (int s = 0; s < EAR_FRAME; s++)
                frame[s] = (int16_t)lrint(
                    8000 * sin(2 * 3.14159265 * 200 * (i * EAR_FRAME + s) / EAR_RATE_HZ));
            ear_cleaner_run(cleaner, i / 20 % 2 ? silence : NULL, frame);
            for (int s = 0; i > 5 && s < EAR_FRAME; s++) {
                most = fmax(most, fabs(frame[s] - last));
                last = frame[s];
            }
            last = frame[EAR_FRAME - 1];
        }
        assert_at_most(most, 2 * 8000 * 2 * 3.15 * 200 / EAR_RATE_HZ);
        ear_cleaner_free(cleaner);
    }
}

static void want_of_memory_is_told(void **state)
{
    (void)state;
    const struct ear_cleaner_config config = {.kind = EAR_CLEANER_SPEEX};
    struct ear_cleaner *cleaner = NULL;
    ear_guard_fail_after(1);
    assert_int_equal(ear_cleaner_new(&cleaner, &config), -ENOMEM);
    assert_null(cleaner);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_is_one_at_least),  cmocka_unit_test(nothing_allocates_while_it_runs),
        cmocka_unit_test(silence_stays_silent),   cmocka_unit_test(a_change_of_path_is_not_heard),
        cmocka_unit_test(want_of_memory_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
