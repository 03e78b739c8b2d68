/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cards whose crystals are off, whose callbacks come late and in bursts, and that lie. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "port/drift.h"

/* A card on a virtual clock: moves block frames, then calls back late by chance. */
struct card {
    double claimed_hz, true_hz;
    int block;
    double jitter_us; /* mean of an exponential delay; one in 500 is ten times that */
    struct ear_random chance;
    int64_t frames;
    double stopped_us; /* for how long it stood still */
};

static int64_t next_callback_us(struct card *c)
{
    c->frames += c->block;
    double late = ear_random_exponential(&c->chance, c->jitter_us);
    if (ear_random_below(&c->chance, 500) == 0)
        late *= 10;
    return (int64_t)((double)c->frames / c->true_hz * 1e6 + c->stopped_us + fmin(late, 35000));
}

static double true_ppm(const struct card *c)
{
    return (c->true_hz / c->claimed_hz - 1) * 1e6;
}

static const double offs[] = {-200, -60, 0, 15, 200};
static const int blocks[] = {240, 960, 2048};

static void learns_the_ppm_through_jitter(void **state)
{
    (void)state;
    double worst60 = 0, worst120 = 0, worst600 = 0, worst_line = 0;
    for (size_t i = 0; i < EAR_COUNT(offs); i++) {
        for (size_t b = 0; b < EAR_COUNT(blocks); b++) {
            struct card c = {48000, 48000 * (1 + offs[i] * 1e-6), blocks[b], 5000};
            c.chance = ear_random_seeded(i * 10 + b);
            struct ear_drift d;
            ear_drift_init(&d, c.claimed_hz);
            for (int64_t now = 0; now < 900000000;) {
                now = next_callback_us(&c);
                ear_drift_mark(&d, c.frames, now);
                double off = fabs(ear_drift_ppm(&d) - true_ppm(&c));
                worst60 = fmax(worst60, now > 60000000 ? off : 0);
                worst120 = fmax(worst120, now > 120000000 ? off : 0);
                worst600 = fmax(worst600, now > 600000000 ? off : 0);
                /* The line keeps the mean delay: 5 ms and a little. */
                double line = ear_drift_time_us(&d, (double)c.frames) -
                              (double)c.frames / c.true_hz * 1e6 - 5090;
                worst_line = fmax(worst_line, now > 30000000 ? fabs(line) : 0);
                assert_int_equal(ear_drift_true_hz(&d), 0);
            }
            assert_int_equal(d.relocks, 0);
        }
    }
    printf("ppm error after 1, 2, 10 minutes: %.1f, %.1f, %.1f; line within %.2f ms\n", worst60,
           worst120, worst600, worst_line / 1000);
    assert_true(worst60 < 25);
    assert_true(worst120 < 15);
    assert_true(worst_line < 2000);
}

/* Steers as the microphone and the loudspeaker do, for two hours; the sound must stay with the
 * clock, and the pitch must not be seen to move. */
static void two_hours_stay_within_20_ms(void **state)
{
    (void)state;
    for (size_t i = 0; i < EAR_COUNT(offs); i++) {
        struct card c = {48000, 48000 * (1 + offs[i] * 1e-6), 960, 3000};
        c.chance = ear_random_seeded(77 + i);
        struct ear_drift d;
        ear_drift_init(&d, c.claimed_hz);
        double ppm = 0, made_us = 0, worst_late = 0, last_late = 0;
        int64_t last_us = 0;
        for (int64_t now = 0; now < 7200 * (int64_t)1000000;) {
            now = next_callback_us(&c);
            ear_drift_mark(&d, c.frames, now);
            /* Each of the card's frames becomes this much sound. */
            made_us += c.block / c.claimed_hz * 1e6 / (1 + ppm * 1e-6);
            last_late = (double)c.frames / c.true_hz * 1e6 - made_us;
            worst_late = fmax(worst_late, fabs(last_late));
            double late = ear_drift_time_us(&d, (double)c.frames) - 3055 - made_us, before = ppm;
            if (ear_drift_steer(&d, now, late, &ppm)) {
                assert_true(fabs(ppm - before) <=
                            20 * fmin(1, 1e-6 * (double)(now - last_us)) + .1);
                last_us = now;
            }
            if (now > 300 * 1000000)
                assert_true(fabs(ppm - true_ppm(&c)) < 25);
        }
        printf("%+.0f ppm, two hours: sound off the clock by at most %.2f ms, at the end %.2f ms\n",
               offs[i], worst_late / 1000, last_late / 1000);
        assert_true(worst_late < 20000);
        assert_true(fabs(last_late) < 2000);
    }
}

