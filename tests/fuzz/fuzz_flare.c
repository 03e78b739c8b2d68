/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzz target: flares. The first byte says how: bytes of a stranger, with a mac1 that fits; as the
 * payload of somebody whom we know; or as what the other end answers to ours. */
#include <string.h>

#include "fake/flare_ends.h"
#include "fuzz/fuzz.h"

#define KINDS 3
#define PAYLOAD_MAX (EAR_FLARE_PAYLOAD_BYTES + EAR_FLARE_SAID_MAX)
#define MARK 9

static const uint8_t prologue_bytes[] = {'E', 'a', 'r', 's', 'h', 'o', 't', EAR_WIRE_VERSION, '!'};
static const struct ear_bytes prologue = {prologue_bytes, sizeof prologue_bytes};
static const uint8_t ephemeral[EAR_KEY_BYTES] = {9};

static struct flare_end fresh[2], ends[2];
static uint8_t message[EAR_DATAGRAM_MAX];

static bool take(int end, size_t len, struct ear_flares_news *ret)
{
    const struct ear_received in = {
        .from = flare_address(1 - end), .form = EAR_RECEIVED_FLARE, .datagram = {message, len}};
    return len > 0 && ear_flares_take(&ends[end].flares, &in, true, 0, ret);
}

static void stamp(int end, size_t sealed)
{
    ear_handshake_mac(message + sealed, ends[end].door.mac1_key, EAR_KEY_BYTES, message, sealed);
}

static void send_one(void)
{
    struct ear_pipe_item item = {.kind = EAR_PIPE_FLARE, .person = 2, .address = flare_address(1)};
    item.len = (uint16_t)flare_frame("here", MARK, item.data);
    ear_flares_send(&ends[0].flares, &item, NULL, 0);
    FUZZ_REQUIRE(ends[0].count == 1);
}

static void try_raw(const uint8_t *data, size_t size)
{
    struct ear_flares_news news;
    size_t sealed = size < sizeof message - EAR_MAC_BYTES ? size : sizeof message - EAR_MAC_BYTES;
    send_one();
    for (int end = 0; end < 2; end++) {
        memcpy(message, data, sealed);
        stamp(end, sealed);
        FUZZ_REQUIRE(!take(end, sealed + EAR_MAC_BYTES, &news));
    }
    FUZZ_REQUIRE(ends[1].count == 0);
}

/* What the mail says of it comes back. */
static void answer(const struct ear_mail_frame *frame)
{
    uint8_t said[EAR_MAIL_FRAME_MAX];
    struct ear_mail_frame told = {.kind = EAR_MAIL_TOLD, .count = 1};
    told.tolds[0].fate = EAR_MAIL_ARRIVED;
    memcpy(told.tolds[0].mark, frame->label.mark, EAR_MAIL_MARK_BYTES);
    size_t len = ear_mail_frame_build(&told, said, sizeof said);
    ear_flares_told(&ends[1].flares, 1, said, len, 0);
    FUZZ_REQUIRE(ends[1].count == 1 && ends[1].box[0].len == EAR_FLARE_ANSWER_BYTES);
}

static void try_payload(const uint8_t *data, size_t size)
{
    struct ear_noise_state noise;
    struct ear_flares_news news;
    struct ear_mail_frame frame;
    uint8_t payload[PAYLOAD_MAX];
    size_t len = size < sizeof payload ? size : sizeof payload;
    const struct ear_bytes said = {payload, len};
    memcpy(payload, data, len);
    if (len >= EAR_FLARE_PAYLOAD_BYTES) /* nobody guesses the name of a secret */
        memcpy(payload + 8, ends[0].guests.list[0].psks[EAR_PSK_TAKEN].id, EAR_PSK_ID_BYTES);
    ear_noise_state_init(&noise, EAR_NOISE_STATE_IKPSK2, true, &prologue, &ends[0].door.config.self,
                         ends[1].guests.static_public);
    message[0] = EAR_MESSAGE_FLARE;
    int n = ear_noise_state_write(&noise, ephemeral, &said, message + 1, sizeof message - 1);
    FUZZ_REQUIRE(n > 0);
    stamp(1, (size_t)n + 1);
    bool taken = take(1, (size_t)n + 1 + EAR_MAC_BYTES, &news);
    static const uint8_t zero[8];
    bool sound =
        len > EAR_FLARE_PAYLOAD_BYTES && memcmp(payload, zero, 2) == 0 &&
        memcmp(payload, zero, 8) != 0 &&
        ear_mail_frame_is_urgent(payload + EAR_FLARE_PAYLOAD_BYTES, len - EAR_FLARE_PAYLOAD_BYTES);
    FUZZ_REQUIRE(taken == sound);
    if (!taken)
        return;
    FUZZ_REQUIRE(news.person == 1 && news.len == len - EAR_FLARE_PAYLOAD_BYTES);
    FUZZ_REQUIRE(memcmp(news.data, payload + EAR_FLARE_PAYLOAD_BYTES, news.len) == 0);
    FUZZ_REQUIRE(ear_mail_frame_parse(news.data, news.len, &frame) == 0);
    answer(&frame);
}

static void try_answer(const uint8_t *data, size_t size)
{
    struct ear_noise_state noise;
    struct ear_flare flare;
    struct ear_flares_news news;
    struct ear_mail_frame frame;
    const struct ear_bytes said = {data, size < PAYLOAD_MAX ? size : PAYLOAD_MAX};
    send_one();
    FUZZ_REQUIRE(ear_flare_consume(&noise, &ends[1].door.config.self, ends[0].box[0].data,
                                   ends[0].box[0].len, &flare) == 0);
    ear_noise_state_set_psk(&noise, ends[0].guests.list[0].psks[EAR_PSK_TAKEN].secret);
    message[0] = EAR_MESSAGE_FLARE_ANSWER;
    int n = ear_noise_state_write(&noise, ephemeral, &said, message + 1, sizeof message - 1);
    FUZZ_REQUIRE(n > 0);
    stamp(0, (size_t)n + 1);
    bool taken = take(0, (size_t)n + 1 + EAR_MAC_BYTES, &news);
    static const uint8_t mark[EAR_MAIL_MARK_BYTES] = {MARK};
    bool sound = said.len == EAR_FLARE_ANSWER_SAID &&
                 ear_mail_frame_parse(data, said.len, &frame) == 0 && frame.kind == EAR_MAIL_TOLD &&
                 memcmp(frame.tolds[0].mark, mark, sizeof mark) == 0;
    FUZZ_REQUIRE(taken == sound);
    FUZZ_REQUIRE(!taken || (news.person == 2 && memcmp(news.data, data, said.len) == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    FUZZ_REQUIRE(ear_sodium_start() == 0);
    if (fresh[0].stamps == 0)
        flare_ends_begin(fresh, 1);
    if (size == 0)
        return 0;
    memcpy(ends, fresh, sizeof ends);
    for (int i = 0; i < 2; i++)
        flare_begin(&ends[i]);
    if (data[0] % KINDS == 0)
        try_raw(data + 1, size - 1);
    else if (data[0] % KINDS == 1)
        try_payload(data + 1, size - 1);
    else
        try_answer(data + 1, size - 1);
    return 0;
}
