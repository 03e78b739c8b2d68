/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzz target: two ends renew their keys over a path that loses, doubles, holds back and changes
 * what it carries; whatever happens, each opens what the other seals. */
#include <errno.h>
#include <string.h>

#include "../fake/ends.h"
#include "fuzz/fuzz.h"

/* An input is a row of steps of two bytes. The first: bits 0-2 what, bit 3 which end, bits 4-7 how.
 * The second is the value. */
enum step {
    STEP_SEAL,      /* a body, of class value bit 7, goes on its way as number value % WAY */
    STEP_HANDSHAKE, /* what the end has to send for its keys does */
    STEP_DELIVER,   /* number value % WAY comes to the end, and may come again */
    STEP_CHANGED,   /* the same with a bit changed: where, by bits 4-7 and the value */
    STEP_WAIT,      /* value seconds pass */
    STEP_RENEW,     /* the end asks for new keys */
};
#define STEPS 6
#define WAY 16
#define BODY_BYTES 3

struct datagram {
    uint8_t bytes[EAR_CALL_BYTES_MAX];
    size_t len;
};

static struct ends e, joined;
static struct datagram way[WAY];
static int64_t now_us;

/* Copies seal and open, so that nothing comes of the question. */
static void require_hears(int from)
{
    static const uint8_t body[BODY_BYTES] = {EAR_KIND_PROBE, 5, 6};
    static struct ear_tunnel speaker, listener;
    uint8_t sealed[BODY_BYTES + EAR_SEALED_CONTROL_BYTES], plain[BODY_BYTES];
    struct ear_opened opened;
    speaker = e.tunnels[from];
    listener = e.tunnels[1 - from];
    int len =
        ear_tunnel_seal(&speaker, EAR_CLASS_CONTROL, body, sizeof body, sealed, sizeof sealed);
    FUZZ_REQUIRE(len > 0);
    const struct ear_bytes datagram = {sealed, (size_t)len};
    FUZZ_REQUIRE(ear_tunnel_open(&listener, &datagram, now_us, plain, sizeof plain, &opened) ==
                 BODY_BYTES);
    FUZZ_REQUIRE(memcmp(plain, body, sizeof body) == 0);
}

static void seal(int end, uint8_t value)
{
    uint8_t body[BODY_BYTES] = {EAR_KIND_PROBE, value, value};
    struct datagram *d = &way[value % WAY];
    int len = ear_tunnel_seal(&e.tunnels[end], value & 0x80 ? EAR_CLASS_SPEECH : EAR_CLASS_CONTROL,
                              body, sizeof body, d->bytes, sizeof d->bytes);
    FUZZ_REQUIRE(len > 0);
    d->len = (size_t)len;
}

/* Whatever comes back goes where it came from. */
static void deliver(int end, struct datagram *d)
{
    uint8_t out[EAR_CALL_BYTES_MAX];
    struct ear_opened opened;
    const struct ear_bytes datagram = {d->bytes, d->len};
    if (d->len == 0)
        return;
    if (d->bytes[0] & EAR_SEALED) {
        int r = ear_tunnel_open(&e.tunnels[end], &datagram, now_us, out, sizeof out, &opened);
        FUZZ_REQUIRE(r == BODY_BYTES || r == -EBADMSG || r == -EALREADY);
        return;
    }
    int r = ear_tunnel_take_handshake(&e.tunnels[end], &datagram, now_us, out);
    FUZZ_REQUIRE(r <= 0 || r == EAR_ANSWER_BYTES);
    if (r > 0) {
        memcpy(d->bytes, out, EAR_ANSWER_BYTES);
        d->len = EAR_ANSWER_BYTES;
    }
}

/* Both ends with keys, and both have heard the other. */
static void join(void)
{
    FUZZ_REQUIRE(ends_join(&e, 1));
    for (int end = 0; end < 2; end++) {
        seal(end, 0);
        deliver(1 - end, &way[0]);
    }
    joined = e;
}

/* A changed one comes to nothing but counts, and leaves the way as it was. */
static void deliver_changed(int end, const struct datagram *d, unsigned where)
{
    struct datagram changed = *d;
    uint8_t out[EAR_CALL_BYTES_MAX];
    struct ear_opened opened;
    const struct ear_bytes datagram = {changed.bytes, changed.len};
    if (d->len == 0)
        return;
    changed.bytes[where / 8 % d->len] ^= (uint8_t)(1 << where % 8);
    if (changed.bytes[0] & EAR_SEALED)
        FUZZ_REQUIRE(ear_tunnel_open(&e.tunnels[end], &datagram, now_us, out, sizeof out, &opened) <
                     0);
    else /* a wrong mac2 harms no call where nobody asked for it */
        FUZZ_REQUIRE(ear_tunnel_take_handshake(&e.tunnels[end], &datagram, now_us, out) < 0 ||
                     d->bytes[0] == EAR_MESSAGE_CALL_COOKIE);
}

static void step(uint8_t first, uint8_t value)
{
    int end = first >> 3 & 1;
    struct datagram *d = &way[value % WAY];
    switch ((enum step)((first & 7) % STEPS)) {
    case STEP_SEAL:
        seal(end, value);
        break;
    case STEP_HANDSHAKE: {
        size_t len = ear_tunnel_next_handshake(&e.tunnels[end], now_us, d->bytes);
        d->len = len > 0 ? len : d->len;
        break;
    }
    case STEP_DELIVER:
        deliver(end, d);
        break;
    case STEP_CHANGED:
        deliver_changed(end, d, (unsigned)(first >> 4) << 7 | (value >> 4) * 8u | value % 8u);
        break;
    case STEP_WAIT:
        now_us += value * (int64_t)EAR_US_PER_S;
        break;
    case STEP_RENEW:
        ear_tunnel_renew(&e.tunnels[end]);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool started;
    FUZZ_REQUIRE(ear_sodium_start() == 0);
    if (!started)
        join();
    started = true;
    e = joined;
    now_us = 0;
    memset(way, 0, sizeof way);
    for (size_t at = 0; at + 1 < size; at += 2) {
        step(data[at], data[at + 1]);
        FUZZ_REQUIRE(ear_tunnel_due_us(&e.tunnels[0]) >= 0);
        require_hears(0);
        require_hears(1);
    }
    return 0;
}
