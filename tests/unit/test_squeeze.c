/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Squeezing byte by byte, and between two real ENets in virtual time. */
#include <errno.h>

#include "fake/test.h"

#include "base/clock.h"
#include "base/random.h"
#include "port/datagrams.h"
#include "port/enet_link.h"
#include "sim/enet_virtual.h"
#include "wire/squeeze.h"

/* ENet's protocol.h: peer 0 in session 1, then one unsequenced command on channel 1, group 0x1234,
 * five bytes. */
static const uint8_t golden[] = {0x10, 0x00, 0x49, 0x01, 0x00, 0x00, 0x12, 0x34,
                                 0x00, 0x05, 'h',  'e',  'l',  'l',  'o'};
/* A ping with the sent time in the header. */
static const uint8_t ping[] = {0x90, 0x00, 0xab, 0xcd, 0x85, 0xff, 0x00, 0x07};

static void speech_is_taken_out(void **state)
{
    (void)state;
    uint8_t datagram[sizeof golden], speech[16];
    size_t len = sizeof golden;
    memcpy(datagram, golden, sizeof golden);
    assert_int_equal(ear_squeeze(datagram, &len, speech, sizeof speech), 5);
    assert_memory_equal(speech, "hello", 5);
    assert_int_equal(len, 0);
    assert_true(ear_squeeze_holds_speech(golden, sizeof golden));
}

static void what_holds_none_is_left_alone(void **state)
{
    (void)state;
    uint8_t datagram[sizeof ping], speech[16];
    size_t len = sizeof ping;
    memcpy(datagram, ping, sizeof ping);
    assert_int_equal(ear_squeeze(datagram, &len, speech, sizeof speech), 0);
    assert_int_equal(len, sizeof ping);
    assert_memory_equal(datagram, ping, sizeof ping);
    assert_false(ear_squeeze_holds_speech(ping, sizeof ping));
}

static void it_is_built_again(void **state)
{
    (void)state;
    struct ear_unsqueeze to = {.peer_and_session = 0x1000, .channel = 1, .group = 0x1233};
    uint8_t out[32];
    for (size_t cap = 0; cap < sizeof golden; cap++)
        assert_int_equal(ear_unsqueeze(&to, (const uint8_t *)"hello", 5, out, cap), -ENOBUFS);
    assert_int_equal(to.group, 0x1233); /* a failure does not count */
    assert_int_equal(ear_unsqueeze(&to, (const uint8_t *)"hello", 5, out, sizeof out),
                     sizeof golden);
    assert_memory_equal(out, golden, sizeof golden);
    to.group = 0xffff;
    assert_int_equal(ear_unsqueeze(&to, (const uint8_t *)"hello", 5, out, sizeof out), 15);
    assert_int_equal(to.group, 0);
    assert_int_equal(out[6] << 8 | out[7], 0);
    assert_int_equal(sizeof golden - 5, EAR_SQUEEZE_HEADER_BYTES);
}

/* Speech before, between and behind other commands; all of it comes out, the rest closes up. */
static void speech_among_other_commands_is_found(void **state)
{
    (void)state;
    static const uint8_t unsequenced[] = {0x49, 0x01, 0x00, 0x00, 0x00, 0x01, 0x00, 0x02, 'h', 'i'};
    static const uint8_t reliable[] = {0x86, 0x00, 0x00, 0x09, 0x00, 0x01, 'R'};
    static const uint8_t ack[] = {0x01, 0x00, 0x00, 0x09, 0x00, 0x09, 0xab, 0xcd};
    for (int order = 0; order < 8; order++) {
        uint8_t datagram[128] = {0x90, 0x00, 0xab, 0xcd}, rest[128], speech[16];
        size_t len = 4, rest_len = 4;
        memcpy(rest, datagram, 4);
        int spoken = 0;
        for (int place = 0; place < 3; place++) {
            const uint8_t *other = place % 2 ? reliable : ack;
            size_t other_len = place % 2 ? sizeof reliable : sizeof ack;
            if (order >> place & 1) {
                memcpy(datagram + len, unsequenced, sizeof unsequenced);
                len += sizeof unsequenced;
                spoken++;
            }
            memcpy(datagram + len, other, other_len);
            len += other_len;
            memcpy(rest + rest_len, other, other_len);
            rest_len += other_len;
        }
        assert_int_equal(ear_squeeze_holds_speech(datagram, len), spoken > 0);
        for (int i = 0; i < spoken; i++) {
            assert_int_equal(ear_squeeze(datagram, &len, speech, sizeof speech), 2);
            assert_memory_equal(speech, "hi", 2);
        }
        assert_int_equal(ear_squeeze(datagram, &len, speech, sizeof speech), 0);
        assert_int_equal(len, rest_len);
        assert_memory_equal(datagram, rest, rest_len);
    }
}

