/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What comes in, sorted and counted. */
#include <errno.h>

#include "fake/test.h"

#include "rx/receive.h"

struct wire {
    const uint8_t (*bytes)[4];
    const size_t *len;
    size_t count, at;
};

static int wire_receive(void *ctx, struct ear_address *ret_from, uint8_t *data, size_t cap)
{
    struct wire *w = ctx;
    if (w->at == w->count)
        return -EAGAIN;
    assert_true(cap >= EAR_DATAGRAM_MAX);
    *ret_from = (struct ear_address){.bytes = {(uint8_t)(w->at + 1)}, .len = 1};
    memcpy(data, w->bytes[w->at], w->len[w->at]);
    return (int)w->len[w->at++];
}

static void known_forms_pass_and_others_are_counted(void **state)
{
    (void)state;
    static const uint8_t bytes[][4] = {
        {EAR_SEALED | 5, 1, 2, 3}, {0x2e, 1}, {EAR_MESSAGE_CALL}, {0}, {EAR_MESSAGE_COOKIE, 9}};
    static const size_t len[] = {4, 2, 1, 1, 2};
    struct wire w = {.bytes = bytes, .len = len, .count = EAR_COUNT(bytes)};
    struct ear_receive receive = {.net = {.receive = wire_receive, .ctx = &w}};
    struct ear_received in;

    assert_true(ear_receive_next(&receive, &in));
    assert_int_equal(in.form, EAR_RECEIVED_SEALED);
    assert_int_equal(in.datagram.len, 4);
    assert_memory_equal(in.datagram.data, bytes[0], 4);
    assert_int_equal(in.from.bytes[0], 1);

    assert_true(ear_receive_next(&receive, &in));
    assert_int_equal(in.form, EAR_RECEIVED_CALL);
    assert_int_equal(in.datagram.len, 1);
    assert_int_equal(in.from.bytes[0], 3);

    assert_true(ear_receive_next(&receive, &in));
    assert_int_equal(in.form, EAR_RECEIVED_ANSWER);
    assert_false(ear_receive_next(&receive, &in));
    assert_int_equal(receive.counts.datagrams, 5);
    assert_int_equal(receive.counts.bytes, 10 + 5 * EAR_DATAGRAM_OVERHEAD);
    assert_int_equal(receive.counts.refused, 2);
}

/* Each first byte on its own: seven handshakes, and half of all for what is sealed. */
static void only_these_forms_are_known(void **state)
{
    (void)state;
    int known = 0;
    for (int first = 0; first < 256; first++) {
        const uint8_t bytes[1][4] = {{(uint8_t)first}};
        const size_t len[] = {1};
        struct wire w = {.bytes = bytes, .len = len, .count = 1};
        struct ear_receive receive = {.net = {.receive = wire_receive, .ctx = &w}};
        struct ear_received in;
        bool passed = ear_receive_next(&receive, &in);
        assert_int_equal(receive.counts.refused, !passed);
        known += passed;
    }
    assert_int_equal(known, 7 + 128);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_forms_pass_and_others_are_counted),
        cmocka_unit_test(only_these_forms_are_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
