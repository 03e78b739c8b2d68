/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzz target: messages of handshakes at a door and at tunnels. The first byte says how: as it is
 * but with a mac1 that fits; as the payload inside a message of somebody who knows the keys; or as
 * changes to the bytes that true ends exchange. */
#include <errno.h>
#include <string.h>

#include "../fake/ends.h"
#include "fuzz/fuzz.h"

#define MESSAGE_MAX 600
#define KINDS 5 /* of what is done with an input */

static const uint8_t prologue_bytes[] = {'E', 'a', 'r', 's', 'h', 'o', 't', EAR_WIRE_VERSION};
static const struct ear_bytes prologue = {prologue_bytes, sizeof prologue_bytes};
static const uint8_t ephemeral[EAR_KEY_BYTES] = {9};

/* How far the handshake has come. */
enum stage {
    STAGE_CALLED,   /* message 1 is out */
    STAGE_ANSWERED, /* and message 2 */
    STAGE_JOINED,   /* and both have heard each other */
    STAGE_RENEWED,  /* end 1 has answered a renewal whose answer is on its way */
    STAGE_COUNT,
};

/* Made once, as each costs more than an input; e is where they live, for they point into it. */
static struct ends stages[STAGE_COUNT];
static uint8_t answers[STAGE_COUNT][EAR_ANSWER_BYTES]; /* that are on their way */
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

static size_t next_of_caller(void)
{
    return ear_tunnel_next_handshake(&e.tunnels[0], 0, message);
}

/* What either end seals, the other opens: whatever came in between. */
static void require_both_hear(void)
{
    static const uint8_t body[] = {EAR_KIND_PROBE, 1, 2, 3};
    for (int from = 0; from < 2; from++) {
        uint8_t sealed[sizeof body + EAR_SEALED_CONTROL_BYTES], plain[sizeof body];
        struct ear_opened opened;
        int len = ear_tunnel_seal(&e.tunnels[from], from ? EAR_CLASS_SPEECH : EAR_CLASS_CONTROL,
                                  body, sizeof body, sealed, sizeof sealed);
        FUZZ_REQUIRE(len > 0);
        const struct ear_bytes datagram = {sealed, (size_t)len};
        FUZZ_REQUIRE(ear_tunnel_open(&e.tunnels[1 - from], &datagram, 0, plain, sizeof plain,
                                     &opened) == sizeof body);
        FUZZ_REQUIRE(memcmp(plain, body, sizeof body) == 0);
    }
}