static void wrong_rates_are_found_out(void **state)
{
    (void)state;
    const struct {
        double claimed, truth;
        uint32_t found;
        double within_s, within_hz;
    } cards[] = {
        {48000, 44100, 44100, 6, 0},   {44100, 48000, 48000, 6, 0},
        {48000, 48100, 48100, 30, 12}, {48000, 47900, 47900, 30, 12},
        {16000, 16050, 16050, 30, 5},  {48000, 48000 * 1.0002, 0, 600, 0},
    };
    for (size_t i = 0; i < EAR_COUNT(cards); i++) {
        for (uint64_t seed = 0; seed < 10; seed++) {
            struct card c = {cards[i].claimed, cards[i].truth, (int)cards[i].claimed / 100, 4000};
            c.chance = ear_random_seeded(seed);
            struct ear_drift d;
            ear_drift_init(&d, c.claimed_hz);
            uint32_t found = 0;
            int64_t now = 0;
            while (found == 0 && now < cards[i].within_s * 1e6) {
                now = next_callback_us(&c);
                ear_drift_mark(&d, c.frames, now);
                found = ear_drift_true_hz(&d);
            }
            if (fabs((double)found - cards[i].found) > cards[i].within_hz)
                fail_msg("card %zu, seed %d: %u Hz after %.1f s", i, (int)seed, found, now * 1e-6);
        }
    }
}

/* The card primes its buffer, stands still for 1.9 s, runs for 50 s, stands still for a while. */
static void pauses_put_the_line_to_a_new_place(void **state)
{
    (void)state;
    const double pauses[] = {60000, 250000, 2000000};
    for (size_t i = 0; i < EAR_COUNT(pauses); i++) {
        struct card c = {48000, 48004.8, 240, 1000};
        c.chance = ear_random_seeded(i);
        struct ear_drift d;
        ear_drift_init(&d, c.claimed_hz);
        for (int k = 0; k < 5; k++, c.frames += 240)
            ear_drift_mark(&d, c.frames, 100 * k);
        c.stopped_us = 1900000;
        int64_t now = 0;
        for (; now < 50000000; ear_drift_mark(&d, c.frames, now))
            now = next_callback_us(&c);
        assert_int_equal(d.relocks, 1);
        double before = ear_drift_ppm(&d);
        assert_true(fabs(before - 100) < 20);
        c.stopped_us += pauses[i];
        for (int64_t until = now + 3000000; now < until; ear_drift_mark(&d, c.frames, now))
            now = next_callback_us(&c);
        assert_int_equal(d.relocks, 2);
        assert_true(fabs(ear_drift_ppm(&d) - before) < 10);
        double line = ear_drift_time_us(&d, (double)c.frames);
        double truth = (double)c.frames / c.true_hz * 1e6 + c.stopped_us;
        assert_true(line - truth > -500 && line - truth < 3000);
    }
}

static void frames_that_stand_still_are_ignored(void **state)
{
    (void)state;
    struct ear_drift d;
    ear_drift_init(&d, 48000);
    ear_drift_mark(&d, 0, 1000);
    struct ear_drift before = d;
    ear_drift_mark(&d, 0, 900000);
    ear_drift_mark(&d, -5, 900000);
    assert_memory_equal(&before, &d, sizeof d);
    double ppm = 7;
    assert_false(ear_drift_steer(&d, 900000, 0, &ppm)); /* nothing is known yet */
    assert_true(ppm == 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(learns_the_ppm_through_jitter),
        cmocka_unit_test(two_hours_stay_within_20_ms),
        cmocka_unit_test(wrong_rates_are_found_out),
        cmocka_unit_test(pauses_put_the_line_to_a_new_place),
        cmocka_unit_test(frames_that_stand_still_are_ignored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
