/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of people, and their places. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "store/name.h"
#include "store/place.h"

#define TEN "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"
#define FACES "\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80"

/* 120 characters; 119 are the most. */
#define FORTY "a23456789012345678901234567890123456789."
#define TOO_LONG FORTY FORTY "a234567890123456789012345678901234567.ab"

static void expect_name(const char *text, const char *name)
{
    char ret[EAR_NAME_BYTES] = "unchanged", error[200] = "";
    int err = ear_name_parse(text, strlen(text), ret, error, sizeof error);
    assert_int_equal(err, name ? 0 : -EINVAL);
    assert_true((err == 0) == (error[0] == '\0'));
    assert_string_equal(ret, name ? name : "unchanged");
}

static void takes_names_of_all_the_world(void **state)
{
    (void)state;
    expect_name("Ann", "Ann");
    expect_name("  Dr. Ann Lee ", "Dr. Ann Lee");
    expect_name("\xe0\xa6\xb0\xe0\xa6\xbe\xe0\xa6\xb9\xe0\xa6\x81\xe0\xa6\x97",
                "\xe0\xa6\xb0\xe0\xa6\xbe\xe0\xa6\xb9\xe0\xa6\x81\xe0\xa6\x97");
    expect_name("\xd9\x85\xdb\x8c\xe2\x80\x8c\xd8\xae", "\xd9\x85\xdb\x8c\xe2\x80\x8c\xd8\xae");
    expect_name(TEN TEN TEN TEN, TEN TEN TEN TEN);
    expect_name(FACES FACES FACES FACES FACES FACES FACES FACES FACES FACES,
                FACES FACES FACES FACES FACES FACES FACES FACES FACES FACES);
}

static void refuses_what_is_no_name(void **state)
{
    static const char *const bad[] = {
        "",
        "   ",
        "a\nb",
        "a\tb",
        "\x7f",
        "\x1b[31m",
        TEN TEN TEN TEN "x",
        "\xc2\x85", /* a control character of ISO 8859 */
        "a\xe2\x80\xae"
        "b", /* right to left override */
        "a\xe2\x80\x8b"
        "b", /* zero width space */
        "a\xef\xbb\xbf",
        "\xc3",
        "\xff",
        "\x80",
        "\xc0\xaf",
        "\xe0\x80\xaf",
        "\xed\xa0\x80",
        "\xf4\x90\x80\x80",
        "\xf3\xa0\x80\xa1",
        "a\xc3(",
    };
    (void)state;
    for (size_t i = 0; i < EAR_COUNT(bad); i++)
        expect_name(bad[i], NULL);
    char ret[EAR_NAME_BYTES], error[200];
    assert_int_equal(ear_name_parse("a\0b", 3, ret, error, sizeof error), -EINVAL);
}

static void knows_the_same_name_again(void **state)
{
    (void)state;
    assert_true(ear_name_same("Ann", "aNN"));
    assert_true(ear_name_same("\xc3\x84ngstr\xc3\xb6m", "\xc3\xa4NGSTR\xc3\x96M"));
    assert_true(
        ear_name_same("\xd0\x90\xd0\xbd\xd0\xbd\xd0\xb0", "\xd0\xb0\xd0\x9d\xd0\xbd\xd0\xb0"));
    assert_true(ear_name_same("a\xe2\x80\x8d"
                              "b",
                              "ab"));
    assert_false(ear_name_same("Ann", "Anna"));
    assert_false(ear_name_same("Ann", "An"));
    assert_false(ear_name_same("Ann Lee", "AnnLee"));
    assert_true(ear_name_same("", ""));
    assert_false(ear_name_same("", "a"));
    assert_true(ear_name_same("\u039f\u0394\u03a5\u03a3\u03a3\u0395\u038e\u03a3",
                              "\u03bf\u03b4\u03c5\u03c3\u03c3\u03b5\u03cd\u03c2"));
    assert_true(ear_name_same("\u015eAH\u0130N \u0178", "\u015fah\u0130n \u00ff"));
    assert_true(ear_name_same("\u0546\u1ea0\u018a\u0186\u01af", "\u0576\u1ea1\u0257\u0254\u01b0"));
    assert_false(ear_name_same("\u00d7", "\u00f7"));
}

static void expect_place(const char *text, const char *spelt)
{
    struct ear_place place = {"unchanged"}, again;
    char error[400] = "";
    int err = ear_place_parse(text, &place, error, sizeof error);
    assert_int_equal(err, spelt ? 0 : -EINVAL);
    assert_string_equal(place.text, spelt ? spelt : "unchanged");
    if (err) {
        assert_non_null(strstr(error, "HOST:PORT"));
        return;
    }
    uint8_t data[EAR_PLACE_BYTES];
    struct ear_writer w = ear_writer_on(data, sizeof data);
    enum ear_place_form form = ear_place_build(&place, &w);
    assert_false(w.bad);
    struct ear_reader r = ear_reader_on(data, w.at);
    assert_int_equal(ear_place_read(form, &r, &again), 0);
    assert_string_equal(again.text, place.text);
}

static void places_have_one_spelling(void **state)
{
    (void)state;
    expect_place("203.0.113.9:4000", "203.0.113.9:4000");
    expect_place("203.0.113.9:04000", "203.0.113.9:4000");
    expect_place("[2001:DB8:0:0::1]:1", "[2001:db8::1]:1");
    expect_place("Clinic-1.Example.org:65535", "clinic-1.example.org:65535");
    expect_place("localhost:9", "localhost:9");
    expect_place(&TOO_LONG ":65535"[1], &TOO_LONG ":65535"[1]);
}

static void refuses_what_is_no_place(void **state)
{
    static const char *const bad[] = {
        "",
        ":",
        "host",
        "host:",
        ":4000",
        "host:0",
        "host:65536",
        "host:-1",
        "host: 1",
        "host:1x",
        "2001:db8::1:4000",
        "[2001:db8::1]",
        "[]:1",
        "[1.2.3.4]:1",
        "1.2.3:4",
        "1.2.3.400:5",
        "a..b:1",
        ".a:1",
        "a.:1",
        "-a:1",
        "a-:1",
        "a b:1",
        "a\nb:1",
        "a/b:1",
        "12345:6",
        "host:99999999999999999999",
        "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcd.example:1",
        TOO_LONG ":1",
    };
    (void)state;
    for (size_t i = 0; i < EAR_COUNT(bad); i++)
        expect_place(bad[i], NULL);
    struct ear_place place;
    struct ear_reader r = ear_reader_on((const uint8_t *)"\0\1"
                                                         "127.0.0.1",
                                        11);
    assert_int_equal(ear_place_read(EAR_PLACE_NAME, &r, &place), -EBADMSG);
    r = ear_reader_on((const uint8_t *)"\0\1a\0b", 5);
    assert_int_equal(ear_place_read(EAR_PLACE_NAME, &r, &place), -EBADMSG);
    r = ear_reader_on((const uint8_t *)"\0\1abcde", 7);
    assert_int_equal(ear_place_read(EAR_PLACE_IPV4, &r, &place), -EBADMSG);
    r = ear_reader_on((const uint8_t *)"\0", 1);
    assert_int_equal(ear_place_read(EAR_PLACE_IPV6, &r, &place), -EBADMSG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_names_of_all_the_world), cmocka_unit_test(refuses_what_is_no_name),
        cmocka_unit_test(knows_the_same_name_again),    cmocka_unit_test(places_have_one_spelling),
        cmocka_unit_test(refuses_what_is_no_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
