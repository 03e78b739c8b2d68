/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzz target: what parses as speech is rebuilt byte by byte. */
#include <errno.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "wire/packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t built[EAR_AUDIO_HEADER_BYTES + EAR_LINK_REPORT_BYTES + EAR_PAYLOAD_MAX];
    struct ear_audio audio;
    int r = ear_audio_parse(data, size, &audio);
    if (r != 0) {
        FUZZ_REQUIRE(r == -EBADMSG);
        return 0;
    }
    FUZZ_REQUIRE(audio.index < EAR_INDEX_MODULO);
    FUZZ_REQUIRE(audio.payload_len >= 1 && audio.payload_len <= EAR_PAYLOAD_MAX);
    FUZZ_REQUIRE(audio.payload + audio.payload_len == data + size);
    FUZZ_REQUIRE(!(audio.silence || audio.spurt_end) ||
                 (audio.noise_db <= 0 && audio.noise_db >= -127));
    FUZZ_REQUIRE(!audio.spurt_end || !(audio.silence || audio.has_report));
    FUZZ_REQUIRE(ear_audio_build(&audio, built, sizeof built) == (int)size);
    FUZZ_REQUIRE(memcmp(built, data, size) == 0);
    FUZZ_REQUIRE(ear_audio_build(&audio, built, size - 1) == -ENOBUFS);
    return 0;
}
