/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzz target: what parses as a measuring packet is rebuilt byte by byte. */
#include <errno.h>
#include <string.h>

#include "call/check_packet.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t built[EAR_CHECK_BYTES_MAX];
    struct ear_check_packet packet;
    int r = ear_check_packet_parse(data, size, &packet);
    FUZZ_REQUIRE(r == 0 || r == -EBADMSG);
    if (r != 0)
        return 0;
    FUZZ_REQUIRE(size >= EAR_CHECK_PING_BYTES && size <= sizeof built);
    FUZZ_REQUIRE(packet.number < EAR_CHECK_PINGS_MAX && packet.train < EAR_CHECK_TRAINS);
    FUZZ_REQUIRE(packet.place < EAR_CHECK_TRAIN_MAX && packet.back <= EAR_CHECK_TRAIN_MAX);
    ear_check_packet_build(&packet, built, size);
    FUZZ_REQUIRE(memcmp(built, data, size) == 0);
    return 0;
}
