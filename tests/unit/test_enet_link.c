/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ENet on its real loopback pair, carried from one end to the other by hand. */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fake/test.h"

#include "port/datagrams.h"
#include "port/enet_link.h"

/* Loopback is immediate; more rounds than this mean that something is stuck. */
#define ROUNDS 2000

static struct ear_enet_link *links[2];
static bool cut;
static int crossed;

static enum ear_enet_event last[2];
static uint8_t data[2][EAR_ENET_MESSAGE_MAX];
static size_t len[2];

static void carry(void)
{
    uint8_t datagram[EAR_DATAGRAM_MAX];
    for (int from = 0; from < 2; from++) {
        int got;
        while ((got = ear_enet_link_outgoing(links[from], datagram, sizeof datagram)) > 0) {
            if (cut)
                continue;
            crossed++;
            assert_int_equal(ear_enet_link_incoming(links[!from], datagram, (size_t)got), 0);
        }
    }
}

/* Until that end has an event; NOTHING when none comes. */
static enum ear_enet_event wait_for(int end)
{
    for (int i = 0; i < ROUNDS; i++) {
        carry();
        enum ear_enet_event event = ear_enet_link_service(links[end], data[end], &len[end]);
        if (event != EAR_ENET_NOTHING)
            return event;
        last[!end] = ear_enet_link_service(links[!end], data[!end], &len[!end]);
    }
    return EAR_ENET_NOTHING;
}

static void open_links(void)
{
    cut = false;
    for (int end = 0; end < 2; end++) {
        assert_int_equal(ear_enet_link_new(&links[end]), 0);
        assert_false(ear_enet_link_is_open(links[end]));
        assert_int_equal(ear_enet_link_open(links[end], end == 0), 0);
        assert_true(ear_enet_link_is_open(links[end]));
        last[end] = EAR_ENET_NOTHING;
    }
    assert_int_equal(wait_for(0), EAR_ENET_CONNECTED);
    assert_int_equal(last[1] == EAR_ENET_CONNECTED ? last[1] : wait_for(1), EAR_ENET_CONNECTED);
}

static void close_links(void)
{
    for (int end = 0; end < 2; end++)
        ear_enet_link_free(links[end]);
}

static int start(void **state)
{
    (void)state;
    return ear_enet_start();
}

static int stop(void **state)
{
    (void)state;
    size_t left = ear_enet_memory_used();
    ear_enet_stop();
    return left == 0 ? 0 : -1;
}

static void messages_arrive(void **state)
{
    (void)state;
    open_links();
    uint8_t longest[EAR_ENET_MESSAGE_MAX];
    memset(longest, 7, sizeof longest);
    assert_int_equal(ear_enet_link_send_speech(links[0], (const uint8_t *)"speech", 6), 0);
    assert_int_equal(wait_for(1), EAR_ENET_SPEECH);
    assert_int_equal(len[1], 6);
    assert_memory_equal(data[1], "speech", 6);
    assert_int_equal(ear_enet_link_send_control(links[1], longest, sizeof longest), 0);
    assert_false(ear_enet_link_is_settled(links[1]));
    assert_int_equal(wait_for(0), EAR_ENET_CONTROL);
    assert_int_equal(len[0], sizeof longest);
    assert_memory_equal(data[0], longest, sizeof longest);
    assert_int_equal(wait_for(1), EAR_ENET_NOTHING);
    assert_true(ear_enet_link_is_settled(links[1]));
    assert_true(ear_enet_link_rtt_ms(links[1]) <= 500);
    close_links();
}

/* Mail: in order, apart from control, told when it has arrived, and no more than there is room for.
 */
static void mail_arrives_and_is_acknowledged(void **state)
{
    (void)state;
    struct ear_enet_ack ack;
    open_links();
    cut = true;
    for (uint8_t i = 0; i < EAR_ENET_MAILS; i++)
        assert_int_equal(ear_enet_link_send_mail(links[0], (const uint8_t[]){i, 1, 2}, 3), 0);
    assert_int_equal(ear_enet_link_send_mail(links[0], (const uint8_t *)"more", 4), -EAGAIN);
    assert_int_equal(ear_enet_link_mail_count(links[0]), EAR_ENET_MAILS);
    assert_int_equal(ear_enet_link_mail_bytes(links[0]), 3 * EAR_ENET_MAILS);
    assert_false(ear_enet_link_mail_ack(links[0], &ack));
    cut = false;
    for (uint8_t i = 0; i < EAR_ENET_MAILS; i++) {
        assert_int_equal(wait_for(1), EAR_ENET_MAIL);
        assert_int_equal(len[1], 3);
        assert_int_equal(data[1][0], i);
    }
    assert_int_equal(wait_for(1), EAR_ENET_NOTHING);
    assert_int_equal(ear_enet_link_mail_count(links[0]), 0);
    assert_int_equal(ear_enet_link_mail_bytes(links[0]), 0);
    for (int i = 0; i < EAR_ENET_MAILS; i++) {
        assert_true(ear_enet_link_mail_ack(links[0], &ack));
        assert_int_equal(ack.len, 3);
        assert_true(ack.took_ms < 60000);
    }
    assert_false(ear_enet_link_mail_ack(links[0], &ack));
    assert_int_equal(ear_enet_link_send_mail(links[0], (const uint8_t *)"left", 4), 0);
    close_links(); /* what is under way then has not arrived, and nothing is left of it */
}

