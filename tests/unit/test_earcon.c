/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Earcons: as loud as they should be, without a click, and not to be taken for one another. */
#include <math.h>

#include "fake/test.h"

#include "call/earcon.h"

static int16_t sounds[EAR_EARCONS][EAR_EARCON_SAMPLES_MAX];
static size_t lengths[EAR_EARCONS];

static int make_all(void **state)
{
    (void)state;
    for (int k = 0; k < EAR_EARCONS; k++)
        lengths[k] = ear_earcon_make((enum ear_earcon)k, sounds[k], EAR_EARCON_SAMPLES_MAX);
    return 0;
}

static void they_are_short_and_soft(void **state)
{
    (void)state;
    for (int k = 0; k < EAR_EARCONS; k++) {
        int peak = 0;
        assert_in_range(lengths[k], 200 * EAR_SAMPLES_PER_MS, EAR_EARCON_SAMPLES_MAX);
        for (size_t i = 0; i < lengths[k]; i++)
            peak = abs(sounds[k][i]) > peak ? abs(sounds[k][i]) : peak;
        double db = 20 * log10(peak / 32768.0);
        assert_at_most(fabs(db - (k == EAR_EARCON_INCOMING ? -9 : -18)), 0.1);
    }
}

/* Begins and ends at zero, and a click, which is as loud at 8 kHz as anywhere, would be heard above
 * the rest there: the second difference is 12 dB of gain at 8 kHz, and -20 dB at the highest note.
 */
static void they_do_not_click(void **state)
{
    (void)state;
    for (int k = 0; k < EAR_EARCONS; k++) {
        const int16_t *x = sounds[k];
        double peak = 0, worst = 0;
        assert_int_equal(x[0], 0);
        assert_at_most(abs(x[lengths[k] - 1]), 2);
        for (size_t i = 2; i < lengths[k]; i++) {
            worst = fmax(worst, fabs(x[i] - 2.0 * x[i - 1] + x[i - 2]));
            peak = fmax(peak, abs(x[i]));
        }
        assert_at_most(worst / peak, 0.5);
    }
}

/* The pitch (the strongest of two octaves and a half) in a part of a sound. */
static double pitch(const int16_t *x, size_t from, size_t count)
{
    double best = 0, best_hz = 0;
    for (double hz = 150; hz < 900; hz *= 1.01) {
        double re = 0, im = 0;
        for (size_t i = from; i < from + count; i++) {
            re += x[i] * cos(2 * 3.14159265358979 * hz * (double)i / EAR_RATE_HZ);
            im += x[i] * sin(2 * 3.14159265358979 * hz * (double)i / EAR_RATE_HZ);
        }
        if (re * re + im * im > best) {
            best = re * re + im * im;
            best_hz = hz;
        }
    }
    return best_hz;
}

static void lost_falls_and_back_rises(void **state)
{
    (void)state;
    const size_t part = 180 * EAR_SAMPLES_PER_MS, second = 420 * EAR_SAMPLES_PER_MS;
    double lost[2] = {pitch(sounds[EAR_EARCON_LOST], 0, part),
                      pitch(sounds[EAR_EARCON_LOST], second, part)};
    double back[2] = {pitch(sounds[EAR_EARCON_BACK], 0, part),
                      pitch(sounds[EAR_EARCON_BACK], second, part)};
    assert_at_most(lost[1], lost[0] * 0.8);
    assert_at_least(back[1], back[0] * 1.2);
    assert_at_most(lost[0], 300);
    assert_at_most(fabs(lost[0] - back[1]), 8);
    assert_at_most(fabs(lost[1] - back[0]), 8);
}

static void my_turn_rises_and_yours_falls(void **state)
{
    (void)state;
    const size_t part = 110 * EAR_SAMPLES_PER_MS, second = 240 * EAR_SAMPLES_PER_MS;
    for (int yours = 0; yours < 2; yours++) {
        const int16_t *x = sounds[yours ? EAR_EARCON_YOUR_TURN : EAR_EARCON_MY_TURN];
        double first = pitch(x, 0, part), last = pitch(x, second, part);
        assert_at_least(yours ? first / last : last / first, 1.2);
    }
}

static void no_two_are_alike(void **state)
{
    (void)state;
    for (int a = 0; a < EAR_EARCONS; a++)
        for (int b = 0; b < a; b++) {
            double ab = 0, aa = 0, bb = 0;
            for (size_t i = 0; i < EAR_EARCON_SAMPLES_MAX; i++) {
                ab += (double)sounds[a][i] * sounds[b][i];
                aa += (double)sounds[a][i] * sounds[a][i];
                bb += (double)sounds[b][i] * sounds[b][i];
            }
            if (fabs(ab) / sqrt(aa * bb) > 0.8)
                fail_msg("%d is like %d: %.2f", a, b, ab / sqrt(aa * bb));
        }
}

static void little_room_is_kept_to(void **state)
{
    (void)state;
    int16_t out[101];
    for (int k = 0; k < EAR_EARCONS; k++) {
        out[100] = 4711;
        assert_int_equal(ear_earcon_make((enum ear_earcon)k, out, 100), 100);
        assert_memory_equal(out, sounds[k], 100 * sizeof *out);
        assert_int_equal(out[100], 4711);
        assert_int_equal(ear_earcon_make((enum ear_earcon)k, out, 0), 0);
    }
}

static void they_repeat_after_they_ended(void **state)
{
    (void)state;
    assert_int_equal(ear_earcon_period_us(EAR_EARCON_INCOMING), 3 * S);
    assert_int_equal(ear_earcon_period_us(EAR_EARCON_RINGING_OUT), 4 * S);
    assert_int_equal(ear_earcon_period_us(EAR_EARCON_LOST), 3 * S);
    for (int k = 0; k < EAR_EARCONS; k++) {
        int64_t period = ear_earcon_period_us((enum ear_earcon)k);
        assert_true(period == 0 ||
                    period > (int64_t)lengths[k] * EAR_US_PER_MS / EAR_SAMPLES_PER_MS);
    }
    assert_int_equal(ear_earcon_period_us(EAR_EARCON_CONNECTED), 0);
    assert_int_equal(ear_earcon_period_us(EAR_EARCON_BACK), 0);
    assert_int_equal(ear_earcon_period_us(EAR_EARCON_ENDED), 0);
    assert_int_equal(ear_earcon_period_us(EAR_EARCON_MY_TURN), 0);
    assert_int_equal(ear_earcon_period_us(EAR_EARCON_YOUR_TURN), 0);
    assert_int_equal(ear_earcon_period_us(EAR_EARCON_MESSAGE), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(they_are_short_and_soft),
        cmocka_unit_test(they_do_not_click),
        cmocka_unit_test(lost_falls_and_back_rises),
        cmocka_unit_test(my_turn_rises_and_yours_falls),
        cmocka_unit_test(no_two_are_alike),
        cmocka_unit_test(little_room_is_kept_to),
        cmocka_unit_test(they_repeat_after_they_ended),
    };
    return cmocka_run_group_tests(tests, make_all, NULL);
}
