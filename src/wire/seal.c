/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sealing and opening under one pair of keys. */
#include "wire/seal.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#define COUNTER_MODULO ((uint64_t)1 << EAR_SEALED_COUNTER_BITS)
#define COUNTER_HIGH_MASK 0x1f /* what of the counter is in the first byte of speech */
#define COUNTER_BYTES 8

static_assert(EAR_REPLAY_WINDOW < 1 << (EAR_SEALED_COUNTER_BITS - 1), "room to look forward");

static void derive(uint8_t out[static EAR_KEY_BYTES], const uint8_t key[static EAR_KEY_BYTES],
                   const char *label)
{
    const struct ear_bytes piece = {label, strlen(label)};
    ear_sodium_hash(out, EAR_KEY_BYTES, key, EAR_KEY_BYTES, &piece, 1);
}

static void derive_all(struct ear_seal_keys *keys, const uint8_t key[static EAR_KEY_BYTES])
{
    derive(keys->cipher, key, "Earshot speech cipher");
    derive(keys->mac, key, "Earshot speech mac");
    derive(keys->control, key, "Earshot control");
}

void ear_seal_init(struct ear_seal *seal, const uint8_t out[static EAR_KEY_BYTES],
                   const uint8_t in[static EAR_KEY_BYTES], uint16_t number, uint32_t packets_max)
{
    assert(packets_max <= EAR_SEAL_PACKETS_MAX);
    *seal = (struct ear_seal){.packets_max = packets_max, .phase = number % 2 == 1};
    derive_all(&seal->out, out);
    derive_all(&seal->in, in);
}

void ear_seal_wipe(struct ear_seal *seal)
{
    ear_sodium_wipe(seal, sizeof *seal);
}

static void speech_tag(uint8_t tag[static EAR_SHORT_TAG_BYTES],
                       const uint8_t key[static EAR_KEY_BYTES], uint64_t counter,
                       const uint8_t *datagram, size_t len)
{
    uint8_t whole[COUNTER_BYTES];
    struct ear_writer w = ear_writer_on(whole, sizeof whole);
    ear_writer_u64(&w, counter);
    const struct ear_bytes pieces[] = {{whole, sizeof whole}, {datagram, len}};
    ear_sodium_hash(tag, EAR_SHORT_TAG_BYTES, key, EAR_KEY_BYTES, pieces, EAR_COUNT(pieces));
}

static void seal_speech(const struct ear_seal *seal, const uint8_t *body, size_t len, uint8_t *out)
{
    size_t tagged = EAR_SEALED_SPEECH_HEADER_BYTES + len;
    out[0] = (uint8_t)(EAR_SEALED | (seal->phase ? EAR_SEALED_PHASE : 0) |
                       (seal->sent >> 8 & COUNTER_HIGH_MASK));
    out[1] = (uint8_t)seal->sent;
    ear_sodium_stream(out + EAR_SEALED_SPEECH_HEADER_BYTES, seal->out.cipher, seal->sent, body,
                      len);
    speech_tag(out + tagged, seal->out.mac, seal->sent, out, tagged);
}

static void seal_control(const struct ear_seal *seal, const uint8_t *body, size_t len, uint8_t *out)
{
    const struct ear_bytes ad = {out, EAR_SEALED_CONTROL_HEADER_BYTES};
    struct ear_writer w = ear_writer_on(out, EAR_SEALED_CONTROL_HEADER_BYTES);
    ear_writer_u8(&w, EAR_SEALED | (seal->phase ? EAR_SEALED_PHASE : 0) | EAR_SEALED_CONTROL);
    ear_writer_u32(&w, (uint32_t)seal->sent);
    ear_sodium_aead_seal(out + EAR_SEALED_CONTROL_HEADER_BYTES, seal->out.control, seal->sent, &ad,
                         body, len);
}

