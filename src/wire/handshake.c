/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Message 1 and message 2. */
#include "wire/handshake.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

/* Whoever speaks another version fails at the first tag. */
static const uint8_t prologue_bytes[] = {'E', 'a', 'r', 's', 'h', 'o', 't', EAR_WIRE_VERSION};
static const struct ear_bytes prologue = {prologue_bytes, sizeof prologue_bytes};

static const char mac1_label[] = "Earshot mac1";

void ear_handshake_mac(uint8_t out[static EAR_MAC_BYTES], const uint8_t *key, size_t key_len,
                       const uint8_t *data, size_t len)
{
    const struct ear_bytes piece = {data, len};
    ear_sodium_hash(out, EAR_MAC_BYTES, key, key_len, &piece, 1);
}

void ear_handshake_mac1_key(const uint8_t public[static EAR_KEY_BYTES],
                            uint8_t ret_key[static EAR_KEY_BYTES])
{
    const struct ear_bytes pieces[] = {{mac1_label, sizeof mac1_label - 1},
                                       {public, EAR_KEY_BYTES}};
    ear_sodium_hash(ret_key, EAR_KEY_BYTES, NULL, 0, pieces, EAR_COUNT(pieces));
}

size_t ear_handshake_sealed_len(const uint8_t *datagram, size_t len)
{
    bool twice = datagram[0] == EAR_MESSAGE_CALL_COOKIE || datagram[0] == EAR_MESSAGE_FLARE_COOKIE;
    return len - (twice ? 2 * EAR_MAC_BYTES : EAR_MAC_BYTES);
}

const uint8_t *ear_handshake_mac1_of(const uint8_t *datagram, size_t len)
{
    return datagram + ear_handshake_sealed_len(datagram, len);
}

static bool is_call_len(size_t len)
{
    return len >= EAR_CALL_BYTES && len <= EAR_CALL_BYTES + EAR_CALL_CONNECT_MAX;
}

bool ear_handshake_is_call(const uint8_t *datagram, size_t len)
{
    if (len < EAR_CALL_BYTES)
        return false;
    return datagram[0] == EAR_MESSAGE_CALL_COOKIE
               ? is_call_len(len - EAR_MAC_BYTES)
               : datagram[0] == EAR_MESSAGE_CALL && is_call_len(len);
}

static bool is_answer(const uint8_t *datagram, size_t len)
{
    return len == EAR_ANSWER_BYTES && datagram[0] == EAR_MESSAGE_ANSWER;
}

bool ear_handshake_mac1_fits(const uint8_t key[static EAR_KEY_BYTES], const uint8_t *datagram,
                             size_t len)
{
    uint8_t expected[EAR_MAC_BYTES];
    if (!ear_handshake_is_call(datagram, len) && !is_answer(datagram, len))
        return false;
    size_t sealed = ear_handshake_sealed_len(datagram, len);
    ear_handshake_mac(expected, key, EAR_KEY_BYTES, datagram, sealed);
    return ear_sodium_equal(expected, datagram + sealed, sizeof expected);
}

int ear_handshake_create_call(struct ear_noise_state *noise, const struct ear_keypair *self,
                              const uint8_t peer[static EAR_KEY_BYTES],
                              const uint8_t ephemeral[static EAR_KEY_BYTES],
                              const struct ear_call *call, uint8_t out[static EAR_CALL_BYTES_MAX])
{
    uint8_t payload[EAR_CALL_PAYLOAD_BYTES + EAR_CALL_CONNECT_MAX];
    struct ear_writer w = ear_writer_on(payload, sizeof payload);
    struct ear_noise_state fresh;
    if (call->clock_ms >> EAR_CALL_CLOCK_BITS || call->connect_len > EAR_CALL_CONNECT_MAX)
        return -EINVAL;
    ear_writer_u64(&w, call->clock_ms << 16 | call->number);
    ear_writer_u32(&w, call->under);
    ear_writer_bytes(&w, call->connect, call->connect_len);
    const struct ear_bytes said = {payload, w.at};
    ear_noise_state_init(&fresh, EAR_NOISE_STATE_IKPSK2, true, &prologue, self, peer);
    int len = ear_noise_state_write(&fresh, ephemeral, &said, out + EAR_MESSAGE_BYTES,
                                    EAR_CALL_BYTES_MAX - EAR_MESSAGE_BYTES);
    if (len >= 0)
        *noise = fresh;
    ear_noise_state_wipe(&fresh);
    return len < 0 ? len : EAR_MESSAGE_BYTES + len;
}

size_t ear_handshake_stamp_call(uint8_t datagram[static EAR_CALL_BYTES_MAX], size_t sealed_len,
                                const uint8_t mac1_key[static EAR_KEY_BYTES], const uint8_t *cookie)
{
    assert(is_call_len(sealed_len + EAR_MAC_BYTES));
    datagram[0] = cookie ? EAR_MESSAGE_CALL_COOKIE : EAR_MESSAGE_CALL;
    ear_handshake_mac(datagram + sealed_len, mac1_key, EAR_KEY_BYTES, datagram, sealed_len);
    size_t len = sealed_len + EAR_MAC_BYTES;
    if (!cookie)
        return len;
    ear_handshake_mac(datagram + len, cookie, EAR_COOKIE_BYTES, datagram, len);
    return len + EAR_MAC_BYTES;
}

