/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signals byte by byte. */
#include <errno.h>

#include "fake/test.h"

#include "call/signal.h"

static const struct {
    struct ear_signal signal;
    uint8_t bytes[EAR_SIGNAL_BYTES_MAX];
    size_t len;
} golden[] = {
    {{EAR_SIGNAL_RING, false}, {0x01}, 1},
    {{EAR_SIGNAL_RINGS, false}, {0x02}, 1},
    {{EAR_SIGNAL_ANSWER, false}, {0x03}, 1},
    {{EAR_SIGNAL_DECLINE, false}, {0x04}, 1},
    {{EAR_SIGNAL_BUSY, false}, {0x05}, 1},
    {{EAR_SIGNAL_MUTE, false}, {0x06, 0x00}, 2},
    {{EAR_SIGNAL_MUTE, true}, {0x06, 0x01}, 2},
    {{EAR_SIGNAL_DEAD, false}, {0x07, 0x00}, 2},
    {{EAR_SIGNAL_DEAD, true}, {0x07, 0x01}, 2},
    {{EAR_SIGNAL_BYE, false}, {0x08}, 1},
    {{EAR_SIGNAL_KNOCK, false}, {0x0c}, 1},
    {{EAR_SIGNAL_HOLD, .value = 20}, {0x0d, 20}, 2},
    {{EAR_SIGNAL_RUNG, .value = 2}, {0x0e, 2}, 2},
    {{EAR_SIGNAL_CAN, .value = 1}, {0x10, 1}, 2},
    {{EAR_SIGNAL_MAIL}, {0x11}, 1},
    {{EAR_SIGNAL_TURN, .value = 1, .number = 0x203}, {0x0f, 1, 2, 3}, 4},
};

static void every_signal_has_its_bytes(void **state)
{
    (void)state;
    for (size_t i = 0; i < EAR_COUNT(golden); i++) {
        uint8_t out[EAR_SIGNAL_BYTES_MAX] = {0xaa, 0xaa};
        struct ear_signal back;
        assert_int_equal(ear_signal_build(&golden[i].signal, out), golden[i].len);
        assert_memory_equal(out, golden[i].bytes, golden[i].len);
        assert_int_equal(ear_signal_parse(out, golden[i].len, &back), 0);
        assert_int_equal(back.kind, golden[i].signal.kind);
        assert_int_equal(back.on, golden[i].signal.on);
        assert_int_equal(back.value, golden[i].signal.value);
        assert_int_equal(back.number, golden[i].signal.number);
    }
}

static bool is_golden(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < EAR_COUNT(golden); i++)
        if (golden[i].len == len && memcmp(golden[i].bytes, bytes, len) == 0)
            return true;
    return false;
}

/* All inputs of up to two bytes: only the golden ones parse, and a failure writes nothing. */
static void nothing_else_parses(void **state)
{
    (void)state;
    for (int first = 0; first < 256; first++) {
        for (int second = -1; second < 256; second++) {
            const uint8_t bytes[2] = {(uint8_t)first, (uint8_t)second};
            size_t len = second < 0 ? 1 : 2;
            struct ear_signal untouched = {.kind = (enum ear_signal_kind)99, .on = true};
            bool value = len == 2 && (first == EAR_SIGNAL_HOLD || first == EAR_SIGNAL_RUNG ||
                                      first == EAR_SIGNAL_CAN);
            int expected = is_golden(bytes, len) || value ? 0
                           : first > EAR_SIGNAL_MAIL      ? -ENOTSUP
                                                          : -EBADMSG;
            assert_int_equal(ear_signal_parse(bytes, len, &untouched), expected);
            if (expected)
                assert_int_equal(untouched.kind, 99);
        }
    }
}

static void lengths_are_looked_at(void **state)
{
    (void)state;
    const uint8_t bytes[3] = {EAR_SIGNAL_MUTE, 1, 0}, later[3] = {18, 1, 2};
    struct ear_signal signal;
    assert_int_equal(ear_signal_parse(bytes, 0, &signal), -EBADMSG);
    assert_int_equal(ear_signal_parse(bytes, 3, &signal), -EBADMSG);
    assert_int_equal(ear_signal_parse(later, 3, &signal), -ENOTSUP);
}

static void keys_are_carried_whole(void **state)
{
    (void)state;
    uint8_t keys[EAR_SIGNAL_KEYS_BYTES], bytes[EAR_SIGNAL_BYTES_MAX + 1];
    for (size_t i = 0; i < sizeof keys; i++)
        keys[i] = (uint8_t)(i * 7);
    const struct ear_signal said = {.kind = EAR_SIGNAL_KEYS, .keys = keys};
    struct ear_signal heard;
    assert_int_equal(ear_signal_build(&said, bytes), 97);
    assert_int_equal(bytes[0], 9);
    for (size_t len = 0; len <= sizeof bytes; len++)
        assert_int_equal(ear_signal_parse(bytes, len, &heard), len == 97 ? 0 : -EBADMSG);
    assert_int_equal(ear_signal_parse(bytes, 97, &heard), 0);
    assert_int_equal(heard.kind, EAR_SIGNAL_KEYS);
    assert_memory_equal(heard.keys, keys, sizeof keys);
}

