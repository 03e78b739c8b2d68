/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sockets on this machine's own addresses, and the words for what goes wrong. */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fake/test.h"

#include "port/udp.h"

static struct ear_address address_of(const char *text)
{
    struct ear_address address;
    char error[256] = "";
    if (ear_udp_resolve(text, &address, error, sizeof error) != 0)
        fail_msg("%s: %s", text, error);
    return address;
}

/* NULL where the machine has no such address (containers without IPv6). */
static struct ear_udp *opened(const char *text)
{
    struct ear_udp *udp = NULL;
    char error[256] = "";
    struct ear_address at = address_of(text);
    if (ear_udp_open(&udp, &at, error, sizeof error) < 0)
        return NULL;
    return udp;
}

static bool readable(const struct ear_udp *udp)
{
    struct pollfd fd = {.fd = ear_udp_fd(udp), .events = POLLIN};
    return poll(&fd, 1, 2000) == 1;
}

static void a_datagram_goes_there_and_back(const char *where)
{
    struct ear_udp *a = opened(where), *b = opened(where);
    if (!a)
        return;
    struct ear_datagrams from_a = ear_udp_datagrams(a), from_b = ear_udp_datagrams(b);
    struct ear_address at_a = ear_udp_address(a), at_b = ear_udp_address(b), from;
    uint8_t bytes[EAR_DATAGRAM_MAX];
    assert_true(ear_address_port(&at_a) != 0);
    assert_true(ear_address_is_loopback(&at_a));
    assert_int_equal(from_b.receive(from_b.ctx, &from, bytes, sizeof bytes), -EAGAIN);
    assert_int_equal(from_a.send(from_a.ctx, &at_b, (const uint8_t *)"there", 5), 0);
    assert_true(readable(b));
    assert_int_equal(from_b.receive(from_b.ctx, &from, bytes, sizeof bytes), 5);
    assert_memory_equal(bytes, "there", 5);
    assert_true(ear_address_equal(&from, &at_a));
    assert_int_equal(from_b.send(from_b.ctx, &from, (const uint8_t *)"back", 4), 0);
    assert_true(readable(a));
    assert_int_equal(from_a.receive(from_a.ctx, &from, bytes, sizeof bytes), 4);
    assert_true(ear_address_equal(&from, &at_b));
    ear_udp_close(a);
    ear_udp_close(b);
}

static void both_families_carry(void **state)
{
    (void)state;
    assert_non_null(address_of("127.0.0.1:0").len ? "" : NULL);
    a_datagram_goes_there_and_back("127.0.0.1:0");
    a_datagram_goes_there_and_back("[::1]:0");
}

static void a_port_in_use_is_said(void **state)
{
    (void)state;
    struct ear_udp *first = opened("127.0.0.1:0"), *second = NULL;
    assert_non_null(first);
    struct ear_address at = ear_udp_address(first);
    char error[256] = "", port[16];
    assert_int_equal(ear_udp_open(&second, &at, error, sizeof error), -EADDRINUSE);
    assert_null(second);
    snprintf(port, sizeof port, "%u", ear_address_port(&at));
    assert_non_null(strstr(error, port));
    assert_non_null(strstr(error, "in use"));
    ear_udp_close(first);
    assert_int_equal(ear_udp_open(&second, &at, error, sizeof error), 0);
    ear_udp_close(second);
    ear_udp_close(NULL);
}

static void names_become_addresses(void **state)
{
    (void)state;
    struct ear_address a = address_of("127.0.0.1:4000"), b = address_of("127.0.0.1:4000"),
                       c = address_of("127.0.0.1:4001"), v6 = address_of("[::1]:4000");
    assert_true(ear_address_equal(&a, &b));
    assert_false(ear_address_equal(&a, &c));
    assert_false(ear_address_equal(&a, &v6));
    assert_int_equal(ear_address_port(&a), 4000);
    assert_int_equal(ear_address_port(&v6), 4000);
    assert_true(ear_address_is_loopback(&a));
    assert_true(ear_address_is_loopback(&v6));
    struct ear_address any = c, any6 = v6;
    ear_address_set_any(&any);
    ear_address_set_any(&any6);
    assert_int_equal(ear_address_port(&any), 0);
    assert_int_equal(ear_address_port(&any6), 0);
    assert_false(ear_address_is_loopback(&any));
    assert_false(ear_address_is_loopback(&any6));
    struct ear_address local = address_of("localhost:5"), far = address_of("192.0.2.1:5");
    assert_true(ear_address_is_loopback(&local));
    assert_false(ear_address_is_loopback(&far));
    const struct ear_address foreign = {.bytes = {1, 2, 3}, .len = 3};
    assert_int_equal(ear_address_port(&foreign), 0);
    assert_false(ear_address_is_loopback(&foreign));
}

static void what_is_no_address_gets_a_sentence(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",           "host",         ":4000",        "host:",     "host:port",
        "host:65536", "host:-1",      "[::1]",        "[::1:4000", "[]:4000",
        "host:4000x", "127.0.0.1:+5", "127.0.0.1: 5", "host:4 000"};
    for (size_t i = 0; i < EAR_COUNT(bad); i++) {
        struct ear_address untouched = {.len = 99};
        char error[256] = "";
        int r = ear_udp_resolve(bad[i], &untouched, error, sizeof error);
        if (r != -EINVAL || untouched.len != 99)
            fail_msg("\"%s\" is taken: %d", bad[i], r);
        assert_non_null(strstr(error, "HOST:PORT"));
    }
    struct ear_address address;
    char error[256] = "", tiny[8];
    assert_int_equal(ear_udp_resolve("nobody.invalid:4000", &address, error, sizeof error),
                     -EHOSTUNREACH);
    assert_non_null(strstr(error, "nobody.invalid"));
    assert_int_equal(ear_udp_resolve("host", &address, tiny, sizeof tiny), -EINVAL);
    assert_int_equal(strlen(tiny), sizeof tiny - 1);
    char longest[600];
    memset(longest, 'a', sizeof longest);
    memcpy(longest + sizeof longest - 6, ":4000", 6);
    assert_int_equal(ear_udp_resolve(longest, &address, error, sizeof error), -EINVAL);
}

