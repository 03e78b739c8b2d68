/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Invites drawn as QR codes and read back from pictures. */
#include <errno.h>

#include "fake/test.h"

#include "base/random.h"
#include "port/qr.h"
#include "port/qr_scan.h"
#include "store/invite_text.h"

static char text[EAR_INVITE_TEXT_BYTES], back[EAR_INVITE_TEXT_BYTES];

/* As long as an invite can be. */
static int make_text(void **state)
{
    (void)state;
    uint8_t data[EAR_INVITE_MAX];
    struct ear_random random = ear_random_seeded(SEED);
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)ear_random_u64(&random);
    ear_invite_to_text(data, sizeof data, text);
    return 0;
}

struct picture {
    int width, height;
    uint8_t *grey;
};

struct drawing {
    const char *text;
    int scale;
    int turns; /* by 90 degrees */
    uint8_t dark, light;
    int margin;       /* pixels around it, beyond the quiet zone */
    int noise;        /* of each pixel, uniform */
    int damaged_dots; /* a square of dots in the middle that a finger hides */
};

/* A dot of the code in the turned picture. */
static bool dot(const struct ear_qr *qr, const struct drawing *d, int x, int y)
{
    for (int i = 0; i < d->turns; i++) {
        int old = x;
        x = y;
        y = qr->side - 1 - old;
    }
    int low = qr->side / 2, high = low + d->damaged_dots;
    return (x >= low && x < high && y >= low && y < high) || ear_qr_is_dark(qr, x, y);
}

static struct picture draw(const struct drawing *d)
{
    static struct ear_qr qr;
    struct ear_random random = ear_random_seeded(SEED);
    if (ear_qr_make(d->text, &qr) != 0)
        fail_msg("no code of \"%s\"", d->text);
    int side = (qr.side + 2 * EAR_QR_QUIET) * d->scale + 2 * d->margin;
    struct picture p = {
        .width = side + 13, .height = side, .grey = malloc((size_t)(side + 13) * (size_t)side)};
    assert_non_null(p.grey);
    for (int y = 0; y < p.height; y++)
        for (int x = 0; x < p.width; x++) {
            int left = x - d->margin - EAR_QR_QUIET * d->scale;
            int top = y - d->margin - EAR_QR_QUIET * d->scale;
            bool in =
                left >= 0 && top >= 0 && left < qr.side * d->scale && top < qr.side * d->scale;
            int value = in && dot(&qr, d, left / d->scale, top / d->scale) ? d->dark : d->light;
            if (d->noise)
                value += (int)ear_random_below(&random, (uint32_t)d->noise) - d->noise / 2;
            p.grey[y * p.width + x] = (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
        }
    return p;
}

static void expect_read(const struct drawing *d)
{
    struct picture p = draw(d);
    int err = ear_qr_scan(p.grey, p.width, p.height, back, sizeof back);
    free(p.grey);
    if (err || strcmp(back, d->text) != 0)
        fail_msg("scale %d, turned %d, noise %d: %d", d->scale, d->turns, d->noise, err);
}

static void an_invite_is_read(void **state)
{
    (void)state;
    for (int scale = 3; scale <= 8; scale++)
        for (int turns = 0; turns < 4; turns++)
            expect_read(&(struct drawing){text, scale, turns, 0, 255, 20, 0, 0});
}

/* A camera's picture: grey, dim, noisy, a little of it hidden. */
static void a_photograph_is_read(void **state)
{
    (void)state;
    expect_read(&(struct drawing){text, 4, 1, 60, 150, 50, 40, 0});
    expect_read(&(struct drawing){text, 5, 0, 20, 200, 200, 60, 8});
    expect_read(&(struct drawing){"EARSHOT:ABC", 3, 1, 90, 160, 300, 20, 0});
}

static void nothing_is_found_where_nothing_is(void **state)
{
    (void)state;
    struct ear_random random = ear_random_seeded(SEED);
    uint8_t *grey = calloc(300, 200);
    strcpy(back, "old");
    assert_int_equal(ear_qr_scan(grey, 300, 200, back, sizeof back), -ENOENT);
    assert_string_equal(back, "");
    for (int i = 0; i < 300 * 200; i++)
        grey[i] = (uint8_t)ear_random_u64(&random);
    assert_int_equal(ear_qr_scan(grey, 300, 200, back, sizeof back), -ENOENT);
    for (int w = 1; w < 12; w++)
        for (int h = 1; h < 12; h++)
            assert_int_equal(ear_qr_scan(grey, w, h, back, sizeof back), -ENOENT);
    assert_int_equal(ear_qr_scan(grey, 0, 200, back, sizeof back), -EINVAL);
    assert_int_equal(ear_qr_scan(grey, 300, -1, back, sizeof back), -EINVAL);
    assert_int_equal(ear_qr_scan(grey, 1 << 30, 1 << 30, back, sizeof back), -EINVAL);
    free(grey);
}

static void little_room_is_told(void **state)
{
    (void)state;
    struct picture p = draw(&(struct drawing){"EARSHOT:12345", 4, 0, 0, 255, 10, 0, 0});
    char small[13] = "old";
    assert_int_equal(ear_qr_scan(p.grey, p.width, p.height, small, sizeof small), -EMSGSIZE);
    assert_string_equal(small, "");
    assert_int_equal(ear_qr_scan(p.grey, p.width, p.height, NULL, 0), -EMSGSIZE);
    char enough[14];
    assert_int_equal(ear_qr_scan(p.grey, p.width, p.height, enough, sizeof enough), 0);
    assert_string_equal(enough, "EARSHOT:12345");
    free(p.grey);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_invite_is_read),
        cmocka_unit_test(a_photograph_is_read),
        cmocka_unit_test(nothing_is_found_where_nothing_is),
        cmocka_unit_test(little_room_is_told),
    };
    return cmocka_run_group_tests(tests, make_text, NULL);
}
