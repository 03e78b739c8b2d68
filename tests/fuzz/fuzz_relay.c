/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzz target: datagrams from anywhere never make the relay say more than was said to it, or speak
 * to an address that has not proved itself. */
#include <string.h>

#include "fuzz/fuzz.h"
#include "relay/reflect.h"

/* An input is a row of steps. First byte: bits 0-1 what, bits 2-4 which end or address, bit 5 of a
 * RAW that the end says it through its meeting. Then
 *   RAW    1 byte length, so many bytes: a datagram as it is, and the same at the ends
 *   SPEAK  what the end itself wants to send, with one byte (offset, or 0xff: none) changed
 *   WAIT   1 byte: so many half seconds
 *   MOVE   1 byte: the end's new port, of four */
enum step {
    STEP_RAW,
    STEP_SPEAK,
    STEP_WAIT,
    STEP_MOVE,
};

#define ENDS 8 /* in four meetings, of which three find room */
#define PORTS 4
#define HALF_SECOND_US (EAR_US_PER_S / 2)

struct world {
    struct ear_reflect *reflect;
    struct ear_rendezvous ends[ENDS];
    struct ear_relay_address at[ENDS];
    bool proved[ENDS][PORTS];
    int64_t now_us;
};

/* Whether an address, which lies in its fourth byte and port, has ever proved itself. */
static bool *proved(struct world *w, const struct ear_relay_address *address)
{
    FUZZ_REQUIRE(address->ip[15] < ENDS && address->port < PORTS);
    return &w->proved[address->ip[15]][address->port];
}

static void check_out(struct world *w, const struct ear_relay_address *from, uint8_t kind,
                      const struct ear_reflect_out *out, int nth)
{
    bool back = ear_relay_address_equal(&out->to, from);
    if (out->data == out->own && out->data[0] == EAR_RENDEZVOUS_BOUND && nth == 0 && back &&
        kind == EAR_RENDEZVOUS_PROOF)
        *proved(w, from) = true;
    bool told = out->data == out->own &&
                (out->data[0] == EAR_RENDEZVOUS_CHALLENGE || out->data[0] == EAR_RENDEZVOUS_FULL);
    FUZZ_REQUIRE(*proved(w, &out->to) || (back && told));
}

static void pass(struct world *w, int end, const uint8_t *data, size_t len)
{
    struct ear_reflect_out out[EAR_REFLECT_OUT_MAX];
    struct ear_relay_address from = w->at[end];
    int count = ear_reflect_take(w->reflect, w->now_us, &from, data, len, out);
    size_t sum = 0;
    FUZZ_REQUIRE(count >= 0 && count <= EAR_REFLECT_OUT_MAX);
    for (int i = 0; i < count; i++) {
        sum += out[i].len;
        check_out(w, &from, data[0], &out[i], i);
        if (out[i].data != out[i].own) {
            size_t said = data[0] == EAR_RENDEZVOUS_SAY ? EAR_RENDEZVOUS_SAY_BYTES : 0;
            FUZZ_REQUIRE(out[i].data == data + said && out[i].len == len - said);
            FUZZ_REQUIRE(!ear_rendezvous_is_relays(out[i].data, out[i].len));
            continue;
        }
        int to = out[i].to.ip[15];
        if (ear_relay_address_equal(&out[i].to, &w->at[to]))
            (void)ear_rendezvous_take(&w->ends[to], w->now_us, out[i].data, out[i].len);
    }
    FUZZ_REQUIRE(sum <= len);
    FUZZ_REQUIRE(ear_reflect_bindings(w->reflect) <= 3);
}

static void speak(struct world *w, int end, uint8_t changed)
{
    uint8_t data[EAR_RENDEZVOUS_BYTES_MAX];
    int len = ear_rendezvous_next(&w->ends[end], w->now_us, data);
    FUZZ_REQUIRE(len >= 0 && len <= EAR_RENDEZVOUS_BYTES_MAX);
    if (changed < len)
        data[changed] ^= (uint8_t)(1 << changed % 8);
    if (len > 0)
        pass(w, end, data, (size_t)len);
}

static void say(struct world *w, int end, const uint8_t *data, size_t len)
{
    uint8_t out[EAR_RENDEZVOUS_SAY_BYTES + UINT8_MAX];
    int said = ear_rendezvous_say(w->ends[end].proof.token, data, len, out, sizeof out);
    FUZZ_REQUIRE(said == (int)(len + EAR_RENDEZVOUS_SAY_BYTES));
    pass(w, end, out, (size_t)said);
}

static void run(struct world *w, const uint8_t *data, size_t size)
{
    for (size_t at = 0; at + 1 < size;) {
        int end = data[at] >> 2 & (ENDS - 1);
        enum step step = (enum step)(data[at] & 3);
        bool says = data[at] & 32;
        uint8_t value = data[at + 1];
        at += 2;
        size_t len = value < size - at ? value : size - at;
        switch (step) {
        case STEP_RAW:
            (void)ear_rendezvous_take(&w->ends[end], w->now_us, data + at, len);
            if (says)
                say(w, end, data + at, len);
            else if (len > 0)
                pass(w, end, data + at, len);
            at += len;
            break;
        case STEP_SPEAK:
            speak(w, end, value);
            break;
        case STEP_WAIT:
            w->now_us += value * HALF_SECOND_US;
            ear_reflect_expire(w->reflect, w->now_us);
            break;
        case STEP_MOVE:
            w->at[end].port = value % PORTS;
            ear_rendezvous_doubt(&w->ends[end], w->now_us);
            break;
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct world w = {.now_us = EAR_US_PER_S};
    struct ear_reflect_config config = ear_reflect_usual;
    config.max_bindings = 3;
    FUZZ_REQUIRE(ear_sodium_start() == 0);
    FUZZ_REQUIRE(ear_reflect_new(&w.reflect, &config) == 0);
    for (int i = 0; i < ENDS; i++) {
        const uint8_t secret[EAR_KEY_BYTES] = {0, (uint8_t)(i / 2)};
        ear_rendezvous_start(&w.ends[i], secret, (uint8_t)(i % 2), w.now_us);
        w.at[i].ip[15] = (uint8_t)i;
    }
    run(&w, data, size);
    ear_reflect_expire(w.reflect, w.now_us + 300 * (int64_t)EAR_US_PER_S);
    FUZZ_REQUIRE(ear_reflect_bindings(w.reflect) == 0);
    const struct ear_reflect_counts *counts = ear_reflect_counts(w.reflect);
    FUZZ_REQUIRE(counts->bindings_made == counts->bindings_forgotten);
    ear_reflect_free(w.reflect);
    return 0;
}
