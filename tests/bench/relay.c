/* SPDX-License-Identifier: GPL-3.0-or-later */
/* 1000 calls at a time through a relay on this computer: added delay and CPU.
 * Usage: bench_relay EARSHOT-RELAY [SECONDS] */
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "wire/rendezvous.h"

#define CALLS 1000
#define ENDS (2 * CALLS)
#define DATAGRAM_BYTES 100
#define PER_SECOND 17
/* Each end sends at its own moment, as people do: the ticks between are shared by few. */
#define TICK_US 250
#define PERIOD_US (EAR_US_PER_S / PER_SECOND)
#define BATCH 64
#define BIND_PER_MS 1
#define BIND_US (20 * (int64_t)EAR_US_PER_S)
#define BUFFER_BYTES (4 << 20)
#define SAMPLES_MAX (1 << 22)
#define NEVER_MS 60000

/* All ends share one socket; each has an address of its own in 127.0.0.0/8, named in each
 * datagram. */
struct message {
    struct msghdr header;
    struct iovec vector;
    struct sockaddr_in name;
    uint8_t control[CMSG_SPACE(sizeof(struct in_pktinfo))];
    uint8_t data[DATAGRAM_BYTES];
};

struct load {
    int fd;
    struct sockaddr_in relay;
    bool direct; /* to the other end itself: what the loopback takes without a relay */
    struct ear_rendezvous ends[ENDS];
    struct message out[BATCH], in[BATCH];
    struct mmsghdr out_headers[BATCH], in_headers[BATCH];
    int pending;
    int64_t sent, heard;
    uint32_t *samples_us; /* how long each took */
};

static int64_t now_us(void)
{
    return ear_clock_now_us(&ear_clock_monotonic);
}

static struct in_addr address_of(int end)
{
    return (struct in_addr){.s_addr = htonl(0x7f010000u + (uint32_t)end)};
}

static int open_socket(void)
{
    const int on = 1, buffer = BUFFER_BYTES;
    const struct sockaddr_in any = {.sin_family = AF_INET};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    if (fd < 0 || setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on) < 0 ||
        bind(fd, (const struct sockaddr *)&any, sizeof any) < 0)
        return -1;
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
    return fd;
}

static void set_up(struct load *l)
{
    for (int i = 0; i < BATCH; i++) {
        struct message *both[] = {&l->out[i], &l->in[i]};
        for (size_t j = 0; j < EAR_COUNT(both); j++) {
            struct message *m = both[j];
            m->vector = (struct iovec){m->data, sizeof m->data};
            m->header = (struct msghdr){.msg_name = &m->name,
                                        .msg_namelen = sizeof m->name,
                                        .msg_iov = &m->vector,
                                        .msg_iovlen = 1,
                                        .msg_control = m->control,
                                        .msg_controllen = sizeof m->control};
        }
    }
}

static void flush(struct load *l)
{
    for (int i = 0; i < l->pending; i++)
        l->out_headers[i].msg_hdr = l->out[i].header;
    for (int at = 0; at < l->pending;) {
        int sent = sendmmsg(l->fd, l->out_headers + at, (unsigned)(l->pending - at), 0);
        at += sent > 0 ? sent : 1;
    }
    l->pending = 0;
}

static void put(struct load *l, int from, const struct sockaddr_in *to, const uint8_t *data,
                size_t len)
{
    if (l->pending == BATCH)
        flush(l);
    struct message *m = &l->out[l->pending++];
    struct cmsghdr *c = (struct cmsghdr *)(void *)m->control;
    const struct in_pktinfo info = {.ipi_spec_dst = address_of(from)};
    c->cmsg_level = IPPROTO_IP;
    c->cmsg_type = IP_PKTINFO;
    c->cmsg_len = CMSG_LEN(sizeof info);
    memcpy(CMSG_DATA(c), &info, sizeof info);
    m->name = *to;
    memcpy(m->data, data, len);
    m->vector.iov_len = len;
}

/* The end that a datagram came to, -1 if none. */
static int end_of(struct msghdr *header)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c; c = CMSG_NXTHDR(header, c)) {
        struct in_pktinfo info;
        if (c->cmsg_level != IPPROTO_IP || c->cmsg_type != IP_PKTINFO)
            continue;
        memcpy(&info, CMSG_DATA(c), sizeof info);
        uint32_t end = ntohl(info.ipi_addr.s_addr) - 0x7f010000u;
        return end < ENDS ? (int)end : -1;
    }
    return -1;
}

