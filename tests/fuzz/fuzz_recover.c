/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzz target: whatever packets, copies, XORs and repairs the other end sends, no packet is given
 * back twice or after it came, and none that could not be one. */
#include <string.h>

#include "fuzz/fuzz.h"
#include "rx/recover.h"

/* An input is a row of datagrams: 1 byte how far the number lies ahead (bit 7: so many times 256
 * units), 1 byte length, so many bytes. */
#define FAR 0x80
#define FAR_UNITS 256
#define BITS 8

/* What came or was given back, by full number: as far as an input can lead. */
#define UNITS_MAX (1 << 20)

static struct ear_recover *recover;
static uint8_t known[UNITS_MAX / BITS];

/* Whether it was known already. */
static bool know(int64_t index)
{
    uint8_t bit = (uint8_t)(1 << index % BITS), was = known[index / BITS];
    known[index / BITS] |= bit;
    return was & bit;
}

static void check(const struct ear_recovered *got, int64_t newest)
{
    uint8_t copy[EAR_PAYLOAD_MAX];
    FUZZ_REQUIRE(got->index >= 0 && got->index <= newest);
    FUZZ_REQUIRE(got->index > newest - EAR_INDEX_MODULO);
    FUZZ_REQUIRE(got->len >= 2 && got->len <= EAR_PAYLOAD_MAX);
    FUZZ_REQUIRE(got->how <= EAR_RECOVERED_REPAIR);
    FUZZ_REQUIRE(!know(got->index));
    /* All of it can be read. */
    memcpy(copy, got->data, got->len);
    FUZZ_REQUIRE(memcmp(copy, got->data, got->len) == 0);
}

static void take(const uint8_t *data, size_t len, int64_t near, int64_t *newest)
{
    struct ear_audio audio;
    struct ear_recovered got;
    struct ear_block block;
    if (ear_audio_parse(data, len, &audio) != 0)
        return;
    int64_t index = ear_index_expand(audio.index, near);
    if (index < 0 || index >= UNITS_MAX)
        return;
    if (!audio.silence || audio.blocks_len > 0) /* what recover hears of */
        *newest = ear_max64(*newest, index);
    if (!audio.silence) {
        ear_recover_put(recover, index, audio.payload, audio.payload_len);
        know(index);
    }
    struct ear_reader r = ear_reader_on(audio.blocks, audio.blocks_len);
    while (ear_block_next(&r, &block) == 1)
        if (ear_recover_block(recover, index, &block, &got) == 1)
            check(&got, *newest);
    while (ear_recover_next(recover, &got))
        check(&got, *newest);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int64_t near = 0, newest = -1;
    if (!recover)
        FUZZ_REQUIRE(ear_recover_new(&recover) == 0);
    ear_recover_reset(recover);
    memset(known, 0, sizeof known);
    for (size_t at = 0; at + 1 < size;) {
        int64_t ahead = data[at] & FAR ? (data[at] & ~FAR) * FAR_UNITS : data[at];
        size_t len = data[at + 1];
        at += 2;
        len = len < size - at ? len : size - at;
        near += ahead;
        take(data + at, len, near, &newest);
        at += len;
    }
    return 0;
}