/* What was lost waits until it is told to go again, the oldest first. */
static void overdue_mail_goes_when_it_is_told_to(void **state)
{
    (void)state;
    open_links();
    cut = true;
    ear_enet_link_mail_patience(links[0], 1);
    assert_int_equal(ear_enet_link_send_mail(links[0], (const uint8_t *)"one", 3), 0);
    assert_int_equal(ear_enet_link_send_mail(links[0], (const uint8_t *)"three", 5), 0);
    carry();
    while (ear_enet_link_mail_overdue(links[0]) == 0)
        ;
    cut = false;
    for (size_t i = 3; i <= 5; i += 2) {
        assert_int_equal(wait_for(1), EAR_ENET_NOTHING);
        crossed = 0;
        assert_int_equal(ear_enet_link_mail_overdue(links[0]), i);
        ear_enet_link_mail_again(links[0]);
        carry();
        assert_int_equal(crossed, 1);
        assert_int_equal(wait_for(1), EAR_ENET_MAIL);
        assert_int_equal(len[1], i);
    }
    assert_int_equal(wait_for(1), EAR_ENET_NOTHING);
    assert_int_equal(ear_enet_link_mail_overdue(links[0]), 0);
    struct ear_enet_ack ack;
    assert_true(ear_enet_link_mail_ack(links[0], &ack));
    assert_true(ack.again);
    close_links();
}

static void what_cannot_go_is_refused(void **state)
{
    (void)state;
    uint8_t bytes[EAR_ENET_MESSAGE_MAX + 1] = {0};
    struct ear_enet_link *link;
    assert_int_equal(ear_enet_link_new(&link), 0);
    assert_int_equal(ear_enet_link_send_speech(link, bytes, 1), -ENOTCONN);
    assert_int_equal(ear_enet_link_send_control(link, bytes, 1), -ENOTCONN);
    assert_int_equal(ear_enet_link_send_mail(link, bytes, 1), -ENOTCONN);
    assert_int_equal(ear_enet_link_incoming(link, bytes, 1), -ENOTCONN);
    assert_int_equal(ear_enet_link_outgoing(link, bytes, sizeof bytes), -EAGAIN);
    size_t got;
    assert_int_equal(ear_enet_link_service(link, bytes, &got), EAR_ENET_NOTHING);
    assert_true(ear_enet_link_is_settled(link));
    ear_enet_link_path_down(link, true);
    ear_enet_link_path_down(link, false);
    assert_int_equal(ear_enet_link_open(link, true), 0);
    assert_int_equal(ear_enet_link_send_speech(link, bytes, 1), -ENOTCONN);
    ear_enet_link_free(link);
    ear_enet_link_free(NULL);
    open_links();
    assert_int_equal(ear_enet_link_send_speech(links[0], bytes, sizeof bytes), -EMSGSIZE);
    assert_int_equal(ear_enet_link_send_control(links[0], bytes, sizeof bytes), -EMSGSIZE);
    assert_int_equal(ear_enet_link_send_mail(links[0], bytes, sizeof bytes), -EMSGSIZE);
    close_links();
}

/* The CONNECT fits into a hello, and each datagram of ours into a small path. */
static void the_connect_is_small(void **state)
{
    (void)state;
    struct ear_enet_link *link;
    uint8_t bytes[EAR_DATAGRAM_MAX];
    size_t got;
    assert_int_equal(ear_enet_link_new(&link), 0);
    assert_int_equal(ear_enet_link_open(link, true), 0);
    assert_int_equal(ear_enet_link_service(link, bytes, &got), EAR_ENET_NOTHING);
    int connect = ear_enet_link_outgoing(link, bytes, sizeof bytes);
    assert_true(connect > 40 && connect <= 64);
    ear_enet_link_free(link);
}

