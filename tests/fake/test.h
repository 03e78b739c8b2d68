/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What tests begin with: cmocka and what it needs, and short words for time. */
#ifndef EAR_TEST_H
#define EAR_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/ear.h"

#define MS ((int64_t)EAR_US_PER_MS)
#define S ((int64_t)EAR_US_PER_S)

/* Of all chance, unless a test says otherwise. */
#define SEED 20240611

/* As assert_true, saying the number that was wrong. */
#define assert_at_most(value, limit)                                                               \
    do {                                                                                           \
        double is_ = (double)(value), limit_ = (double)(limit);                                    \
        if (!(is_ <= limit_))                                                                      \
            fail_msg("%s is %g, at most %g expected", #value, is_, limit_);                        \
    } while (0)
#define assert_at_least(value, limit)                                                              \
    do {                                                                                           \
        double is_ = (double)(value), limit_ = (double)(limit);                                    \
        if (!(is_ >= limit_))                                                                      \
            fail_msg("%s is %g, at least %g expected", #value, is_, limit_);                       \
    } while (0)

#endif
