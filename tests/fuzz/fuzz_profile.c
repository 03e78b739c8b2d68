/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzz target: a profile is refused with a sentence, or makes a link that works. */
#include <errno.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "sim/link.h"

#define SENDS 64
#define GAP_US (7 * (int64_t)EAR_US_PER_S)

static void exchange(const struct ear_profile *profile)
{
    struct ear_clock_virtual time = {0};
    struct ear_clock clock = ear_clock_from_virtual(&time);
    struct ear_link *link = NULL;
    uint8_t bytes[EAR_DATAGRAM_MAX] = {0};
    FUZZ_REQUIRE(ear_link_new(&link, profile, &clock, 1) == 0);
    for (int i = 0; i < SENDS; i++) {
        struct ear_address from, to = ear_link_address(i % 2 == 0);
        struct ear_datagrams d = ear_link_end(link, i % 2);
        FUZZ_REQUIRE(d.send(d.ctx, &to, bytes, (size_t)i) == 0);
        for (int end = 0; end < 2; end++) {
            d = ear_link_end(link, end);
            while (d.receive(d.ctx, &from, bytes, sizeof bytes) >= 0)
                ;
        }
        FUZZ_REQUIRE(ear_link_next_us(link) > time.now_us);
        time.now_us += i % 4 == 3 ? GAP_US : EAR_FRAME_US;
    }
    ear_link_free(link);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char error[300] = "";
    struct ear_profile *profile = NULL;
    int r = ear_profile_parse(&profile, "fuzz", (const char *)data, size, error, sizeof error);
    if (r != 0) {
        FUZZ_REQUIRE(r == -EINVAL && !profile && strncmp(error, "fuzz", 4) == 0);
        return 0;
    }
    FUZZ_REQUIRE(error[0] == '\0' && ear_profile_delay_us(profile) >= 0);
    exchange(profile);
    ear_profile_free(profile);
    return 0;
}