static void take(struct load *l, int end, const uint8_t *data, size_t len, int64_t now)
{
    int64_t sent_us;
    if (ear_rendezvous_is_relays(data, len)) {
        (void)ear_rendezvous_take(&l->ends[end], now, data, len);
    } else if (len == DATAGRAM_BYTES) {
        memcpy(&sent_us, data + 1, sizeof sent_us);
        if (l->heard < SAMPLES_MAX)
            l->samples_us[l->heard] = (uint32_t)(now - sent_us);
        l->heard++;
    }
}

static void receive(struct load *l)
{
    for (int got = BATCH; got == BATCH;) {
        for (int i = 0; i < BATCH; i++) {
            l->in[i].vector.iov_len = sizeof l->in[i].data;
            l->in_headers[i].msg_hdr = l->in[i].header;
        }
        got = recvmmsg(l->fd, l->in_headers, BATCH, 0, NULL);
        int64_t now = now_us();
        for (int i = 0; i < got; i++) {
            int end = end_of(&l->in_headers[i].msg_hdr);
            if (end >= 0)
                take(l, end, l->in[i].data, l->in_headers[i].msg_len, now);
        }
    }
}

static void wait_until(struct load *l, int64_t when)
{
    for (int64_t now = now_us(); now < when; now = now_us()) {
        struct timespec wait = {.tv_nsec = (long)(when - now) * 1000};
        /* Answers are taken when they come, so that their time is their own. */
        fd_set readable;
        FD_ZERO(&readable);
        FD_SET(l->fd, &readable);
        if (pselect(l->fd + 1, &readable, NULL, NULL, &wait, NULL) > 0)
            receive(l);
    }
}

/* Returns how many ends are bound. */
static int bind_all(struct load *l)
{
    int64_t begin = now_us(), now = begin;
    for (int i = 0; i < ENDS; i++) {
        const uint8_t secret[EAR_KEY_BYTES] = {0, (uint8_t)(i / 2), (uint8_t)(i / 2 >> 8)};
        ear_rendezvous_start(&l->ends[i], secret, i % 2,
                             begin + i * (int64_t)EAR_US_PER_MS / BIND_PER_MS);
    }
    int bound = 0;
    for (; bound < ENDS && now < begin + BIND_US; now = now_us()) {
        bound = 0;
        for (int i = 0; i < ENDS; i++) {
            uint8_t data[EAR_RENDEZVOUS_BYTES_MAX];
            int len = ear_rendezvous_next(&l->ends[i], now, data);
            if (len > 0)
                put(l, i, &l->relay, data, (size_t)len);
            bound += l->ends[i].state == EAR_RENDEZVOUS_HELD;
        }
        flush(l);
        wait_until(l, now + EAR_US_PER_MS);
    }
    return bound;
}

static void talk(struct load *l, double seconds)
{
    struct sockaddr_in here;
    socklen_t len = sizeof here;
    uint8_t data[DATAGRAM_BYTES] = {0x80};
    getsockname(l->fd, (struct sockaddr *)&here, &len);
    l->sent = l->heard = 0;
    int64_t begin = now_us(), until = begin + (int64_t)(seconds * EAR_US_PER_S);
    for (int64_t tick = begin; tick < until; tick += TICK_US) {
        int64_t total = (tick - begin) * ENDS / PERIOD_US, now = now_us();
        for (; l->sent < total; l->sent++) {
            /* 7919 is prime to ENDS: every end in turn, its other end far from it. */
            int end = (int)(l->sent * 7919 % ENDS);
            struct sockaddr_in other = here;
            other.sin_addr = address_of(end ^ 1);
            memcpy(data + 1, &now, sizeof now);
            put(l, end, l->direct ? &other : &l->relay, data, sizeof data);
        }
        flush(l);
        wait_until(l, tick + TICK_US);
    }
    wait_until(l, now_us() + EAR_US_PER_S / 2);
}

