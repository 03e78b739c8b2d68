/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What sealing costs: medians of handshakes, datagrams and refusals, and the fixed bytes. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "../fake/ends.h"
#include "base/clock.h"

#define ROUNDS 101
#define HANDSHAKES 10
#define DATAGRAMS 1000
#define BODY_BYTES 80

static struct ends e;
static uint8_t call[EAR_CALL_BYTES_MAX], answer[EAR_ANSWER_BYTES];
static size_t call_len;
static uint8_t body[BODY_BYTES], datagrams[DATAGRAMS][BODY_BYTES + EAR_SEALED_CONTROL_BYTES];
static int datagram_len;

static void require(bool question)
{
    if (!question)
        abort();
}

static void caller_begins(void)
{
    require(ends_call(&e, 1, 0) == 0);
    call_len = ear_tunnel_next_handshake(&e.tunnels[0], 0, call);
}

static void callee_answers(void)
{
    e.door.calls.count = 0;
    e.known_clock_ms = 0;
    require(ends_knock(&e, call, call_len, 0) == 0);
    require(ends_accept(&e, 0, answer) == EAR_ANSWER_BYTES);
}

static void caller_ends(void)
{
    struct ear_tunnel tunnel = e.tunnels[0]; /* the same answer again and again */
    const struct ear_bytes datagram = {answer, sizeof answer};
    tunnel.tries.count = 0;
    require(ear_tunnel_take_handshake(&tunnel, &datagram, 0, call) == 0);
}

static void door_refuses(void)
{
    call[40] ^= 1;
    require(ends_knock(&e, call, call_len, 0) == -EBADMSG);
    call[40] ^= 1;
}

static void seal_as(enum ear_class class)
{
    for (int i = 0; i < DATAGRAMS; i++)
        datagram_len = ear_tunnel_seal(&e.tunnels[1], class, body, sizeof body, datagrams[i],
                                       sizeof datagrams[i]);
    require(datagram_len > 0);
}

static void seal_speech(void)
{
    seal_as(EAR_CLASS_SPEECH);
}

static void seal_control(void)
{
    seal_as(EAR_CLASS_CONTROL);
}

static void open_all(void)
{
    uint8_t out[BODY_BYTES];
    struct ear_opened opened;
    for (int i = 0; i < DATAGRAMS; i++) {
        const struct ear_bytes datagram = {datagrams[i], (size_t)datagram_len};
        require(ear_tunnel_open(&e.tunnels[0], &datagram, 0, out, sizeof out, &opened) ==
                BODY_BYTES);
    }
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Prints the median of what one of `times` costs; before, if any, is not counted. */
static void measure(const char *name, void (*before)(void), void (*what)(void), int times, int each)
{
    double us[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
        if (before)
            before();
        int64_t begin_us = ear_clock_now_us(&ear_clock_monotonic);
        for (int t = 0; t < times; t++)
            what();
        us[i] = (double)(ear_clock_now_us(&ear_clock_monotonic) - begin_us) / (times * each);
    }
    qsort(us, ROUNDS, sizeof us[0], compare);
    printf("%s: %.2f us\n", name, us[ROUNDS / 2]);
}

int main(void)
{
    if (ear_sodium_start() != 0)
        return 1;
    ends_init(&e, 1, 0);
    printf("fixed bytes per speech packet: %d bytes\n", EAR_SPEECH_FIXED_BYTES);
    printf("call, answer, cookie: %d + CONNECT, %d, %d bytes\n", EAR_CALL_BYTES, EAR_ANSWER_BYTES,
           EAR_COOKIE_REPLY_BYTES);
    printf("memory of a tunnel: %zu bytes\n", sizeof(struct ear_tunnel));
    measure("handshake, caller, message 1", NULL, caller_begins, HANDSHAKES, 1);
    measure("handshake, answerer", NULL, callee_answers, HANDSHAKES, 1);
    measure("handshake, caller, message 2", NULL, caller_ends, HANDSHAKES, 1);
    measure("call refused by mac1", NULL, door_refuses, DATAGRAMS, 1);
    const struct ear_bytes datagram = {answer, sizeof answer};
    require(ear_tunnel_take_handshake(&e.tunnels[0], &datagram, 0, call) == 0);
    measure("open 80 bytes of speech", seal_speech, open_all, 1, DATAGRAMS);
    measure("seal 80 bytes of speech", NULL, seal_speech, 1, DATAGRAMS);
    measure("open 80 bytes of control", seal_control, open_all, 1, DATAGRAMS);
    measure("seal 80 bytes of control", NULL, seal_control, 1, DATAGRAMS);
    return 0;
}
