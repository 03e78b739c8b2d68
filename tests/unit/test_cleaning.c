/* SPDX-License-Identifier: GPL-3.0-or-later */
/* In a synthetic room: the echo goes, who speaks is heard, a headset and a surviving echo are seen.
 */
#include <math.h>

#include "bench/echo/scene.h"
#include "fake/test.h"

#include "base/random.h"
#include "tx/echo_return.h"
#include "tx/played.h"

#define TAU 6.283185307179586

/* ---- what was played, by its time ---- */

static double tone(double s)
{
    return 8000 * sin(TAU * 1000 * s);
}

static void put_tone(struct ear_played *played, double begin_s, double heard_s, double ppm)
{
    int16_t frame[EAR_FRAME];
    for (int i = 0; i < EAR_FRAME; i++)
        frame[i] = (int16_t)lrint(tone(begin_s + i * (1 + ppm * 1e-6) / EAR_RATE_HZ));
    ear_played_put(played, frame, (int64_t)lrint(heard_s * 1e6));
}

/* The share of the tone that is not where its time says, as a ratio of amplitudes. */
static double wrong_share(const int16_t *frame, double begin_s)
{
    double wrong = 0, all = 0;
    for (int i = 0; i < EAR_FRAME; i++) {
        double right = tone(begin_s + (double)i / EAR_RATE_HZ);
        wrong += (frame[i] - right) * (frame[i] - right);
        all += right * right;
    }
    return sqrt(wrong / all);
}

static struct ear_played played;

static void what_was_played_is_found_by_its_time(void **state)
{
    (void)state;
    int16_t frame[EAR_FRAME];
    ear_played_init(&played);
    assert_false(ear_played_take(&played, 0, frame));
    for (int i = 0; i < 500; i++) {
        put_tone(&played, i * .01, 1 + i * .01, 0);
        if (i < 10)
            continue;
        assert_true(ear_played_take(&played, 1000000 + (i - 5) * 10000, frame));
        assert_at_most(wrong_share(frame, (i - 5) * .01), .01);
    }
    assert_int_equal(played.jumps, 0);
    assert_false(ear_played_take(&played, 8000000, frame)); /* not yet played */
    assert_false(ear_played_take(&played, 2000000, frame)); /* long gone */
}

/* Frames that last a little longer than 10 ms: followed within the quarter of a millisecond. */
static void reading_follows_times_that_creep(void **state)
{
    (void)state;
    const double ppm = 30, late = 1 + ppm * 1e-6;
    int16_t frame[EAR_FRAME];
    ear_played_init(&played);
    for (int i = 0; i < 6000; i++) {
        put_tone(&played, i * .01, 1 + i * .01 * late, 0);
        if (i >= 10)
            assert_true(ear_played_take(&played, 1000000 + (i - 5) * 10000, frame));
    }
    assert_int_equal(played.jumps, 0);
    double lag = ((double)played.written - played.at) / EAR_RATE_HZ; /* of the next frame read */
    double wanted = 6000 * .01 * late - (6000 - 5) * .01;
    assert_at_most(fabs(lag - wanted), .0006);
}

static void a_gap_in_playing_moves_nothing_else(void **state)
{
    (void)state;
    int16_t frame[EAR_FRAME];
    ear_played_init(&played);
    for (int i = 0; i < 100; i++) {
        if (i < 40 || i >= 60) /* the loudspeaker stood still for 200 ms */
            put_tone(&played, i * .01, i * .01, 0);
        if (i < 10)
            continue;
        bool there = ear_played_take(&played, (i - 5) * 10000, frame);
        if (i - 5 < 39 || i - 5 > 61) {
            assert_true(there);
            assert_at_most(wrong_share(frame, (i - 5) * .01), .01);
        }
    }
    assert_int_equal(played.jumps, 1);
}

/* ---- how much comes back ---- */

/* Words of noise; the echo comes 50 ms later, near_level speaks at times of its own. */
static struct ear_echo_verdict verdict_of(double gain, double near_level, double noise_level)
{
    static int16_t far[1000][EAR_FRAME];
    struct ear_random random = ear_random_seeded(SEED);
    struct ear_echo_return meter;
    ear_echo_return_init(&meter);
    double far_level = 0, here_level = 0;
    for (int i = 0; i < 1000; i++) {
        int16_t heard[EAR_FRAME];
        if (i % 10 == 0) {
            far_level = ear_random_unit(&random) < .6 ? 3000 * ear_random_unit(&random) : 0;
            here_level = ear_random_unit(&random) < .5 ? near_level : 0;
        }
        for (int s = 0; s < EAR_FRAME; s++) {
            far[i][s] = (int16_t)lrint(far_level * ear_random_normal(&random));
            double x = gain * (i >= 5 ? far[i - 5][s] : 0);
            x += here_level * ear_random_normal(&random);
            heard[s] = (int16_t)lrint(x + noise_level * ear_random_normal(&random));
        }
        ear_echo_return_put(&meter, far[i], heard);
    }
    return ear_echo_return_get(&meter);
}