static void refused(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1), speech[64];
    size_t len = size;
    memcpy(copy, bytes, size);
    assert_int_equal(ear_squeeze(copy, &len, speech, sizeof speech), -EBADMSG);
    assert_int_equal(len, size);
    assert_memory_equal(copy, bytes, size);
    free(copy);
}

static void malformed_ones_are_refused(void **state)
{
    (void)state;
    static const uint8_t compressed[] = {0x50, 0x00, 0x49, 0x01, 0, 0, 0, 1, 0, 1, 'x'};
    static const uint8_t none[] = {0x10, 0x00, 0x40, 0x01, 0, 0, 0, 1, 0, 1, 'x'};
    static const uint8_t unknown[] = {0x10, 0x00, 0x4d, 0x01, 0, 0, 0, 1, 0, 1, 'x'};
    static const uint8_t too_long[] = {0x10, 0x00, 0x49, 0x01, 0, 0, 0, 1, 0, 2, 'x'};
    static const uint8_t empty[] = {0x10, 0x00, 0x49, 0x01, 0, 0, 0, 1, 0, 0};
    static const uint8_t huge[] = {0x10, 0x00, 0x49, 0x01, 0, 0, 0, 1, 0xff, 0xff, 'x'};
    refused(compressed, sizeof compressed);
    refused(none, sizeof none);
    refused(unknown, sizeof unknown);
    refused(too_long, sizeof too_long);
    refused(empty, sizeof empty);
    refused(huge, sizeof huge);
    /* Cut off anywhere: only a header alone, which holds no command, is whole. */
    for (size_t len = 0; len < sizeof golden; len++)
        if (len != 2)
            refused(golden, len);
}

static void the_room_for_speech_is_respected(void **state)
{
    (void)state;
    uint8_t datagram[sizeof golden], speech[5];
    size_t len = sizeof golden;
    memcpy(datagram, golden, sizeof golden);
    assert_int_equal(ear_squeeze(datagram, &len, speech, 4), -EBADMSG);
    assert_int_equal(len, sizeof golden);
    assert_int_equal(ear_squeeze(datagram, &len, speech, 5), 5);
}

/* ---- two real ENets ---- */

struct pair {
    struct ear_clock_virtual time;
    struct ear_clock clock;
    struct ear_random random;
    struct ear_enet_link *links[2];
    struct ear_unsqueeze rebuild[2]; /* for what goes to that end */
    double loss;                     /* of everything */
    bool join; /* puts speech and the last other datagram together, as ENet might */
    uint8_t held[2][EAR_DATAGRAM_MAX];
    size_t held_len[2];
    int speech_through[2], joined;
    bool connected[2];
};

static bool is_lost(struct pair *p)
{
    return ear_random_unit(&p->random) < p->loss;
}

/* One datagram of ENet's as the bridge would take it to the other end. */
static void carry(struct pair *p, int from, uint8_t *datagram, size_t len)
{
    uint8_t speech[EAR_DATAGRAM_MAX], whole[EAR_DATAGRAM_MAX + EAR_SQUEEZE_HEADER_BYTES];
    int to = !from, speech_len;
    while (len > 0 && (speech_len = ear_squeeze(datagram, &len, speech, sizeof speech)) > 0) {
        if (is_lost(p) || !p->connected[to])
            continue;
        p->rebuild[to].peer_and_session = ear_enet_link_peer_and_session(p->links[to]);
        int whole_len =
            ear_unsqueeze(&p->rebuild[to], speech, (size_t)speech_len, whole, sizeof whole);
        assert_true(whole_len > 0);
        assert_int_equal(ear_enet_link_incoming(p->links[to], whole, (size_t)whole_len), 0);
        p->speech_through[to]++;
    }
    if (len > 0 && !is_lost(p))
        assert_int_equal(ear_enet_link_incoming(p->links[to], datagram, len), 0);
}