static int compare(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* The share-th smallest delay in ms. */
static double delay_ms(struct load *l, double share)
{
    int64_t count = ear_min64(l->heard, SAMPLES_MAX);
    if (count == 0)
        return NEVER_MS;
    qsort(l->samples_us, (size_t)count, sizeof *l->samples_us, compare);
    return l->samples_us[(int64_t)((double)(count - 1) * share)] / 1000.0;
}

/* Starts the relay at a port of the system's choice, which it tells on stderr. */
static pid_t start_relay(const char *path, uint16_t *ret_port)
{
    int ends[2];
    char line[128] = "";
    if (pipe(ends) < 0)
        return -1;
    pid_t pid = fork();
    if (pid == 0) {
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        close(ends[1]);
        execl(path, path, "--bind", "[::]:0", (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    for (size_t at = 0; at + 1 < sizeof line && read(ends[0], line + at, 1) == 1; at++)
        if (line[at] == '\n')
            break;
    const char *port = strstr(line, "port ");
    *ret_port = port ? (uint16_t)atoi(port + strlen("port ")) : 0;
    /* The other end of the pipe stays open for its last words. */
    return pid;
}

static double cpu_of_s(pid_t pid)
{
    char path[64], text[512];
    unsigned long user = 0, system = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *f = fopen(path, "r");
    if (f && fgets(text, sizeof text, f)) {
        const char *behind = strrchr(text, ')');
        if (behind)
            sscanf(behind + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
                   &system);
    }
    if (f)
        fclose(f);
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

static long memory_of_kb(pid_t pid)
{
    char path[64], line[256];
    long kb = 0;
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    FILE *f = fopen(path, "r");
    while (f && fgets(line, sizeof line, f))
        if (strncmp(line, "VmRSS:", 6) == 0)
            kb = atol(line + 6);
    if (f)
        fclose(f);
    return kb;
}

static void measure(struct load *l, pid_t pid, double seconds)
{
    l->direct = true;
    talk(l, seconds / 2);
    double direct_ms = delay_ms(l, 0.5), direct_99_ms = delay_ms(l, 0.99);
    l->direct = false;
    double cpu = cpu_of_s(pid);
    int64_t begin = now_us();
    talk(l, seconds);
    double passed = (double)(now_us() - begin) / EAR_US_PER_S;
    cpu = cpu_of_s(pid) - cpu;
    printf("relay calls: %d calls\n", CALLS);
    printf("relay datagrams per second: %.0f 1/s\n", (double)l->sent / seconds);
    printf("relay datagrams lost: %.3f %%\n",
           100.0 * (double)(l->sent - l->heard) / (double)l->sent);
    printf("relay added delay, median: %.3f ms\n", delay_ms(l, 0.5) - direct_ms);
    printf("relay added delay, 99 of 100: %.3f ms\n", delay_ms(l, 0.99) - direct_99_ms);
    printf("relay CPU of one core: %.1f %%\n", 100 * cpu / passed);
    printf("relay CPU per datagram: %.2f us\n", 1e6 * cpu / (double)l->sent);
    printf("relay memory: %.1f MB\n", (double)memory_of_kb(pid) / 1024);
}

int main(int argc, char **argv)
{
    static struct load l;
    uint16_t port = 0;
    double seconds = argc > 2 ? atof(argv[2]) : 10;
    l.samples_us = calloc(SAMPLES_MAX, sizeof *l.samples_us);
    l.fd = open_socket();
    if (argc < 2 || l.fd < 0 || !l.samples_us || seconds <= 0 || ear_sodium_start() < 0) {
        fprintf(stderr, "usage: bench_relay EARSHOT-RELAY [SECONDS]\n");
        return 2;
    }
    pid_t pid = start_relay(argv[1], &port);
    if (pid < 0 || port == 0) {
        fprintf(stderr, "bench_relay: %s does not start.\n", argv[1]);
        return 1;
    }
    l.relay = (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    set_up(&l);
    int64_t begin = now_us();
    int bound = bind_all(&l);
    printf("relay ends bound: %d of %d in %.1f s\n", bound, ENDS,
           (double)(now_us() - begin) / EAR_US_PER_S);
    if (bound == ENDS)
        measure(&l, pid, seconds);
    kill(pid, SIGTERM);
    waitpid(pid, NULL, 0);
    close(l.fd);
    free(l.samples_us);
    return bound == ENDS ? 0 : 1;
}