static void the_return_is_measured(void **state)
{
    (void)state;
    struct ear_echo_verdict v = verdict_of(.3, 0, 30);
    assert_at_least(v.least_db, -13);
    assert_at_most(v.most_db, -8);
    assert_int_equal(v.lag_ms, 50);
    v = verdict_of(.1, 1000, 30); /* somebody speaks meanwhile */
    assert_at_most(v.least_db, -20);
    assert_at_least(v.most_db, -20);
    v = verdict_of(.001, 0, 10); /* a headset */
    assert_at_most(v.most_db, -45);
    v = verdict_of(0, 1500, 10); /* somebody speaks into it */
    assert_at_most(v.least_db, -30);
    v = verdict_of(0, 0, 200); /* a loud fan hides the rest */
    assert_at_most(v.least_db, -40);
    struct ear_echo_return meter;
    ear_echo_return_init(&meter);
    v = ear_echo_return_get(&meter);
    assert_true(v.most_db == 0 && v.least_db <= -100); /* nothing known */
}

/* ---- the room ---- */

static struct scene_speech speech;

static int load(void **state)
{
    (void)state;
    return scene_speech_load(&speech);
}

static int unload(void **state)
{
    (void)state;
    scene_speech_free(&speech);
    return 0;
}

#define ROOM                                                                                       \
    .echo_db = -10, .direct_db = 3, .bulk_ms = 45, .noise_db = -60, .rt60_s = 0.15, .seed = SEED

static struct scene_figures run(const struct scene *scene)
{
    struct scene_figures figures;
    assert_int_equal(scene_run(scene, &speech, NULL, &figures), 0);
    assert_at_most(figures.missing, 20);
    return figures;
}

static void the_echo_goes_on_one_card_and_on_two(void **state)
{
    (void)state;
    for (int ppm = 0; ppm <= 100; ppm += 100) {
        const struct scene scene = {.room = {ROOM, .speaker_ppm = ppm / 2, .mic_ppm = -ppm / 2},
                                    .cleaner = ear_cleaner_config_usual,
                                    .seconds = 16.5};
        struct scene_figures f = run(&scene);
        bool webrtc = ear_cleaner_has(EAR_CLEANER_WEBRTC);
        assert_at_least(f.erle_5, webrtc ? 30 : 12);
        assert_at_least(f.cancel_s, 16.4);
        assert_at_least(f.status.return_db, -20);
        assert_in_range(f.status.lag_ms, 30, 70);
        assert_at_most(f.echoes_s, webrtc ? 0 : 17);
    }
}

static void an_echo_that_survives_is_told(void **state)
{
    (void)state;
    const struct scene scene = {.room = {ROOM},
                                .cleaner = ear_cleaner_config_usual,
                                .echo = EAR_CLEANING_ECHO_NEVER,
                                .seconds = 14};
    struct scene_figures f = run(&scene);
    assert_true(f.status.echoes);
    assert_false(f.status.cancels);
}

/* The headset is pulled out: what was known of it holds no longer, and what is known of a new one
 * holds from the first word. */
static void another_card_is_another_room(void **state)
{
    (void)state;
    struct scene scene = {
        .room = {ROOM}, .cleaner = ear_cleaner_config_usual, .seconds = 3, .no_echo = true};
    scene.room.echo_db = -70;
    assert_at_most(run(&scene).cancel_s, 0);
    scene.forget_at_s = 2;
    assert_at_least(run(&scene).cancel_s, 0.9);
}

static void with_a_headset_the_canceller_rests(void **state)
{
    (void)state;
    struct scene scene = {.room = {ROOM}, .cleaner = ear_cleaner_config_usual, .seconds = 10};
    scene.room.echo_db = -70;
    struct scene_figures f = run(&scene);
    assert_false(f.status.cancels);
    assert_false(f.status.echoes);
    assert_at_most(f.status.return_db, -45);
    scene.echo = EAR_CLEANING_ECHO_ALWAYS;
    f = run(&scene);
    assert_true(f.status.cancels);
}

/* Sobs: a loud cry of 0.7 s whose pitch rises and falls, 400 to 700 Hz, and a drawn breath; then
 * half a second of nothing. */
static double sob(struct ear_random *random, double s)
{
    double in = fmod(s, 1.5), pitch = 400 + 300 * sin(TAU / 2 * in / 0.7), sum = 0;
    if (in < 0.7) {
        double phase = TAU * (400 * in + 300 * 0.7 / (TAU / 2) * (1 - cos(TAU / 2 * in / 0.7)));
        for (int h = 1; h * pitch < 4000; h++)
            sum += sin(h * phase + 0.3 * sin(TAU * 7 * s)) / h;
        return 5000 * sin(TAU / 2 * in / 0.7) * sum;
    }
    return in < 1 ? 600 * ear_random_normal(random) : 0;
}