int ear_handshake_consume_call(struct ear_noise_state *noise, const struct ear_keypair *self,
                               const uint8_t *datagram, size_t len, struct ear_call *ret)
{
    uint8_t payload[EAR_CALL_PAYLOAD_BYTES + EAR_CALL_CONNECT_MAX];
    struct ear_noise_state fresh;
    struct ear_call call = {0};
    if (!ear_handshake_is_call(datagram, len))
        return -EBADMSG;
    ear_noise_state_init(&fresh, EAR_NOISE_STATE_IKPSK2, false, &prologue, self, NULL);
    int got = ear_noise_state_read(&fresh, datagram + EAR_MESSAGE_BYTES,
                                   ear_handshake_sealed_len(datagram, len) - EAR_MESSAGE_BYTES,
                                   payload, sizeof payload);
    if (got >= EAR_CALL_PAYLOAD_BYTES) {
        struct ear_reader r = ear_reader_on(payload, (size_t)got);
        uint64_t clock_and_number = ear_reader_u64(&r);
        call.clock_ms = clock_and_number >> 16;
        call.number = (uint16_t)clock_and_number;
        call.under = ear_reader_u32(&r);
        call.connect_len = ear_reader_left(&r);
        memcpy(call.connect, payload + EAR_CALL_PAYLOAD_BYTES, call.connect_len);
        *noise = fresh;
        *ret = call;
    }
    ear_noise_state_wipe(&fresh);
    return got >= EAR_CALL_PAYLOAD_BYTES ? 0 : -EBADMSG;
}

int ear_handshake_create_answer(struct ear_noise_state *noise,
                                const uint8_t psk[static EAR_KEY_BYTES],
                                const uint8_t ephemeral[static EAR_KEY_BYTES], uint32_t under,
                                uint8_t out[static EAR_ANSWER_BYTES])
{
    uint8_t payload[EAR_ANSWER_PAYLOAD_BYTES], mac1_key[EAR_KEY_BYTES];
    struct ear_writer w = ear_writer_on(payload, sizeof payload);
    const struct ear_bytes said = {payload, sizeof payload};
    struct ear_noise_state fresh = *noise;
    ear_writer_u32(&w, under);
    ear_noise_state_set_psk(&fresh, psk);
    int r = ear_noise_state_write(&fresh, ephemeral, &said, out + EAR_MESSAGE_BYTES,
                                  EAR_ANSWER_SEALED_BYTES - EAR_MESSAGE_BYTES);
    if (r > 0) {
        out[0] = EAR_MESSAGE_ANSWER;
        ear_handshake_mac1_key(fresh.rs, mac1_key);
        ear_handshake_mac(out + EAR_ANSWER_SEALED_BYTES, mac1_key, sizeof mac1_key, out,
                          EAR_ANSWER_SEALED_BYTES);
        *noise = fresh;
    }
    ear_noise_state_wipe(&fresh);
    return r > 0 ? 0 : r;
}

int ear_handshake_consume_answer(struct ear_noise_state *noise,
                                 const uint8_t psk[static EAR_KEY_BYTES], const uint8_t *datagram,
                                 size_t len, uint32_t *ret_under)
{
    uint8_t payload[EAR_ANSWER_PAYLOAD_BYTES];
    struct ear_noise_state fresh;
    if (!is_answer(datagram, len))
        return -EBADMSG;
    fresh = *noise;
    ear_noise_state_set_psk(&fresh, psk);
    int got =
        ear_noise_state_read(&fresh, datagram + EAR_MESSAGE_BYTES,
                             EAR_ANSWER_SEALED_BYTES - EAR_MESSAGE_BYTES, payload, sizeof payload);
    if (got >= 0) {
        struct ear_reader r = ear_reader_on(payload, sizeof payload);
        *ret_under = ear_reader_u32(&r);
        *noise = fresh;
    }
    ear_noise_state_wipe(&fresh);
    return got >= 0 ? 0 : -EBADMSG;
}

uint32_t ear_handshake_name(const struct ear_noise_state *noise)
{
    struct ear_reader r = ear_reader_on(noise->h, sizeof noise->h);
    uint32_t name = ear_reader_u32(&r);
    assert(ear_noise_state_done(noise));
    return name ? name : 1;
}

void ear_handshake_finish(struct ear_noise_state *noise, uint8_t ret_out[static EAR_KEY_BYTES],
                          uint8_t ret_in[static EAR_KEY_BYTES])
{
    if (noise->initiator)
        ear_noise_state_split(noise, ret_out, ret_in);
    else
        ear_noise_state_split(noise, ret_in, ret_out);
}