static void texts_are_carried_whole(void **state)
{
    (void)state;
    static const char said_text[] = "20 mg, twice a day\nGr\xc3\xbc\xc3\x9f"
                                    "e \xf0\x9f\x8c\x8d";
    const struct ear_signal said = {.kind = EAR_SIGNAL_TEXT,
                                    .number = 0x1234,
                                    .text = said_text,
                                    .text_len = sizeof said_text - 1};
    uint8_t bytes[EAR_SIGNAL_BYTES_MAX];
    struct ear_signal heard;
    size_t len = ear_signal_build(&said, bytes);
    assert_int_equal(len, 3 + said.text_len);
    assert_memory_equal(bytes,
                        "\x0a\x12\x34"
                        "20 mg",
                        8);
    assert_int_equal(ear_signal_parse(bytes, len, &heard), 0);
    assert_int_equal(heard.kind, EAR_SIGNAL_TEXT);
    assert_int_equal(heard.number, 0x1234);
    assert_int_equal(heard.text_len, said.text_len);
    assert_memory_equal(heard.text, said_text, said.text_len);
    const uint8_t seen[4] = {11, 0xff, 0xfe, 0};
    assert_int_equal(ear_signal_parse(seen, 3, &heard), 0);
    assert_int_equal(heard.kind, EAR_SIGNAL_TEXT_SEEN);
    assert_int_equal(heard.number, 0xfffe);
    assert_int_equal(ear_signal_build(&heard, bytes), 3);
    assert_memory_equal(bytes, seen, 3);
    for (size_t n = 1; n <= 4; n++)
        assert_int_equal(ear_signal_parse(seen, n, &heard), n == 3 ? 0 : -EBADMSG);
}

static void the_longest_text_stays_below_300_bytes(void **state)
{
    (void)state;
    uint8_t bytes[EAR_SIGNAL_BYTES_MAX + 1] = {EAR_SIGNAL_TEXT};
    struct ear_signal heard;
    memset(bytes + 3, 'a', EAR_TEXT_BYTES_MAX + 1);
    for (size_t len = 1; len <= sizeof bytes; len++)
        assert_int_equal(ear_signal_parse(bytes, len, &heard),
                         len >= 4 && len <= EAR_SIGNAL_BYTES_MAX ? 0 : -EBADMSG);
    assert_at_most(EAR_SIGNAL_BYTES_MAX, 300);
}

static void only_text_is_text(void **state)
{
    (void)state;
    static const char *const good[] = {"a",
                                       "\n",
                                       "two\nlines",
                                       "\xd9\x85\xd8\xb1\xd8\xad\xd8\xa8\xd8\xa7",
                                       "\xe0\xb8\xaa\xe0\xb8\xa7",
                                       "\xf4\x8f\xbf\xbd",
                                       "\xe2\x80\x8f",
                                       "\xc2\xa0"};
    static const char *const bad[] = {
        "",         /* nothing */
        "a\tb",     /* tab */
        "a\r\n",    /* return */
        "\x1b[2J",  /* a terminal's command */
        "\x7f",     /* delete */
        "\xc2\x80", /* C1 control */
        "\xc2\x9b", /* CSI */
        "\xe2\x80\xae"
        "05", /* right-to-left override: 05 would read 50 */
        "\xe2\x80\xad"
        "05",               /* left-to-right override */
        "\xc0\xaf",         /* overlong */
        "\xe0\x80\x8a",     /* overlong newline */
        "\xed\xa0\x80",     /* surrogate */
        "\xf4\x90\x80\x80", /* above the last character */
        "\xff",             /* no UTF-8 */
        "a\xc3",            /* cut off */
        "\x80",             /* begins in the middle */
    };
    for (size_t i = 0; i < EAR_COUNT(good); i++)
        if (!ear_text_is_valid(good[i], strlen(good[i])))
            fail_msg("good text %zu is refused", i);
    for (size_t i = 0; i < EAR_COUNT(bad); i++) {
        uint8_t bytes[32] = {EAR_SIGNAL_TEXT, 0, 1};
        struct ear_signal heard;
        memcpy(bytes + 3, bad[i], strlen(bad[i]));
        if (ear_text_is_valid(bad[i], strlen(bad[i])) ||
            ear_signal_parse(bytes, 3 + strlen(bad[i]), &heard) != -EBADMSG)
            fail_msg("bad text %zu is taken", i);
    }
    assert_false(ear_text_is_valid("a\0b", 3));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_signal_has_its_bytes),
        cmocka_unit_test(nothing_else_parses),
        cmocka_unit_test(lengths_are_looked_at),
        cmocka_unit_test(keys_are_carried_whole),
        cmocka_unit_test(texts_are_carried_whole),
        cmocka_unit_test(the_longest_text_stays_below_300_bytes),
        cmocka_unit_test(only_text_is_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