static struct scene_figures run_crying(enum ear_cleaner_kind kind, double level, double noise_db,
                                       int16_t *out)
{
    const size_t samples = (size_t)(SCENE_S * EAR_RATE_HZ);
    struct ear_random random = ear_random_seeded(SEED);
    struct scene_speech crying = speech;
    struct scene_figures figures;
    crying.near = calloc(samples, sizeof *crying.near);
    assert_non_null(crying.near);
    for (size_t i = 0; i < samples; i++)
        crying.near[i] = (int16_t)lrint(level * sob(&random, (double)i / EAR_RATE_HZ));
    struct scene scene = {.room = {ROOM}, .cleaner = ear_cleaner_config_usual};
    scene.cleaner.kind = kind;
    scene.room.noise_db = noise_db;
    assert_int_equal(scene_run(&scene, &crying, out, &figures), 0);
    free(crying.near);
    return figures;
}

/* While nobody speaks at the far end: in a quiet room, and beside a loud fan. */
static void crying_passes_with_each_library(void **state)
{
    (void)state;
    const enum ear_cleaner_kind kinds[] = {EAR_CLEANER_WEBRTC, EAR_CLEANER_SPEEX};
    for (size_t k = 0; k < EAR_COUNT(kinds); k++)
        for (double noise_db = -66; noise_db <= -45 && ear_cleaner_has(kinds[k]); noise_db += 21) {
            struct scene_figures f = run_crying(kinds[k], 1, noise_db, NULL);
            print_message(
                "crying, noise %.0f dBFS, %s: %.1f %% of its frames cut, level %+.1f dB\n",
                noise_db, k ? "SpeexDSP" : "WebRTC", 100 * f.cut_alone, f.level_alone_db);
            assert_at_most(f.cut_alone, .02);
            assert_at_least(f.level_alone_db, -3);
        }
}

/* Levels of the pauses, 1.2 to 1.45 s of each sob, in steps of 50 ms. */
static void measure_pauses(const int16_t *out, double *ret_least_db, double *ret_most_db)
{
    const int step = 50 * EAR_SAMPLES_PER_MS;
    *ret_least_db = 0, *ret_most_db = -200;
    for (double s = 31.5 + 1.2; s < 42; s += 1.5)
        for (int i = 0; i < 5; i++) {
            const int16_t *pcm = out + (int)(s * EAR_RATE_HZ) + i * step;
            double sum = 0;
            for (int n = 0; n < step; n++)
                sum += (double)pcm[n] * pcm[n];
            double db = 10 * log10(sum / step + 1e-9) - 90.3;
            *ret_least_db = fmin(*ret_least_db, db);
            *ret_most_db = fmax(*ret_most_db, db);
        }
}

/* A pause is a room, not a hole: its noise is there, a little less of it; and who cries softly is
 * raised, and the room with him: by as much, no more. */
static void pauses_are_not_muted(void **state)
{
    (void)state;
    static int16_t out[(int)SCENE_S * EAR_RATE_HZ];
    const enum ear_cleaner_kind kinds[] = {EAR_CLEANER_WEBRTC, EAR_CLEANER_SPEEX};
    for (size_t k = 0; k < EAR_COUNT(kinds); k++)
        for (int soft = 0; soft < 2 && ear_cleaner_has(kinds[k]); soft++) {
            double noise_db = soft ? -60 : -50, least_db, most_db;
            (void)run_crying(kinds[k], soft ? 0.1 : 1, noise_db, out);
            measure_pauses(out, &least_db, &most_db);
            print_message("%s pauses in noise of %.0f dBFS, %s: %.1f to %.1f dBFS\n",
                          soft ? "soft" : "loud", noise_db, k ? "SpeexDSP" : "WebRTC", least_db,
                          most_db);
            assert_at_least(least_db, noise_db - 12);
            assert_at_most(most_db, noise_db + 17);
        }
}

/* A whisper 20 dB below speech, with its pauses, while nobody speaks at the far end. */
static void a_whisper_passes_with_each_library(void **state)
{
    (void)state;
    const enum ear_cleaner_kind kinds[] = {EAR_CLEANER_WEBRTC, EAR_CLEANER_SPEEX};
    for (size_t k = 0; k < EAR_COUNT(kinds); k++) {
        struct scene scene = {
            .room = {ROOM}, .cleaner = ear_cleaner_config_usual, .near_gain_db = -20};
        scene.cleaner.kind = kinds[k];
        scene.room.noise_db = -66;
        if (!ear_cleaner_has(kinds[k]))
            continue;
        struct scene_figures f = run(&scene);
        assert_at_most(f.cut_alone, .05);
        assert_at_least(f.level_alone_db, -3);
        assert_at_most(f.level_alone_db, 19); /* WebRTC raises it */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_played_is_found_by_its_time),
        cmocka_unit_test(reading_follows_times_that_creep),
        cmocka_unit_test(a_gap_in_playing_moves_nothing_else),
        cmocka_unit_test(the_return_is_measured),
        cmocka_unit_test(the_echo_goes_on_one_card_and_on_two),
        cmocka_unit_test(an_echo_that_survives_is_told),
        cmocka_unit_test(another_card_is_another_room),
        cmocka_unit_test(with_a_headset_the_canceller_rests),
        cmocka_unit_test(crying_passes_with_each_library),
        cmocka_unit_test(pauses_are_not_muted),
        cmocka_unit_test(a_whisper_passes_with_each_library),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