static void make_stages(void)
{
    ends_init(&e, 1, 0);
    FUZZ_REQUIRE(ends_call(&e, 1000, 0) == 0);
    size_t len = next_of_caller();
    stages[STAGE_CALLED] = e;
    FUZZ_REQUIRE(ends_knock(&e, message, len, 0) == 0);
    FUZZ_REQUIRE(ends_accept(&e, 0, answers[STAGE_ANSWERED]) == EAR_ANSWER_BYTES);
    stages[STAGE_ANSWERED] = e;
    const struct ear_bytes answered = {answers[STAGE_ANSWERED], EAR_ANSWER_BYTES};
    FUZZ_REQUIRE(ear_tunnel_take_handshake(&e.tunnels[0], &answered, 0, message) == 0);
    require_both_hear();
    stages[STAGE_JOINED] = e;
    ear_tunnel_renew(&e.tunnels[0]);
    const struct ear_bytes renewal = {message, next_of_caller()};
    FUZZ_REQUIRE(ear_tunnel_take_handshake(&e.tunnels[1], &renewal, 0, answers[STAGE_RENEWED]) ==
                 EAR_ANSWER_BYTES);
    stages[STAGE_RENEWED] = e;
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
    size_t len = size < MESSAGE_MAX ? size : MESSAGE_MAX;
    e = stages[STAGE_ANSWERED];
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

/* Message 1 of end 0, who may say anything in it. Returns its length. */
static size_t write_call(const struct ear_bytes *payload)
{
    struct ear_noise_state noise;
    ear_noise_state_init(&noise, EAR_NOISE_STATE_IKPSK2, true, &prologue, &e.keys[0],
                         e.keys[1].public);
    message[0] = EAR_MESSAGE_CALL;
    int n = ear_noise_state_write(&noise, ephemeral, payload, message + 1, sizeof message - 1);
    FUZZ_REQUIRE(n > 0);
    size_t len = (size_t)n + EAR_MESSAGE_BYTES + EAR_MAC_BYTES;
    stamp(len, 1);
    return len;
}

/* Any payload, from a caller who knows the keys. */
static void try_call_payload(const uint8_t *data, size_t size)
{
    size_t len = size < MESSAGE_MAX / 2 ? size : MESSAGE_MAX / 2;
    const struct ear_bytes payload = {data, len};
    e = stages[STAGE_CALLED];
    int r = ends_knock(&e, message, write_call(&payload), 0);
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
    struct ear_noise_state noise;
    struct ear_call call;
    size_t len = size < MESSAGE_MAX / 2 ? size : MESSAGE_MAX / 2;
    const struct ear_bytes payload = {data, len};
    e = stages[STAGE_ANSWERED];
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
    memcpy(message, answers[STAGE_ANSWERED], EAR_ANSWER_BYTES);
    FUZZ_REQUIRE(at_tunnel(0, EAR_ANSWER_BYTES) == (r == 0 ? -EBADMSG : 0));
}

/* Any payload in a message 1 that comes to a tunnel: a renewal, a call anew, or nonsense. A name of
 * keys that is all ones stands for those that wait to be confirmed. */
static void try_renewal(enum stage stage, const uint8_t *data, size_t size)
{
    static const uint8_t waiting[] = {0xff, 0xff, 0xff, 0xff};
    uint8_t said[EAR_CALL_PAYLOAD_BYTES + EAR_CALL_CONNECT_MAX];
    size_t len = size < sizeof said ? size : sizeof said, name_at = 8;
    const struct ear_bytes payload = {said, len};
    e = stages[stage];
    memcpy(said, data, len);
    bool confirms = len >= EAR_CALL_PAYLOAD_BYTES && e.tunnels[1].keys.next.held &&
                    memcmp(said + name_at, waiting, sizeof waiting) == 0;
    if (confirms) {
        struct ear_writer w = ear_writer_on(said + name_at, sizeof waiting);
        ear_writer_u32(&w, e.tunnels[1].keys.next.name);
    }
    int r = at_tunnel(1, write_call(&payload));
    if (len < EAR_CALL_PAYLOAD_BYTES)
        FUZZ_REQUIRE(r == -EBADMSG);
    else if (len > EAR_CALL_PAYLOAD_BYTES)
        FUZZ_REQUIRE(r == -ECONNRESET || r == -EALREADY);
    else
        FUZZ_REQUIRE(r == EAR_ANSWER_BYTES || r == -EALREADY);
    /* Who says that he has keys which he has not is not heard by his own doing. */
    if (r < 0 || !confirms)
        require_both_hear();
}

/* One byte of what true ends say is changed, or none: where it is, and how. */
static bool change(const uint8_t *how, size_t len)
{
    if (how[0] >= len || how[1] == 0)
        return false;
    message[how[0]] ^= how[1];
    return true;
}

/* A busy door, its cookie, and the call with the cookie; then the answer of a renewal. */
static void try_changed(const uint8_t *data, size_t size)
{
    uint8_t how[6] = {0};
    memcpy(how, data, size < sizeof how ? size : sizeof how);
    e = stages[STAGE_CALLED];
    e.door.config.calls_per_s = 0;
    memcpy(message, e.tunnels[0].attempt.message, EAR_CALL_BYTES_MAX);
    size_t len = e.tunnels[0].attempt.sealed_len + EAR_MAC_BYTES;
    bool changed = change(how, len);
    int r = ends_knock(&e, message, len, 0);
    FUZZ_REQUIRE(r == (changed ? -EBADMSG : EAR_COOKIE_REPLY_BYTES));
    if (changed)
        return;
    memcpy(message, e.reply, EAR_COOKIE_REPLY_BYTES);
    changed = change(how + 2, EAR_COOKIE_REPLY_BYTES);
    FUZZ_REQUIRE(at_tunnel(0, EAR_COOKIE_REPLY_BYTES) == (changed ? -EBADMSG : 0));
    if (!changed) {
        len = ear_tunnel_next_handshake(&e.tunnels[0], EAR_US_PER_S, message);
        FUZZ_REQUIRE(message[0] == EAR_MESSAGE_CALL_COOKIE);
        /* Without its kind it is no call; a wrong mac2 earns another cookie. */
        changed = change(how + 4, len);
        r = ends_knock(&e, message, len, EAR_US_PER_S);
        FUZZ_REQUIRE(r == (!changed                       ? 0
                           : how[4] < len - EAR_MAC_BYTES ? -EBADMSG
                                                          : EAR_COOKIE_REPLY_BYTES));
    }
    e = stages[STAGE_RENEWED];
    memcpy(message, answers[STAGE_RENEWED], EAR_ANSWER_BYTES);
    changed = change(how, EAR_ANSWER_BYTES);
    FUZZ_REQUIRE((at_tunnel(0, EAR_ANSWER_BYTES) == 0) == !changed);
    require_both_hear();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool made;
    FUZZ_REQUIRE(ear_sodium_start() == 0);
    if (!made)
        make_stages();
    made = true;
    if (size == 0)
        return 0;
    switch (data[0] % KINDS) {
    case 0:
        try_raw(data + 1, size - 1);
        break;
    case 1:
        try_call_payload(data + 1, size - 1);
        break;
    case 2:
        try_answer_payload(data + 1, size - 1);
        break;
    case 3:
        try_renewal(data[0] / KINDS % 2 ? STAGE_RENEWED : STAGE_JOINED, data + 1, size - 1);
        break;
    default:
        try_changed(data + 1, size - 1);
        break;
    }
    return 0;
}
