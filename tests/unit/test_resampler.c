/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The resampler: right rates, clean tones, steering without clicks and without the allocator. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/random.h"
#include "port/resampler.h"

#define PI 3.14159265358979323846

/* Counts what the allocator is asked for, by whomever: the symbols shadow those of the C library.
 * The sanitizers keep an allocator of their own. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#endif

#ifndef SANITIZED
extern void *__libc_malloc(size_t bytes);
extern void *__libc_calloc(size_t count, size_t bytes);
extern void *__libc_realloc(void *old, size_t bytes);
static long allocations;

void *malloc(size_t bytes)
{
    allocations++;
    return __libc_malloc(bytes);
}

void *calloc(size_t count, size_t bytes)
{
    allocations++;
    return __libc_calloc(count, bytes);
}

void *realloc(void *old, size_t bytes)
{
    allocations++;
    return __libc_realloc(old, bytes);
}
#else
static long allocations;
#endif

static const uint32_t card_rates[] = {8000,  11025, 16000, 22050, 32000,
                                      44100, 48000, 96000, 192000};

/* Feeds a tone in blocks of 10 ms; returns the samples made. ppm moves from block to block. */
static size_t run_tone(struct ear_resampler *r, uint32_t from_hz, double tone_hz, double seconds,
                       double (*ppm)(int block), int16_t *out, size_t out_size)
{
    size_t made = 0;
    int64_t n = 0;
    for (int block = 0; block < (int)(seconds * 100); block++) {
        int16_t in[1920];
        size_t count = (size_t)((int64_t)(block + 1) * from_hz / 100 - n);
        for (size_t i = 0; i < count; i++, n++)
            in[i] = (int16_t)lrint(16000 * sin(2 * PI * tone_hz * (double)n / from_hz));
        if (ppm)
            ear_resampler_steer(r, ppm(block));
        for (size_t at = 0; at < count;) {
            size_t used = count - at, room = out_size - made;
            ear_resampler_run(r, in + at, &used, out + made, &room);
            at += used;
            made += room;
        }
    }
    return made;
}

/* Frequency of a nearly pure tone, radians a sample: x[i - 1] + x[i + 1] = 2 cos(w) x[i]. */
static double tone_pitch(const int16_t *x, size_t count)
{
    double both = 0, square = 0;
    for (size_t i = 1; i + 1 < count; i++) {
        both += (double)x[i] * (x[i - 1] + x[i + 1]);
        square += (double)x[i] * x[i];
    }
    return acos(fmax(-1, fmin(1, both / square / 2)));
}

static double tone_db(const int16_t *x, size_t count, double w)
{
    double ss = 0, cc = 0, sc = 0, xs = 0, xc = 0, tone = 0, rest = 0;
    for (size_t i = 0; i < count; i++) {
        double s = sin(w * i), c = cos(w * i);
        ss += s * s, cc += c * c, sc += s * c;
        xs += x[i] * s, xc += x[i] * c;
    }
    double det = ss * cc - sc * sc, a = (xs * cc - xc * sc) / det, b = (xc * ss - xs * sc) / det;
    for (size_t i = 0; i < count; i++) {
        double fit = a * sin(w * i) + b * cos(w * i);
        tone += fit * fit;
        rest += (x[i] - fit) * (x[i] - fit);
    }
    return 10 * log10(tone / (rest + 1e-9));
}

/* Tone over everything else in dB in the worst window of 20 ms, each with its own pitch: a slowly
 * moving pitch counts as the tone, a click does not. */
static double worst_tone_db(const int16_t *x, size_t count, uint32_t rate_hz)
{
    size_t window = rate_hz / 50;
    double worst = INFINITY;
    for (size_t from = window * 4; from + window < count; from += window / 2)
        worst = fmin(worst, tone_db(x + from, window, tone_pitch(x + from, window)));
    return worst;
}

static double wander(int block)
{
    return 200 * sin(2 * PI * block / 500.0); /* at most 25 ppm from one 10 ms to the next 100 ms */
}

static void converts_every_rate(void **state)
{
    (void)state;
    static int16_t out[200000 * 2];
    for (size_t i = 0; i < EAR_COUNT(card_rates); i++) {
        for (int back = 0; back < 2; back++) {
            uint32_t from = back ? EAR_RATE_HZ : card_rates[i];
            uint32_t to = back ? card_rates[i] : EAR_RATE_HZ;
            struct ear_resampler *r;
            assert_int_equal(ear_resampler_new(&r, from, to), 0);
            size_t made = run_tone(r, from, 1000, 2, NULL, out, EAR_COUNT(out));
            double lag = ear_resampler_latency(r) * (double)to / from;
            double db = worst_tone_db(out, made, to);
            printf("%u Hz to %u Hz: tone over error %.0f dB, lag %.1f ms\n", from, to, db,
                   1000.0 * ear_resampler_latency(r) / from);
            assert_true(fabs((double)made - 2.0 * to) <= lag + 2);
            assert_true(db > 60);
            ear_resampler_free(r);
        }
    }
}