int ear_seal_seal(struct ear_seal *seal, enum ear_class class, const uint8_t *body, size_t len,
                  uint8_t *out, size_t cap)
{
    bool speech = class == EAR_CLASS_SPEECH;
    size_t more = speech ? EAR_SEALED_SPEECH_BYTES : EAR_SEALED_CONTROL_BYTES;
    if (cap < more || len > cap - more)
        return -ENOBUFS;
    if (seal->sent >= seal->packets_max)
        return -EKEYEXPIRED;
    assert(seal->sent < EAR_SEAL_PACKETS_MAX);
    if (speech)
        seal_speech(seal, body, len, out);
    else
        seal_control(seal, body, len, out);
    seal->sent++;
    return (int)(len + more);
}

/* The counter that ends in these 13 bits, of those from the window's begin on. */
static uint64_t expand(const struct ear_seal *seal, const uint8_t *datagram)
{
    uint64_t low = (uint64_t)(datagram[0] & COUNTER_HIGH_MASK) << 8 | datagram[1];
    uint64_t end = seal->received.end;
    uint64_t begin = end > EAR_REPLAY_WINDOW ? end - EAR_REPLAY_WINDOW : 0;
    return begin + ((low - begin) & (COUNTER_MODULO - 1));
}

static bool open_speech(const struct ear_seal *seal, uint64_t counter, const uint8_t *datagram,
                        size_t len, uint8_t *out)
{
    uint8_t tag[EAR_SHORT_TAG_BYTES];
    size_t tagged = len - EAR_SHORT_TAG_BYTES;
    speech_tag(tag, seal->in.mac, counter, datagram, tagged);
    if (!ear_sodium_equal(tag, datagram + tagged, sizeof tag))
        return false;
    ear_sodium_stream(out, seal->in.cipher, counter, datagram + EAR_SEALED_SPEECH_HEADER_BYTES,
                      tagged - EAR_SEALED_SPEECH_HEADER_BYTES);
    return true;
}

static bool open_control(const struct ear_seal *seal, uint64_t counter, const uint8_t *datagram,
                         size_t len, uint8_t *out)
{
    const struct ear_bytes ad = {datagram, EAR_SEALED_CONTROL_HEADER_BYTES};
    return ear_sodium_aead_open(out, seal->in.control, counter, &ad,
                                datagram + EAR_SEALED_CONTROL_HEADER_BYTES,
                                len - EAR_SEALED_CONTROL_HEADER_BYTES);
}

int ear_seal_open(struct ear_seal *seal, const uint8_t *datagram, size_t len, uint8_t *out,
                  size_t cap, struct ear_opened *ret)
{
    if (len == 0 || !(datagram[0] & EAR_SEALED))
        return -EPROTO;
    bool speech = !(datagram[0] & EAR_SEALED_CONTROL);
    size_t more = speech ? EAR_SEALED_SPEECH_BYTES : EAR_SEALED_CONTROL_BYTES;
    if (len < more || ((datagram[0] & EAR_SEALED_PHASE) != 0) != seal->phase ||
        (!speech && (datagram[0] & COUNTER_HIGH_MASK) != 0))
        return -EPROTO;
    if (len - more > cap)
        return -ENOBUFS;
    struct ear_reader r = ear_reader_on(datagram + 1, len - 1);
    uint64_t counter = speech ? expand(seal, datagram) : ear_reader_u32(&r);
    if (!ear_replay_is_new(&seal->received, counter))
        return -EALREADY;
    if (speech ? !open_speech(seal, counter, datagram, len, out)
               : !open_control(seal, counter, datagram, len, out)) {
        if (seal->failed < UINT32_MAX)
            seal->failed++;
        return -EBADMSG;
    }
    *ret = (struct ear_opened){
        .class = speech ? EAR_CLASS_SPEECH : EAR_CLASS_CONTROL,
        .newest = counter >= seal->received.end,
    };
    ear_replay_mark(&seal->received, counter);
    return (int)(len - more);
}
