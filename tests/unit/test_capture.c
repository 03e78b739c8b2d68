/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A microphone that lives, dies, goes and comes back. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "tx/capture.h"
#include "tx/level.h"

struct fake_mic {
    int16_t sample; /* that every frame is full of */
    int answer;
    int64_t end_us;
};

static int fake_read(void *ctx, int64_t now_us, int16_t frame[static EAR_FRAME],
                     int64_t *ret_end_us)
{
    (void)now_us;
    struct fake_mic *mic = ctx;
    if (mic->answer != 1)
        return mic->answer;
    for (int i = 0; i < EAR_FRAME; i++)
        frame[i] = mic->sample;
    mic->end_us += EAR_FRAME_US;
    *ret_end_us = mic->end_us;
    return 1;
}

static int read_frames(struct ear_capture *capture, int frames)
{
    int16_t frame[EAR_FRAME];
    int64_t end_us = -1;
    int got = 0;
    for (int i = 0; i < frames; i++)
        got = ear_capture_read(capture, 0, frame, &end_us);
    return got;
}

static void hands_frames_over(void **state)
{
    (void)state;
    struct fake_mic fake = {.sample = 3277, .answer = 1};
    struct ear_mic mic = {.read = fake_read, .ctx = &fake};
    struct ear_capture capture;
    ear_capture_init(&capture, &mic);
    int16_t frame[EAR_FRAME];
    int64_t end_us = 0;
    assert_int_equal(ear_capture_read(&capture, 0, frame, &end_us), 1);
    assert_int_equal(end_us, EAR_FRAME_US);
    assert_int_equal(frame[EAR_FRAME - 1], 3277);
    assert_true(fabsf(capture.level_db + 20) < 0.01f);
    fake.answer = 0;
    assert_int_equal(ear_capture_read(&capture, 0, frame, &end_us), 0);
    assert_int_equal(end_us, EAR_FRAME_US);
}

static void knows_a_dead_microphone(void **state)
{
    (void)state;
    const int16_t nothing[] = {0, 1, -1};
    for (size_t i = 0; i < EAR_COUNT(nothing); i++) {
        struct fake_mic fake = {.sample = nothing[i], .answer = 1};
        struct ear_mic mic = {.read = fake_read, .ctx = &fake};
        struct ear_capture capture;
        ear_capture_init(&capture, &mic);
        read_frames(&capture, 299);
        assert_false(ear_capture_is_dead(&capture));
        read_frames(&capture, 1);
        assert_true(ear_capture_is_dead(&capture));
        fake.sample = 2;
        read_frames(&capture, 1);
        assert_false(ear_capture_is_dead(&capture));
        fake.sample = nothing[i];
        read_frames(&capture, 299);
        assert_false(ear_capture_is_dead(&capture));
    }
}

static void tells_when_the_card_is_gone(void **state)
{
    (void)state;
    struct fake_mic fake = {.sample = 1000, .answer = 1};
    struct ear_mic mic = {.read = fake_read, .ctx = &fake};
    struct ear_capture capture;
    ear_capture_init(&capture, &mic);
    assert_int_equal(read_frames(&capture, 1), 1);
    assert_false(capture.gone);
    fake.answer = -ENODEV;
    assert_int_equal(read_frames(&capture, 1), -ENODEV);
    assert_true(capture.gone);
    assert_true(capture.level_db == EAR_LEVEL_DB_MIN);
    fake.answer = 0;
    assert_int_equal(read_frames(&capture, 1), 0);
    assert_true(capture.gone); /* until it gives sound */
    fake.answer = 1;
    assert_int_equal(read_frames(&capture, 1), 1);
    assert_false(capture.gone);
}

static void levels_are_dbfs(void **state)
{
    (void)state;
    int16_t pcm[EAR_FRAME] = {0};
    assert_true(ear_level_db(pcm, EAR_FRAME) == EAR_LEVEL_DB_MIN);
    for (int i = 0; i < EAR_FRAME; i++)
        pcm[i] = INT16_MIN;
    assert_true(fabsf(ear_level_db(pcm, EAR_FRAME)) < 0.001f);
    memset(pcm, 0, sizeof pcm);
    pcm[7] = 1;
    assert_true(ear_level_db(pcm, EAR_FRAME) == EAR_LEVEL_DB_MIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hands_frames_over),
        cmocka_unit_test(knows_a_dead_microphone),
        cmocka_unit_test(tells_when_the_card_is_gone),
        cmocka_unit_test(levels_are_dbfs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
