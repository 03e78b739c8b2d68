/* SPDX-License-Identifier: GPL-3.0-or-later */
/* QR codes and the pictures of them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "port/png.h"
#include "port/qr.h"

/* The squares in three corners. */
static void expect_finder(const struct ear_qr *qr, int left, int top)
{
    static const char *const rows[] = {"#######", "#     #", "# ### #", "# ### #",
                                       "# ### #", "#     #", "#######"};
    for (int y = 0; y < 7; y++)
        for (int x = 0; x < 7; x++)
            assert_int_equal(ear_qr_is_dark(qr, left + x, top + y), rows[y][x] == '#');
}

static void is_a_qr_code(void **state)
{
    (void)state;
    struct ear_qr qr = {0};
    assert_int_equal(ear_qr_make("EARSHOT:0123456789ABCDEFGHJKMNPQRSTVWXYZ", &qr), 0);
    assert_int_equal(qr.side, 29); /* version 3: 61 capitals at level M */
    expect_finder(&qr, 0, 0);
    expect_finder(&qr, qr.side - 7, 0);
    expect_finder(&qr, 0, qr.side - 7);
    for (int i = 8; i < qr.side - 8; i++)
        assert_int_equal(ear_qr_is_dark(&qr, i, 6), i % 2 == 0);
    for (int i = -EAR_QR_QUIET; i < qr.side + EAR_QR_QUIET; i++) {
        assert_false(ear_qr_is_dark(&qr, i, -1));
        assert_false(ear_qr_is_dark(&qr, i, qr.side));
        assert_false(ear_qr_is_dark(&qr, -1, i));
        assert_false(ear_qr_is_dark(&qr, qr.side, i));
    }
}

static void capitals_are_packed(void **state)
{
    (void)state;
    char capitals[297], letters[297];
    struct ear_qr small = {0}, large = {0};
    memset(capitals, 'A', sizeof capitals - 1);
    memset(letters, 'a', sizeof letters - 1);
    capitals[296] = letters[296] = '\0';
    assert_int_equal(ear_qr_make(capitals, &small), 0);
    assert_int_equal(ear_qr_make(letters, &large), 0);
    assert_int_equal(small.side, 57);
    assert_true(large.side > small.side);
}

static void refuses_what_is_too_long(void **state)
{
    (void)state;
    struct ear_qr qr = {.side = 5};
    char *text = malloc(5001);
    assert_non_null(text);
    memset(text, 'A', 5000);
    text[5000] = '\0';
    assert_true(ear_qr_make(text, &qr) < 0);
    assert_int_equal(qr.side, 5);
    text[2250] = '\0'; /* the longest invite */
    assert_int_equal(ear_qr_make(text, &qr), 0);
    assert_true(qr.side <= EAR_QR_SIDE_MAX);
    free(text);
}

static void makes_a_png(void **state)
{
    (void)state;
    static const uint8_t begin[] = {0x89, 'P', 'N', 'G', 13, 10, 26, 10, 0, 0, 0, 13, 'I',
                                    'H',  'D', 'R', 0,   0,  0,  3,  0,  0, 0, 3, 8,  0};
    const uint8_t pixels[9] = {0, 255, 0, 255, 0, 255, 0, 255, 0};
    uint8_t *png = NULL;
    size_t len = 0;
    assert_int_equal(ear_png_encode(pixels, 3, &png, &len), 0);
    assert_true(len > sizeof begin);
    assert_memory_equal(png, begin, sizeof begin);
    assert_memory_equal(png + len - 8, "IEND\xae\x42\x60\x82", 8);
    free(png);
    assert_int_equal(ear_png_encode(pixels, 0, &png, &len), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_a_qr_code),
        cmocka_unit_test(capitals_are_packed),
        cmocka_unit_test(refuses_what_is_too_long),
        cmocka_unit_test(makes_a_png),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
