/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What leaves, byte by byte, and what is counted of it. */
#include <errno.h>

#include "fake/test.h"

#include "tx/send.h"

struct wire {
    struct ear_address to[8];
    uint8_t bytes[8][EAR_DATAGRAM_MAX];
    size_t len[8];
    int count;
    int err;
};

static int wire_send(void *ctx, const struct ear_address *to, const uint8_t *data, size_t len)
{
    struct wire *w = ctx;
    assert_true(w->count < 8 && len <= EAR_DATAGRAM_MAX);
    w->to[w->count] = *to;
    memcpy(w->bytes[w->count], data, len);
    w->len[w->count++] = len;
    return w->err;
}

static const struct ear_address there = {.bytes = {4, 5, 6}, .len = 3};

static struct ear_send sending(struct wire *w)
{
    return (struct ear_send){.net = {.send = wire_send, .ctx = w}};
}

static void kind_and_body_make_a_datagram(void **state)
{
    (void)state;
    struct wire w = {0};
    struct ear_send send = sending(&w);
    ear_send_datagram(&send, &there, EAR_KIND_PROBE, NULL, 0);
    ear_send_datagram(&send, &there, EAR_KIND_SPEECH, (const uint8_t *)"abc", 3);
    ear_send_raw(&send, &there, (const uint8_t *)"raw", 3);
    assert_int_equal(w.count, 3);
    assert_int_equal(w.len[0], 1);
    assert_int_equal(w.bytes[0][0], EAR_KIND_PROBE);
    assert_int_equal(w.len[1], 4);
    assert_memory_equal(w.bytes[1],
                        "\x11"
                        "abc",
                        4);
    assert_memory_equal(w.bytes[2], "raw", 3);
    for (int i = 0; i < 3; i++)
        assert_true(ear_address_equal(&w.to[i], &there));
    assert_int_equal(send.counts.datagrams, 3);
    assert_int_equal(send.counts.bytes, 1 + 4 + 3 + 3 * EAR_DATAGRAM_OVERHEAD);
    assert_int_equal(send.counts.speech_datagrams, 1);
    assert_int_equal(send.counts.speech_bytes, 4 + EAR_DATAGRAM_OVERHEAD);
    assert_int_equal(send.counts.errors, 0);
}

static void what_the_network_refuses_is_counted(void **state)
{
    (void)state;
    struct wire w = {.err = -ENETUNREACH};
    struct ear_send send = sending(&w);
    ear_send_datagram(&send, &there, EAR_KIND_PROBE, NULL, 0);
    assert_int_equal(send.counts.errors, 1);
    assert_int_equal(send.counts.datagrams, 1);
}

static void too_long_a_body_does_not_leave(void **state)
{
    (void)state;
    struct wire w = {0};
    struct ear_send send = sending(&w);
    static const uint8_t body[EAR_DATAGRAM_MAX];
    ear_send_datagram(&send, &there, EAR_KIND_ENET, body, EAR_DATAGRAM_MAX);
    assert_int_equal(w.count, 0);
    assert_int_equal(send.counts.errors, 1);
    ear_send_datagram(&send, &there, EAR_KIND_ENET, body, EAR_DATAGRAM_MAX - EAR_KIND_BYTES);
    assert_int_equal(w.count, 1);
    assert_int_equal(w.len[0], EAR_DATAGRAM_MAX);
}

static void speech_of_enet_goes_alone(void **state)
{
    (void)state;
    struct wire w = {0};
    struct ear_send send = sending(&w);
    uint8_t both[] = {0x90, 0x00, 0xab, 0xcd, /* header */
                      0x85, 0xff, 0x00, 0x07, /* ping */
                      0x49, 0x01, 0x00, 0x00, 0x00, 0x01, 0x00, 0x02, 'h', 'i'};
    ear_send_enet(&send, &there, both, sizeof both);
    assert_int_equal(w.count, 2);
    assert_int_equal(w.len[0], 3);
    assert_memory_equal(w.bytes[0],
                        "\x11"
                        "hi",
                        3);
    assert_int_equal(w.len[1], 9);
    assert_memory_equal(w.bytes[1], "\x10\x90\x00\xab\xcd\x85\xff\x00\x07", 9);
    assert_int_equal(send.counts.speech_datagrams, 1);
}

/* What is not ENet's as we know it goes as it is: it is for the other ENet to judge. */
static void what_cannot_be_squeezed_goes_whole(void **state)
{
    (void)state;
    struct wire w = {0};
    struct ear_send send = sending(&w);
    uint8_t odd[] = {0x10, 0x00, 0x4f, 0x01, 0x00};
    ear_send_enet(&send, &there, odd, sizeof odd);
    assert_int_equal(w.count, 1);
    assert_memory_equal(w.bytes[0], "\x10\x10\x00\x4f\x01\x00", 6);
    ear_send_enet(&send, &there, odd, 0);
    assert_int_equal(w.count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kind_and_body_make_a_datagram),
        cmocka_unit_test(what_the_network_refuses_is_counted),
        cmocka_unit_test(too_long_a_body_does_not_leave),
        cmocka_unit_test(speech_of_enet_goes_alone),
        cmocka_unit_test(what_cannot_be_squeezed_goes_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