static uint16_t a_port_of(struct ear_enet_link *link, int before)
{
    (void)link;
    for (int fd = before; fd < before + 16; fd++) {
        struct sockaddr_in address;
        socklen_t size = sizeof address;
        if (getsockname(fd, (struct sockaddr *)&address, &size) == 0 &&
            address.sin_family == AF_INET)
            return ntohs(address.sin_port);
    }
    return 0;
}

/* Both sockets are connected to each other: others on the machine cannot speak to them. */
static void strangers_on_the_machine_stay_outside(void **state)
{
    (void)state;
    int probe = dup(0);
    assert_true(probe >= 0);
    close(probe);
    struct ear_enet_link *link;
    uint8_t bytes[EAR_DATAGRAM_MAX];
    size_t got;
    assert_int_equal(ear_enet_link_new(&link), 0);
    assert_int_equal(ear_enet_link_open(link, false), 0);
    uint16_t first = a_port_of(link, probe), second = a_port_of(link, probe + 1);
    assert_true(first != 0 && second != 0);
    int stranger = socket(AF_INET, SOCK_DGRAM, 0);
    assert_true(stranger >= 0);
    for (int i = 0; i < 100; i++) {
        struct sockaddr_in to = {.sin_family = AF_INET,
                                 .sin_port = htons(i % 2 ? first : second),
                                 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        sendto(stranger, "stranger", 8, 0, (struct sockaddr *)&to, sizeof to);
        assert_int_equal(ear_enet_link_outgoing(link, bytes, sizeof bytes), -EAGAIN);
        assert_int_equal(ear_enet_link_service(link, bytes, &got), EAR_ENET_NOTHING);
    }
    close(stranger);
    ear_enet_link_free(link);
}

static int open_files(void)
{
    int count = 0;
    DIR *folder = opendir("/proc/self/fd");
    if (!folder)
        return 0;
    while (readdir(folder))
        count++;
    closedir(folder);
    return count;
}

static void opening_and_closing_leaves_nothing(void **state)
{
    (void)state;
    int files = open_files();
    for (int i = 0; i < 300; i++) {
        open_links();
        assert_int_equal(ear_enet_link_send_control(links[0], (const uint8_t *)"left", 4), 0);
        assert_int_equal(ear_enet_link_open(links[1], false), 0); /* again, over the old one */
        close_links();
        assert_int_equal(ear_enet_memory_used(), 0);
    }
    assert_int_equal(open_files(), files);
}

static void starts_may_nest(void **state)
{
    (void)state;
    assert_int_equal(ear_enet_start(), 0);
    open_links();
    ear_enet_stop();
    assert_true(ear_enet_memory_used() > 0);
    assert_int_equal(ear_enet_link_send_speech(links[0], (const uint8_t *)"x", 1), 0);
    assert_int_equal(wait_for(1), EAR_ENET_SPEECH);
    close_links();
}

/* A path that is known to be dead is not filled with resends; back, all goes at once. */
static void a_dead_path_is_left_alone(void **state)
{
    (void)state;
    open_links();
    assert_int_equal(wait_for(0), EAR_ENET_NOTHING);
    cut = true;
    ear_enet_link_path_down(links[0], true);
    assert_int_equal(ear_enet_link_send_control(links[0], (const uint8_t *)"kept", 4), 0);
    assert_int_equal(wait_for(1), EAR_ENET_NOTHING);
    cut = false;
    crossed = 0;
    ear_enet_link_path_down(links[0], false);
    assert_int_equal(wait_for(1), EAR_ENET_CONTROL);
    assert_memory_equal(data[1], "kept", 4);
    assert_true(crossed >= 1);
    close_links();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(messages_arrive, start, stop),
        cmocka_unit_test_setup_teardown(mail_arrives_and_is_acknowledged, start, stop),
        cmocka_unit_test_setup_teardown(overdue_mail_goes_when_it_is_told_to, start, stop),
        cmocka_unit_test_setup_teardown(what_cannot_go_is_refused, start, stop),
        cmocka_unit_test_setup_teardown(the_connect_is_small, start, stop),
        cmocka_unit_test_setup_teardown(strangers_on_the_machine_stay_outside, start, stop),
        cmocka_unit_test_setup_teardown(opening_and_closing_leaves_nothing, start, stop),
        cmocka_unit_test_setup_teardown(starts_may_nest, start, stop),
        cmocka_unit_test_setup_teardown(a_dead_path_is_left_alone, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
