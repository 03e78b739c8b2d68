/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One end of a talk through a relay, without speech: numbered datagrams both ways.
 * Usage: relay_end HOST:PORT ROLE SECONDS. Prints what it sent, heard and missed as one line. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "port/udp.h"
#include "wire/rendezvous.h"

#define EVERY_US (60 * EAR_US_PER_MS)
#define DATAGRAM_BYTES 100
/* So long after the last datagram the relay is asked whether it still knows us. */
#define DOUBT_US ((int64_t)EAR_US_PER_S)

static const uint8_t secret[EAR_KEY_BYTES] = {0, 42};

struct end {
    struct ear_udp *udp;
    struct ear_datagrams datagrams;
    struct ear_address relay;
    struct ear_rendezvous r;
    uint8_t role;
    bool doubted;
    uint32_t sent, next;
    long long heard, wrong;
    int64_t heard_us, gap_us;
};

/* What is sent by role with this number; every byte follows from them. */
static void fill(uint8_t data[static DATAGRAM_BYTES], uint8_t role, uint32_t number)
{
    struct ear_writer w = ear_writer_on(data, DATAGRAM_BYTES);
    ear_writer_u8(&w, 0x80 | role);
    ear_writer_u32(&w, number);
    while (w.at < DATAGRAM_BYTES)
        ear_writer_u8(&w, (uint8_t)(number * 31 + w.at));
}

static void send_number(struct end *e, int64_t now_us)
{
    uint8_t data[DATAGRAM_BYTES];
    fill(data, e->role, e->sent);
    if (e->datagrams.send(e->datagrams.ctx, &e->relay, data, sizeof data) == 0) {
        e->sent++;
        ear_rendezvous_sent(&e->r, now_us);
    }
}

static void take(struct end *e, const uint8_t *data, size_t len, int64_t now_us)
{
    uint8_t expected[DATAGRAM_BYTES];
    if (ear_rendezvous_is_relays(data, len)) {
        (void)ear_rendezvous_take(&e->r, now_us, data, len);
        return;
    }
    struct ear_reader r = ear_reader_on(data + 1, len - 1);
    uint32_t number = ear_reader_u32(&r);
    fill(expected, !e->role, number);
    if (len != sizeof expected || memcmp(data, expected, len) != 0 || number < e->next) {
        e->wrong++;
        return;
    }
    if (e->heard > 0)
        e->gap_us = ear_max64(e->gap_us, now_us - e->heard_us);
    e->next = number + 1;
    e->heard++;
    e->heard_us = now_us;
    e->doubted = false;
    ear_rendezvous_heard(&e->r, now_us);
}

static void receive_all(struct end *e)
{
    uint8_t data[EAR_DATAGRAM_MAX];
    struct ear_address from;
    for (int len; (len = e->datagrams.receive(e->datagrams.ctx, &from, data, sizeof data)) > 0;)
        if (ear_address_equal(&from, &e->relay))
            take(e, data, (size_t)len, ear_clock_now_us(&ear_clock_monotonic));
}

static void run(struct end *e, int64_t until_us)
{
    uint8_t data[EAR_RENDEZVOUS_BYTES_MAX];
    struct pollfd poller = {.fd = ear_udp_fd(e->udp), .events = POLLIN};
    int64_t now_us = ear_clock_now_us(&ear_clock_monotonic), send_us = now_us;
    for (; now_us < until_us; now_us = ear_clock_now_us(&ear_clock_monotonic)) {
        if (e->heard > 0 && !e->doubted && now_us - e->heard_us > DOUBT_US) {
            e->doubted = true;
            ear_rendezvous_doubt(&e->r, now_us);
        }
        int len = ear_rendezvous_next(&e->r, now_us, data);
        if (len > 0)
            (void)e->datagrams.send(e->datagrams.ctx, &e->relay, data, (size_t)len);
        if (e->r.state == EAR_RENDEZVOUS_HELD && e->r.other_there && now_us >= send_us) {
            send_number(e, now_us);
            send_us = ear_max64(send_us + EVERY_US, now_us);
        }
        poll(&poller, 1, 10);
        receive_all(e);
    }
}

int main(int argc, char **argv)
{
    char error[256];
    struct ear_address any;
    struct end e = {0};
    if (argc != 4) {
        fprintf(stderr, "usage: relay_end HOST:PORT ROLE SECONDS\n");
        return 2;
    }
    e.role = argv[2][0] == '1';
    if (ear_sodium_start() < 0 || ear_udp_resolve(argv[1], &e.relay, error, sizeof error) < 0 ||
        ear_udp_resolve(argv[1][0] == '[' ? "[::]:0" : "0.0.0.0:0", &any, error, sizeof error) <
            0 ||
        ear_udp_open(&e.udp, &any, error, sizeof error) < 0) {
        fprintf(stderr, "relay_end: %s\n", error);
        return 1;
    }
    e.datagrams = ear_udp_datagrams(e.udp);
    int64_t now_us = ear_clock_now_us(&ear_clock_monotonic);
    ear_rendezvous_start(&e.r, secret, e.role, now_us);
    run(&e, now_us + (int64_t)(atof(argv[3]) * EAR_US_PER_S));
    printf("sent %u heard %lld wrong %lld gap_ms %lld\n", e.sent, e.heard, e.wrong,
           (long long)(e.gap_us / EAR_US_PER_MS));
    ear_udp_close(e.udp);
    return 0;
}
