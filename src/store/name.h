/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of people: what one may look like, and when two are the same. */
#ifndef EAR_NAME_H
#define EAR_NAME_H

#include "base/ear.h"

#define EAR_NAME_CHARACTERS 40
/* UTF-8 with its final 0. */
#define EAR_NAME_BYTES (4 * EAR_NAME_CHARACTERS + 1)

/* Takes 1 to 40 characters of UTF-8 without the spaces around them. Refused are control characters
 * and those that hide or turn text round: two names that look the same must be the same.
 * On failure error holds one sentence. Returns 0, -EINVAL. thread: any. */
EAR_CHECK int ear_name_parse(const char *text, size_t len, char ret[static EAR_NAME_BYTES],
                             char *error, size_t error_bytes);

/* Whether both are one name for a person: upper and lower case count as the same. thread: any. */
bool ear_name_same(const char *a, const char *b);

/* The lower case of a character; itself where it has none. Pure. */
uint32_t ear_name_lower(uint32_t c);

#endif
