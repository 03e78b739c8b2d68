/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzz target: a trace is refused with a sentence, or has a delay for every time. */
#include <errno.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "sim/trace.h"

#define LOOKS 1000
#define LOOK_US (37 * (int64_t)EAR_US_PER_MS)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char error[128] = "";
    struct ear_trace *trace = NULL;
    int r = ear_trace_parse(&trace, "fuzz", (const char *)data, size, error, sizeof error);
    if (r != 0) {
        FUZZ_REQUIRE(r == -EINVAL && !trace && strncmp(error, "fuzz", 4) == 0);
        return 0;
    }
    FUZZ_REQUIRE(error[0] == '\0' && ear_trace_rows(trace) >= 2);
    for (int64_t i = 0; i < LOOKS; i++) {
        int64_t delay_us = ear_trace_delay_us(trace, i * i * LOOK_US);
        FUZZ_REQUIRE(delay_us == EAR_TRACE_LOST || delay_us >= ear_trace_least_us(trace));
    }
    ear_trace_free(trace);
    return 0;
}
