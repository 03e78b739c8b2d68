/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A simulated link between two programs: link_between LINK HOME_0 DOOR_0 HOME_1 DOOR_1
 * The program at the loopback port HOME_0 is reached at DOOR_0, the other one likewise; what comes
 * in at a door goes through the link in real time. Says "ready", then takes lines from stdin:
 * "cut", "heal", each answered with the same word. Ends with stdin. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "port/udp.h"
#include "sim/link.h"

#define LINK_SEED 1

struct crossing {
    bool cut;
    struct ear_profile *profile;
    struct ear_link *link;
    struct ear_udp *doors[2];
    struct ear_address homes[2];
};

static int resolve(const char *port, struct ear_address *ret)
{
    char place[64], sentence[256];
    snprintf(place, sizeof place, "127.0.0.1:%s", port);
    int err = ear_udp_resolve(place, ret, sentence, sizeof sentence);
    if (err)
        fprintf(stderr, "link_between: %s\n", sentence);
    return err;
}

static int open_end(struct crossing *crossing, int end, const char *home, const char *door)
{
    char sentence[256];
    struct ear_address at;
    int err = resolve(home, &crossing->homes[end]);
    if (!err)
        err = resolve(door, &at);
    if (err)
        return err;
    err = ear_udp_open(&crossing->doors[end], &at, sentence, sizeof sentence);
    if (err)
        fprintf(stderr, "link_between: %s\n", sentence);
    return err;
}

static int open_crossing(struct crossing *crossing, char **argv)
{
    char sentence[512];
    int err = ear_profile_load(&crossing->profile, argv[1], sentence, sizeof sentence);
    if (err) {
        fprintf(stderr, "link_between: %s\n", sentence);
        return err;
    }
    err = ear_link_new(&crossing->link, crossing->profile, &ear_clock_monotonic, LINK_SEED);
    for (int end = 0; end < 2 && !err; end++)
        err = open_end(crossing, end, argv[2 + 2 * end], argv[3 + 2 * end]);
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
    while ((len = door.receive(door.ctx, &from, data, sizeof data)) >= 0)
        (void)sender.send(sender.ctx, &to, data, (size_t)len);
}

/* What arrives at an end comes from the other one's door. A dead line brings nothing more, nor what
 * was on its way. */
static void give(struct crossing *crossing, int end)
{
    const struct ear_datagrams door = ear_udp_datagrams(crossing->doors[!end]);
    const struct ear_datagrams receiver = ear_link_end(crossing->link, end);
    struct ear_address from;
    uint8_t data[EAR_DATAGRAM_MAX];
    int len;
    while ((len = receiver.receive(receiver.ctx, &from, data, sizeof data)) >= 0)
        if (!crossing->cut)
            (void)door.send(door.ctx, &crossing->homes[end], data, (size_t)len);
}

/* False at the end of stdin. */
static bool obey(struct crossing *crossing)
{
    char line[64] = "";
    ssize_t len = read(STDIN_FILENO, line, sizeof line - 1);
    if (len <= 0)
        return false;
    crossing->cut = strstr(line, "cut") != NULL;
    ear_link_cut(crossing->link, crossing->cut);
    puts(crossing->cut ? "cut" : "heal");
    return true;
}

static int wait_ms(const struct crossing *crossing)
{
    int64_t next_us = ear_link_next_us(crossing->link);
    if (next_us == INT64_MAX)
        return -1;
    int64_t left_us = next_us - ear_clock_now_us(&ear_clock_monotonic);
    return left_us <= 0 ? 0 : (int)((left_us + EAR_US_PER_MS - 1) / EAR_US_PER_MS);
}

static void run(struct crossing *crossing)
{
    struct pollfd ready[] = {
        {.fd = STDIN_FILENO, .events = POLLIN},
        {.fd = ear_udp_fd(crossing->doors[0]), .events = POLLIN},
        {.fd = ear_udp_fd(crossing->doors[1]), .events = POLLIN},
    };
    for (;;) {
        if (poll(ready, 3, wait_ms(crossing)) < 0 && errno != EINTR)
            return;
        if (ready[0].revents && !obey(crossing))
            return;
        for (int end = 0; end < 2; end++)
            take(crossing, end);
        for (int end = 0; end < 2; end++)
            give(crossing, end);
    }
}

int main(int argc, char **argv)
{
    struct crossing crossing = {0};
    if (argc != 6) {
        fprintf(stderr, "usage: link_between LINK HOME_0 DOOR_0 HOME_1 DOOR_1\n");
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    int err = open_crossing(&crossing, argv);
    if (!err) {
        puts("ready");
        run(&crossing);
    }
    for (int end = 0; end < 2; end++)
        if (crossing.doors[end])
            ear_udp_close(crossing.doors[end]);
    ear_link_free(crossing.link);
    ear_profile_free(crossing.profile);
    return err ? EXIT_FAILURE : EXIT_SUCCESS;
}
