/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzz target: the layouts that anybody may write. What parses as speech or as one of the relay's
 * is rebuilt byte by byte; what comes from the network is of one form or refused. */
#include <errno.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "rx/receive.h"
#include "wire/flare.h"
#include "wire/handshake.h"
#include "wire/pad.h"
#include "wire/rendezvous.h"

/* Blocks are walked to their end, each built again in as many bytes. */
static void try_blocks(const struct ear_audio *audio)
{
    uint8_t built[EAR_AUDIO_BYTES_MAX];
    struct ear_reader r = ear_reader_on(audio->blocks, audio->blocks_len);
    struct ear_block block;
    size_t at = 0;
    int more;
    while ((more = ear_block_next(&r, &block)) == 1) {
        struct ear_writer w = ear_writer_on(built, ear_block_bytes(&block));
        ear_block_build(&w, &block);
        FUZZ_REQUIRE(!w.bad && w.at == w.cap && at + w.at <= audio->blocks_len);
        FUZZ_REQUIRE(memcmp(built, audio->blocks + at, w.at) == 0);
        at += w.at;
    }
    FUZZ_REQUIRE(more == 0 && at == audio->blocks_len);
}

/* However it is padded, what it says is the same. */
static void try_padding(const struct ear_audio *audio, size_t len, size_t more)
{
    uint8_t built[EAR_AUDIO_BYTES_MAX], one[EAR_PAYLOAD_MAX], other[EAR_PAYLOAD_MAX];
    struct ear_audio padded = *audio, back;
    padded.size = len + more < sizeof built ? len + more : sizeof built;
    padded.is_opus = more & 1;
    int got = ear_audio_build(&padded, built, sizeof built);
    FUZZ_REQUIRE(got >= (int)len && got <= (int)padded.size && padded.size - (size_t)got <= 3);
    FUZZ_REQUIRE(ear_audio_parse(built, (size_t)got, &back) == 0);
    FUZZ_REQUIRE(back.index == audio->index && back.wants_count == audio->wants_count);
    size_t length = ear_pad_strip(audio->payload, audio->payload_len, one);
    FUZZ_REQUIRE(ear_pad_strip(back.payload, back.payload_len, other) == length);
    FUZZ_REQUIRE(memcmp(one, other, length) == 0);
}

static void try_audio(const uint8_t *data, size_t size)
{
    uint8_t built[EAR_AUDIO_BYTES_MAX];
    struct ear_audio audio;
    int r = ear_audio_parse(data, size, &audio);
    if (r != 0) {
        FUZZ_REQUIRE(r == -EBADMSG);
        return;
    }
    FUZZ_REQUIRE(audio.index < EAR_INDEX_MODULO);
    FUZZ_REQUIRE(audio.payload_len >= 1 && audio.payload_len <= EAR_PAYLOAD_MAX);
    const uint8_t *end = audio.payload + audio.payload_len;
    FUZZ_REQUIRE(audio.blocks_len == 0 || audio.blocks == end);
    FUZZ_REQUIRE(end + audio.blocks_len == data + size);
    FUZZ_REQUIRE(!(audio.silence || audio.spurt_end) ||
                 (audio.noise_db <= 0 && audio.noise_db >= -127));
    FUZZ_REQUIRE(!audio.spurt_end || !audio.silence);
    FUZZ_REQUIRE(audio.wants_count <= EAR_WANTS_MAX);
    FUZZ_REQUIRE(ear_audio_needs(&audio) + audio.payload_len + audio.blocks_len == size);
    FUZZ_REQUIRE(ear_audio_build(&audio, built, sizeof built) == (int)size);
    FUZZ_REQUIRE(memcmp(built, data, size) == 0);
    FUZZ_REQUIRE(ear_audio_build(&audio, built, size - 1) == -ENOBUFS);
    try_blocks(&audio);
    try_padding(&audio, size, data[size - 1] * 2u + (data[1] & 1));
    /* The number in full: within half a turn of where it was looked for. */
    int64_t near = (int64_t)data[size - 1] << 32 | data[0] << 8 | data[1];
    int64_t index = ear_index_expand(audio.index, near);
    FUZZ_REQUIRE((index & (EAR_INDEX_MODULO - 1)) == audio.index);
    FUZZ_REQUIRE(index - near < EAR_INDEX_MODULO / 2 && near - index <= EAR_INDEX_MODULO / 2);
    int64_t before = ear_index_before(audio.index, near);
    FUZZ_REQUIRE((before & (EAR_INDEX_MODULO - 1)) == audio.index);
    FUZZ_REQUIRE(before <= near && near - before < EAR_INDEX_MODULO);
}

