/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzz target: messages of handshakes at a door and at tunnels. The first byte says how: as it is
 * but with a mac1 that fits, or as the payload inside a message of somebody who knows the keys. */
#include <errno.h>
#include <string.h>

#include "../fake/ends.h"
#include "fuzz/fuzz.h"

#define MESSAGE_MAX 600

static const uint8_t prologue_bytes[] = {'E', 'a', 'r', 's', 'h', 'o', 't', EAR_WIRE_VERSION};
static const struct ear_bytes prologue = {prologue_bytes, sizeof prologue_bytes};
static const uint8_t ephemeral[EAR_KEY_BYTES] = {9};

static struct ends e;
static uint8_t message[MESSAGE_MAX];

/* Puts a mac1 for this receiver where one of this kind and length has it. */
static void stamp(size_t len, int receiver)
{
    uint8_t key[EAR_KEY_BYTES];
    size_t macs = message[0] == EAR_MESSAGE_CALL_COOKIE ? 2 * EAR_MAC_BYTES : EAR_MAC_BYTES;
    if (len < macs)
        return;
    const struct ear_bytes covered = {message, len - macs};
    ear_handshake_mac1_key(e.keys[receiver].public, key);
    ear_sodium_hash(message + covered.len, EAR_MAC_BYTES, key, sizeof key, &covered, 1);
}

/* A call, and as much of the way up as is asked for. */
static void begin(bool accepted, uint8_t *answer)
{
    uint8_t call[EAR_CALL_BYTES_MAX];
    ends_init(&e, 1, 0);
    FUZZ_REQUIRE(ends_call(&e, 1000, 0) == 0);
    size_t len = ear_tunnel_next_handshake(&e.tunnels[0], 0, call);
    if (!accepted)
        return;
    FUZZ_REQUIRE(ends_knock(&e, call, len, 0) == 0);
    FUZZ_REQUIRE(ends_accept(&e, 0, answer) == EAR_ANSWER_BYTES);
}

static int at_tunnel(int end, size_t len)
{
    uint8_t reply[EAR_ANSWER_BYTES];
    const struct ear_bytes datagram = {message, len};
    struct ear_tunnel before = e.tunnels[end];
    int r = ear_tunnel_take_handshake(&e.tunnels[end], &datagram, 0, reply);
    before.tries = e.tunnels[end].tries;
    if (r < 0)
        FUZZ_REQUIRE(memcmp(&before, &e.tunnels[end], sizeof before) == 0);
    return r;
}

/* Bytes of a stranger. */
static void try_raw(const uint8_t *data, size_t size)
{
    uint8_t answer[EAR_ANSWER_BYTES];
    size_t len = size < MESSAGE_MAX ? size : MESSAGE_MAX;
    begin(true, answer);
    for (int receiver = 0; receiver < 2; receiver++) {
        memcpy(message, data, len);
        stamp(len, receiver);
        FUZZ_REQUIRE(at_tunnel(receiver, len) < 0);
        FUZZ_REQUIRE(ends_knock(&e, message, len, 0) < 0);
    }
    e.door.config.calls_per_s = 0;
    int r = ends_knock(&e, message, len, 0);
    FUZZ_REQUIRE(r < 0 || (r == EAR_COOKIE_REPLY_BYTES && len >= EAR_CALL_BYTES));
}

/* Any payload, from a caller who knows the keys. */
static void try_call_payload(const uint8_t *data, size_t size)
{
    struct ear_noise_state noise;
    size_t len = size < MESSAGE_MAX / 2 ? size : MESSAGE_MAX / 2;
    const struct ear_bytes payload = {data, len};
    begin(false, NULL);
    ear_noise_state_init(&noise, EAR_NOISE_STATE_IKPSK2, true, &prologue, &e.keys[0],
                         e.keys[1].public);
    message[0] = EAR_MESSAGE_CALL;
    int n = ear_noise_state_write(&noise, ephemeral, &payload, message + 1, sizeof message - 1);
    FUZZ_REQUIRE(n > 0);
    stamp((size_t)n + 1 + EAR_MAC_BYTES, 1);
    int r = ends_knock(&e, message, (size_t)n + 1 + EAR_MAC_BYTES, 0);
    if (len < EAR_CALL_PAYLOAD_BYTES || len > EAR_CALL_PAYLOAD_BYTES + EAR_CALL_CONNECT_MAX) {
        FUZZ_REQUIRE(r == -EBADMSG);
        return;
    }
    static const uint8_t zero_clock[6];
    FUZZ_REQUIRE(r == (memcmp(data, zero_clock, sizeof zero_clock) == 0 ? -EALREADY : 0));
    if (r != 0)
        return;
    FUZZ_REQUIRE(e.call.call.connect_len == len - EAR_CALL_PAYLOAD_BYTES);
    FUZZ_REQUIRE(
        memcmp(e.call.call.connect, data + EAR_CALL_PAYLOAD_BYTES, e.call.call.connect_len) == 0);
    uint8_t answer[EAR_ANSWER_BYTES];
    FUZZ_REQUIRE(ends_accept(&e, 0, answer) == EAR_ANSWER_BYTES);
}

/* Any payload of that size, from an answerer who knows the keys; then the true answer is too late.
 */
static void try_answer_payload(const uint8_t *data, size_t size)
{
    uint8_t answer[EAR_ANSWER_BYTES];
    struct ear_noise_state noise;
    struct ear_call call;
    size_t len = size < MESSAGE_MAX / 2 ? size : MESSAGE_MAX / 2;
    const struct ear_bytes payload = {data, len};
    begin(true, answer);
    FUZZ_REQUIRE(ear_handshake_consume_call(&noise, &e.keys[1], e.tunnels[0].attempt.message,
                                            e.tunnels[0].attempt.sealed_len + EAR_MAC_BYTES,
                                            &call) == 0);
    ear_noise_state_set_psk(&noise, e.psk);
    message[0] = EAR_MESSAGE_ANSWER;
    int n = ear_noise_state_write(&noise, ephemeral, &payload, message + 1, sizeof message - 1);
    FUZZ_REQUIRE(n > 0);
    stamp((size_t)n + 1 + EAR_MAC_BYTES, 0);
    int r = at_tunnel(0, (size_t)n + 1 + EAR_MAC_BYTES);
    FUZZ_REQUIRE(r == (len == EAR_ANSWER_PAYLOAD_BYTES ? 0 : -EBADMSG));
    memcpy(message, answer, sizeof answer);
    FUZZ_REQUIRE(at_tunnel(0, sizeof answer) == (r == 0 ? -EBADMSG : 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    FUZZ_REQUIRE(ear_sodium_start() == 0);
    if (size == 0)
        return 0;
    switch (data[0] % 3) {
    case 0:
        try_raw(data + 1, size - 1);
        break;
    case 1:
        try_call_payload(data + 1, size - 1);
        break;
    default:
        try_answer_payload(data + 1, size - 1);
        break;
    }
    return 0;
}