/* Speech waits for another datagram to ride on: the commands of both behind one header. */
static void join(struct pair *p, int from, uint8_t *datagram, size_t len)
{
    bool speaks = ear_squeeze_holds_speech(datagram, len);
    size_t *held = &p->held_len[from];
    if (speaks && *held == 0) {
        memcpy(p->held[from], datagram, len);
        *held = len;
        return;
    }
    if (!speaks && *held > 2 && *held - 2 + len <= EAR_DATAGRAM_MAX) {
        memcpy(datagram + len, p->held[from] + 2, *held - 2);
        len += *held - 2;
        *held = 0;
        p->joined++;
    }
    carry(p, from, datagram, len);
}

static void bridge(struct pair *p)
{
    uint8_t datagram[2 * EAR_DATAGRAM_MAX];
    int len;
    for (int from = 0; from < 2; from++) {
        while ((len = ear_enet_link_outgoing(p->links[from], datagram, EAR_DATAGRAM_MAX)) > 0) {
            if (p->join)
                join(p, from, datagram, (size_t)len);
            else
                carry(p, from, datagram, (size_t)len);
        }
    }
}

static void open_pair(struct pair *p)
{
    memset(p, 0, sizeof *p);
    p->time.now_us = 1000 * S;
    p->clock = ear_clock_from_virtual(&p->time);
    p->random = ear_random_seeded(SEED);
    ear_enet_virtual_start(&p->clock, 0);
    assert_int_equal(ear_enet_start(), 0);
    assert_true(ear_enet_virtual_works());
    uint8_t data[EAR_ENET_MESSAGE_MAX];
    size_t len;
    for (int end = 0; end < 2; end++) {
        p->rebuild[end].channel = ear_enet_link_speech_channel();
        assert_int_equal(ear_enet_link_new(&p->links[end]), 0);
        assert_int_equal(ear_enet_link_open(p->links[end], end == 0), 0);
    }
    for (int i = 0; i < 100 && !(p->connected[0] && p->connected[1]); i++) {
        for (int end = 0; end < 2; end++)
            if (ear_enet_link_service(p->links[end], data, &len) == EAR_ENET_CONNECTED)
                p->connected[end] = true;
        bridge(p);
        p->time.now_us += 10 * MS;
    }
    assert_true(p->connected[0] && p->connected[1]);
}

static void close_pair(struct pair *p)
{
    for (int end = 0; end < 2; end++)
        ear_enet_link_free(p->links[end]);
    assert_int_equal(ear_enet_memory_used(), 0);
    ear_enet_stop();
}

struct heard {
    int speech, control;
    bool broken;
};

static void listen_to(struct pair *p, int end, struct heard *heard)
{
    uint8_t data[EAR_ENET_MESSAGE_MAX];
    size_t len;
    enum ear_enet_event event;
    while ((event = ear_enet_link_service(p->links[end], data, &len)) != EAR_ENET_NOTHING) {
        int number;
        assert_true(event == EAR_ENET_SPEECH || event == EAR_ENET_CONTROL);
        assert_true(len >= sizeof number);
        memcpy(&number, data, sizeof number);
        if (event == EAR_ENET_SPEECH)
            heard->speech++;
        else if (number == heard->control)
            heard->control++;
        else
            heard->broken = true;
        heard->broken |= data[len - 1] != (uint8_t)number;
    }
}

static size_t message(int number, uint8_t data[static 200])
{
    size_t len = sizeof number + 1 + (size_t)(number * 7 % 150);
    memset(data, 0, len);
    memcpy(data, &number, sizeof number);
    data[len - 1] = (uint8_t)number;
    return len;
}

/* Both ends speak each 20 ms and say something reliably now and then. */
static void talk(struct pair *p, int rounds, struct heard heard[static 2])
{
    uint8_t data[200];
    for (int i = 0; i < rounds; i++) {
        for (int end = 0; end < 2; end++) {
            assert_int_equal(ear_enet_link_send_speech(p->links[end], data, message(i, data)), 0);
            if (i % 10 == end)
                assert_int_equal(
                    ear_enet_link_send_control(p->links[end], data, message(i / 10, data)), 0);
        }
        bridge(p);
        listen_to(p, 0, &heard[0]);
        listen_to(p, 1, &heard[1]);
        p->time.now_us += 20 * MS;
    }
    double loss = p->loss;
    p->loss = 0;
    for (int i = 0; i < 3000; i++) {
        bridge(p);
        listen_to(p, 0, &heard[0]);
        listen_to(p, 1, &heard[1]);
        p->time.now_us += 20 * MS;
    }
    p->loss = loss;
}

