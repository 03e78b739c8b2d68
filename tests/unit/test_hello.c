/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The hello byte by byte. */
#include <errno.h>

#include "fake/test.h"

#include "wire/hello.h"
#include "wire/packet.h"

static const uint8_t connect_bytes[] = {0x8f, 0xff, 0x12, 0x34, 0x82, 0xff, 0x00, 0x01};
static const uint8_t golden[] = {
    0x01,                                           /* kind */
    0x01,                                           /* version */
    0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, /* who calls */
    0xca, 0xfe, 0xba, 0xbe,                         /* attempt */
    0x8f, 0xff, 0x12, 0x34, 0x82, 0xff, 0x00, 0x01, /* ENet's datagram */
};
static const struct ear_hello hello = {.version = EAR_WIRE_VERSION,
                                       .caller_id = 0x0123456789abcdef,
                                       .attempt = 0xcafebabe,
                                       .connect = connect_bytes,
                                       .connect_len = sizeof connect_bytes};

static void it_has_these_bytes(void **state)
{
    (void)state;
    uint8_t out[EAR_HELLO_BYTES_MAX];
    assert_int_equal(ear_hello_build(&hello, out, sizeof out), sizeof golden);
    assert_memory_equal(out, golden, sizeof golden);
    assert_int_equal(sizeof golden - sizeof connect_bytes, EAR_HELLO_HEADER_BYTES);
}

static void it_parses_back(void **state)
{
    (void)state;
    struct ear_hello back;
    assert_int_equal(ear_hello_parse(golden, sizeof golden, &back), 0);
    assert_int_equal(back.version, hello.version);
    assert_true(back.caller_id == hello.caller_id);
    assert_int_equal(back.attempt, hello.attempt);
    assert_int_equal(back.connect_len, sizeof connect_bytes);
    assert_ptr_equal(back.connect, golden + EAR_HELLO_HEADER_BYTES);
}

static void every_room_is_respected(void **state)
{
    (void)state;
    for (size_t cap = 0; cap < sizeof golden; cap++) {
        uint8_t *out = malloc(cap + 1);
        assert_int_equal(ear_hello_build(&hello, out, cap), -ENOBUFS);
        free(out);
    }
}

static void a_short_one_is_refused(void **state)
{
    (void)state;
    for (size_t len = 0; len <= EAR_HELLO_HEADER_BYTES; len++) {
        uint8_t *copy = malloc(len + 1);
        struct ear_hello back = {.version = 77};
        memcpy(copy, golden, len);
        assert_int_equal(ear_hello_parse(copy, len, &back), -EBADMSG);
        assert_int_equal(back.version, 77);
        free(copy);
    }
}

static void a_long_one_is_refused(void **state)
{
    (void)state;
    uint8_t bytes[EAR_HELLO_BYTES_MAX + 1] = {0};
    struct ear_hello back;
    memcpy(bytes, golden, sizeof golden);
    assert_int_equal(ear_hello_parse(bytes, EAR_HELLO_BYTES_MAX, &back), 0);
    assert_int_equal(back.connect_len, EAR_HELLO_CONNECT_MAX);
    assert_int_equal(ear_hello_parse(bytes, EAR_HELLO_BYTES_MAX + 1, &back), -EBADMSG);
}

static void another_kind_is_refused(void **state)
{
    (void)state;
    uint8_t bytes[sizeof golden];
    struct ear_hello back;
    memcpy(bytes, golden, sizeof golden);
    for (int kind = 0; kind < 256; kind++) {
        bytes[0] = (uint8_t)kind;
        assert_int_equal(ear_hello_parse(bytes, sizeof bytes, &back),
                         kind == EAR_KIND_HELLO ? 0 : -EBADMSG);
    }
}

/* However it goes on: what follows the version belongs to that version. */
static void another_version_is_told(void **state)
{
    (void)state;
    const uint8_t bytes[] = {EAR_KIND_HELLO, EAR_WIRE_VERSION + 1};
    struct ear_hello back = {.attempt = 5};
    assert_int_equal(ear_hello_parse(bytes, sizeof bytes, &back), -EPROTO);
    assert_int_equal(back.version, EAR_WIRE_VERSION + 1);
    assert_int_equal(back.attempt, 5);
}

/* A session writes ENet's CONNECT behind the header later. */
static void it_may_be_built_without_a_connect(void **state)
{
    (void)state;
    struct ear_hello bare = hello;
    uint8_t out[EAR_HELLO_BYTES_MAX];
    bare.connect = NULL;
    bare.connect_len = 0;
    assert_int_equal(ear_hello_build(&bare, out, sizeof out), EAR_HELLO_HEADER_BYTES);
    assert_memory_equal(out, golden, EAR_HELLO_HEADER_BYTES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_has_these_bytes),
        cmocka_unit_test(it_parses_back),
        cmocka_unit_test(every_room_is_respected),
        cmocka_unit_test(a_short_one_is_refused),
        cmocka_unit_test(a_long_one_is_refused),
        cmocka_unit_test(another_kind_is_refused),
        cmocka_unit_test(another_version_is_told),
        cmocka_unit_test(it_may_be_built_without_a_connect),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
