/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzz target: what parses as a signal is rebuilt byte by byte. */
#include <errno.h>
#include <string.h>

#include "call/signal.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t built[EAR_SIGNAL_BYTES_MAX];
    struct ear_signal signal;
    int r = ear_signal_parse(data, size, &signal);
    FUZZ_REQUIRE(r == 0 || r == -EBADMSG || r == -ENOTSUP);
    if (r != 0)
        return 0;
    FUZZ_REQUIRE(size <= sizeof built);
    FUZZ_REQUIRE(ear_signal_build(&signal, built) == size);
    FUZZ_REQUIRE(memcmp(built, data, size) == 0);
    return 0;
}