static void thousands_cross_with_loss(void **state)
{
    (void)state;
    const double losses[] = {0, 0.05, 0.3};
    for (size_t k = 0; k < EAR_COUNT(losses); k++) {
        struct pair p;
        struct heard heard[2] = {0};
        open_pair(&p);
        p.loss = losses[k];
        talk(&p, 5000, heard);
        for (int end = 0; end < 2; end++) {
            assert_int_equal(heard[end].speech, p.speech_through[end]);
            assert_int_equal(heard[end].control, 500);
            assert_false(heard[end].broken);
            assert_true(ear_enet_link_is_settled(p.links[end]));
            assert_true(p.speech_through[end] >= 5000 * (1 - losses[k]) - 200);
        }
        close_pair(&p);
    }
}

static void commands_put_together_are_parted(void **state)
{
    (void)state;
    struct pair p;
    struct heard heard[2] = {0};
    open_pair(&p);
    p.join = true;
    talk(&p, 2000, heard);
    assert_true(p.joined > 100);
    for (int end = 0; end < 2; end++) {
        assert_int_equal(heard[end].speech, p.speech_through[end]);
        assert_int_equal(heard[end].control, 200);
        assert_false(heard[end].broken);
        assert_true(p.speech_through[end] > 1990);
    }
    close_pair(&p);
}

/* ENet forgets groups that lie far back and refuses those far ahead: counted here, they never do.
 */
static void forty_thousand_lost_packets_harm_nothing(void **state)
{
    (void)state;
    struct pair p;
    struct heard heard[2] = {0};
    open_pair(&p);
    talk(&p, 1000, heard);
    int before = heard[1].speech;
    uint8_t data[200];
    p.loss = 1;
    for (int i = 0; i < 40000; i++) {
        assert_int_equal(ear_enet_link_send_speech(p.links[0], data, message(i, data)), 0);
        bridge(&p);
    }
    assert_int_equal(heard[1].speech, before);
    p.loss = 0;
    for (int i = 0; i < 100000; i++) { /* across the wrap of 16 bits */
        assert_int_equal(ear_enet_link_send_speech(p.links[0], data, message(i, data)), 0);
        bridge(&p);
        listen_to(&p, 1, &heard[1]);
    }
    assert_int_equal(heard[1].speech, before + 100000);
    close_pair(&p);
}

/* Speech that comes in any order is rebuilt in the order of its coming. */
static void order_does_not_matter(void **state)
{
    (void)state;
    struct pair p;
    struct heard heard = {0};
    open_pair(&p);
    static uint8_t kept[64][200], datagram[EAR_DATAGRAM_MAX];
    static size_t kept_len[64];
    uint8_t data[200], whole[EAR_DATAGRAM_MAX];
    int sent = 0, passed = 0;
    for (int i = 0; i < 20000; i++) {
        size_t k = ear_random_below(&p.random, EAR_COUNT(kept));
        if (kept_len[k] > 0) {
            p.rebuild[1].peer_and_session = ear_enet_link_peer_and_session(p.links[1]);
            int len = ear_unsqueeze(&p.rebuild[1], kept[k], kept_len[k], whole, sizeof whole);
            assert_int_equal(ear_enet_link_incoming(p.links[1], whole, (size_t)len), 0);
            listen_to(&p, 1, &heard);
            passed++;
        }
        assert_int_equal(ear_enet_link_send_speech(p.links[0], data, message(sent++, data)), 0);
        int len = ear_enet_link_outgoing(p.links[0], datagram, sizeof datagram);
        assert_true(len > 0);
        size_t left = (size_t)len;
        kept_len[k] = (size_t)ear_squeeze(datagram, &left, kept[k], sizeof kept[k]);
        assert_int_equal(left, 0);
    }
    assert_int_equal(heard.speech, passed);
    assert_false(heard.broken);
    close_pair(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(speech_is_taken_out),
        cmocka_unit_test(what_holds_none_is_left_alone),
        cmocka_unit_test(it_is_built_again),
        cmocka_unit_test(speech_among_other_commands_is_found),
        cmocka_unit_test(malformed_ones_are_refused),
        cmocka_unit_test(the_room_for_speech_is_respected),
        cmocka_unit_test(thousands_cross_with_loss),
        cmocka_unit_test(commands_put_together_are_parted),
        cmocka_unit_test(forty_thousand_lost_packets_harm_nothing),
        cmocka_unit_test(order_does_not_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
