/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers with units, as profiles spell them: "300-900 ms every 7 s". */
#ifndef EAR_WORDS_H
#define EAR_WORDS_H

#include "base/ear.h"

/* Text from outside, borrowed: not terminated. */
struct ear_words {
    const char *at;
    const char *end;
};

/* Longest series of numbers that a pattern may ask for. */
#define EAR_WORDS_NUMBERS_MAX 8

/* Takes a decimal number without sign or exponent: up to 9 digits and 6 behind the point, plain
 * ASCII whatever the locale. */
EAR_CHECK bool ear_words_number(struct ear_words *words, double *ret);

/* Reads words by a pattern: T a time (us), S a span of time as "a-b unit" or "a unit" (two
 * numbers, us), P a share as percent (ppm), R a rate (bit/s), D a count (millionths); other words
 * stand for themselves; what follows '|' may be absent as a whole. Words are parted by blanks and
 * commas. Fills numbers in turn and returns how many; -EINVAL where the words do not fit; -ERANGE
 * where a number is too large: times over an hour, shares over 100 %, rates over 1 Gbit/s. */
EAR_CHECK int ear_words_match(struct ear_words words, const char *pattern,
                              int64_t numbers[static EAR_WORDS_NUMBERS_MAX]);

#endif
