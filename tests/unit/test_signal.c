/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signals byte by byte. */
#include <errno.h>

#include "fake/test.h"

#include "call/signal.h"

static const struct {
    struct ear_signal signal;
    uint8_t bytes[2];
    size_t len;
} golden[] = {
    {{EAR_SIGNAL_RING, false}, {0x01}, 1},      {{EAR_SIGNAL_RINGS, false}, {0x02}, 1},
    {{EAR_SIGNAL_ANSWER, false}, {0x03}, 1},    {{EAR_SIGNAL_DECLINE, false}, {0x04}, 1},
    {{EAR_SIGNAL_BUSY, false}, {0x05}, 1},      {{EAR_SIGNAL_MUTE, false}, {0x06, 0x00}, 2},
    {{EAR_SIGNAL_MUTE, true}, {0x06, 0x01}, 2}, {{EAR_SIGNAL_DEAD, false}, {0x07, 0x00}, 2},
    {{EAR_SIGNAL_DEAD, true}, {0x07, 0x01}, 2}, {{EAR_SIGNAL_BYE, false}, {0x08}, 1},
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
            int expected = is_golden(bytes, len) ? 0 : first > 9 ? -ENOTSUP : -EBADMSG;
            assert_int_equal(ear_signal_parse(bytes, len, &untouched), expected);
            if (expected)
                assert_int_equal(untouched.kind, 99);
        }
    }
}

static void lengths_are_looked_at(void **state)
{
    (void)state;
    const uint8_t bytes[3] = {EAR_SIGNAL_MUTE, 1, 0}, later[3] = {10, 1, 2};
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_signal_has_its_bytes),
        cmocka_unit_test(nothing_else_parses),
        cmocka_unit_test(lengths_are_looked_at),
        cmocka_unit_test(keys_are_carried_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
