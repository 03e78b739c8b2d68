/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Concealment, comfort noise, and the ways between them and speech. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "rx/decode.h"
#include "tone_codec.h"

#define MS EAR_SAMPLES_PER_MS

static struct tone tone;
static struct ear_decode decode;

static int set_up(void **state)
{
    (void)state;
    tone_init(&tone);
    ear_decode_init(&decode, &tone.codec);
    return 0;
}

static void speak(int16_t *pcm, int units)
{
    uint8_t packet[2];
    size_t len = tone_packet(packet, units);
    assert_int_equal(ear_decode_packet(&decode, packet, len, pcm, (size_t)units * EAR_UNIT), 0);
}

static double db(const int16_t *pcm, size_t samples)
{
    return 10 * log10(ear_comfort_energy(pcm, samples) / (32768.0 * 32768.0) + 1e-12);
}

static void speech_is_passed_as_it_is(void **state)
{
    (void)state;
    int16_t pcm[3 * EAR_UNIT];
    speak(pcm, 3);
    for (int round = 0; round < 3; round++) {
        speak(pcm, 3);
        for (size_t i = 0; i < EAR_COUNT(pcm); i++)
            assert_int_equal(pcm[i], tone_sample(i));
    }
}

static void concealment_fades_as_promised(void **state)
{
    (void)state;
    int16_t pcm[300 * MS];
    speak(pcm, 3);
    double speech = db(pcm + 20 * MS, 40 * MS);
    ear_comfort_tell(&decode.comfort, -100);
    for (size_t at = 0; at < EAR_COUNT(pcm); at += EAR_FRAME)
        ear_decode_conceal(&decode, pcm + at, EAR_FRAME);
    assert_true(fabs(db(pcm + 40 * MS, 20 * MS) - speech) < 0.5);
    assert_true(fabs(db(pcm + 195 * MS, 5 * MS) - speech + 30) < 1.5);
    assert_true(db(pcm + 230 * MS, 70 * MS) < -65);
    assert_true(ear_decode_faded(&decode));
    assert_true(tone.concealed <= 230 * MS);
}

static void comfort_noise_has_the_level_told(void **state)
{
    (void)state;
    int16_t pcm[2000 * MS];
    const int told[] = {-50, -60, -70, -20, -120};
    const double heard[] = {-50, -60, -70, -45, -75};
    for (size_t k = 0; k < EAR_COUNT(told); k++) {
        ear_comfort_tell(&decode.comfort, (int8_t)told[k]);
        for (size_t at = 0; at < EAR_COUNT(pcm); at += EAR_FRAME)
            ear_decode_rest(&decode, pcm + at, EAR_FRAME);
        assert_true(fabs(db(pcm + 1000 * MS, 1000 * MS) - heard[k]) < 1);
    }
}

/* Low, not hissing: weighted by frequency it holds under a third of what white noise does. */
static void comfort_noise_is_soft(void **state)
{
    (void)state;
    int16_t pcm[1000 * MS];
    ear_comfort_tell(&decode.comfort, -50);
    for (size_t at = 0; at < EAR_COUNT(pcm); at += EAR_FRAME)
        ear_decode_rest(&decode, pcm + at, EAR_FRAME);
    double high = 0;
    for (size_t i = 501 * MS; i < EAR_COUNT(pcm); i++)
        high += pow((pcm[i] - pcm[i - 1]) / 2.0, 2);
    assert_true(high / (499 * MS) < 0.5 / 3 * ear_comfort_energy(pcm + 501 * MS, 499 * MS));
}

static void the_room_is_learned_from_pauses(void **state)
{
    (void)state;
    int16_t pcm[2000 * MS];
    struct ear_random random = ear_random_seeded(3);
    for (size_t i = 0; i < 600 * MS; i++)
        pcm[i] = (int16_t)lrint(60 * ear_random_normal(&random));
    double room = db(pcm, 600 * MS);
    for (int round = 0; round < 5; round++)
        ear_comfort_listen(&decode.comfort, pcm, 600 * MS);
    for (size_t at = 0; at < EAR_COUNT(pcm); at += EAR_FRAME)
        ear_decode_rest(&decode, pcm + at, EAR_FRAME);
    double noise = db(pcm + 1000 * MS, 1000 * MS);
    assert_true(fabs(noise - room) < 3);
    /* Loud speech afterwards does not become the room. */
    for (size_t i = 0; i < 600 * MS; i++)
        pcm[i] = tone_sample(i);
    ear_comfort_listen(&decode.comfort, pcm, 600 * MS);
    assert_true(10 * log10(ear_comfort_room(&decode.comfort) / (32768.0 * 32768.0)) < room + 3);
}

/* Any length of concealment or rest, then speech again: never a step that the tone has not. */
static void no_way_back_clicks(void **state)
{
    (void)state;
    static int16_t pcm[700 * MS];
    ear_comfort_tell(&decode.comfort, -60);
    for (int rest = 0; rest < 2; rest++)
        for (size_t made = 0; made < 400 * MS; made += made < 20 * MS ? 1 : 37) {
            set_up(NULL);
            size_t at = 0;
            speak(pcm, 6);
            at += 6 * EAR_UNIT;
            for (size_t done = 0; done < made;) {
                size_t n = made - done < EAR_FRAME ? made - done : EAR_FRAME;
                (rest ? ear_decode_rest : ear_decode_conceal)(&decode, pcm + at + done, n);
                done += n;
            }
            at += made;
            speak(pcm + at, 6);
            at += 6 * EAR_UNIT;
            /* A fade over 5 ms adds 100 to the tone's own 628, the noise below 60. */
            int step = steepest(pcm, at);
            if (step > TONE_STEP + 260)
                print_message("rest %d, made up %zu: step %d\n", rest, made, step);
            assert_true(step <= TONE_STEP + 260);
        }
}

static void garbage_is_concealed(void **state)
{
    (void)state;
    int16_t pcm[3 * EAR_UNIT];
    uint8_t garbage[3] = {TONE_TAG, 3, 0};
    speak(pcm, 3);
    assert_int_equal(ear_decode_packet(&decode, garbage, 3, pcm, EAR_COUNT(pcm)), -EBADMSG);
    assert_true(tone.concealed >= 3 * EAR_UNIT);
    assert_true(db(pcm, 3 * EAR_UNIT) > -20);
    /* A packet shorter than promised is made whole. */
    uint8_t packet[2];
    size_t len = tone_packet(packet, 1);
    memset(pcm, 0, sizeof(pcm));
    assert_int_equal(ear_decode_packet(&decode, packet, len, pcm, EAR_COUNT(pcm)), 0);
    assert_true(db(pcm + 2 * EAR_UNIT, EAR_UNIT) > -20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(speech_is_passed_as_it_is, set_up),
        cmocka_unit_test_setup(concealment_fades_as_promised, set_up),
        cmocka_unit_test_setup(comfort_noise_has_the_level_told, set_up),
        cmocka_unit_test_setup(comfort_noise_is_soft, set_up),
        cmocka_unit_test_setup(the_room_is_learned_from_pauses, set_up),
        cmocka_unit_test_setup(no_way_back_clicks, set_up),
        cmocka_unit_test_setup(garbage_is_concealed, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
