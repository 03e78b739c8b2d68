/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzz target: datagrams from anywhere never make the relay say more than was said to it, or speak
 * to an address that has not proved itself. */
#include <string.h>

#include "fuzz/fuzz.h"
#include "relay/reflect.h"

/* An input is a row of steps. First byte: bits 0-1 what, bits 2-4 which end or address, bit 5 how.
 * Then
 *   RAW    1 byte length, so many bytes: a datagram as it is, and the same at the ends; or else
 *          the end says it through its meeting; with bit 6 no bytes follow, and so many copies,
 *          less than 8, of what was spoken last come instead
 *   SPEAK  what the end itself wants to send, with one byte (offset, or 0xff: none) changed; or
 *          else the change is to what the relay says to it
 *   WAIT   1 byte: so many half seconds; or else the end sends and hears through the relay
 *   MOVE   1 byte: the end's new port, of four, and with bit 7 that it is at the address of the end
 *          in bits 2-4; it doubts its place, or else it knows
 */
enum step {
    STEP_RAW,
    STEP_SPEAK,
    STEP_WAIT,
    STEP_MOVE,
};

#define ENDS 8 /* in four meetings, of which three find room */
#define PORTS 4
#define ELSE 0x20
#define COPY 0x40
#define AT_OTHER 0x80
#define COPIES 8
#define HALF_SECOND_US (EAR_US_PER_S / 2)
#define UNCHANGED 0xff
/* After that long of silence a relay has forgotten all, and each quota is whole. One relay serves
 * all inputs: making one costs more than most inputs do. */
#define FORGOTTEN_US (1000 * (int64_t)EAR_US_PER_S)

struct world {
    struct ear_reflect *reflect;
    struct ear_rendezvous fresh[ENDS], ends[ENDS];
    struct ear_relay_address at[ENDS];
    bool proved[ENDS][PORTS];
    int64_t now_us;
    uint8_t last[EAR_RENDEZVOUS_BYTES_MAX]; /* what was spoken last */
    size_t last_len;
    uint8_t changed_answer; /* offset of the byte that changes on the way back */
};

/* Whether an address, which lies in its last byte and port, has proved itself. */
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

/* What the relay says comes to all who are at that address now. */
static void hear(struct world *w, struct ear_reflect_out *out)
{
    if (w->changed_answer < out->len)
        out->own[w->changed_answer] ^= (uint8_t)(1 << w->changed_answer % 8);
    for (int i = 0; i < ENDS; i++)
        if (ear_relay_address_equal(&out->to, &w->at[i]))
            (void)ear_rendezvous_take(&w->ends[i], w->now_us, out->own, out->len);
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
        hear(w, &out[i]);
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
    if (len == 0)
        return;
    w->last_len = (size_t)len;
    memcpy(w->last, data, w->last_len);
    pass(w, end, data, w->last_len);
}

static void say(struct world *w, int end, const uint8_t *data, size_t len)
{
    uint8_t out[EAR_RENDEZVOUS_SAY_BYTES + UINT8_MAX];
    int said = ear_rendezvous_say(w->ends[end].proof.token, data, len, out, sizeof out);
    FUZZ_REQUIRE(said == (int)(len + EAR_RENDEZVOUS_SAY_BYTES));
    pass(w, end, out, (size_t)said);
}

static void repeat(struct world *w, int end, uint8_t value)
{
    for (int copies = value % COPIES; w->last_len > 0 && copies > 0; copies--)
        pass(w, end, w->last, w->last_len);
}

static void wait_or_live(struct world *w, int end, bool lives, uint8_t value)
{
    if (!lives) {
        w->now_us += value * HALF_SECOND_US;
        ear_reflect_expire(w->reflect, w->now_us);
        return;
    }
    ear_rendezvous_sent(&w->ends[end], w->now_us);
    ear_rendezvous_heard(&w->ends[end], w->now_us);
    FUZZ_REQUIRE(ear_rendezvous_due_us(&w->ends[end]) >= 0);
}

/* The first four ends live in one network of IPv6, the others have an address of IPv4 each. */
static struct ear_relay_address address_of(int end)
{
    struct ear_relay_address address = {.port = 0};
    if (end >= ENDS / 2)
        address.ip[10] = address.ip[11] = 0xff;
    address.ip[15] = (uint8_t)end;
    return address;
}

static void move(struct world *w, int end, bool knows, uint8_t value)
{
    w->at[end] = address_of(value & AT_OTHER ? value >> 2 & (ENDS - 1) : end);
    w->at[end].port = value % PORTS;
    if (knows)
        ear_rendezvous_moved(&w->ends[end], w->now_us);
    else
        ear_rendezvous_doubt(&w->ends[end], w->now_us);
}

static void run(struct world *w, const uint8_t *data, size_t size)
{
    for (size_t at = 0; at + 1 < size;) {
        uint8_t first = data[at], value = data[at + 1];
        int end = first >> 2 & (ENDS - 1);
        bool other = first & ELSE;
        at += 2;
        size_t len = value < size - at ? value : size - at;
        switch ((enum step)(first & 3)) {
        case STEP_RAW:
            if (first & COPY) {
                repeat(w, end, value);
                break;
            }
            (void)ear_rendezvous_take(&w->ends[end], w->now_us, data + at, len);
            if (other)
                say(w, end, data + at, len);
            else if (len > 0)
                pass(w, end, data + at, len);
            at += len;
            break;
        case STEP_SPEAK:
            w->changed_answer = other ? value : UNCHANGED;
            speak(w, end, other ? UNCHANGED : value);
            w->changed_answer = UNCHANGED;
            break;
        case STEP_WAIT:
            wait_or_live(w, end, other, value);
            break;
        case STEP_MOVE:
            move(w, end, other, value);
            break;
        }
    }
}

static void on_bound(void *ctx, const struct ear_relay_address *address)
{
    FUZZ_REQUIRE(ctx && address->port < PORTS);
}

/* Small enough for each limit to be met by a few datagrams. */
static void open_relay(struct world *w)
{
    struct ear_reflect_config config = ear_reflect_usual;
    config.max_bindings = 3;
    config.per_address = 3;
    config.call_bps = 2000;
    config.total_bps = 10000;
    config.on_bound = on_bound;
    config.ctx = w;
    FUZZ_REQUIRE(ear_sodium_start() == 0);
    FUZZ_REQUIRE(ear_reflect_new(&w->reflect, &config) == 0);
    for (int i = 0; i < ENDS; i++) {
        const uint8_t secret[EAR_KEY_BYTES] = {0, (uint8_t)(i / 2)};
        ear_rendezvous_start(&w->fresh[i], secret, (uint8_t)(i % 2), 0);
    }
}

static void begin(struct world *w)
{
    w->now_us += FORGOTTEN_US;
    w->changed_answer = UNCHANGED;
    w->last_len = 0;
    memset(w->proved, 0, sizeof w->proved);
    for (int i = 0; i < ENDS; i++) {
        w->ends[i] = w->fresh[i];
        w->ends[i].due_us = w->ends[i].sent_us = w->ends[i].heard_us = w->now_us;
        w->at[i] = address_of(i);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct world w;
    if (!w.reflect)
        open_relay(&w);
    begin(&w);
    run(&w, data, size);
    w.now_us += FORGOTTEN_US;
    ear_reflect_expire(w.reflect, w.now_us);
    FUZZ_REQUIRE(ear_reflect_bindings(w.reflect) == 0);
    const struct ear_reflect_counts *counts = ear_reflect_counts(w.reflect);
    FUZZ_REQUIRE(counts->bindings_made == counts->bindings_forgotten);
    return 0;
}
