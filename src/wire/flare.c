/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Message 1 with a word in it, and its answer. */
#include "wire/flare.h"

#include <errno.h>
#include <string.h>

#include "wire/mail_frame.h"

/* Not that of a call: a message of the one fails at the first tag of the other. */
static const uint8_t prologue_bytes[] = {'E', 'a', 'r', 's', 'h', 'o', 't', EAR_WIRE_VERSION, '!'};
static const struct ear_bytes prologue = {prologue_bytes, sizeof prologue_bytes};

static_assert(EAR_FLARE_SAID_MAX == EAR_MAIL_FRAME_MAX, "any frame of mail");
static_assert(EAR_FLARE_PAYLOAD_BYTES == 8 + EAR_FLARE_PSK_ID_BYTES, "payload");
static_assert(EAR_FLARE_ANSWER_SAID == 1 + 1 + EAR_MAIL_MARK_BYTES, "TOLD of one");

static bool is_len(size_t len)
{
    return len > EAR_FLARE_BYTES && len <= EAR_FLARE_BYTES + EAR_FLARE_SAID_MAX;
}

bool ear_flare_is_one(const uint8_t *datagram, size_t len)
{
    if (len <= EAR_FLARE_BYTES)
        return false;
    return datagram[0] == EAR_MESSAGE_FLARE_COOKIE
               ? is_len(len - EAR_MAC_BYTES)
               : datagram[0] == EAR_MESSAGE_FLARE && is_len(len);
}

static bool is_answer(const uint8_t *datagram, size_t len)
{
    return len == EAR_FLARE_ANSWER_BYTES && datagram[0] == EAR_MESSAGE_FLARE_ANSWER;
}

bool ear_flare_mac1_fits(const uint8_t key[static EAR_KEY_BYTES], const uint8_t *datagram,
                         size_t len)
{
    uint8_t expected[EAR_MAC_BYTES];
    if (!ear_flare_is_one(datagram, len) && !is_answer(datagram, len))
        return false;
    size_t sealed = ear_handshake_sealed_len(datagram, len);
    ear_handshake_mac(expected, key, EAR_KEY_BYTES, datagram, sealed);
    return ear_sodium_equal(expected, datagram + sealed, sizeof expected);
}

int ear_flare_create(struct ear_noise_state *noise, const struct ear_keypair *self,
                     const uint8_t peer[static EAR_KEY_BYTES],
                     const uint8_t ephemeral[static EAR_KEY_BYTES], const struct ear_flare *flare,
                     uint8_t out[static EAR_FLARE_BYTES_MAX])
{
    uint8_t payload[EAR_FLARE_PAYLOAD_BYTES + EAR_FLARE_SAID_MAX];
    struct ear_writer w = ear_writer_on(payload, sizeof payload);
    struct ear_noise_state fresh;
    if (flare->clock_ms >> EAR_CALL_CLOCK_BITS || flare->len == 0 ||
        flare->len > EAR_FLARE_SAID_MAX)
        return -EINVAL;
    ear_writer_u64(&w, flare->clock_ms);
    ear_writer_bytes(&w, flare->psk_id, sizeof flare->psk_id);
    ear_writer_bytes(&w, flare->said, flare->len);
    const struct ear_bytes said = {payload, w.at};
    ear_noise_state_init(&fresh, EAR_NOISE_STATE_IKPSK2, true, &prologue, self, peer);
    int len = ear_noise_state_write(&fresh, ephemeral, &said, out + EAR_MESSAGE_BYTES,
                                    EAR_FLARE_BYTES_MAX - EAR_MESSAGE_BYTES);
    if (len >= 0)
        *noise = fresh;
    ear_noise_state_wipe(&fresh);
    ear_sodium_wipe(payload, sizeof payload);
    return len < 0 ? len : EAR_MESSAGE_BYTES + len;
}

size_t ear_flare_stamp(uint8_t datagram[static EAR_FLARE_BYTES_MAX], size_t sealed_len,
                       const uint8_t mac1_key[static EAR_KEY_BYTES], const uint8_t *cookie)
{
    assert(is_len(sealed_len + EAR_MAC_BYTES));
    datagram[0] = cookie ? EAR_MESSAGE_FLARE_COOKIE : EAR_MESSAGE_FLARE;
    ear_handshake_mac(datagram + sealed_len, mac1_key, EAR_KEY_BYTES, datagram, sealed_len);
    size_t len = sealed_len + EAR_MAC_BYTES;
    if (!cookie)
        return len;
    ear_handshake_mac(datagram + len, cookie, EAR_COOKIE_BYTES, datagram, len);
    return len + EAR_MAC_BYTES;
}

