/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A simulated link between any two programs that talk UDP, in real time, and what it carried.
 *
 *     bench_links_between LINK SEED HOME_0 DOOR_0 HOME_1 DOOR_1
 *
 * The program at the loopback port HOME_0 is reached at DOOR_0, the other one likewise; HOME "-" is
 * learned from the first datagram that it sends. Says "ready"; ends with stdin, and then prints
 * what each end sent, 28 bytes a datagram on top of its payload, as one line of JSON. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "port/udp.h"
#include "sim/link.h"

/* What is given this much after its time was kept by this machine and not by the link. */
#define LATE_US (10 * EAR_US_PER_MS)

struct crossing {
    struct ear_profile *profile;
    struct ear_link *link;
    struct ear_udp *doors[2];
    struct ear_address homes[2];
    bool known[2];
    int64_t given, given_late;
};

static int resolve(const char *port, struct ear_address *ret)
{
    char place[64], sentence[256];
    snprintf(place, sizeof place, "127.0.0.1:%s", port);
    int err = ear_udp_resolve(place, ret, sentence, sizeof sentence);
    if (err)
        fprintf(stderr, "between: %s\n", sentence);
    return err;
}

static int open_end(struct crossing *crossing, int end, const char *home, const char *door)
{
    char sentence[256];
    struct ear_address at;
    crossing->known[end] = strcmp(home, "-") != 0;
    int err = crossing->known[end] ? resolve(home, &crossing->homes[end]) : 0;
    if (!err)
        err = resolve(door, &at);
    if (err)
        return err;
    err = ear_udp_open(&crossing->doors[end], &at, sentence, sizeof sentence);
    if (err)
        fprintf(stderr, "between: %s\n", sentence);
    return err;
}

static int open_crossing(struct crossing *crossing, char **argv)
{
    char sentence[512];
    int err = ear_profile_load(&crossing->profile, argv[1], sentence, sizeof sentence);
    if (err) {
        fprintf(stderr, "between: %s\n", sentence);
        return err;
    }
    err = ear_link_new(&crossing->link, crossing->profile, &ear_clock_monotonic,
                       strtoull(argv[2], NULL, 10));
    for (int end = 0; end < 2 && !err; end++)
        err = open_end(crossing, end, argv[3 + 2 * end], argv[4 + 2 * end]);
    return err;
}

/* What came in at the door of an end was sent by the other one. */
static void take(struct crossing *crossing, int end)
{
    const struct ear_datagrams door = ear_udp_datagrams(crossing->doors[end]);
    const struct ear_datagrams sender = ear_link_end(crossing->link, !end);
    const struct ear_address to = ear_link_address(end);
    struct ear_address from;
    uint8_t data[EAR_DATAGRAM_MAX];
    int len;
    while ((len = door.receive(door.ctx, &from, data, sizeof data)) >= 0) {
        if (!crossing->known[!end]) {
            crossing->homes[!end] = from;
            crossing->known[!end] = true;
        }
        (void)sender.send(sender.ctx, &to, data, (size_t)len);
    }
}

/* What arrives at an end comes from the other one's door. */
static void give(struct crossing *crossing, int end)
{
    const struct ear_datagrams door = ear_udp_datagrams(crossing->doors[!end]);
    const struct ear_datagrams receiver = ear_link_end(crossing->link, end);
    struct ear_address from;
    uint8_t data[EAR_DATAGRAM_MAX];
    int len;
    int64_t due_us = ear_link_next_us(crossing->link);
    while ((len = receiver.receive(receiver.ctx, &from, data, sizeof data)) >= 0) {
        crossing->given++;
        crossing->given_late += ear_clock_now_us(&ear_clock_monotonic) > due_us + LATE_US;
        if (crossing->known[end])
            (void)door.send(door.ctx, &crossing->homes[end], data, (size_t)len);
        due_us = ear_link_next_us(crossing->link);
    }
}

/* How long to sleep: to the microsecond, for a millisecond here would be jitter of the link. */
static const struct timespec *wait_time(const struct crossing *crossing, struct timespec *out)
{
    int64_t next_us = ear_link_next_us(crossing->link);
    if (next_us == INT64_MAX)
        return NULL;
    int64_t left_us = next_us - ear_clock_now_us(&ear_clock_monotonic);
    if (left_us < 0)
        left_us = 0;
    out->tv_sec = left_us / EAR_US_PER_S;
    out->tv_nsec = left_us % EAR_US_PER_S * 1000;
    return out;
}

static void run(struct crossing *crossing)
{
    struct pollfd ready[] = {
        {.fd = STDIN_FILENO, .events = POLLIN},
        {.fd = ear_udp_fd(crossing->doors[0]), .events = POLLIN},
        {.fd = ear_udp_fd(crossing->doors[1]), .events = POLLIN},
    };
    for (;;) {
        struct timespec left;
        if (ppoll(ready, 3, wait_time(crossing, &left), NULL) < 0 && errno != EINTR)
            return;
        if (ready[0].revents)
            return;
        for (int end = 0; end < 2; end++)
            take(crossing, end);
        for (int end = 0; end < 2; end++)
            give(crossing, end);
    }
}

static void print_counts(const struct crossing *crossing)
{
    fputc('[', stdout);
    for (int end = 0; end < 2; end++) {
        struct ear_link_counts c;
        ear_link_get_counts(crossing->link, end, &c);
        printf("%s{\"sent\": %lld, \"bytes\": %lld, \"lost\": %lld, \"overflowed\": %lld, "
               "\"peak_bytes_10s\": %lld}",
               end ? ", " : "", (long long)c.sent, (long long)c.sent_bytes, (long long)c.lost,
               (long long)c.overflowed, (long long)c.peak_bytes_10s);
    }
    double share = crossing->given ? (double)crossing->given_late / (double)crossing->given : 0;
    printf(", {\"late_share\": %.4f}]\n", share);
}

int main(int argc, char **argv)
{
    struct crossing crossing = {0};
    if (argc != 7) {
        fprintf(stderr, "usage: bench_links_between LINK SEED HOME_0 DOOR_0 HOME_1 DOOR_1\n");
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    int err = open_crossing(&crossing, argv);
    if (!err) {
        puts("ready");
        run(&crossing);
        print_counts(&crossing);
    }
    for (int end = 0; end < 2; end++)
        if (crossing.doors[end])
            ear_udp_close(crossing.doors[end]);
    ear_link_free(crossing.link);
    ear_profile_free(crossing.profile);
    return err ? EXIT_FAILURE : EXIT_SUCCESS;
}