/* Longer ones than the room are dropped, empty ones as well, and the next is read. */
static void places_are_written_as_they_are_read(void **state)
{
    (void)state;
    char place[128];
    static const char *const places[] = {"203.0.113.9:4000", "[2001:db8::1]:65535", "127.0.0.1:1"};
    const struct ear_address v6 = address_of("[::1]:1");
    for (size_t i = 0; i < EAR_COUNT(places); i++) {
        struct ear_address address = address_of(places[i]);
        assert_int_equal(ear_udp_place(&address, place, sizeof place), 0);
        assert_string_equal(place, places[i]);
        assert_int_equal(ear_udp_place(&address, place, strlen(places[i])), -ENOBUFS);
        assert_true(ear_address_fit(&address, &v6)); /* in IPv6's clothes */
        assert_int_equal(ear_udp_place(&address, place, sizeof place), 0);
        assert_string_equal(place, places[i]);
    }
    struct ear_address foreign = {.len = 28}, cable = address_of("[fe80::1]:4000");
    assert_int_equal(ear_udp_place(&foreign, place, sizeof place), -EAFNOSUPPORT);
    assert_int_equal(ear_udp_place(&cable, place, sizeof place), -EAFNOSUPPORT);
}

static void odd_sizes_are_passed_over(void **state)
{
    (void)state;
    struct ear_udp *a = opened("127.0.0.1:0"), *b = opened("127.0.0.1:0");
    assert_non_null(a);
    assert_non_null(b);
    struct ear_datagrams from_a = ear_udp_datagrams(a), from_b = ear_udp_datagrams(b);
    struct ear_address at_b = ear_udp_address(b), from;
    static const uint8_t large[1400];
    uint8_t bytes[EAR_DATAGRAM_MAX];
    assert_int_equal(from_a.send(from_a.ctx, &at_b, large, sizeof large), 0);
    assert_int_equal(from_a.send(from_a.ctx, &at_b, large, 0), 0);
    assert_int_equal(from_a.send(from_a.ctx, &at_b, large, EAR_DATAGRAM_MAX + 1), 0);
    assert_int_equal(from_a.send(from_a.ctx, &at_b, large, EAR_DATAGRAM_MAX), 0);
    assert_true(readable(b));
    assert_int_equal(from_b.receive(from_b.ctx, &from, bytes, sizeof bytes), EAR_DATAGRAM_MAX);
    assert_int_equal(from_b.receive(from_b.ctx, &from, bytes, sizeof bytes), -EAGAIN);
    ear_udp_close(a);
    ear_udp_close(b);
}

/* A port where nobody listens answers by ICMP: reading must neither spin nor fail for good. */
static void a_refusal_neither_spins_nor_sticks(void **state)
{
    (void)state;
    struct ear_udp *a = opened("127.0.0.1:0"), *gone = opened("127.0.0.1:0");
    assert_non_null(a);
    assert_non_null(gone);
    struct ear_datagrams from_a = ear_udp_datagrams(a);
    struct ear_address nobody = ear_udp_address(gone), self = ear_udp_address(a), from;
    uint8_t bytes[EAR_DATAGRAM_MAX];
    ear_udp_close(gone);
    int on = 1; /* the system then tells of refusals, as it does on connected sockets */
    assert_int_equal(setsockopt(ear_udp_fd(a), IPPROTO_IP, IP_RECVERR, &on, sizeof on), 0);
    for (int i = 0; i < 50; i++) {
        int r = from_a.send(from_a.ctx, &nobody, (const uint8_t *)"?", 1);
        assert_true(r == 0 || r == -ECONNREFUSED);
        r = from_a.receive(from_a.ctx, &from, bytes, sizeof bytes);
        assert_int_equal(r, -EAGAIN);
    }
    while (from_a.send(from_a.ctx, &self, (const uint8_t *)"me", 2) < 0)
        ;
    assert_true(readable(a));
    assert_int_equal(from_a.receive(from_a.ctx, &from, bytes, sizeof bytes), 2);
    ear_udp_close(a);
}

static void what_cannot_be_sent_is_said(void **state)
{
    (void)state;
    struct ear_udp *a = opened("127.0.0.1:0");
    assert_non_null(a);
    struct ear_datagrams from_a = ear_udp_datagrams(a);
    const struct ear_address foreign = {.bytes = {1, 2, 3}, .len = 3}, none = {.len = 0};
    struct ear_udp *untouched = NULL;
    char error[256] = "";
    assert_true(from_a.send(from_a.ctx, &foreign, (const uint8_t *)"x", 1) < 0);
    assert_true(from_a.send(from_a.ctx, &none, (const uint8_t *)"x", 1) < 0);
    assert_true(ear_udp_open(&untouched, &foreign, error, sizeof error) < 0);
    assert_true(strlen(error) > 10);
    assert_null(untouched);
    ear_udp_close(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_families_carry),
        cmocka_unit_test(a_port_in_use_is_said),
        cmocka_unit_test(names_become_addresses),
        cmocka_unit_test(what_is_no_address_gets_a_sentence),
        cmocka_unit_test(places_are_written_as_they_are_read),
        cmocka_unit_test(odd_sizes_are_passed_over),
        cmocka_unit_test(a_refusal_neither_spins_nor_sticks),
        cmocka_unit_test(what_cannot_be_sent_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