static void try_rendezvous(const uint8_t *data, size_t size)
{
    uint8_t built[EAR_RENDEZVOUS_BYTES_MAX];
    struct ear_rendezvous_message message;
    int r = ear_rendezvous_parse(data, size, &message);
    if (r != 0) {
        FUZZ_REQUIRE(r == -EBADMSG);
        return;
    }
    FUZZ_REQUIRE(ear_rendezvous_is_relays(data, size));
    FUZZ_REQUIRE(message.role <= 1);
    /* A BIND of another version may hold other things than zeros. */
    if (message.kind == EAR_RENDEZVOUS_BIND && message.version != EAR_RENDEZVOUS_VERSION)
        return;
    FUZZ_REQUIRE(ear_rendezvous_build(&message, built, sizeof built) == (int)size);
    FUZZ_REQUIRE(memcmp(built, data, size) == 0);
    FUZZ_REQUIRE(ear_rendezvous_build(&message, built, size - 1) == -ENOBUFS);
}

static void try_say(const uint8_t *data, size_t size)
{
    uint8_t built[EAR_RENDEZVOUS_SAY_BYTES + EAR_DATAGRAM_MAX];
    const uint8_t *token, *said;
    int len = ear_rendezvous_said(data, size, &token, &said);
    if (len < 0) {
        FUZZ_REQUIRE(len == -EBADMSG);
        return;
    }
    FUZZ_REQUIRE(said + len == data + size && !ear_rendezvous_is_relays(said, (size_t)len));
    if (len <= EAR_DATAGRAM_MAX) {
        FUZZ_REQUIRE(ear_rendezvous_say(token, said, (size_t)len, built, sizeof built) ==
                     (int)size);
        FUZZ_REQUIRE(memcmp(built, data, size) == 0);
    }
}

/* The network: this datagram, and then nothing. */
static int receive(void *ctx, struct ear_address *ret_from, uint8_t *data, size_t cap)
{
    struct ear_bytes *waiting = ctx;
    size_t len = waiting->len;
    if (len == 0 || len > cap)
        return -EAGAIN;
    memcpy(data, waiting->data, len);
    *ret_from = (struct ear_address){.len = 1};
    waiting->len = 0;
    return (int)len;
}

static void try_form(const uint8_t *data, size_t size)
{
    static struct ear_receive stage;
    struct ear_bytes waiting = {data, size};
    struct ear_received in;
    stage.net = (struct ear_datagrams){.receive = receive, .ctx = &waiting};
    if (!ear_receive_next(&stage, &in)) {
        FUZZ_REQUIRE(size == 0 || size > EAR_DATAGRAM_MAX || !(data[0] & EAR_SEALED));
        return;
    }
    FUZZ_REQUIRE(in.datagram.len == size && !ear_rendezvous_is_relays(data, size));
    FUZZ_REQUIRE((in.form == EAR_RECEIVED_SEALED) == (data[0] >= EAR_SEALED));
    FUZZ_REQUIRE(!ear_flare_is_one(data, size) || in.form == EAR_RECEIVED_FLARE);
    if (!ear_handshake_is_call(data, size))
        return;
    FUZZ_REQUIRE(in.form == EAR_RECEIVED_CALL);
    FUZZ_REQUIRE(ear_handshake_mac1_of(data, size) + EAR_MAC_BYTES <= data + size);
    FUZZ_REQUIRE(ear_handshake_sealed_len(data, size) >= EAR_CALL_SEALED_BYTES);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    try_audio(data, size);
    try_rendezvous(data, size);
    try_say(data, size);
    try_form(data, size);
    return 0;
}
