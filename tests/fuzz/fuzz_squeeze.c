/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzz target: a datagram loses its speech and nothing else, whatever it is. */
#include <errno.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "port/datagrams.h"
#include "wire/squeeze.h"

#define COMMAND_HEADER 8
#define INPUT_MAX 1500 /* no path hands over longer datagrams */

/* A rebuilt datagram holds just the speech that it was made of. */
static void rebuild(const uint8_t *speech, size_t len, uint16_t group)
{
    struct ear_unsqueeze to = {.peer_and_session = 0x1000, .channel = 1, .group = group};
    uint8_t built[EAR_DATAGRAM_MAX + EAR_SQUEEZE_HEADER_BYTES], back[EAR_DATAGRAM_MAX];
    int whole = ear_unsqueeze(&to, speech, len, built, sizeof built);
    FUZZ_REQUIRE(whole == (int)(len + EAR_SQUEEZE_HEADER_BYTES));
    FUZZ_REQUIRE(to.group == (uint16_t)(group + 1));
    FUZZ_REQUIRE(ear_squeeze_holds_speech(built, (size_t)whole));
    size_t left = (size_t)whole;
    FUZZ_REQUIRE(ear_squeeze(built, &left, back, sizeof back) == (int)len);
    FUZZ_REQUIRE(left == 0 && memcmp(back, speech, len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t speech[EAR_DATAGRAM_MAX], room[INPUT_MAX];
    size_t left = size, before = size, taken = 0;
    int len;
    if (size > sizeof room)
        return 0;
    /* At the end of its room, so that the sanitizer sees a read past the end of the copy. */
    uint8_t *copy = room + sizeof room - size;
    memcpy(copy, data, size);
    bool holds = ear_squeeze_holds_speech(copy, size);
    while (left > 0 && (len = ear_squeeze(copy, &left, speech, sizeof speech)) > 0) {
        FUZZ_REQUIRE(holds);
        FUZZ_REQUIRE((size_t)len <= sizeof speech);
        /* What remains is shorter by the command, or nothing but a header, which goes too. */
        FUZZ_REQUIRE(left == before - (size_t)len - COMMAND_HEADER || left == 0);
        rebuild(speech, (size_t)len, (uint16_t)size);
        before = left;
        taken++;
    }
    FUZZ_REQUIRE(left == before);
    FUZZ_REQUIRE(taken > 0 || memcmp(copy, data, size) == 0);
    FUZZ_REQUIRE(taken == 0 || left == 0 || left < size);
    return 0;
}