/* Returns 0, -EBADMSG. */
static int read_payload(const uint8_t *payload, int len, struct ear_flare *ret)
{
    if (len <= EAR_FLARE_PAYLOAD_BYTES)
        return -EBADMSG;
    struct ear_reader r = ear_reader_on(payload, (size_t)len);
    struct ear_flare flare = {.clock_ms = ear_reader_u64(&r)};
    memcpy(flare.psk_id, ear_reader_bytes(&r, EAR_FLARE_PSK_ID_BYTES), EAR_FLARE_PSK_ID_BYTES);
    flare.len = ear_reader_left(&r);
    memcpy(flare.said, payload + EAR_FLARE_PAYLOAD_BYTES, flare.len);
    if (flare.clock_ms >> EAR_CALL_CLOCK_BITS)
        return -EBADMSG;
    *ret = flare;
    return 0;
}

int ear_flare_consume(struct ear_noise_state *noise, const struct ear_keypair *self,
                      const uint8_t *datagram, size_t len, struct ear_flare *ret)
{
    uint8_t payload[EAR_FLARE_PAYLOAD_BYTES + EAR_FLARE_SAID_MAX];
    struct ear_noise_state fresh;
    if (!ear_flare_is_one(datagram, len))
        return -EBADMSG;
    ear_noise_state_init(&fresh, EAR_NOISE_STATE_IKPSK2, false, &prologue, self, NULL);
    int got = ear_noise_state_read(&fresh, datagram + EAR_MESSAGE_BYTES,
                                   ear_handshake_sealed_len(datagram, len) - EAR_MESSAGE_BYTES,
                                   payload, sizeof payload);
    int r = got < 0 ? -EBADMSG : read_payload(payload, got, ret);
    if (r == 0)
        *noise = fresh;
    ear_noise_state_wipe(&fresh);
    ear_sodium_wipe(payload, sizeof payload);
    return r;
}

int ear_flare_create_answer(struct ear_noise_state *noise, const uint8_t psk[static EAR_KEY_BYTES],
                            const uint8_t ephemeral[static EAR_KEY_BYTES],
                            const uint8_t said[static EAR_FLARE_ANSWER_SAID],
                            uint8_t out[static EAR_FLARE_ANSWER_BYTES])
{
    uint8_t mac1_key[EAR_KEY_BYTES];
    const struct ear_bytes payload = {said, EAR_FLARE_ANSWER_SAID};
    struct ear_noise_state fresh = *noise;
    ear_noise_state_set_psk(&fresh, psk);
    int r = ear_noise_state_write(&fresh, ephemeral, &payload, out + EAR_MESSAGE_BYTES,
                                  EAR_FLARE_ANSWER_SEALED_BYTES - EAR_MESSAGE_BYTES);
    if (r > 0) {
        out[0] = EAR_MESSAGE_FLARE_ANSWER;
        ear_handshake_mac1_key(fresh.rs, mac1_key);
        ear_handshake_mac(out + EAR_FLARE_ANSWER_SEALED_BYTES, mac1_key, sizeof mac1_key, out,
                          EAR_FLARE_ANSWER_SEALED_BYTES);
        *noise = fresh;
    }
    ear_noise_state_wipe(&fresh);
    return r > 0 ? 0 : r;
}

int ear_flare_consume_answer(struct ear_noise_state *noise, const uint8_t psk[static EAR_KEY_BYTES],
                             const uint8_t *datagram, size_t len,
                             uint8_t ret[static EAR_FLARE_ANSWER_SAID])
{
    uint8_t said[EAR_FLARE_ANSWER_SAID];
    if (!is_answer(datagram, len))
        return -EBADMSG;
    struct ear_noise_state fresh = *noise;
    ear_noise_state_set_psk(&fresh, psk);
    int got =
        ear_noise_state_read(&fresh, datagram + EAR_MESSAGE_BYTES,
                             EAR_FLARE_ANSWER_SEALED_BYTES - EAR_MESSAGE_BYTES, said, sizeof said);
    ear_noise_state_wipe(&fresh);
    if (got != EAR_FLARE_ANSWER_SAID)
        return -EBADMSG;
    memcpy(ret, said, sizeof said);
    ear_noise_state_wipe(noise);
    return 0;
}