static void leaves_the_lag_out(void **state)
{
    (void)state;
    struct ear_resampler *r;
    assert_int_equal(ear_resampler_new(&r, 48000, 16000), 0);
    ear_resampler_skip_latency(r);
    static int16_t in[4800], out[1600];
    in[1500] = 30000;
    size_t used = EAR_COUNT(in), made = EAR_COUNT(out), peak = 0;
    ear_resampler_run(r, in, &used, out, &made);
    for (size_t i = 0; i < made; i++)
        peak = abs(out[i]) > abs(out[peak]) ? i : peak;
    assert_int_equal(peak, 500);
    ear_resampler_free(r);
}

static double steered_to;

static double steered(int block)
{
    (void)block;
    return steered_to;
}

static void steers_by_what_was_asked(void **state)
{
    (void)state;
    const double asked[] = {-1000, -200, -37.5, 0, 16, 100, 1000};
    static int16_t out[48000 * 61];
    for (size_t i = 0; i < EAR_COUNT(asked); i++) {
        for (int back = 0; back < 2; back++) {
            uint32_t from = back ? 16000 : 48000, to = back ? 48000 : 16000;
            struct ear_resampler *r;
            assert_int_equal(ear_resampler_new(&r, from, to), 0);
            steered_to = asked[i];
            size_t made = run_tone(r, from, 300, 60, steered, out, EAR_COUNT(out));
            double got = (60.0 * to / (double)made - 1) * 1e6;
            assert_true(fabs(ear_resampler_ppm(r) - asked[i]) <= 16);
            /* 60 s counted to a sample or two of 16 kHz, 1 ppm each. */
            assert_true(fabs(got - ear_resampler_ppm(r)) < 3);
            ear_resampler_free(r);
        }
    }
    struct ear_resampler *r;
    assert_int_equal(ear_resampler_new(&r, 44100, 16000), 0);
    ear_resampler_steer(r, 123.4);
    assert_true(fabs(ear_resampler_ppm(r) - 123.4) < 0.1);
    ear_resampler_steer(r, 1e9);
    assert_true(fabs(ear_resampler_ppm(r) - 1000) < 1);
    ear_resampler_free(r);
}

static void steering_does_not_click(void **state)
{
    (void)state;
    static int16_t out[48000 * 11];
    const double tones[] = {440, 1000, 3000, 6000};
    for (size_t i = 0; i < EAR_COUNT(card_rates); i++) {
        for (int back = 0; back < 2; back++) {
            for (size_t t = 0; t < EAR_COUNT(tones); t++) {
                uint32_t from = back ? EAR_RATE_HZ : card_rates[i];
                uint32_t to = back ? card_rates[i] : EAR_RATE_HZ;
                if (to > 48000 || tones[t] > 0.4 * from || tones[t] > 0.4 * to)
                    continue;
                struct ear_resampler *r;
                assert_int_equal(ear_resampler_new(&r, from, to), 0);
                size_t made = run_tone(r, from, tones[t], 10, wander, out, EAR_COUNT(out));
                double db = worst_tone_db(out, made, to);
                if (db <= 50)
                    printf("%u Hz to %u Hz, tone %.0f Hz: %.1f dB\n", from, to, tones[t], db);
                assert_true(db > 50);
                ear_resampler_free(r);
            }
        }
    }
}

static void never_allocates_after_new(void **state)
{
    (void)state;
    for (size_t i = 0; i < EAR_COUNT(card_rates); i++) {
        for (int back = 0; back < 2; back++) {
            uint32_t from = back ? EAR_RATE_HZ : card_rates[i];
            uint32_t to = back ? card_rates[i] : EAR_RATE_HZ;
            long before_new = allocations;
            struct ear_resampler *r;
            assert_int_equal(ear_resampler_new(&r, from, to), 0);
#ifndef SANITIZED
            assert_true(allocations > before_new);
#else
            (void)before_new;
#endif
            long before = allocations;
            struct ear_random chance = ear_random_seeded(i);
            static int16_t in[1920], out[1920];
            for (int step = 0; step < 400; step++) {
                ear_resampler_steer(r, ear_random_unit(&chance) * 2400 - 1200);
                size_t used = from / 100, made = to / 100;
                ear_resampler_run(r, in, &used, out, &made);
            }
            assert_int_equal(allocations - before, 0);
            ear_resampler_free(r);
        }
    }
}

static void refuses_absurd_rates(void **state)
{
    (void)state;
    struct ear_resampler *r = NULL;
    assert_int_equal(ear_resampler_new(&r, 0, 16000), -EINVAL);
    assert_int_equal(ear_resampler_new(&r, 16000, 3999), -EINVAL);
    assert_int_equal(ear_resampler_new(&r, 192001, 16000), -EINVAL);
    assert_null(r);
    ear_resampler_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(converts_every_rate),       cmocka_unit_test(leaves_the_lag_out),
        cmocka_unit_test(steers_by_what_was_asked),  cmocka_unit_test(steering_does_not_click),
        cmocka_unit_test(never_allocates_after_new), cmocka_unit_test(refuses_absurd_rates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
