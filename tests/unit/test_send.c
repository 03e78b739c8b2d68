/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What leaves is sealed, and counted. */
#include <errno.h>

#include "fake/ends.h"
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

/* What the other end finds in datagram n. */
static size_t opened(struct ends *t, const struct wire *w, int n, uint8_t *out)
{
    struct ear_opened how;
    const struct ear_bytes datagram = {w->bytes[n], w->len[n]};
    int len = ear_tunnel_open(&t->tunnels[1], &datagram, 0, out, EAR_DATAGRAM_MAX, &how);
    assert_true(len > 0);
    return (size_t)len;
}

static void kind_and_body_leave_sealed(void **state)
{
    (void)state;
    struct ends t;
    struct wire w = {0};
    struct ear_send send = sending(&w);
    uint8_t plain[EAR_DATAGRAM_MAX];
    assert_true(ends_join(&t, 1));
    ear_send_sealed(&send, &t.tunnels[0], &there, EAR_KIND_PROBE, NULL, 0);
    ear_send_sealed(&send, &t.tunnels[0], &there, EAR_KIND_SPEECH, (const uint8_t *)"abc", 3);
    ear_send_handshake(&send, &there, (const uint8_t *)"raw", 3);
    assert_int_equal(w.count, 3);
    assert_int_equal(w.len[0], 1 + EAR_SEALED_CONTROL_BYTES);
    assert_int_equal(w.len[1], 4 + EAR_SEALED_SPEECH_BYTES);
    assert_null(memmem(w.bytes[1], w.len[1], "abc", 3));
    assert_memory_equal(w.bytes[2], "raw", 3);
    assert_int_equal(opened(&t, &w, 0, plain), 1);
    assert_int_equal(plain[0], EAR_KIND_PROBE);
    assert_int_equal(opened(&t, &w, 1, plain), 4);
    assert_memory_equal(plain,
                        "\x11"
                        "abc",
                        4);
    for (int i = 0; i < 3; i++)
        assert_true(ear_address_equal(&w.to[i], &there));
    assert_int_equal(send.counts.datagrams, 3);
    assert_int_equal(send.counts.bytes, 22 + 14 + 3 + 3 * EAR_DATAGRAM_OVERHEAD);
    assert_int_equal(send.counts.speech_datagrams, 1);
    assert_int_equal(send.counts.speech_bytes, 14 + EAR_DATAGRAM_OVERHEAD);
    assert_int_equal(send.counts.errors + send.counts.unsealed, 0);
}

/* Promise 1: no keys, no datagram. */
static void nothing_leaves_without_keys(void **state)
{
    (void)state;
    struct ends t;
    struct wire w = {0};
    struct ear_send send = sending(&w);
    assert_true(ends_join(&t, 1));
    memset(&t.tunnels[0].keys, 0, sizeof t.tunnels[0].keys);
    ear_send_sealed(&send, &t.tunnels[0], &there, EAR_KIND_SPEECH, (const uint8_t *)"abc", 3);
    ear_send_sealed(&send, &t.tunnels[0], &there, EAR_KIND_ENET, (const uint8_t *)"abc", 3);
    assert_int_equal(w.count, 0);
    assert_int_equal(send.counts.unsealed, 2);
    assert_int_equal(send.counts.datagrams, 0);
}

static void what_the_network_refuses_is_counted(void **state)
{
    (void)state;
    struct ends t;
    struct wire w = {.err = -ENETUNREACH};
    struct ear_send send = sending(&w);
    assert_true(ends_join(&t, 1));
    ear_send_sealed(&send, &t.tunnels[0], &there, EAR_KIND_PROBE, NULL, 0);
    ear_send_sealed(&send, &t.tunnels[0], &there, EAR_KIND_SPEECH, (const uint8_t *)"abc", 3);
    assert_true(ear_send_handshake(&send, &there, (const uint8_t *)"raw", 3));
    assert_int_equal(send.counts.errors, 3);
    assert_int_equal(send.counts.datagrams + send.counts.bytes, 0);
    assert_int_equal(send.counts.speech_datagrams + send.counts.speech_bytes, 0);
    w.err = -ENOTCONN; /* no way there yet */
    assert_false(ear_send_handshake(&send, &there, (const uint8_t *)"raw", 3));
    assert_int_equal(send.counts.errors, 3);
}

static void too_long_a_body_does_not_leave(void **state)
{
    (void)state;
    struct ends t;
    struct wire w = {0};
    struct ear_send send = sending(&w);
    static const uint8_t body[EAR_DATAGRAM_MAX];
    const size_t most = EAR_DATAGRAM_MAX - EAR_KIND_BYTES - EAR_SEALED_CONTROL_BYTES;
    assert_true(ends_join(&t, 1));
    ear_send_sealed(&send, &t.tunnels[0], &there, EAR_KIND_ENET, body, EAR_DATAGRAM_MAX);
    ear_send_sealed(&send, &t.tunnels[0], &there, EAR_KIND_ENET, body, most + 1);
    assert_int_equal(w.count, 0);
    assert_int_equal(send.counts.unsealed, 2);
    ear_send_sealed(&send, &t.tunnels[0], &there, EAR_KIND_ENET, body, most);
    assert_int_equal(w.count, 1);
    assert_int_equal(w.len[0], EAR_DATAGRAM_MAX);
}

static void speech_of_enet_goes_alone(void **state)
{
    (void)state;
    struct ends t;
    struct wire w = {0};
    struct ear_send send = sending(&w);
    uint8_t plain[EAR_DATAGRAM_MAX];
    uint8_t both[] = {0x90, 0x00, 0xab, 0xcd, /* header */
                      0x85, 0xff, 0x00, 0x07, /* ping */
                      0x49, 0x01, 0x00, 0x00, 0x00, 0x01, 0x00, 0x02, 'h', 'i'};
    assert_true(ends_join(&t, 1));
    ear_send_enet(&send, &t.tunnels[0], &there, both, sizeof both);
    assert_int_equal(w.count, 2);
    assert_int_equal(opened(&t, &w, 0, plain), 3);
    assert_memory_equal(plain,
                        "\x11"
                        "hi",
                        3);
    assert_int_equal(opened(&t, &w, 1, plain), 9);
    assert_memory_equal(plain, "\x10\x90\x00\xab\xcd\x85\xff\x00\x07", 9);
    assert_int_equal(send.counts.speech_datagrams, 1);
}

/* What is not ENet's as we know it goes as it is: it is for the other ENet to judge. */
static void what_cannot_be_squeezed_goes_whole(void **state)
{
    (void)state;
    struct ends t;
    struct wire w = {0};
    struct ear_send send = sending(&w);
    uint8_t plain[EAR_DATAGRAM_MAX];
    uint8_t odd[] = {0x10, 0x00, 0x4f, 0x01, 0x00};
    assert_true(ends_join(&t, 1));
    ear_send_enet(&send, &t.tunnels[0], &there, odd, sizeof odd);
    assert_int_equal(opened(&t, &w, 0, plain), 6);
    assert_memory_equal(plain, "\x10\x10\x00\x4f\x01\x00", 6);
    ear_send_enet(&send, &t.tunnels[0], &there, odd, 0);
    assert_int_equal(w.count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kind_and_body_leave_sealed),
        cmocka_unit_test(nothing_leaves_without_keys),
        cmocka_unit_test(what_the_network_refuses_is_counted),
        cmocka_unit_test(too_long_a_body_does_not_leave),
        cmocka_unit_test(speech_of_enet_goes_alone),
        cmocka_unit_test(what_cannot_be_squeezed_goes_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
