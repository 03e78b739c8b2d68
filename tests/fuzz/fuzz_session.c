/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzz target: what a person whom we know may put inside sealed datagrams: anything for ENet and as
 * speech. A session bears it within ENet's pool, hands over whole messages, and ends cleanly. */
#include <errno.h>
#include <string.h>

#include "../fake/ends.h"
#include "call/session.h"
#include "fuzz/fuzz.h"
#include "sim/enet_virtual.h"

/* An input is a row of bodies: 1 byte how, 1 byte length (or ten times as much with HOW_LONG), so
 * many bytes. */
#define HOW_SPEECH 1   /* squeezed speech, otherwise ENet's */
#define HOW_HEADER 2   /* behind the two bytes that our ENet takes as its peer's */
#define HOW_SETTLES 4  /* what we then send is heard by the other end, or else it is lost */
#define HOW_WAITS 8    /* a second passes */
#define HOW_CONTROL 16 /* we say something ourselves before */
#define HOW_LONG 32
#define ROUNDS 8 /* of 10 ms each: more than a call over no distance needs */
#define WAY 64
#define BODY_MAX (EAR_DATAGRAM_MAX - EAR_SEALED_CONTROL_BYTES - EAR_KIND_BYTES)

struct way {
    uint8_t bytes[WAY][EAR_DATAGRAM_MAX];
    size_t len[WAY];
    int count;
};

static struct ends e;
static struct ear_session sessions[2]; /* end 0 calls and then says what the input says */
static struct ear_send sends[2];
static struct way ways[2];
static struct ear_clock_virtual now;
static struct ear_clock machine;
static const struct ear_address addresses[2] = {{.bytes = {'a'}, .len = 1},
                                                {.bytes = {'b'}, .len = 1}};

static int way_send(void *ctx, const struct ear_address *to, const uint8_t *data, size_t len)
{
    struct way *way = ctx;
    (void)to;
    FUZZ_REQUIRE(len <= EAR_DATAGRAM_MAX);
    if (way->count == WAY)
        return -EAGAIN;
    memcpy(way->bytes[way->count], data, len);
    way->len[way->count++] = len;
    return 0;
}

static void start(void)
{
    now.now_us = EAR_US_PER_S;
    machine = ear_clock_from_virtual(&now);
    ear_enet_virtual_start(&machine, 0);
    FUZZ_REQUIRE(ear_sodium_start() == 0 && ear_enet_start() == 0);
    FUZZ_REQUIRE(ear_enet_virtual_works());
    for (int i = 0; i < 2; i++) {
        sends[i].net = (struct ear_datagrams){.send = way_send, .ctx = &ways[i]};
        FUZZ_REQUIRE(ear_session_init(&sessions[i]) == 0);
    }
}

/* Events until there are none. */
static void hear(int end)
{
    uint8_t data[EAR_ENET_MESSAGE_MAX];
    size_t len = 0;
    enum ear_enet_event event;
    while (sessions[end].open &&
           (event = ear_session_next(&sessions[end], data, &len)) != EAR_ENET_NOTHING) {
        FUZZ_REQUIRE(len <= sizeof data);
        if (event == EAR_ENET_DISCONNECTED)
            ear_session_close(&sessions[end]);
    }
}

static void accept_call(const uint8_t *data, size_t len)
{
    uint8_t reply[EAR_ANSWER_BYTES];
    struct ear_tunnel_config config = ends_config(&e, 1, 1);
    FUZZ_REQUIRE(ends_knock(&e, data, len, now.now_us) == 0);
    FUZZ_REQUIRE(ear_session_accept(&sessions[1], &addresses[0], &config, &e.call, now.now_us,
                                    reply) == EAR_ANSWER_BYTES);
    ear_send_handshake(&sends[1], &addresses[0], reply, sizeof reply);
}

static void take(int end, const uint8_t *data, size_t len)
{
    uint8_t plain[EAR_DATAGRAM_MAX], reply[EAR_ANSWER_BYTES];
    const struct ear_bytes datagram = {data, len};
    struct ear_opened opened;
    if (!(data[0] & EAR_SEALED) && end == 1 && !sessions[1].open) {
        accept_call(data, len);
    } else if (!(data[0] & EAR_SEALED)) {
        (void)!ear_tunnel_take_handshake(&sessions[end].tunnel, &datagram, now.now_us, reply);
    } else {
        int got = ear_tunnel_open(&sessions[end].tunnel, &datagram, now.now_us, plain, sizeof plain,
                                  &opened);
        if (got > 0)
            ear_session_take(&sessions[end], (enum ear_kind)plain[0], plain + EAR_KIND_BYTES,
                             (size_t)got - EAR_KIND_BYTES);
    }
}

/* What an end has to say, and whether it comes to the other. */
static void flush(int from, bool arrives)
{
    struct way *way = &ways[from];
    if (sessions[from].open)
        ear_session_flush(&sessions[from], &sends[from], now.now_us);
    for (int i = 0; arrives && i < way->count && (sessions[!from].open || from == 0); i++)
        take(!from, way->bytes[i], way->len[i]);
    way->count = 0;
}

static void connect_both(void)
{
    static struct ear_psk psk;
    ends_init(&e, 1, 0);
    ways[0].count = ways[1].count = 0;
    ear_psk_set(&psk, e.psk);
    const struct ear_session_peer peer = {.address = addresses[1], .guest = 1, .psk = &psk};
    struct ear_tunnel_config config = ends_config(&e, 0, 1);
    FUZZ_REQUIRE(ear_session_call(&sessions[0], &peer, &config, now.now_us) == 0);
    ear_session_take(&sessions[0], EAR_KIND_SPEECH, (const uint8_t *)"early", 5);
    for (int i = 0; i < ROUNDS; i++, now.now_us += EAR_FRAME_US) {
        for (int end = 0; end < 2; end++) {
            hear(end);
            flush(end, true);
        }
    }
    FUZZ_REQUIRE(sessions[0].connected && sessions[1].connected);
}

static void say(uint8_t how, const uint8_t *data, size_t len)
{
    uint8_t body[2 + BODY_MAX];
    struct ear_writer w = ear_writer_on(body, sizeof body);
    if (how & HOW_HEADER)
        ear_writer_u16(&w, ear_enet_link_peer_and_session(sessions[1].link));
    ear_writer_bytes(&w, data, len < BODY_MAX ? len : BODY_MAX);
    if (how & HOW_CONTROL)
        (void)ear_enet_link_send_control(sessions[1].link, body, 1);
    if (how & HOW_WAITS)
        now.now_us += EAR_US_PER_S;
    ear_session_take(&sessions[1], how & HOW_SPEECH ? EAR_KIND_SPEECH : EAR_KIND_ENET, body, w.at);
    hear(1);
    flush(1, how & HOW_SETTLES);
    hear(0);
    now.now_us += EAR_FRAME_US;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool started;
    if (!started)
        start();
    started = true;
    size_t used = ear_enet_memory_used();
    connect_both();
    for (size_t at = 0; at + 1 < size && sessions[1].open;) {
        uint8_t how = data[at];
        size_t len = how & HOW_LONG ? data[at + 1] * (size_t)10 : data[at + 1];
        at += 2;
        len = len < size - at ? len : size - at;
        say(how, data + at, len);
        at += len;
    }
    ear_session_close(&sessions[0]);
    ear_session_close(&sessions[1]);
    FUZZ_REQUIRE(ear_enet_memory_used() == used);
    now.now_us += EAR_US_PER_S;
    return 0;
}
