/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a fuzz target is: one file, fuzz_NAME.c, that defines the function below. */
#ifndef EAR_FUZZ_H
#define EAR_FUZZ_H

#include <stdio.h>
#include <stdlib.h>

#include "base/ear.h"

/* Tries one input, which may be anything; crashes when the program is wrong. Returns 0. The name
 * is libFuzzer's. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An assertion that no build leaves out. */
#define FUZZ_REQUIRE(question)                                                                     \
    do {                                                                                           \
        if (!(question)) {                                                                         \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #question);                 \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

#endif
